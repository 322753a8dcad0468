#include <cstdint>
#include <utility>

#include "csp/package.hpp"
#include "stdlib/crypto/openssl.h"
#include "stdlib/support/computing.h"

namespace csp::stdlib {

using namespace openssl;

namespace {

/// A key of its point and, if that is not empty, its secret. Null: they are none.
Owned<EVP_PKEY> key_of(std::int64_t bits, const Vector& point, const Vector& secret) {
    const char* const name = curve_name(bits);
    const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    Owned<BIGNUM> number;
    if (name == nullptr || builder == nullptr || context == nullptr) return nullptr;
    bool ok = OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name, 0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1;
    if (ok && !secret.empty()) {
        number.reset(BN_bin2bn(secret.data(), static_cast<int>(secret.size()), nullptr));
        ok = number != nullptr && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) == 1;
    }
    const Owned<OSSL_PARAM> params(ok ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
    EVP_PKEY* key = nullptr;
    if (params != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1)
        EVP_PKEY_fromdata(context.get(), &key, secret.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR, params.get());
    return Owned<EVP_PKEY>(key);
}

/// The signature's numbers, one after the other in as many bytes.
std::pair<Vector, bool> sign(std::int64_t bits, Bytes point, Bytes secret, Bytes digest_bytes) {
    const Owned<EVP_PKEY> key = key_of(bits, copy(point), copy(secret));
    const Owned<EVP_PKEY_CTX> context(key != nullptr ? EVP_PKEY_CTX_new(key.get(), nullptr) : nullptr);
    const Vector digest = copy(digest_bytes);
    if (context == nullptr || EVP_PKEY_sign_init(context.get()) != 1) return {};
    Vector der(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
    std::size_t size = der.size();
    if (EVP_PKEY_sign(context.get(), der.data(), &size, digest.data(), digest.size()) != 1) return {};
    const unsigned char* at = der.data();
    const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    if (signature == nullptr) return {};
    const auto width = static_cast<std::size_t>((bits + 7) / 8);
    Vector out(2 * width);
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), static_cast<int>(width));
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + width, static_cast<int>(width));
    return {std::move(out), true};
}

bool verify(std::int64_t bits, Bytes point, Bytes digest_bytes, Bytes signature_bytes) {
    const Owned<EVP_PKEY> key = key_of(bits, copy(point), {});
    const Owned<EVP_PKEY_CTX> context(key != nullptr ? EVP_PKEY_CTX_new(key.get(), nullptr) : nullptr);
    const Vector digest = copy(digest_bytes), signature = copy(signature_bytes);
    const bool right = context != nullptr && EVP_PKEY_verify_init(context.get()) == 1 &&
                       EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
    ERR_clear_error();
    return right;
}

}  // namespace

void bind_crypto_ecdsa(Package& package) { package.function("sign", curved(sign)).function("verify", curved(verify)); }

}  // namespace csp::stdlib
