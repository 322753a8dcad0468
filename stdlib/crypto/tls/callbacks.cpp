#include "stdlib/crypto/tls/callbacks.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "stdlib/crypto/tls/der.h"
#include "stdlib/crypto/tls/engine.h"

namespace csp::stdlib::tls {

namespace {

Engine& engine_of(const SSL* ssl) { return *static_cast<Engine*>(SSL_get_app_data(ssl)); }

/// Calls f; where there is no memory it answers `otherwise`, as no exception may pass through OpenSSL.
template <class F, class R>
R guarded(R otherwise, F f) noexcept {
    try {
        return f();
    } catch (const std::exception&) {
        return otherwise;
    }
}

/// Takes the first of a list of protocols with their lengths before them.
std::string_view take_protocol(std::string_view& list) {
    const std::string_view protocol = list.substr(1, static_cast<unsigned char>(list[0]));
    list.remove_prefix(1 + protocol.size());
    return protocol;
}

bool offers(std::string_view list, std::string_view protocol) {
    while (!list.empty())
        if (take_protocol(list) == protocol) return true;
    return false;
}

}  // namespace

struct Callbacks::Of {
    static int hello(SSL* ssl, int* alert, void*) {
        Engine& e = engine_of(ssl);
        if (e.hello_seen_) return SSL_CLIENT_HELLO_SUCCESS;
        if (e.answer_ == Engine::Answer::None) return SSL_CLIENT_HELLO_RETRY;
        const bool yes = std::exchange(e.answer_, Engine::Answer::None) == Engine::Answer::Yes;
        e.hello_seen_ = true;
        *alert = e.answer_alert_;
        return yes ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR;
    }

    /// A client is to show a certificate.
    static int certificate(SSL* ssl, void*) {
        Engine& e = engine_of(ssl);
        if (e.answer_ == Engine::Answer::None) return -1;
        return std::exchange(e.answer_, Engine::Answer::None) == Engine::Answer::Yes;
    }

    static int verify(X509_STORE_CTX* store, void*) {
        const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
        Engine& e = engine_of(ssl);
        const bool kept = guarded(false, [&] {
            e.peer_certificates_ = der_of(X509_STORE_CTX_get0_untrusted(store));
            return true;
        });
        X509_STORE_CTX_set_error(store, kept ? X509_V_OK : X509_V_ERR_OUT_OF_MEM);
        // A server cannot stop here: conn.csp looks at what the client has shown after the handshake.
        if (e.server_ || !kept) return kept;
        if (e.answer_ == Engine::Answer::None) return SSL_set_retry_verify(const_cast<SSL*>(ssl));
        const bool yes = std::exchange(e.answer_, Engine::Answer::None) == Engine::Answer::Yes;
        X509_STORE_CTX_set_error(store, yes ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
        return yes;
    }

    static int protocol(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                        unsigned int in_size, void*) {
        Engine& e = engine_of(ssl);
        const std::string_view theirs(reinterpret_cast<const char*>(in), in_size);
        if (e.protocols_.empty()) return SSL_TLSEXT_ERR_NOACK;
        bool has_http2 = false;
        for (std::string_view list = e.protocols_; !list.empty();) {
            const std::string_view ours = take_protocol(list);
            if (offers(theirs, ours)) {
                *out = reinterpret_cast<const unsigned char*>(ours.data());
                *out_size = static_cast<unsigned char>(ours.size());
                return SSL_TLSEXT_ERR_OK;
            }
            has_http2 = has_http2 || ours == "h2";
        }
        // Clients of HTTP/1.1 reach servers of HTTP/2 as if they had not asked.
        if (has_http2 && offers(theirs, "http/1.1")) return SSL_TLSEXT_ERR_NOACK;
        e.failure_.why = Why::NoProtocol;
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }

    static int session(SSL* ssl, SSL_SESSION* session) {
        Engine& e = engine_of(ssl);
        if (!e.keep_sessions_ || e.sessions_.size() >= kMostSessions) return 0;
        return guarded(0, [&] {
            std::string der;
            openssl::append_encoded(der, i2d_SSL_SESSION, session);
            if (!der.empty()) e.sessions_.push_back(std::move(der));
            return 0;
        });
    }

    static void key(const SSL* ssl, const char* line) {
        Engine& e = engine_of(ssl);
        const std::string_view text(line);
        guarded(0, [&] {
            if (e.server_ && text.starts_with("SERVER_TRAFFIC_SECRET_0 ")) e.traffic_secret_ = text.substr(text.rfind(' ') + 1);
            // Nobody needs that one for reading along.
            const bool wanted = e.log_keys_ && !text.starts_with("EXPORTER_SECRET ");
            if (wanted && e.key_lines_.size() < kMostKeyLines) e.key_lines_.append(text).append("\n");
            return 0;
        });
    }

    static void info(const SSL* ssl, int where, int what) {
        Engine& e = engine_of(ssl);
        if ((where & SSL_CB_ALERT) == 0) return;
        const int level = what >> 8, alert = what & 0xff;
        if (level == SSL3_AL_WARNING && alert == SSL_AD_CLOSE_NOTIFY) return;
        if ((where & SSL_CB_READ) != 0) {
            if (level == SSL3_AL_FATAL || SSL_version(ssl) == TLS1_3_VERSION) e.failure_.received = alert;
        } else if (level == SSL3_AL_FATAL) {
            e.failure_.sent = alert;
        }
    }

    static void message(int sending, int, int type, const void* bytes, std::size_t size, SSL*, void* engine) {
        Engine& e = *static_cast<Engine*>(engine);
        constexpr char kClientHello = 1;
        const std::string_view text(static_cast<const char*>(bytes), size);
        if (type != SSL3_RT_HANDSHAKE || text.empty() || text[0] != kClientHello) return;
        ++e.hellos_;
        if (sending != 0) return;
        guarded(0, [&] {
            e.client_hello_ = text;
            return 0;
        });
    }

    static constexpr std::size_t kMostSessions = 8;
    static constexpr std::size_t kMostKeyLines = 16 * 1024;
};

void Callbacks::attach(ssl_ctx_st* context, bool server) {
    SSL_CTX_set_cert_verify_callback(context, Of::verify, nullptr);
    SSL_CTX_set_keylog_callback(context, Of::key);
    if (server) {
        SSL_CTX_set_client_hello_cb(context, Of::hello, nullptr);
        SSL_CTX_set_alpn_select_cb(context, Of::protocol, nullptr);
    } else {
        SSL_CTX_sess_set_new_cb(context, Of::session);
    }
}

void Callbacks::attach(ssl_st* ssl, Engine& engine) {
    SSL_set_app_data(ssl, &engine);
    SSL_set_info_callback(ssl, Of::info);
    SSL_set_msg_callback(ssl, Of::message);
    SSL_set_msg_callback_arg(ssl, &engine);
    if (!engine.server_) SSL_set_cert_cb(ssl, Of::certificate, nullptr);
}

}  // namespace csp::stdlib::tls
