// The natives of package net on sockets: each is one system call that does not block. A call that would block answers
// EAGAIN, and fd.csp waits and tries again.

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "csp/package.hpp"
#include "runtime/netpoll/netpoll.h"
#include "stdlib/net/reach.h"
#include "stdlib/net/sockets.h"
#include "stdlib/support/granted.h"
#include "stdlib/support/polling.h"
#include "stdlib/support/system_calls.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

using runtime::Netpoll;
using Direction = Netpoll::Direction;

// What natives answer in place of an errno besides kClosed; fd.csp knows it, too.
constexpr int kPastDeadline = -2;

/// func socket(family, kind, protocol int) (id uint64, code int)
Status open_socket(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    if (!is_granted(call, Need::Dial) && !is_granted(call, Need::Listen)) return refuse(call, 1);
    const auto is_any = [](Slot value, auto... known) { return ((value == static_cast<Slot>(known)) || ...); };
    if (!is_any(s[2], AF_UNIX, AF_INET, AF_INET6) || !is_any(s[3], SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET) || s[4] != 0)
        return answer(call, 1, EAFNOSUPPORT);
    const int fd = ::socket(static_cast<int>(s[2]), static_cast<int>(s[3]) | SOCK_NONBLOCK | SOCK_CLOEXEC, static_cast<int>(s[4]));
    s[0] = 0;
    if (fd < 0) return answer(call, 1, errno);
    int code = 0;
    s[0] = netpoll(call).add(fd, code);
    return answer(call, 1, code);
}

/// A call that does not depend on deadlines, on the socket in slot `id`; its errno goes to slot `code`.
template <class Operation>
Status operate(Call& call, std::size_t id, std::size_t code, Operation operation) {
    const Netpoll::Use use = netpoll(call).use(call.slots()[id]);
    if (!use) return answer(call, code, kClosed);
    return answer(call, code, operation(use.fd()) < 0 ? errno : 0);
}

/// The same with an operation that answers an errno.
template <class Operation>
Status check_and_operate(Call& call, Operation operation) {
    const Netpoll::Use use = netpoll(call).use(call.slots()[1]);
    return answer(call, 0, use ? operation(use.fd()) : kClosed);
}

/// A call in a direction, of which the deadline must not have passed. What it returns goes to the first slot.
template <class Operation>
Status transfer(Call& call, Direction way, std::size_t id, std::size_t code, Operation operation) {
    Slot* s = call.slots();
    const Netpoll::Use use = netpoll(call).use(s[id], way);
    s[0] = 0;
    if (!use) return answer(call, code, kClosed);
    if (use.past_deadline()) return answer(call, code, kPastDeadline);
    const ssize_t n = uninterrupted([&]() -> ssize_t { return operation(use.fd()); });
    if (n < 0) return answer(call, code, errno);
    s[0] = static_cast<Slot>(n);
    return answer(call, code, 0);
}

/// The address in the parameters from `at` on: family, address, port, scope.
bool address_at(const Slot* s, std::size_t at, net::SocketAddress& out) {
    return net::to_system(static_cast<int>(s[at]), text_at(s + at + 1), static_cast<std::int64_t>(s[at + 3]),
                          static_cast<std::int64_t>(s[at + 4]), out);
}

/// func connect(id uint64, family int, address string, port, scope int) (code int)
Status connect_socket(Call& call, const NativeEntry&) {
    net::SocketAddress to;
    if (!address_at(call.slots(), 2, to)) return answer(call, 0, errno);
    return check_and_operate(call, [&](int fd) {
        return net::dialling(call, to, [&](net::SocketAddress address) { return ::connect(fd, address.get(), address.size) < 0 ? errno : 0; });
    });
}
/// func bind(id uint64, family int, address string, port, scope int) (code int)
Status bind_socket(Call& call, const NativeEntry&) {
    net::SocketAddress at;
    if (!address_at(call.slots(), 2, at)) return answer(call, 0, errno);
    return check_and_operate(call, [&](int fd) {
        return net::binding(call, at, [&](net::SocketAddress address) { return ::bind(fd, address.get(), address.size) < 0 ? errno : 0; });
    });
}

/// func listenOn(id uint64, backlog int) (code int)
Status listen_on(Call& call, const NativeEntry&) {
    const auto backlog = static_cast<int>(call.slots()[2]);
    const auto listen = [&](int fd) { return ::listen(fd, backlog) < 0 ? errno : 0; };
    return check_and_operate(call, [&](int fd) {
        net::SocketAddress at;
        at.size = sizeof at.storage;
        if (::getsockname(fd, at.get(), &at.size) < 0) return errno;
        // The system chooses an address for a socket that has none.
        const bool bound = at.storage.ss_family == AF_UNIX || net::from_system(at).port != 0;
        return bound ? listen(fd) : net::binding(call, at, [&](const net::SocketAddress&) { return listen(fd); });
    });
}

/// func accept(id uint64) (conn uint64, code int)
Status accept_connection(Call& call, const NativeEntry&) {
    const Status status = transfer(call, Direction::Read, 2, 1, [](int fd) -> ssize_t {
        int accepted;
        do accepted = ::accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        while (accepted < 0 && errno == ECONNABORTED);
        return accepted;
    });
    Slot* s = call.slots();
    if (s[1] != 0) return status;
    int code = 0;
    s[0] = netpoll(call).add(static_cast<int>(s[0]), code);
    return answer(call, 1, code);
}

