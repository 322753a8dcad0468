#pragma once

// What math/rand and math/rand/v2 share: the ziggurat method (Marsaglia and Tsang, 2000) for the normal and the
// exponential distribution, with Go's numbers of strips, so that the same bits give the same numbers.

#include "csp/package.hpp"

namespace csp::stdlib {

/// Adds the natives normal, normalBelow, exponential and exponentialBelow, and random.
void bind_random_distributions(Package& package);

}  // namespace csp::stdlib
