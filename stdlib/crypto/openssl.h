#pragma once

// What the packages on OpenSSL share: its objects by owner, and bytes as it takes and makes them.

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace csp::stdlib::openssl {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
    void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
    void operator()(EC_POINT* point) const { EC_POINT_free(point); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
    void operator()(PKCS8_PRIV_KEY_INFO* info) const { PKCS8_PRIV_KEY_INFO_free(info); }
    void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

using Bytes = std::span<const std::uint8_t>;
using Vector = std::vector<std::uint8_t>;

/// Bytes of a script, which others may be writing to.
inline Vector copy(Bytes bytes) { return Vector(bytes.begin(), bytes.end()); }

/// As OpenSSL and NIST call the curve of so many bits; null: it is not known.
inline const char* curve_name(std::int64_t bits) {
    switch (bits) {
        case 224: return "P-224";
        case 256: return "P-256";
        case 384: return "P-384";
        case 521: return "P-521";
        default: return nullptr;
    }
}

/// Appends to `out`, a container of bytes, what `encode` (an i2d function of OpenSSL) makes of an object.
template <class Out, class T>
void append_encoded(Out& out, int (*encode)(const T*, unsigned char**), const T* object) {
    unsigned char* der = nullptr;
    const int size = encode(object, &der);
    const Owned<unsigned char> owner(der);
    if (size > 0) out.insert(out.end(), der, der + size);
}

template <class T>
Vector encoded(int (*encode)(const T*, unsigned char**), const T* object) {
    Vector out;
    append_encoded(out, encode, object);
    return out;
}

}  // namespace csp::stdlib::openssl
