#include "stdlib/net/sockets.h"

#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace csp::stdlib::net {

bool to_system(int family, std::string_view address, std::int64_t port, std::int64_t scope, SocketAddress& out) {
    if (family == AF_INET && (address.size() == 4 || address.empty())) {
        auto& in = reinterpret_cast<sockaddr_in&>(out.storage);
        in.sin_family = AF_INET;
        in.sin_port = htons(static_cast<std::uint16_t>(port));
        std::copy(address.begin(), address.end(), reinterpret_cast<char*>(&in.sin_addr));
        out.size = sizeof in;
        return true;
    }
    if (family == AF_INET6 && (address.size() == 16 || address.empty())) {
        auto& in = reinterpret_cast<sockaddr_in6&>(out.storage);
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(static_cast<std::uint16_t>(port));
        in.sin6_scope_id = static_cast<std::uint32_t>(scope);
        std::copy(address.begin(), address.end(), reinterpret_cast<char*>(&in.sin6_addr));
        out.size = sizeof in;
        return true;
    }
    if (family == AF_UNIX) {
        auto& un = reinterpret_cast<sockaddr_un&>(out.storage);
        // A path ends with a zero byte that has to fit, an abstract name does not.
        const bool abstract = !address.empty() && address[0] == '\0';
        if (address.size() + (abstract ? 0 : 1) > sizeof un.sun_path) {
            errno = EINVAL;
            return false;
        }
        un.sun_family = AF_UNIX;
        std::memcpy(un.sun_path, address.data(), address.size());
        const std::size_t used = address.empty() || abstract ? address.size() : address.size() + 1;
        out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + used);
        return true;
    }
    errno = EAFNOSUPPORT;
    return false;
}

Endpoint from_system(const SocketAddress& address) {
    Endpoint out;
    out.family = address.size >= sizeof(sa_family_t) ? address.storage.ss_family : 0;
    if (out.family == AF_INET) {
        const auto& in = reinterpret_cast<const sockaddr_in&>(address.storage);
        out.address.assign(reinterpret_cast<const char*>(&in.sin_addr), 4);
        out.port = ntohs(in.sin_port);
    } else if (out.family == AF_INET6) {
        const auto& in = reinterpret_cast<const sockaddr_in6&>(address.storage);
        out.address.assign(reinterpret_cast<const char*>(&in.sin6_addr), 16);
        out.port = ntohs(in.sin6_port);
        out.scope = in.sin6_scope_id;
    } else if (out.family == AF_UNIX && address.size > offsetof(sockaddr_un, sun_path)) {
        const auto& un = reinterpret_cast<const sockaddr_un&>(address.storage);
        const std::size_t most = address.size - offsetof(sockaddr_un, sun_path);
        out.address.assign(un.sun_path, un.sun_path[0] == '\0' ? most : strnlen(un.sun_path, most));
    }
    return out;
}

}  // namespace csp::stdlib::net
