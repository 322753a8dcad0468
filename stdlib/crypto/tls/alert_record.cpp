#include "stdlib/crypto/tls/alert_record.h"

#include <openssl/params.h>
#include <openssl/ssl.h>

#include <array>
#include <cstddef>

#include "stdlib/crypto/openssl.h"

namespace csp::stdlib::tls {

using openssl::Owned;

namespace {

constexpr char kAlert = 21, kApplicationData = 23, kFatal = 2;
constexpr std::size_t kNonce = 12, kTag = 16;

unsigned char* data_of(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* data_of(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

/// HKDF-Expand-Label of RFC 8446, section 7.1, with an empty context.
bool expand(const EVP_MD* digest, std::string& secret, std::string_view label, std::string& out) {
    std::string info{'\0', static_cast<char>(out.size()), static_cast<char>(6 + label.size())};
    info.append("tls13 ").append(label).push_back('\0');
    const Owned<EVP_KDF> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const Owned<EVP_KDF_CTX> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
    if (context == nullptr) return false;
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    std::string name = EVP_MD_get0_name(digest);
    const std::array<OSSL_PARAM, 5> params{
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.data(), secret.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
        OSSL_PARAM_construct_end(),
    };
    return EVP_KDF_derive(context.get(), data_of(out), out.size(), params.data()) == 1;
}

int digit(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

std::string from_hex(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) out.push_back(static_cast<char>(digit(text[i]) << 4 | digit(text[i + 1])));
    return out;
}

}  // namespace

std::string plain_alert(int version, int alert) {
    return {kAlert, static_cast<char>(version >> 8), static_cast<char>(version), 0, 2, kFatal, static_cast<char>(alert)};
}

bool sealed_alert(const ssl_cipher_st* suite, std::string_view secret, int alert, std::string& record) {
    if (suite == nullptr || secret.empty()) return false;
    const EVP_MD* const digest = SSL_CIPHER_get_handshake_digest(suite);
    const EVP_CIPHER* const cipher = EVP_get_cipherbynid(SSL_CIPHER_get_cipher_nid(suite));
    const Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
    if (digest == nullptr || cipher == nullptr || context == nullptr) return false;
    std::string bytes = from_hex(secret);
    std::string key(static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher)), '\0'), nonce(kNonce, '\0');
    if (!expand(digest, bytes, "key", key) || !expand(digest, bytes, "iv", nonce)) return false;

    const std::string content{kFatal, static_cast<char>(alert), kAlert};
    record = {kApplicationData, 3, 3, 0, static_cast<char>(content.size() + kTag)};
    std::string sealed(content.size(), '\0'), tag(kTag, '\0');
    int count = 0;
    const bool ok = EVP_EncryptInit_ex(context.get(), cipher, nullptr, data_of(key), data_of(nonce)) == 1 &&
                    EVP_EncryptUpdate(context.get(), nullptr, &count, data_of(record), static_cast<int>(record.size())) == 1 &&
                    EVP_EncryptUpdate(context.get(), data_of(sealed), &count, data_of(std::string_view(content)),
                                      static_cast<int>(content.size())) == 1 &&
                    EVP_EncryptFinal_ex(context.get(), data_of(sealed) + count, &count) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTag, tag.data()) == 1;
    record += sealed + tag;
    return ok;
}

}  // namespace csp::stdlib::tls
