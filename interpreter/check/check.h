#pragma once

// The type checker, after go/types: resolves names, computes types and constants, and writes them
// into the syntax tree. It reports to a Sink and goes on after an error. It never runs anything.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/ast/nodes.h"
#include "interpreter/diag/diagnostic.h"
#include "interpreter/types/object.h"
#include "interpreter/types/universe.h"

namespace csp::check {

/// A package as a loader found it: parsed, not yet checked.
struct PackageSource {
    std::string path;
    std::vector<ast::File*> files;  ///< May be empty for a package of natives only.
    std::string name;               ///< Package name; used when there are no files.
    std::string entry = "main";     ///< Of the program's package: the function that a run begins with.
    bool lazy_bodies = false;
    /// Adds functions bound without a declaration to the package's scope; may be empty.
    std::function<void(types::Package&, types::Universe&)> declare_natives;
    /// Whether the bodyless function (or method, as "Type.Method") `name` has a native; may be empty.
    std::function<bool(std::string_view name)> has_native;
};

/// Finds packages by import path. Implemented by the engine.
class PackageLoader {
  public:
    virtual ~PackageLoader() = default;
    /// Null when there is no such package (the checker reports it, with available() as help).
    virtual const PackageSource* load(std::string_view path) = 0;
    virtual std::vector<std::string> available() = 0;
    /// Why the host does not let programs import the package, or use what a package of the library declares at `pos`; empty: it
    /// does.
    virtual std::string_view why_not_granted(std::string_view path) = 0;
    virtual std::string_view why_not_granted(source::Pos pos) = 0;
};

class Checker {
  public:
    Checker(types::Universe& universe, base::Arena& arena, const source::SourceSet& sources,
            PackageLoader& loader, diag::Sink& sink);
    ~Checker();

    /// Checks a main package (or any package of user files) and, first, what it imports.
    types::Package* check(const PackageSource& source);
    /// Checks the body of a function of a lazy package, once; the compiler calls it on demand. False: it has errors,
    /// which have been reported, or one that was checked before has.
    [[nodiscard]] bool check_body(types::Func& func);
    /// All packages in initialisation order (imported before importing).
    const std::vector<types::Package*>& packages() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csp::check
