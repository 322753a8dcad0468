#pragma once

// What an Engine holds.

#include <memory>
#include <mutex>
#include <utility>

#include "csp/engine.hpp"
#include "interpreter/engine/library.h"
#include "runtime/access/grants.h"

namespace csp::detail {

struct EngineState {
    explicit EngineState(Options settings) : options(std::move(settings)) {}

    const Options options;
    const std::shared_ptr<const runtime::Grants> grants = std::make_shared<const runtime::Grants>(granted(options));
    std::mutex mutex;  ///< Guards the rest, and all use of the host's module loader.
    engine::PackageMap packages;

    /// Input that the host supplies is for scripts to read.
    static Access granted(const Options& options) {
        Access access = options.access;
        access.input = access.input || options.input;
        return access;
    }

    engine::Supply supply() const { return {packages, options.modules.get(), *grants}; }
};

}  // namespace csp::detail
