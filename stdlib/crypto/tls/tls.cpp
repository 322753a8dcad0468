// The natives of package tls: each is one call on an engine, under the engine's lock, and asks for memory of the script's
// heap only when it has given that back.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "csp/package.hpp"
#include "stdlib/crypto/tls/context.h"
#include "stdlib/crypto/tls/engine.h"
#include "stdlib/support/guarded.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

using tls::Engine;
using tls::Engines;
using tls::Step;

/// A connection costs some tens of kilobytes outside the script's heap.
constexpr std::size_t kMostEngines = 100'000;
constexpr std::size_t kLongestKeyExport = 1 << 20;

Engines& engines(Call& call) { return extension<Engines>(call); }

Slot slot(std::int64_t number) { return static_cast<Slot>(number); }
Slot slot(Step step) { return static_cast<Slot>(step); }

/// An engine in use: its lock is held.
class Use {
  public:
    Use(Call& call, Slot id) : engine_(engines(call).find(id)) {
        if (engine_ != nullptr) engine_->mutex().lock();
    }
    ~Use() {
        if (engine_ != nullptr) engine_->mutex().unlock();
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    explicit operator bool() const { return engine_ != nullptr; }
    Engine* operator->() const { return engine_.get(); }

  private:
    std::shared_ptr<Engine> engine_;
};

/// func open(server bool) (id uint64)
Status open_engine(Call& call) {
    Slot* s = call.slots();
    Engines& all = engines(call);
    std::shared_ptr<Engine> engine = Engine::make(all.contexts, s[1] != 0);
    s[0] = engine == nullptr ? 0 : all.add(std::move(engine), kMostEngines);
    return Status::Ok;
}

/// func closeEngine(id uint64)
Status close_engine(Call& call) {
    engines(call).remove(call.slots()[0]);
    return Status::Ok;
}

/// func configure(id uint64, minVersion, maxVersion, flags int, suites, groups []byte, protocols, serverName string,
///                authorities []byte, origin string) bool
Status configure(Call& call) {
    Slot* s = call.slots();
    const auto flags = s[4];
    tls::Settings settings;
    settings.min_version = static_cast<int>(s[2]);
    settings.max_version = static_cast<int>(s[3]);
    settings.request_certificate = (flags & 1) != 0;
    settings.require_certificate = (flags & 2) != 0;
    settings.tickets = (flags & 4) != 0;
    settings.log_keys = (flags & 8) != 0;
    settings.suites = bytes_at(s + 5);
    settings.groups = bytes_at(s + 7);
    settings.protocols = text_at(s + 9);
    settings.server_name = text_at(s + 11);
    settings.authorities = bytes_at(s + 13);
    settings.origin = text_at(s + 15);
    const Use engine(call, s[1]);
    s[0] = engine && engine->configure(settings);
    return Status::Ok;
}

/// func useCertificate(id uint64, chain, key []byte) (problem string)
Status use_certificate(Call& call) {
    const Slot* s = call.slots();
    // Copies: others may be writing there.
    const std::string chain(bytes_at(s + 3)), key(bytes_at(s + 5));
    std::string problem;
    if (const Use engine(call, s[2]); engine) problem = engine->use_certificate(chain, key);
    return call.put_string(call.slots(), problem) ? Status::Ok : Status::Panic;
}

/// func useSession(id uint64, der []byte)
Status use_session(Call& call) {
    const Slot* s = call.slots();
    const std::string der(bytes_at(s + 1));
    if (const Use engine(call, s[0]); engine) engine->use_session(der);
    return Status::Ok;
}

/// func handshake(id uint64) (step int)
Status handshake(Call& call) {
    Slot* s = call.slots();
    const Use engine(call, s[1]);
    s[0] = slot(engine ? engine->handshake() : Step::Failed);
    return Status::Ok;
}

/// func answer(id uint64, yes bool, alert int)
Status answer(Call& call) {
    const Slot* s = call.slots();
    if (const Use engine(call, s[0]); engine) engine->answer(s[1] != 0, static_cast<int>(s[2]));
    return Status::Ok;
}

/// func feed(id uint64, p []byte) (bad int)
Status feed(Call& call) {
    Slot* s = call.slots();
    const Use engine(call, s[1]);
    s[0] = engine ? slot(static_cast<int>(engine->feed(bytes_at(s + 2)))) : 0;
    return Status::Ok;
}

/// func lastRecord(id uint64) (header string, whole bool)
Status last_record(Call& call) {
    Slot* s = call.slots();
    std::string header;
    bool whole = true;
    if (const Use engine(call, s[3]); engine) {
        header = engine->bad_header();
        whole = engine->at_record_end();
    }
    s[2] = whole;
    return call.put_string(s, header) ? Status::Ok : Status::Panic;
}

/// func drain(id uint64, p []byte) (n int)
Status drain(Call& call) {
    Slot* s = call.slots();
    const runtime::Slice bytes = slice_at(s + 2);
    const Use engine(call, s[1]);
    s[0] = engine ? engine->drain(static_cast<char*>(bytes.data), bytes.size) : 0;
    return Status::Ok;
}

/// func toSend(id uint64) (n int)
Status to_send(Call& call) {
    Slot* s = call.slots();
    const Use engine(call, s[1]);
    s[0] = engine ? engine->to_send() : 0;
    return Status::Ok;
}

/// func read(id uint64, p []byte) (n, step int)
Status read_some(Call& call) {
    Slot* s = call.slots();
    const runtime::Slice bytes = slice_at(s + 3);
    std::size_t count = 0;
    const Use engine(call, s[2]);
    s[1] = slot(engine ? engine->read(static_cast<char*>(bytes.data), bytes.size, count) : Step::Failed);
    s[0] = count;
    return Status::Ok;
}

/// func write(id uint64, p []byte) (n, step int)
Status write_some(Call& call) {
    Slot* s = call.slots();
    std::size_t count = 0;
    const Use engine(call, s[2]);
    s[1] = slot(engine ? engine->write(bytes_at(s + 3), count) : Step::Failed);
    s[0] = count;
    return Status::Ok;
}

/// func closeNotify(id uint64)
Status close_notify(Call& call) {
    if (const Use engine(call, call.slots()[0]); engine) engine->close_notify();
    return Status::Ok;
}

/// func reject(id uint64, alert int) bool
Status reject(Call& call) {
    Slot* s = call.slots();
    const Use engine(call, s[1]);
    s[0] = engine && engine->reject(static_cast<int>(s[2]));
    return Status::Ok;
}

/// func failure(id uint64) (text string, why, received, sent, version int)
Status failure(Call& call) {
    Slot* s = call.slots();
    tls::Failure failure;
    if (const Use engine(call, s[6]); engine) failure = engine->failure();
    s[2] = slot(static_cast<int>(failure.why));
    s[3] = slot(failure.received);
    s[4] = slot(failure.sent);
    s[5] = slot(failure.version);
    return call.put_string(s, failure.text) ? Status::Ok : Status::Panic;
}

/// func state(id uint64) (protocol, serverName, unique string, version, suite, group, flags int)
Status state(Call& call) {
    Slot* s = call.slots();
    tls::State state;
    if (const Use engine(call, s[10]); engine) state = engine->state();
    s[6] = slot(state.version);
    s[7] = slot(state.suite);
    s[8] = slot(state.group);
    s[9] = slot((state.resumed ? 1 : 0) | (state.extended_secret ? 2 : 0) | (state.retried ? 4 : 0));
    return call.put_string(s, state.protocol) && call.put_string(s + 2, state.server_name) && call.put_string(s + 4, state.unique)
               ? Status::Ok
               : Status::Panic;
}

/// func detail(id uint64) []byte
template <class Get>
Status detail(Call& call, Get get) {
    std::string bytes;
    if (const Use engine(call, call.slots()[2]); engine) bytes = get(*engine.operator->());
    return put_bytes(call, call.slots(), bytes) ? Status::Ok : Status::Panic;
}
Status peer_certificates(Call& call) {
    return detail(call, [](Engine& e) { return e.peer_certificates(); });
}
Status client_hello(Call& call) {
    return detail(call, [](Engine& e) { return e.client_hello(); });
}
Status peer_authorities(Call& call) {
    return detail(call, [](Engine& e) { return e.peer_authorities(); });
}
Status peer_schemes(Call& call) {
    return detail(call, [](Engine& e) { return e.peer_schemes(); });
}
Status stapled_response(Call& call) {
    return detail(call, [](Engine& e) { return e.stapled_response(); });
}
Status next_session(Call& call) {
    return detail(call, [](Engine& e) { return e.next_session(); });
}
Status key_lines(Call& call) {
    return detail(call, [](Engine& e) { return e.take_key_lines(); });
}

/// func exportKey(id uint64, label string, context []byte, hasContext bool, size int) (key []byte, ok bool)
Status export_key(Call& call) {
    Slot* s = call.slots();
    const std::string label(text_at(s + 4)), context(bytes_at(s + 6));
    const bool has_context = s[8] != 0;
    std::string key(std::min<std::size_t>(s[9], kLongestKeyExport), '\0');
    bool ok = key.size() == s[9];
    if (const Use engine(call, s[3]); engine) ok = ok && engine->export_key(label, context, has_context, key);
    s[2] = ok;
    return put_bytes(call, call.slots(), key) ? Status::Ok : Status::Panic;
}

}  // namespace

