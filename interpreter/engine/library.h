#pragma once

// The packages an engine knows, as the checker (PackageLoader) and the compiler (NativeResolver) want
// to see them.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "csp/engine.hpp"
#include "csp/package.hpp"
#include "interpreter/check/check.h"
#include "interpreter/compile/compiler.h"
#include "interpreter/diag/diagnostic.h"
#include "interpreter/source/source.h"
#include "runtime/access/grants.h"
#include "runtime/base/arena.h"

namespace csp::engine {

using PackageMap = std::map<std::string, Package, std::less<>>;

/// Where an engine's packages come from, and what programs may use of them.
struct Supply {
    const PackageMap& packages;
    ModuleLoader* modules;  ///< May be null.
    const runtime::Grants& grants;
};

/// For one compilation.
class Library final : public check::PackageLoader, public compile::NativeResolver {
  public:
    Library(const Supply& supply, source::SourceSet& sources, base::Arena& arena, diag::Sink& sink)
        : packages_(supply.packages), modules_(supply.modules), grants_(supply.grants), sources_(sources), arena_(arena), sink_(sink) {}

    const check::PackageSource* load(std::string_view path) override;
    /// Without what is not granted.
    std::vector<std::string> available() override;
    std::string_view why_not_granted(std::string_view path) override;
    std::string_view why_not_granted(source::Pos pos) override;
    const NativeEntry* find(std::string_view package, std::string_view name) override;

  private:
    void parse(const Package& package, check::PackageSource& source);
    std::string undeclared_natives(const Package& package, const check::PackageSource& source) const;

    std::unique_ptr<check::PackageSource> from_module(std::string_view path);

    const PackageMap& packages_;
    ModuleLoader* modules_;
    const runtime::Grants& grants_;
    source::SourceSet& sources_;
    base::Arena& arena_;
    diag::Sink& sink_;
    std::map<std::string, std::unique_ptr<check::PackageSource>, std::less<>> loaded_;
};

}  // namespace csp::engine
