#include "stdlib/crypto/tls/engine.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "stdlib/crypto/tls/alert_record.h"
#include "stdlib/crypto/tls/callbacks.h"
#include "stdlib/crypto/tls/context.h"
#include "stdlib/crypto/tls/der.h"

namespace csp::stdlib::tls {

namespace {

constexpr char kSuites13[] = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr std::size_t kLongestRecord = 16384 + 2048;
constexpr char kAlert = 21, kHandshake = 22, kFatal = 2;

const unsigned char* data_of(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

int number_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]) << 8 | static_cast<unsigned char>(bytes[at + 1]);
}

struct Group {
    int id;  ///< On the wire.
    int nid;
    const char* name;
};
constexpr Group kGroups[] = {
    {29, NID_X25519, "X25519"},
    {23, NID_X9_62_prime256v1, "P-256"},
    {24, NID_secp384r1, "P-384"},
    {25, NID_secp521r1, "P-521"},
};

/// Of the groups in `ids` those that OpenSSL has, as it takes them.
std::string group_names(std::string_view ids) {
    std::string names;
    for (const Group& group : kGroups)
        for (std::size_t at = 0; at + 1 < ids.size(); at += 2)
            if (number_at(ids, at) == group.id) {
                names.append(names.empty() ? "" : ":").append(group.name);
                break;
            }
    return names;
}

std::string suite_names(SSL* ssl, std::string_view ids) {
    std::string names;
    for (std::size_t at = 0; at + 1 < ids.size(); at += 2) {
        const SSL_CIPHER* const suite = SSL_CIPHER_find(ssl, data_of(ids) + at);
        if (suite == nullptr || std::strcmp(SSL_CIPHER_get_version(suite), "TLSv1.3") == 0) continue;
        names.append(names.empty() ? "" : ":").append(SSL_CIPHER_get_name(suite));
    }
    return names;
}

Why cause_of(int reason) {
    switch (reason) {
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_WRONG_SSL_VERSION:
        case SSL_R_NO_PROTOCOLS_AVAILABLE: return Why::Version;
        case SSL_R_NO_SHARED_CIPHER: return Why::NoCipher;
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return Why::NoCertificate;
        case SSL_R_CERTIFICATE_VERIFY_FAILED: return Why::BadCertificate;
        default: return Why::Other;
    }
}

}  // namespace

std::shared_ptr<Engine> Engine::make(Contexts& contexts, bool server) {
    ERR_clear_error();
    SSL_CTX* const context = contexts.get(server);
    SSL* const ssl = context == nullptr ? nullptr : SSL_new(context);
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    auto* const engine = ssl != nullptr && in != nullptr && out != nullptr
                             ? new (std::nothrow) Engine(contexts, ssl, in, out, server)
                             : nullptr;
    if (engine == nullptr) {
        BIO_free(in);
        BIO_free(out);
        SSL_free(ssl);
        return nullptr;
    }
    SSL_set_bio(ssl, in, out);
    if (server)
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    Callbacks::attach(ssl, *engine);
    return std::shared_ptr<Engine>(engine);
}

Engine::~Engine() { SSL_free(ssl_); }

bool Engine::configure(const Settings& settings) {
    ERR_clear_error();
    int min_version = settings.min_version;
    // TLS 1.0 and 1.1 sign with SHA-1.
    SSL_set_security_level(ssl_, min_version < TLS1_2_VERSION ? 0 : 1);
    const std::string suites = suite_names(ssl_, settings.suites);
    if (suites.empty()) min_version = std::max(min_version, TLS1_3_VERSION);
    if (settings.max_version < min_version) return false;
    if (!suites.empty() && SSL_set_cipher_list(ssl_, suites.c_str()) != 1) return false;
    if (SSL_set_ciphersuites(ssl_, kSuites13) != 1) return false;
    if (SSL_set_min_proto_version(ssl_, min_version) != 1 || SSL_set_max_proto_version(ssl_, settings.max_version) != 1)
        return false;
    const std::string groups = group_names(settings.groups);
    if (!groups.empty() && SSL_set1_groups_list(ssl_, groups.c_str()) != 1) return false;
    if (settings.tickets)
        SSL_clear_options(ssl_, SSL_OP_NO_TICKET);
    else
        SSL_set_options(ssl_, SSL_OP_NO_TICKET);
    log_keys_ = settings.log_keys;
    return server_ ? configure_server(settings) : configure_client(settings);
}

