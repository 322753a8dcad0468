#pragma once

// Instances of generic types. An instance is made with its arguments only; its underlying type and
// its methods are expanded when somebody asks for them, since in `type List[T any] struct { next
// *List[T] }` the expansion of List[int] leads back to List[int].

#include <cstddef>
#include <vector>

#include "interpreter/types/object.h"
#include "interpreter/types/universe.h"

namespace csp::types {

/// The number of methods declared for `named` (for an instance, for its generic type).
std::size_t method_count(const Named* named);

/// The i-th method declared for `named`, in source order; for an instance with its receiver and
/// signature substituted, and Func::origin set to the generic type's method.
Func* method_at(Universe&, Named* named, std::size_t i);

/// The type parameters of the generic function in which a local type is declared, found through its
/// scopes: each instance of the function has a type of its own, even if it mentions none of them.
const std::vector<TypeParam*>& outer_params(Named* named);

}  // namespace csp::types
