// The natives of package x509: what is done with keys.

#include <openssl/rsa.h>

#include <cstdint>
#include <tuple>
#include <utility>

#include "csp/package.hpp"
#include "stdlib/crypto/openssl.h"
#include "stdlib/support/computing.h"

namespace csp::stdlib {

using namespace openssl;

namespace {

// As x509.PublicKeyAlgorithm numbers them.
enum Kind : std::int64_t { kUnknown = 0, kRsa = 1, kEcdsa = 3, kEd25519 = 4 };
// What keys.csp calls the outcomes of a check.
enum Outcome : std::int64_t { kRight = 0, kWrong = 1, kUnsupported = 2 };

Owned<EVP_PKEY> read_public(const Vector& der) {
    ERR_clear_error();
    const unsigned char* at = der.data();
    return Owned<EVP_PKEY>(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
}

Owned<EVP_PKEY> read_private(const Vector& der) {
    ERR_clear_error();
    const unsigned char* at = der.data();
    return Owned<EVP_PKEY>(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
}

Kind kind_of(const EVP_PKEY* key) {
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA: return kRsa;
        case EVP_PKEY_EC: return kEcdsa;
        case EVP_PKEY_ED25519: return kEd25519;
        default: return kUnknown;
    }
}

std::tuple<Vector, Vector, std::int64_t, bool> read_private_key(Bytes der) {
    const Owned<EVP_PKEY> key = read_private(copy(der));
    if (key == nullptr || kind_of(key.get()) == kUnknown) return {};
    const Owned<PKCS8_PRIV_KEY_INFO> info(EVP_PKEY2PKCS8(key.get()));
    if (info == nullptr) return {};
    return {encoded(i2d_PKCS8_PRIV_KEY_INFO, info.get()), encoded(i2d_PUBKEY, key.get()), kind_of(key.get()), true};
}

/// As crypto.Hash numbers them.
const EVP_MD* hash_function(std::int64_t hash) {
    switch (hash) {
        case 2: return EVP_md5();
        case 3: return EVP_sha1();
        case 4: return EVP_sha224();
        case 5: return EVP_sha256();
        case 6: return EVP_sha384();
        case 7: return EVP_sha512();
        default: return nullptr;
    }
}

struct Scheme {
    Kind kind = kUnknown;
    const EVP_MD* digest = nullptr;
    bool pss = false;
};

/// As x509.SignatureAlgorithm numbers them.
Scheme scheme_of(std::int64_t algorithm) {
    switch (algorithm) {
        case 3: return {kRsa, EVP_sha1()};
        case 4: return {kRsa, EVP_sha256()};
        case 5: return {kRsa, EVP_sha384()};
        case 6: return {kRsa, EVP_sha512()};
        case 9: return {kEcdsa, EVP_sha1()};
        case 10: return {kEcdsa, EVP_sha256()};
        case 11: return {kEcdsa, EVP_sha384()};
        case 12: return {kEcdsa, EVP_sha512()};
        case 13: return {kRsa, EVP_sha256(), true};
        case 14: return {kRsa, EVP_sha384(), true};
        case 15: return {kRsa, EVP_sha512(), true};
        case 16: return {kEd25519};
        default: return {};
    }
}

bool use_pss(EVP_PKEY_CTX* context, const EVP_MD* digest, int salt) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) > 0 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) > 0;
}

std::int64_t verify_signature(std::int64_t algorithm, Bytes key_bytes, Bytes signed_bytes, Bytes signature_bytes) {
    const Scheme scheme = scheme_of(algorithm);
    const Owned<EVP_PKEY> key = read_public(copy(key_bytes));
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    if (scheme.kind == kUnknown || key == nullptr || context == nullptr || kind_of(key.get()) != scheme.kind) return kUnsupported;
    EVP_PKEY_CTX* details = nullptr;
    if (EVP_DigestVerifyInit(context.get(), &details, scheme.digest, nullptr, key.get()) != 1) return kUnsupported;
    if (scheme.pss && !use_pss(details, scheme.digest, RSA_PSS_SALTLEN_AUTO)) return kUnsupported;
    const Vector text = copy(signed_bytes), signature = copy(signature_bytes);
    const bool right =
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), text.data(), text.size()) == 1;
    ERR_clear_error();
    return right ? kRight : kWrong;
}

std::pair<Vector, bool> sign_digest(Bytes key_bytes, Bytes digest_bytes, std::int64_t hash, bool pss) {
    const Owned<EVP_PKEY> key = read_private(copy(key_bytes));
    if (key == nullptr) return {};
    const Vector digest = copy(digest_bytes);
    Vector signature(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
    std::size_t size = signature.size();
    const Kind kind = kind_of(key.get());
    bool ok = false;
    if (kind == kEd25519) {
        const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
        ok = hash == 0 && context != nullptr && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
             EVP_DigestSign(context.get(), signature.data(), &size, digest.data(), digest.size()) == 1;
    } else {
        const EVP_MD* const function = hash_function(hash);
        const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
        ok = context != nullptr && EVP_PKEY_sign_init(context.get()) == 1;
        if (ok && kind == kRsa && function != nullptr) ok = EVP_PKEY_CTX_set_signature_md(context.get(), function) > 0;
        if (ok && kind == kRsa && pss) ok = function != nullptr && use_pss(context.get(), function, RSA_PSS_SALTLEN_DIGEST);
        ok = ok && EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) == 1;
    }
    ERR_clear_error();
    signature.resize(ok ? size : 0);
    return {std::move(signature), ok};
}

}  // namespace

void bind_crypto_x509(Package& package) {
    // Nothing but its size tells how long an operation with a key may take.
    constexpr std::size_t kLongKey = 2048;
    package.function("readPrivateKey", curved<kLongKey>(read_private_key))
        .function("signDigest", curved<kLongKey>(sign_digest))
        .function("verifySignature", curved<kLongKey>(verify_signature));
}

}  // namespace csp::stdlib