bool Engine::configure_server(const Settings& settings) {
    SSL_set_num_tickets(ssl_, settings.tickets ? 1 : 0);
    protocols_ = settings.protocols;
    const std::size_t size = std::min<std::size_t>(settings.origin.size(), SSL_MAX_SID_CTX_LENGTH);
    if (SSL_set_session_id_context(ssl_, data_of(settings.origin), static_cast<unsigned>(size)) != 1) return false;
    int mode = settings.request_certificate ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
    if (settings.require_certificate) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_set_verify(ssl_, mode, nullptr);
    STACK_OF(X509_NAME)* const names = sk_X509_NAME_new_null();
    const unsigned char* at = data_of(settings.authorities);
    const unsigned char* const end = at + settings.authorities.size();
    while (names != nullptr && at < end) {
        X509_NAME* const name = d2i_X509_NAME(nullptr, &at, end - at);
        if (name == nullptr) break;
        if (sk_X509_NAME_push(names, name) <= 0) X509_NAME_free(name);
    }
    SSL_set0_CA_list(ssl_, names);
    return true;
}

bool Engine::configure_client(const Settings& settings) {
    keep_sessions_ = settings.tickets;
    // So that the certificates come to Callbacks, whatever is then made of them.
    SSL_set_verify(ssl_, SSL_VERIFY_PEER, nullptr);
    SSL_set_tlsext_status_type(ssl_, TLSEXT_STATUSTYPE_ocsp);
    if (!settings.server_name.empty() && SSL_set_tlsext_host_name(ssl_, settings.server_name.c_str()) != 1) return false;
    return settings.protocols.empty() ||
           SSL_set_alpn_protos(ssl_, data_of(settings.protocols), static_cast<unsigned>(settings.protocols.size())) == 0;
}

std::string Engine::use_certificate(std::string_view chain, std::string_view key) {
    std::string problem;
    const auto identity = contexts_.identity(chain, key, problem);
    if (identity != nullptr && !identity->install(ssl_)) problem = "tls: private key does not match public key";
    return problem;
}

void Engine::use_session(std::string_view der) {
    ERR_clear_error();
    const unsigned char* at = data_of(der);
    SSL_SESSION* const session = d2i_SSL_SESSION(nullptr, &at, static_cast<long>(der.size()));
    if (session == nullptr) return;
    SSL_set_session(ssl_, session);
    SSL_SESSION_free(session);
}

Step Engine::handshake() {
    ERR_clear_error();
    return outcome(SSL_do_handshake(ssl_));
}

void Engine::answer(bool yes, int alert) {
    answer_ = yes ? Answer::Yes : Answer::No;
    answer_alert_ = alert;
}

Step Engine::outcome(int result) {
    if (result > 0) return Step::Done;
    switch (SSL_get_error(ssl_, result)) {
        case SSL_ERROR_WANT_READ: return Step::WantRead;
        case SSL_ERROR_WANT_CLIENT_HELLO_CB: return Step::WantHello;
        case SSL_ERROR_WANT_X509_LOOKUP: return Step::WantCertificate;
        case SSL_ERROR_WANT_RETRY_VERIFY: return Step::WantVerify;
        case SSL_ERROR_ZERO_RETURN: return Step::Closed;
        default: note_failure(); return Step::Failed;
    }
}

void Engine::note_failure() {
    const unsigned long error = ERR_peek_error();
    const char* const reason = ERR_reason_error_string(error);
    failure_.text = reason == nullptr ? "internal error" : reason;
    if (failure_.why == Why::Other && ERR_GET_LIB(error) == ERR_LIB_SSL) failure_.why = cause_of(ERR_GET_REASON(error));
    failure_.version = SSL_version(ssl_);
    ERR_clear_error();
}

BadRecord Engine::feed(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (body_left_ > 0) {
            const std::size_t part = std::min(body_left_, bytes.size() - at);
            body_left_ -= part;
            at += part;
            continue;
        }
        header_[header_size_++] = bytes[at++];
        if (header_size_ == 1 && first_record_ && header_[0] == static_cast<char>(0x80)) return BadRecord::OldProtocol;
        if (header_size_ < header_.size()) continue;
        const std::string_view header(header_.data(), header_.size());
        const bool greets = header[0] == kHandshake || header[0] == kAlert;
        const bool first = std::exchange(first_record_, false);
        if (first && (!greets || number_at(header, 1) >= 0x1000)) return BadRecord::NotTls;
        // OpenSSL's servers do not take an alert for an answer.
        if (first && header[0] == kAlert && number_at(header, 3) == 2 && bytes.size() >= at + 2 && bytes[at] == kFatal)
            failure_.received = static_cast<unsigned char>(bytes[at + 1]);
        body_left_ = static_cast<std::size_t>(number_at(header, 3));
        if (body_left_ > kLongestRecord) return BadRecord::TooLong;
        header_size_ = 0;
    }
    ERR_clear_error();
    if (!bytes.empty() && BIO_write(in_, bytes.data(), static_cast<int>(bytes.size())) <= 0) throw std::bad_alloc();
    return BadRecord::None;
}

