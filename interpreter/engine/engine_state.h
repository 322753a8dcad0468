#pragma once

// What an Engine holds.

#include "csp/engine.hpp"
#include "interpreter/engine/library.h"

namespace csp::detail {

struct EngineState {
    Options options;
    engine::PackageMap packages;
};

}  // namespace csp::detail
