#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <exception>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/net/lookup.h"
#include "stdlib/net/reach.h"
#include "stdlib/support/results.h"
#include "stdlib/support/system_calls.h"

// Names and addresses by the system's resolver. Every question runs beside the workers on an object of its own, as the
// goroutine that asks may be gone before the answer.

namespace csp::stdlib {

namespace {

struct FreeList {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

void fail(Question& q, int code) {
    switch (code) {
        case EAI_NONAME:
        case EAI_NODATA:
        case EAI_ADDRFAMILY: q.outcome = Outcome::NotFound; return;
        case EAI_AGAIN:
            q.outcome = Outcome::Temporary;
            q.failure = "server misbehaving";
            return;
        default: q.outcome = Outcome::Failed; break;
    }
    q.failure = code == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(code);
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// How names are compared: in lower case, without the dot at the end.
std::string key_of(std::string_view name) {
    if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
    std::string key(name);
    std::transform(key.begin(), key.end(), key.begin(), to_lower);
    return key;
}

/// An IP address in 16 bytes, and its zone behind them; empty if it is none.
std::string binary(const std::string& text) {
    const std::size_t percent = text.find('%');
    std::array<char, 16> bytes{};
    if (inet_pton(AF_INET6, text.substr(0, percent).c_str(), bytes.data()) == 1)
        return std::string(bytes.begin(), bytes.end()) + (percent == std::string::npos ? "" : text.substr(percent + 1));
    bytes[10] = bytes[11] = static_cast<char>(0xFF);
    return inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1 ? std::string(bytes.begin(), bytes.end()) : std::string();
}

/// Calls `visit` with the address and the names of each line of /etc/hosts.
template <class Visit>
void for_each_host(Visit visit) {
    std::ifstream file("/etc/hosts");
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string address, name;
        std::vector<std::string> names;
        words >> address;
        while (words >> name) names.push_back(name);
        if (!names.empty() && !binary(address).empty()) visit(address, names);
    }
}

/// The addresses that /etc/hosts gives a name, in its order; in `name` the first name of such a line.
void find_host(Question& q) {
    const std::string key = key_of(q.name);
    std::string canonical;
    for_each_host([&](const std::string& address, const std::vector<std::string>& names) {
        const bool named = std::any_of(names.begin(), names.end(), [&](const std::string& n) { return key_of(n) == key; });
        if (!named) return;
        q.texts.push_back(address);
        if (canonical.empty()) canonical = names[0];
    });
    if (!canonical.empty()) q.name = canonical;
}

/// The names that /etc/hosts gives an address, in its order.
void find_names(Question& q) {
    const std::string address = binary(q.name);
    for_each_host([&](const std::string& at, const std::vector<std::string>& names) {
        if (binary(at) == address) q.texts.insert(q.texts.end(), names.begin(), names.end());
    });
}

std::string text_of(const sockaddr* address) {
    char text[INET6_ADDRSTRLEN];
    if (address->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, address, sizeof v4);
        return inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    }
    if (address->sa_family != AF_INET6) return {};
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    std::string out = inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    char zone[IF_NAMESIZE];
    if (v6.sin6_scope_id != 0)
        out += std::string("%") +
               (if_indextoname(v6.sin6_scope_id, zone) != nullptr ? zone : std::to_string(v6.sin6_scope_id).c_str());
    return out;
}

/// The addresses of a name: of the family `kind` (4, 6, or 0 for both). A name of /etc/hosts has what is written there,
/// whatever the family, but in the order of RFC 6724.
void resolve(Question& q) {
    Question host = q;
    find_host(host);
    if (host.texts.size() == 1) {
        q.texts = host.texts;
        q.name = host.name;
        return;
    }
    addrinfo hints{};
    hints.ai_family = !host.texts.empty() || q.kind == 0 ? AF_UNSPEC : q.kind == 4 ? AF_INET : AF_INET6;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_CANONNAME;
    addrinfo* found = nullptr;
    const int code = getaddrinfo(q.name.c_str(), nullptr, &hints, &found);
    const std::unique_ptr<addrinfo, FreeList> list(code == 0 ? found : nullptr);
    if (code != 0) return fail(q, code);
    if (list != nullptr && list->ai_canonname != nullptr) q.name = list->ai_canonname;
    for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
        std::string text = text_of(entry->ai_addr);
        if (!text.empty()) q.texts.push_back(std::move(text));
    }
}

/// The names of an address.
void reverse(Question& q) {
    find_names(q);
    if (!q.texts.empty()) return;
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    int code = getaddrinfo(q.name.c_str(), nullptr, &hints, &found);
    const std::unique_ptr<addrinfo, FreeList> list(code == 0 ? found : nullptr);
    if (code != 0) return fail(q, code);
    char name[NI_MAXHOST];
    code = getnameinfo(list->ai_addr, list->ai_addrlen, name, sizeof name, nullptr, 0, NI_NAMEREQD);
    if (code != 0) return fail(q, code);
    q.texts.emplace_back(name);
}

using Table = std::array<std::pair<const char*, std::int64_t>, 15>;
/// What must be known without /etc/services.
constexpr Table kTcpServices{{{"domain", 53}, {"ftp", 21}, {"ftps", 990}, {"gopher", 70}, {"http", 80}, {"https", 443},
                              {"imap2", 143}, {"imap3", 220}, {"imaps", 993}, {"pop3", 110}, {"pop3s", 995}, {"smtp", 25},
                              {"submissions", 465}, {"ssh", 22}, {"telnet", 23}}};
/// What must be known without /etc/protocols.
constexpr Table kProtocols{{{"icmp", 1}, {"igmp", 2}, {"tcp", 6}, {"udp", 17}, {"ipv6-icmp", 58}}};

std::int64_t find_in(const Table& table, const std::string& name) {
    for (const auto& [known, number] : table)
        if (known != nullptr && name == known) return number;
    return -1;
}

/// The port of service `name` for the protocol in `failure`, in `kind`.
void find_service(Question& q) {
    const std::string service = key_of(q.name);
    const std::string protocol = std::move(q.failure);
    q.failure.clear();
    q.kind = protocol == "tcp" ? find_in(kTcpServices, service) : service == "domain" ? 53 : -1;
    if (q.kind >= 0) return;
    servent entry{};
    servent* found = nullptr;
    std::vector<char> buffer(4096);
    if (getservbyname_r(service.c_str(), protocol.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
        found != nullptr)
        q.kind = ntohs(static_cast<std::uint16_t>(found->s_port));
}

/// The number of protocol `name`, in `kind`.
void find_protocol(Question& q) {
    const std::string name = key_of(q.name);
    q.kind = find_in(kProtocols, name);
    if (q.kind >= 0) return;
    protoent entry{};
    protoent* found = nullptr;
    std::vector<char> buffer(4096);
    if (getprotobyname_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        q.kind = found->p_proto;
}

/// Runs `work` beside the workers, which answers `q`. As beside(). `tells_others`: what is asked for leaves the machine.
Status ask(Call& call, const std::shared_ptr<Question>& q, void (*work)(Question&), bool tells_others = true) {
    if (tells_others && !net::may_look_up(call, q->name)) {
        q->outcome = Outcome::NotGranted;
        return Status::Ok;
    }
    return beside(call, [q, work] {
        try {
            work(*q);
        } catch (const std::exception& error) {
            q->outcome = Outcome::Failed;
            q->failure = error.what();
        }
    });
}

/// Results: texts []string, name string, outcome int, failure string. Parameters from slot 7 on: a name, a number.
/// `is_name`: that is looked up; else it is an address.
template <void (*work)(Question&), bool is_name>
Status names(Call& call, const NativeEntry&) {
    const Slot* in = call.slots() + 7;
    const auto q = std::make_shared<Question>(Question{.name = std::string(text_at(in)), .kind = static_cast<std::int64_t>(in[2])});
    if (const Status done = ask(call, q, work); done != Status::Ok) return done;
    if (is_name) net::note_addresses(call, text_at(call.slots() + 7), q->texts);
    Slot* s = call.slots();
    s[4] = static_cast<Slot>(q->outcome);
    return put_texts(call, s, q->texts) && call.put_string(s + 2, q->name) && call.put_string(s + 5, q->failure)
               ? Status::Ok
               : Status::Panic;
}

/// Results: owner string, texts []string, numbers []int, outcome int, failure string. Parameters: a name, a type.
Status records(Call& call, const NativeEntry&) {
    const Slot* in = call.slots() + 9;
    const auto q = std::make_shared<Question>(Question{.name = std::string(text_at(in)), .kind = static_cast<std::int64_t>(in[2])});
    if (const Status done = ask(call, q, query_records); done != Status::Ok) return done;
    Slot* s = call.slots();
    s[6] = static_cast<Slot>(q->outcome);
    return call.put_string(s, q->name) && put_texts(call, s + 2, q->texts) && put_numbers(call, s + 4, q->numbers) &&
                   call.put_string(s + 7, q->failure)
               ? Status::Ok
               : Status::Panic;
}

/// The system's tables have short names without zeros only.
bool may_be_listed(std::string_view name) { return name.size() < 256 && name.find('\0') == std::string_view::npos; }

Status service_port(Call& call, const NativeEntry&) {
    const std::string_view protocol = text_at(call.slots() + 1);
    const std::string_view service = text_at(call.slots() + 3);
    call.slots()[0] = static_cast<Slot>(std::int64_t{-1});
    if (!may_be_listed(service)) return Status::Ok;
    const auto q = std::make_shared<Question>(Question{.name = std::string(service), .failure = std::string(protocol)});
    if (const Status done = ask(call, q, find_service, false); done != Status::Ok) return done;
    call.slots()[0] = static_cast<Slot>(q->kind);
    return Status::Ok;
}

Status protocol_number(Call& call, const NativeEntry&) {
    const std::string_view name = text_at(call.slots() + 1);
    call.slots()[0] = static_cast<Slot>(std::int64_t{-1});
    if (!may_be_listed(name)) return Status::Ok;
    const auto q = std::make_shared<Question>(Question{.name = std::string(name)});
    if (const Status done = ask(call, q, find_protocol, false); done != Status::Ok) return done;
    call.slots()[0] = static_cast<Slot>(q->kind);
    return Status::Ok;
}

}  // namespace

void net_lookup_natives(Package& package) {
    package.raw("hostsFile", names<find_host, true>)
        .raw("resolve", names<resolve, true>)
        .raw("reverse", names<reverse, false>)
        .raw("records", records)
        .raw("servicePort", service_port)
        .raw("protocolNumber", protocol_number);
}

}  // namespace csp::stdlib