std::size_t Engine::drain(char* to, std::size_t size) {
    if (size == 0) return 0;
    const int count = BIO_read(out_, to, static_cast<int>(std::min<std::size_t>(size, 1 << 30)));
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::size_t Engine::to_send() const { return BIO_ctrl_pending(out_); }

Step Engine::read(char* to, std::size_t size, std::size_t& count) {
    ERR_clear_error();
    return outcome(SSL_read_ex(ssl_, to, size, &count));
}

Step Engine::write(std::string_view bytes, std::size_t& count) {
    ERR_clear_error();
    return outcome(SSL_write_ex(ssl_, bytes.data(), bytes.size(), &count));
}

void Engine::close_notify() {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
    ERR_clear_error();
}

bool Engine::reject(int alert) {
    if (BIO_reset(out_) != 1) return false;
    std::string record;
    if (SSL_version(ssl_) < TLS1_3_VERSION)
        record = plain_alert(SSL_version(ssl_), alert);
    else if (!sealed_alert(SSL_get_current_cipher(ssl_), traffic_secret_, alert, record))
        return false;
    return BIO_write(out_, record.data(), static_cast<int>(record.size())) > 0;
}

State Engine::state() const {
    State state;
    state.version = SSL_version(ssl_);
    const SSL_CIPHER* suite = SSL_get_current_cipher(ssl_);
    if (suite == nullptr) suite = SSL_get_pending_cipher(ssl_);
    if (suite != nullptr) state.suite = SSL_CIPHER_get_protocol_id(suite);
    const int nid = static_cast<int>(SSL_get_negotiated_group(ssl_));
    for (const Group& group : kGroups)
        if (group.nid == nid) state.group = group.id;
    state.resumed = SSL_session_reused(ssl_) == 1;
    state.extended_secret = SSL_get_extms_support(ssl_) == 1;
    state.retried = hellos_ > 1;
    const unsigned char* protocol = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_, &protocol, &size);
    if (size > 0) state.protocol.assign(reinterpret_cast<const char*>(protocol), size);
    const char* const name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    if (name != nullptr) state.server_name = name;
    if (SSL_is_init_finished(ssl_) && state.version < TLS1_3_VERSION && (!state.resumed || state.extended_secret)) {
        char finished[64];
        // The Finished message that came first: the client's, and when a session goes on the server's.
        const bool own = server_ == state.resumed;
        const std::size_t length =
            own ? SSL_get_finished(ssl_, finished, sizeof finished) : SSL_get_peer_finished(ssl_, finished, sizeof finished);
        state.unique.assign(finished, std::min(length, sizeof finished));
    }
    return state;
}

std::string Engine::peer_authorities() const { return der_of(SSL_get0_peer_CA_list(ssl_)); }

std::string Engine::peer_schemes() const {
    std::string out;
    const int count = SSL_get_sigalgs(ssl_, -1, nullptr, nullptr, nullptr, nullptr, nullptr);
    for (int i = 0; i < count; ++i) {
        unsigned char low = 0, high = 0;
        SSL_get_sigalgs(ssl_, i, nullptr, nullptr, nullptr, &low, &high);
        out.push_back(static_cast<char>(high));
        out.push_back(static_cast<char>(low));
    }
    return out;
}

std::string Engine::stapled_response() const {
    const unsigned char* response = nullptr;
    const long size = SSL_get_tlsext_status_ocsp_resp(ssl_, &response);
    return size > 0 ? std::string(reinterpret_cast<const char*>(response), static_cast<std::size_t>(size)) : std::string();
}

std::string Engine::next_session() {
    if (sessions_.empty()) return {};
    std::string session = std::move(sessions_.front());
    sessions_.erase(sessions_.begin());
    return session;
}

std::string Engine::take_key_lines() { return std::exchange(key_lines_, {}); }

bool Engine::export_key(std::string_view label, std::string_view context, bool has_context, std::string& out) const {
    ERR_clear_error();
    return SSL_export_keying_material(ssl_, reinterpret_cast<unsigned char*>(out.data()), out.size(), label.data(), label.size(),
                                      data_of(context), context.size(), has_context) == 1;
}

}  // namespace csp::stdlib::tls
