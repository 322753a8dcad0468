#pragma once

// One end of a TLS connection: OpenSSL's SSL between two buffers in memory. What came from the other end is fed in, what is
// to go there is drained, and nothing here waits or calls back: where a script has to decide something (a certificate to
// show, whether to trust one), the handshake stops with a Step, and goes on with the answer. conn.csp moves the bytes.
//
// The headers of OpenSSL are slow to read; this one does without them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;
struct bio_st;

namespace csp::stdlib::tls {

/// How a call on an Engine ended. conn.csp knows the numbers, too.
enum class Step : int {
    Done = 0,
    WantRead = 1,         ///< More has to be fed in before it can go on.
    WantHello = 2,        ///< A server has got the client's hello: settings and certificate may be given now.
    WantCertificate = 3,  ///< A client is asked for a certificate.
    WantVerify = 4,       ///< A client has got the server's certificates.
    Closed = 5,           ///< The other end has said that nothing follows.
    Failed = 6,           ///< failure() tells why.
};

/// What is wrong with the beginning of a record.
enum class BadRecord : int { None = 0, NotTls = 1, OldProtocol = 2, TooLong = 3 };

/// Why a handshake failed, where there is more to tell than the alert that was sent. errors.csp knows the numbers, too.
enum class Why : int { Other = 0, Version = 1, NoCipher = 2, NoCertificate = 3, NoProtocol = 4, BadCertificate = 5 };

struct Failure {
    Why why = Why::Other;
    int received = -1;  ///< The alert of the other end.
    int sent = -1;      ///< Ours.
    int version = 0;    ///< That the other end wanted.
    std::string text;   ///< In OpenSSL's words.
};

struct Settings {
    int min_version = 0;
    int max_version = 0;
    std::string suites;   ///< For TLS 1.2 and before: two bytes each.
    std::string groups;   ///< Two bytes each.
    std::string protocols;  ///< Each with its length in a byte before it.
    std::string server_name;
    std::string authorities;  ///< DER names that a server wants certificates from.
    std::string origin;   ///< Whose tickets a server takes: those of the same origin.
    bool request_certificate = false;
    bool require_certificate = false;
    bool tickets = false;
    bool log_keys = false;
};

struct State {
    int version = 0;
    int suite = 0;
    int group = 0;
    bool resumed = false;
    bool extended_secret = false;
    bool retried = false;
    std::string protocol;
    std::string server_name;
    std::string unique;  ///< The channel binding of RFC 5929.
};

class Contexts;
class Identity;

/// Several threads may hold one; whoever calls it holds its mutex. No memory of a script's heap may be asked for meanwhile:
/// that may wait for all others, who may wait for the mutex.
class Engine {
  public:
    /// Null: there is no memory.
    static std::shared_ptr<Engine> make(Contexts& contexts, bool server);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    std::mutex& mutex() { return mutex_; }

    [[nodiscard]] bool configure(const Settings& settings);
    /// The certificates to show, DER one after the other, leaf first, and their key in DER. Not empty: what is wrong.
    [[nodiscard]] std::string use_certificate(std::string_view chain, std::string_view key);
    /// A session to go on with, as next_session() gave it.
    void use_session(std::string_view der);

    Step handshake();
    /// The answer to a step that asked. `alert` is for the other end when it is no.
    void answer(bool yes, int alert);

    /// Bytes that have come. Not None: the beginning of the last record, and no byte of it has been taken.
    BadRecord feed(std::string_view bytes);
    std::string bad_header() const { return std::string(header_.data(), header_.size()); }
    /// Whether all that was fed in ended with a record.
    bool at_record_end() const { return header_size_ == 0 && body_left_ == 0; }
    /// Bytes to be sent: takes up to `size` of them.
    std::size_t drain(char* to, std::size_t size);
    std::size_t to_send() const;

    Step read(char* to, std::size_t size, std::size_t& count);
    Step write(std::string_view bytes, std::size_t& count);
    /// Makes the alert that says that nothing follows.
    void close_notify();
    /// A server takes back what its handshake has ended with, which must not have been drained: the other end gets a fatal
    /// alert instead. There must be no tickets.
    [[nodiscard]] bool reject(int alert);

    const Failure& failure() const { return failure_; }
    State state() const;
    /// DER, one after the other, leaf first.
    const std::string& peer_certificates() const { return peer_certificates_; }
    const std::string& client_hello() const { return client_hello_; }
    std::string peer_authorities() const;
    std::string peer_schemes() const;
    std::string stapled_response() const;
    /// A session that has come from the server since; empty: none.
    std::string next_session();
    std::string take_key_lines();
    [[nodiscard]] bool export_key(std::string_view label, std::string_view context, bool has_context, std::string& out) const;

  private:
    friend struct Callbacks;
    Engine(Contexts& contexts, ssl_st* ssl, bio_st* in, bio_st* out, bool server)
        : contexts_(contexts), ssl_(ssl), in_(in), out_(out), server_(server) {}
    [[nodiscard]] bool configure_server(const Settings& settings);
    [[nodiscard]] bool configure_client(const Settings& settings);
    Step outcome(int result);
    void note_failure();

    std::mutex mutex_;
    Contexts& contexts_;
    ssl_st* const ssl_;
    bio_st* const in_;   ///< The SSL's.
    bio_st* const out_;  ///< The SSL's.
    const bool server_;
    enum class Answer { None, Yes, No } answer_ = Answer::None;
    int answer_alert_ = 80;
    bool hello_seen_ = false;
    int hellos_ = 0;
    bool log_keys_ = false;
    bool keep_sessions_ = false;
    std::string protocols_;
    std::string peer_certificates_;
    std::string client_hello_;
    std::string key_lines_;
    std::string traffic_secret_;  ///< Of a server of TLS 1.3, in hexadecimal, for reject().
    std::vector<std::string> sessions_;
    Failure failure_;

    // Where in a record what has been fed in ends.
    std::array<char, 5> header_{};
    std::size_t header_size_ = 0;
    std::size_t body_left_ = 0;
    bool first_record_ = true;
};

}  // namespace csp::stdlib::tls