/// func read(id uint64, p []byte) (n int, code int)
Status read_some(Call& call, const NativeEntry&) {
    const runtime::Slice bytes = slice_at(call.slots() + 3);
    return transfer(call, Direction::Read, 2, 1, [&](int fd) { return ::recv(fd, bytes.data, bytes.size, 0); });
}
/// func write(id uint64, p []byte) (n int, code int)
Status write_some(Call& call, const NativeEntry&) {
    const runtime::Slice bytes = slice_at(call.slots() + 3);
    return transfer(call, Direction::Write, 2, 1, [&](int fd) { return ::send(fd, bytes.data, bytes.size, MSG_NOSIGNAL); });
}

/// Puts an endpoint as family, address, port, scope.
bool put_endpoint(Call& call, std::size_t at, const net::Endpoint& endpoint) {
    Slot* s = call.slots();
    s[at] = static_cast<Slot>(endpoint.family);
    s[at + 3] = endpoint.port;
    s[at + 4] = endpoint.scope;
    return call.put_string(s + at + 1, endpoint.address);
}

/// func receive(id uint64, p []byte) (n int, family int, address string, port, scope int, code int)
Status receive_from(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice bytes = slice_at(s + 8);
    std::fill_n(s + 1, 5, 0);
    net::SocketAddress from;
    const Status status = transfer(call, Direction::Read, 7, 6, [&](int fd) {
        from.size = sizeof from.storage;
        return ::recvfrom(fd, bytes.data, bytes.size, 0, from.get(), &from.size);
    });
    if (s[6] != 0) return status;
    return put_endpoint(call, 1, net::from_system(from)) ? Status::Ok : Status::Panic;
}

/// func send(id uint64, p []byte, family int, address string, port, scope int) (n int, code int)
Status send_to(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice bytes = slice_at(s + 3);
    net::SocketAddress to;
    s[0] = 0;
    if (!address_at(s, 5, to)) return answer(call, 1, errno);
    return transfer(call, Direction::Write, 2, 1, [&](int fd) {
        ssize_t sent = -1;
        errno = net::dialling(call, to, [&](net::SocketAddress address) {
            sent = ::sendto(fd, bytes.data, bytes.size, MSG_NOSIGNAL, address.get(), address.size);
            return sent < 0 ? errno : 0;
        });
        return sent;
    });
}

/// func endpoint(id uint64, peer bool) (family int, address string, port, scope int, code int)
Status endpoint(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const bool peer = s[7] != 0;
    std::fill_n(s, 5, 0);
    net::SocketAddress address;
    address.size = sizeof address.storage;
    const Status status = operate(call, 6, 5, [&](int fd) {
        return peer ? ::getpeername(fd, address.get(), &address.size) : ::getsockname(fd, address.get(), &address.size);
    });
    if (s[5] != 0) return status;
    return put_endpoint(call, 0, net::from_system(address)) ? Status::Ok : Status::Panic;
}

/// func setOption(id uint64, level, name, value int) (code int)
Status set_option(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const int value = static_cast<int>(s[4]);
    return operate(call, 1, 0, [&](int fd) {
        return ::setsockopt(fd, static_cast<int>(s[2]), static_cast<int>(s[3]), &value, sizeof value);
    });
}
/// func setLinger(id uint64, seconds int) (code int)
Status set_linger(Call& call, const NativeEntry&) {
    const auto seconds = static_cast<std::int64_t>(call.slots()[2]);
    const ::linger value{seconds >= 0, static_cast<int>(std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<int>::max()))};
    return operate(call, 1, 0, [&](int fd) { return ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, sizeof value); });
}
/// func option(id uint64, level, name int) (value int, code int)
Status get_option(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    int value = 0;
    socklen_t size = sizeof value;
    const Status status = operate(call, 2, 1, [&](int fd) {
        return ::getsockopt(fd, static_cast<int>(s[3]), static_cast<int>(s[4]), &value, &size);
    });
    s[0] = static_cast<Slot>(static_cast<std::int64_t>(value));
    return status;
}

/// func shutdown(id uint64, how int) (code int)
Status shut_down(Call& call, const NativeEntry&) {
    const auto how = static_cast<int>(call.slots()[2]);
    return operate(call, 1, 0, [&](int fd) { return ::shutdown(fd, how); });
}

/// func closeSocket(id uint64) bool
Status close_socket(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = netpoll(call).close(goroutine(call), s[1]);
    return Status::Ok;
}

}  // namespace

void net_interface_natives(Package& package);
void net_lookup_natives(Package& package);

void bind_net(Package& package) {
    net_interface_natives(package);
    net_lookup_natives(package);
    package.raw("socket", open_socket)
        .raw("connect", connect_socket)
        .raw("bind", bind_socket)
        .raw("listenOn", listen_on)
        .raw("accept", accept_connection)
        .raw("read", read_some)
        .raw("write", write_some)
        .raw("receive", receive_from)
        .raw("send", send_to)
        .raw("endpoint", endpoint)
        .raw("setOption", set_option)
        .raw("setLinger", set_linger)
        .raw("option", get_option)
        .raw("shutdown", shut_down)
        .raw("closeSocket", close_socket)
        .raw("wait", wait_descriptor)
        .raw("setDeadline", set_descriptor_deadline);
}

}  // namespace csp::stdlib
