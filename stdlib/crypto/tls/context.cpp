#include "stdlib/crypto/tls/context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

#include "stdlib/crypto/tls/callbacks.h"

namespace csp::stdlib::tls {

namespace {

constexpr char kNoKey[] = "tls: failed to parse private key";
constexpr char kNoCertificate[] = "x509: malformed certificate";

const unsigned char* data_of(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

Identity::~Identity() {
    EVP_PKEY_free(key_);
    X509_free(leaf_);
    sk_X509_pop_free(rest_, X509_free);
}

std::string Identity::read(std::string_view chain, std::string_view key) {
    ERR_clear_error();
    const unsigned char* at = data_of(key);
    key_ = d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(key.size()));
    if (key_ == nullptr) return kNoKey;
    at = data_of(chain);
    const unsigned char* const end = at + chain.size();
    leaf_ = d2i_X509(nullptr, &at, end - at);
    rest_ = sk_X509_new_null();
    if (leaf_ == nullptr || rest_ == nullptr) return kNoCertificate;
    while (at < end) {
        X509* const next = d2i_X509(nullptr, &at, end - at);
        if (next == nullptr) return kNoCertificate;
        if (sk_X509_push(rest_, next) <= 0) {
            X509_free(next);
            return kNoCertificate;
        }
    }
    return {};
}

bool Identity::install(ssl_st* ssl) const {
    ERR_clear_error();
    return SSL_use_cert_and_key(ssl, leaf_, key_, rest_, 1) == 1;
}

Contexts::~Contexts() {
    for (ssl_ctx_st* context : contexts_) SSL_CTX_free(context);
}

ssl_ctx_st* Contexts::get(bool server) {
    const std::lock_guard lock(mutex_);
    ssl_ctx_st*& context = contexts_[server ? 1 : 0];
    if (context != nullptr) return context;
    context = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (context == nullptr) return nullptr;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Sessions of servers are in their tickets, those of clients with the script.
    SSL_CTX_set_session_cache_mode(context, server ? SSL_SESS_CACHE_OFF
                                                   : SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    Callbacks::attach(context, server);
    return context;
}

std::shared_ptr<const Identity> Contexts::identity(std::string_view chain, std::string_view key, std::string& problem) {
    const std::lock_guard lock(mutex_);
    for (auto known = known_.begin(); known != known_.end(); ++known) {
        if (known->chain != chain || known->key != key) continue;
        known_.splice(known_.begin(), known_, known);
        return known->identity;
    }
    auto identity = std::make_shared<Identity>();
    problem = identity->read(chain, key);
    if (!problem.empty()) return nullptr;
    known_.push_front({std::string(chain), std::string(key), identity});
    if (known_.size() > kMostKnown) known_.pop_back();
    return identity;
}

}  // namespace csp::stdlib::tls