void bind_crypto_tls(Package& package) {
    package.raw("open", guarded<open_engine>)
        .raw("closeEngine", guarded<close_engine>)
        .raw("configure", guarded<configure>)
        .raw("useCertificate", guarded<use_certificate>)
        .raw("useSession", guarded<use_session>)
        .raw("handshake", guarded<handshake>)
        .raw("answer", guarded<answer>)
        .raw("feed", guarded<feed>)
        .raw("lastRecord", guarded<last_record>)
        .raw("drain", guarded<drain>)
        .raw("toSend", guarded<to_send>)
        .raw("read", guarded<read_some>)
        .raw("write", guarded<write_some>)
        .raw("closeNotify", guarded<close_notify>)
        .raw("reject", guarded<reject>)
        .raw("failure", guarded<failure>)
        .raw("state", guarded<state>)
        .raw("peerCertificates", guarded<peer_certificates>)
        .raw("clientHello", guarded<client_hello>)
        .raw("peerAuthorities", guarded<peer_authorities>)
        .raw("peerSchemes", guarded<peer_schemes>)
        .raw("stapledResponse", guarded<stapled_response>)
        .raw("nextSession", guarded<next_session>)
        .raw("keyLines", guarded<key_lines>)
        .raw("exportKey", guarded<export_key>);
}

}  // namespace csp::stdlib
