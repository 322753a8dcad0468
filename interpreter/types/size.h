#pragma once

#include <cstdint>

#include "interpreter/types/object.h"

namespace csp::types {

/// What size_of() answers for anything larger.
inline constexpr std::uint64_t kHuge = std::uint64_t{1} << 62;

/// The size in bytes of a value of `type` in memory, saturating at kHuge; 0 for what has none (type parameters, types
/// that contain themselves).
std::uint64_t size_of(Type* type);

}  // namespace csp::types
