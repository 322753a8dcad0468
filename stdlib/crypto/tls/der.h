#pragma once

// Between OpenSSL's objects and their encodings.

#include <string>

#include "stdlib/crypto/openssl.h"

namespace csp::stdlib::tls {

/// Certificates, one after the other.
inline std::string der_of(const STACK_OF(X509)* certificates) {
    std::string out;
    for (int i = 0; i < sk_X509_num(certificates); ++i) openssl::append_encoded(out, i2d_X509, sk_X509_value(certificates, i));
    return out;
}

inline std::string der_of(const STACK_OF(X509_NAME)* names) {
    std::string out;
    for (int i = 0; i < sk_X509_NAME_num(names); ++i) openssl::append_encoded(out, i2d_X509_NAME, sk_X509_NAME_value(names, i));
    return out;
}

}  // namespace csp::stdlib::tls
