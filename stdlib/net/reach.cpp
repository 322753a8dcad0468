#include "stdlib/net/reach.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "runtime/access/beneath.h"
#include "stdlib/support/resource_table.h"

namespace csp::stdlib::net {

namespace {

/// The addresses of granted names that a run has looked up.
struct LookedUp final : runtime::Extension {
    std::mutex mutex;
    runtime::KnownNames known;
};

struct Sides {
    const runtime::AddressGrants& addresses;
    const runtime::FileGrants& paths;
};

runtime::IpAddress ip_of(const Endpoint& end) { return runtime::ip_address(end.address); }

/// What no address at all stands for when one connects to it.
runtime::IpAddress or_loopback(const runtime::IpAddress& address) {
    runtime::IpAddress none{}, out = address;
    if (address == none) out[15] = 1;
    none[10] = none[11] = 0xFF;
    if (address == none) out[12] = 127, out[15] = 1;
    return out;
}

/// The path of a Unix socket as seen from a directory that stays open meanwhile; errno when it is too long.
bool seen_from(int directory, std::string_view name, SocketAddress& out) {
    return to_system(AF_UNIX, "/proc/self/fd/" + std::to_string(directory) + std::string(name), 0, 0, out);
}

/// A socket that is there already is held while it is used.
int at_socket(const runtime::FileGrants& paths, const std::string& path, const std::function<int(const SocketAddress&)>& operation) {
    return paths.at(runtime::Reach::Write, path.c_str(), [&](const runtime::Place& place) {
        int code = 0;
        const runtime::Descriptor socket(runtime::open_beneath(place.directory, place.path, O_PATH, 0, code));
        SocketAddress held;
        if (code != 0) return code;
        return seen_from(socket.get(), "", held) ? operation(held) : errno;
    });
}

/// One that is made needs its directory.
int in_directory(const runtime::FileGrants& paths, const std::string& path, const std::function<int(const SocketAddress&)>& operation) {
    return paths.at(runtime::Reach::Write, path.c_str(), [&](const runtime::Place& place) {
        const std::string way = place.path;
        const std::size_t slash = way.rfind('/');
        const std::string name = way.substr(slash == std::string::npos ? 0 : slash + 1);
        if (name.empty() || name == "." || name == "..") return EADDRINUSE;
        int code = 0;
        const std::string directory = slash == std::string::npos ? "." : way.substr(0, slash + 1);
        const runtime::Descriptor held(runtime::open_beneath(place.directory, directory.c_str(), O_PATH | O_DIRECTORY, 0, code));
        SocketAddress made;
        if (code != 0) return code;
        return seen_from(held.get(), "/" + name, made) ? operation(made) : errno;
    });
}

}  // namespace

bool may_look_up(Call& call, std::string_view name) {
    return call.grants().dial().may_look_up(name) || call.grants().listen().may_look_up(name);
}

void note_addresses(Call& call, std::string_view name, const std::vector<std::string>& addresses) {
    if (!call.grants().dial().names(name) && !call.grants().listen().names(name)) return;
    LookedUp& looked_up = extension<LookedUp>(call);
    const std::lock_guard lock(looked_up.mutex);
    for (const std::string& text : addresses) {
        runtime::IpAddress address{};
        if (runtime::parse_ip(text.substr(0, text.find('%')), address))
            looked_up.known.emplace(address, runtime::AddressGrants::canonical(name));
    }
}

namespace {
bool allows(Call& call, const runtime::AddressGrants& grants, const runtime::IpAddress& address, std::uint16_t port) {
    LookedUp& looked_up = extension<LookedUp>(call);
    const std::lock_guard lock(looked_up.mutex);
    return grants.allows(address, port, looked_up.known);
}
}  // namespace

int dialling(Call& call, const SocketAddress& to, const std::function<int(const SocketAddress&)>& operation) {
    const runtime::Grants& grants = call.grants();
    if (grants.dial().all()) return operation(to);
    const Endpoint end = from_system(to);
    if (end.family == AF_UNIX) {
        if (end.address.empty() || end.address[0] == '\0') return runtime::kNotGranted;
        return at_socket(grants.dial_paths(), end.address, operation);
    }
    return allows(call, grants.dial(), or_loopback(ip_of(end)), end.port) ? operation(to) : runtime::kNotGranted;
}

int binding(Call& call, const SocketAddress& at, const std::function<int(const SocketAddress&)>& operation) {
    const runtime::Grants& grants = call.grants();
    if (grants.listen().all()) return operation(at);
    const Endpoint end = from_system(at);
    if (end.family == AF_UNIX) {
        if (end.address.empty() || end.address[0] == '\0') return runtime::kNotGranted;
        return in_directory(grants.listen_paths(), end.address, operation);
    }
    return allows(call, grants.listen(), ip_of(end), end.port) ? operation(at) : runtime::kNotGranted;
}

}  // namespace csp::stdlib::net
