#include <new>

#include "csp/package.hpp"
#include "stdlib/crypto/openssl.h"
#include "stdlib/support/computing.h"

namespace csp::stdlib {

using namespace openssl;

namespace {

constexpr std::size_t kKey = 32, kSignature = 64;

Vector public_of(Bytes seed_bytes) {
    const Vector seed = copy(seed_bytes);
    Vector out(kKey);
    std::size_t size = out.size();
    const Owned<EVP_PKEY> key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    if (key == nullptr || EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1) throw std::bad_alloc();
    return out;
}

Vector sign(Bytes seed_bytes, Bytes message) {
    const Vector seed = copy(seed_bytes);
    // The message is read twice, and must be the same both times.
    const Vector text = copy(message);
    Vector out(kSignature);
    std::size_t size = out.size();
    const Owned<EVP_PKEY> key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    if (key == nullptr || context == nullptr ||
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), out.data(), &size, text.data(), text.size()) != 1)
        throw std::bad_alloc();
    return out;
}

bool verify(Bytes public_bytes, Bytes message, Bytes signature_bytes) {
    const Vector raw = copy(public_bytes);
    const Vector signature = copy(signature_bytes);
    const Owned<EVP_PKEY> key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw.data(), raw.size()));
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    const bool right = key != nullptr && context != nullptr &&
                       EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                       EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
    ERR_clear_error();
    return right;
}

}  // namespace

void bind_crypto_ed25519(Package& package) {
    package.function("publicOf", curved(public_of)).function("sign", curved(sign)).function("verify", curved(verify));
}

}  // namespace csp::stdlib
