#include "csp/package.hpp"
#include "stdlib/math/big/number.h"

namespace csp::stdlib {

void bind_math_big(Package& package) {
    bind_big_arithmetic(package);
    bind_big_theory(package);
    bind_big_conversions(package);
    bind_big_floats(package);
    bind_big_float_text(package);
    bind_big_literals(package);
    bind_big_fractions(package);
}

}  // namespace csp::stdlib
