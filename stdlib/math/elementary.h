#pragma once

// Elementary functions with Go's results to the last place. The C library's are as good or better, but print differently:
// these are the algorithms that Go took, too, from the Cephes library (trigonometric and hyperbolic functions, gamma),
// FreeBSD's (logarithm, cube root, powers of 2, error function) and SLEEF (exponential).

namespace csp::stdlib::elementary {

double exp(double x);
double exp2(double x);
double log(double x);
double log1p(double x);
double log2(double x);
double log10(double x);
double pow(double x, double y);
double cbrt(double x);
double hypot(double x, double y);

double sin(double x);
double cos(double x);
double tan(double x);
double asin(double x);
double acos(double x);
double atan(double x);
double atan2(double y, double x);

double sinh(double x);
double cosh(double x);
double tanh(double x);
double asinh(double x);
double acosh(double x);
double atanh(double x);

double erf(double x);
double erfc(double x);
double erfinv(double x);
double gamma(double x);

}  // namespace csp::stdlib::elementary
