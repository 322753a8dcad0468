#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "stdlib/net/lookup.h"

// MX, NS, SRV and TXT records through libresolv, which parses the packets.

namespace csp::stdlib {

namespace {

/// A resolver's state: one for each question, as it is no thread's business what others ask.
class State {
  public:
    State() : ready_(res_ninit(&state_) == 0) {}
    ~State() {
        if (ready_) res_nclose(&state_);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    bool ready() const { return ready_; }
    res_state get() { return &state_; }

  private:
    struct __res_state state_ {};
    bool ready_;
};

void broken(Question& q) {
    q.outcome = Outcome::Failed;
    q.failure = "cannot unmarshal DNS message";
}

/// `answer` is what came last, if anything did: it tells a server that fails from one that is silent.
void fail(Question& q, int code, const std::vector<unsigned char>& answer) {
    const bool answered = (answer[2] & 0x80) != 0;
    if (code == HOST_NOT_FOUND || code == NO_DATA) {
        q.outcome = Outcome::NotFound;
    } else if (code == TRY_AGAIN && !answered) {
        q.outcome = Outcome::TimedOut;
    } else {
        q.outcome = code == TRY_AGAIN ? Outcome::Temporary : Outcome::Failed;
        q.failure = "server misbehaving";
    }
}

/// The name at `at` of a record's data, with the dot at its end; empty if it is broken.
std::string name_at(const ns_msg& message, const unsigned char* at) {
    char name[NS_MAXDNAME];
    if (dn_expand(ns_msg_base(message), ns_msg_end(message), at, name, sizeof name) < 0) return {};
    return std::strcmp(name, ".") == 0 ? name : std::string(name) + ".";
}

/// A record of strings, each with its length before it, put together.
std::string joined(const unsigned char* data, std::size_t size) {
    std::string text;
    for (std::size_t at = 0; at < size;) {
        const std::size_t length = data[at++];
        const std::size_t rest = size - at;
        text.append(reinterpret_cast<const char*>(data + at), length < rest ? length : rest);
        at += length;
    }
    return text;
}

/// How many 16-bit numbers are before the name in a record's data.
std::size_t numbers_in(int type) { return type == ns_t_mx ? 1 : type == ns_t_srv ? 3 : 0; }

[[nodiscard]] bool take(Question& q, const ns_msg& message, const ns_rr& record) {
    const unsigned char* data = ns_rr_rdata(record);
    const std::size_t size = ns_rr_rdlen(record);
    if (ns_rr_type(record) == ns_t_txt) {
        q.texts.push_back(joined(data, size));
        return true;
    }
    const std::size_t numbers = numbers_in(ns_rr_type(record));
    if (size <= numbers * 2) return false;
    std::string name = name_at(message, data + numbers * 2);
    if (name.empty()) return false;
    for (std::size_t i = 0; i < numbers; ++i) q.numbers.push_back(data[i * 2] << 8 | data[i * 2 + 1]);
    q.texts.push_back(std::move(name));
    return true;
}

}  // namespace

void query_records(Question& q) {
    State state;
    std::vector<unsigned char> answer(65536);
    if (!state.ready()) return fail(q, NO_RECOVERY, answer);
    const int size = res_nsearch(state.get(), q.name.c_str(), ns_c_in, static_cast<int>(q.kind), answer.data(),
                                 static_cast<int>(answer.size()));
    if (size < 0) return fail(q, state.get()->res_h_errno, answer);
    ns_msg message{};
    if (ns_initparse(answer.data(), std::min(size, static_cast<int>(answer.size())), &message) < 0) return broken(q);
    std::string owner;
    for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
        ns_rr record{};
        if (ns_parserr(&message, ns_s_an, i, &record) < 0) return broken(q);
        if (ns_rr_type(record) != q.kind) continue;
        if (owner.empty()) owner = std::string(ns_rr_name(record)) + ".";
        if (!take(q, message, record)) return broken(q);
    }
    q.name = owner;
    if (q.texts.empty()) q.outcome = Outcome::NotFound;
}

}  // namespace csp::stdlib
