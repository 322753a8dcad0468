#include <openssl/x509v3.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "csp/package.hpp"
#include "stdlib/crypto/openssl.h"

namespace csp::stdlib {

using namespace openssl;

namespace {

constexpr int kSerialBits = 127;

bool extend(X509* certificate, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool number(X509* certificate) {
    const Owned<BIGNUM> serial(BN_new());
    return serial != nullptr && BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

std::tuple<Vector, Vector, bool> generate(std::string_view organization, std::string_view hosts, std::int64_t not_before,
                                        std::int64_t not_after) {
    ERR_clear_error();
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    const Owned<X509> made(X509_new());
    X509* const c = made.get();
    const std::string owner(organization);
    const bool ok =
        key != nullptr && c != nullptr && X509_set_version(c, X509_VERSION_3) == 1 && number(c) &&
        ASN1_TIME_set(X509_getm_notBefore(c), not_before) != nullptr && ASN1_TIME_set(X509_getm_notAfter(c), not_after) != nullptr &&
        X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "O", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(owner.c_str()), -1, -1, 0) == 1 &&
        X509_set_issuer_name(c, X509_get_subject_name(c)) == 1 && X509_set_pubkey(c, key.get()) == 1 &&
        extend(c, NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign") &&
        extend(c, NID_ext_key_usage, "serverAuth") && extend(c, NID_basic_constraints, "critical,CA:TRUE") &&
        extend(c, NID_subject_key_identifier, "hash") && extend(c, NID_subject_alt_name, std::string(hosts)) &&
        X509_sign(c, key.get(), EVP_sha256()) > 0;
    ERR_clear_error();
    if (!ok) return {};
    const Owned<PKCS8_PRIV_KEY_INFO> info(EVP_PKEY2PKCS8(key.get()));
    if (info == nullptr) return {};
    return {encoded(i2d_X509, c), encoded(i2d_PKCS8_PRIV_KEY_INFO, info.get()), true};
}

}  // namespace

void bind_crypto_internal_selfsigned(Package& package) { package.function("generate", generate); }

}  // namespace csp::stdlib
