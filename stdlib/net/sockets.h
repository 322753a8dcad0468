#pragma once

// Operating-system addresses of sockets, and how natives of package net see them: a family, the bytes of the IP address
// or the path, a port, and the scope of an IPv6 address.

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace csp::stdlib::net {

struct Endpoint {
    int family = 0;
    std::string address;  ///< 4 or 16 bytes, or a path; a first '\0' is an abstract name's.
    std::uint16_t port = 0;
    std::uint32_t scope = 0;
};

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// False: no such address can be, and errno tells why.
bool to_system(int family, std::string_view address, std::int64_t port, std::int64_t scope, SocketAddress& out);
Endpoint from_system(const SocketAddress& address);

}  // namespace csp::stdlib::net
