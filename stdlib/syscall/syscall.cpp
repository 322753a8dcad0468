#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

#include "csp/package.hpp"
#include "stdlib/support/granted.h"

namespace csp::stdlib {

namespace {

/// Texts by number; empty where a number has none.
constexpr auto kErrors = std::to_array<std::string_view>({
    "", "operation not permitted", "no such file or directory", "no such process", "interrupted system call",
    "input/output error", "no such device or address", "argument list too long", "exec format error",
    "bad file descriptor", "no child processes", "resource temporarily unavailable", "cannot allocate memory",
    "permission denied", "bad address", "block device required", "device or resource busy", "file exists",
    "invalid cross-device link", "no such device", "not a directory", "is a directory", "invalid argument",
    "too many open files in system", "too many open files", "inappropriate ioctl for device", "text file busy",
    "file too large", "no space left on device", "illegal seek", "read-only file system", "too many links",
    "broken pipe", "numerical argument out of domain", "numerical result out of range", "resource deadlock avoided",
    "file name too long", "no locks available", "function not implemented", "directory not empty",
    "too many levels of symbolic links", "", "no message of desired type", "identifier removed",
    "channel number out of range", "level 2 not synchronized", "level 3 halted", "level 3 reset",
    "link number out of range", "protocol driver not attached", "no CSI structure available", "level 2 halted",
    "invalid exchange", "invalid request descriptor", "exchange full", "no anode", "invalid request code",
    "invalid slot", "", "bad font file format", "device not a stream", "no data available", "timer expired",
    "out of streams resources", "machine is not on the network", "package not installed", "object is remote",
    "link has been severed", "advertise error", "srmount error", "communication error on send", "protocol error",
    "multihop attempted", "RFS specific error", "bad message", "value too large for defined data type",
    "name not unique on network", "file descriptor in bad state", "remote address changed",
    "can not access a needed shared library", "accessing a corrupted shared library",
    ".lib section in a.out corrupted", "attempting to link in too many shared libraries",
    "cannot exec a shared library directly", "invalid or incomplete multibyte or wide character",
    "interrupted system call should be restarted", "streams pipe error", "too many users",
    "socket operation on non-socket", "destination address required", "message too long",
    "protocol wrong type for socket", "protocol not available", "protocol not supported",
    "socket type not supported", "operation not supported", "protocol family not supported",
    "address family not supported by protocol", "address already in use", "cannot assign requested address",
    "network is down", "network is unreachable", "network dropped connection on reset",
    "software caused connection abort", "connection reset by peer", "no buffer space available",
    "transport endpoint is already connected", "transport endpoint is not connected",
    "cannot send after transport endpoint shutdown", "too many references: cannot splice", "connection timed out",
    "connection refused", "host is down", "no route to host", "operation already in progress",
    "operation now in progress", "stale file handle", "structure needs cleaning", "not a XENIX named type file",
    "no XENIX semaphores available", "is a named type file", "remote I/O error", "disk quota exceeded",
    "no medium found", "wrong medium type", "operation canceled", "required key not available", "key has expired",
    "key has been revoked", "key was rejected by service", "owner died", "state not recoverable",
    "operation not possible due to RF-kill", "",
});

constexpr auto kSignals = std::to_array<std::string_view>({
    "", "hangup", "interrupt", "quit", "illegal instruction", "trace/breakpoint trap", "aborted", "bus error",
    "floating point exception", "killed", "user defined signal 1", "segmentation fault", "user defined signal 2",
    "broken pipe", "alarm clock", "terminated", "stack fault", "child exited", "continued", "stopped (signal)",
    "stopped", "stopped (tty input)", "stopped (tty output)", "urgent I/O condition", "CPU time limit exceeded",
    "file size limit exceeded", "virtual timer expired", "profiling timer expired", "window changed",
    "I/O possible", "power failure", "bad system call",
});

/// Answers the text of a number, or a name and the number.
template <std::size_t N>
std::string describe(const std::array<std::string_view, N>& texts, std::string_view name, std::int64_t number) {
    const auto at = static_cast<std::uint64_t>(number);
    if (at < N && !texts[at].empty()) return std::string(texts[at]);
    return std::string(name) + std::to_string(number);
}

/// func kill(pid, signal int) (code int)
Status kill_process(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const auto pid = static_cast<std::int64_t>(s[1]), number = static_cast<std::int64_t>(s[2]);
    if (!is_granted(call, Need::Exec)) return refuse(call, 0);
    // What does not fit would be another process, or all of them.
    if (static_cast<pid_t>(pid) != pid) return answer(call, 0, ESRCH);
    if (static_cast<int>(number) != number) return answer(call, 0, EINVAL);
    return answer(call, 0, ::kill(static_cast<pid_t>(pid), static_cast<int>(number)) < 0 ? errno : 0);
}

/// func() int: a number of the process; -1: that is not granted.
template <auto ask>
Status id(Call& call, const NativeEntry&) {
    return answer(call, 0, is_granted(call, Need::System) ? static_cast<int>(ask()) : -1);
}

}  // namespace

void bind_syscall(Package& package) {
    package.function("errorText", [](std::int64_t code) {
               return code == runtime::kNotGranted ? "not granted" : describe(kErrors, "errno ", code);
           })
        .function("signalText", [](std::int64_t number) { return describe(kSignals, "signal ", number); })
        .raw("kill", kill_process)
        .raw("Getpid", id<::getpid>)
        .raw("Getppid", id<::getppid>)
        .raw("Getuid", id<::getuid>)
        .raw("Geteuid", id<::geteuid>)
        .raw("Getgid", id<::getgid>)
        .raw("Getegid", id<::getegid>);
}

}  // namespace csp::stdlib
