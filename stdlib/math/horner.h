#pragma once

namespace csp::stdlib::elementary {

/// A polynomial, the coefficient of the highest power first.
template <class... T>
double horner(double x, double highest, T... others) {
    double sum = highest;
    ((sum = sum * x + others), ...);
    return sum;
}

}  // namespace csp::stdlib::elementary
