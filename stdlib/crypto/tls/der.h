#pragma once

// Between OpenSSL's objects and their encodings.

#include <openssl/x509.h>

#include <string>
#include <string_view>

namespace csp::stdlib::tls {

/// Certificates, one after the other.
inline std::string der_of(const STACK_OF(X509)* certificates) {
    std::string out;
    for (int i = 0; i < sk_X509_num(certificates); ++i) {
        unsigned char* der = nullptr;
        const int size = i2d_X509(sk_X509_value(certificates, i), &der);
        if (size > 0) out.append(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
        OPENSSL_free(der);
    }
    return out;
}

inline std::string der_of(const STACK_OF(X509_NAME)* names) {
    std::string out;
    for (int i = 0; i < sk_X509_NAME_num(names); ++i) {
        unsigned char* der = nullptr;
        const int size = i2d_X509_NAME(sk_X509_NAME_value(names, i), &der);
        if (size > 0) out.append(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
        OPENSSL_free(der);
    }
    return out;
}

}  // namespace csp::stdlib::tls
