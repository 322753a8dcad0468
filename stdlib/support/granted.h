#pragma once

// What natives ask before they reach out of the engine.

#include <algorithm>
#include <cstddef>

#include "csp/native.hpp"
#include "runtime/access/grants.h"
#include "stdlib/support/polling.h"

namespace csp::stdlib {

using runtime::Need;

inline bool is_granted(Call& call, Need need) { return call.grants().has(need); }

/// Clears the results before slot `at`, and puts there that it is not granted.
inline Status refuse(Call& call, std::size_t at) {
    std::fill_n(call.slots(), at, Slot{0});
    return answer(call, at, runtime::kNotGranted);
}

}  // namespace csp::stdlib
