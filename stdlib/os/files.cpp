// Open files. They are the netpoll's descriptors: a call on one keeps it open, so that none reaches a number that was given
// to another file since.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "stdlib/os/places.h"
#include "stdlib/os/signal/handlers.h"

namespace csp::stdlib::os {

namespace {

using runtime::Netpoll;
using Direction = Netpoll::Direction;

constexpr std::size_t kMost = 1 << 30;  // bytes in one call

/// func open(name string, flag int, perm uint32) (id uint64, pollable bool, code int)
Status open_file(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Path path(text_at(s + 3));
    Opening opening(static_cast<int>(s[5]), static_cast<mode_t>(s[6]));
    const int code = at_path(call, opening.reach(), path, [&](const Place& place) { return opening.open(place); });
    return opening.finish(call, code, runtime::kNotGranted);
}

/// func adopt(fd int) (id uint64, pollable bool, code int)
Status adopt(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto number = static_cast<std::int64_t>(s[3]);
    s[0] = s[1] = 0;
    if (!is_granted(call, Need::Process)) return refuse(call, 2);
    // What does not fit would be another file.
    const int fd = ::fcntl(static_cast<int>(number) == number ? static_cast<int>(number) : -1, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) return answer(call, 2, errno);
    // Only if whoever opened it has made it so: others may use it, too.
    struct stat info {};
    s[1] = ::fstat(fd, &info) == 0 && is_pollable(info.st_mode) && (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
    int code = 0;
    s[0] = netpoll(call).add(fd, code);
    return answer(call, 2, code);
}

/// func pipe() (r, w uint64, code int)
Status make_pipe(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = s[1] = 0;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return answer(call, 2, errno);
    int code = 0;
    s[0] = netpoll(call).add(ends[0], code);
    if (code != 0) {
        ::close(ends[1]);
        return answer(call, 2, code);
    }
    s[1] = netpoll(call).add(ends[1], code);
    if (code != 0) netpoll(call).close(goroutine(call), s[0]);
    return answer(call, 2, code);
}

/// func closeFile(id uint64) bool
Status close_file(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = netpoll(call).close(goroutine(call), s[1]);
    return Status::Ok;
}

/// func descriptor(id uint64) int
Status descriptor(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Netpoll::Use use = netpoll(call).use(s[1]);
    return answer(call, 0, use ? use.fd() : -1);
}

/// A negative offset is the file's own.
ssize_t read_from(int fd, void* to, std::size_t size, std::int64_t offset) {
    return uninterrupted([&] { return offset < 0 ? ::read(fd, to, size) : ::pread(fd, to, size, offset); });
}

/// func read(id uint64, p []byte, offset int64, pollable bool) (n int, code int). A negative offset is the file's own.
Status read_file(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice to = slice_at(s + 3);
    const auto offset = static_cast<std::int64_t>(s[5]);
    const bool pollable = s[6] != 0;
    const Slot id = s[2];
    s[0] = 0;
    const Netpoll::Use use = netpoll(call).use(id, Direction::Read);
    if (!use) return answer(call, 1, kClosed);
    if (pollable && use.past_deadline()) return answer(call, 1, ETIMEDOUT);
    const std::size_t size = std::min<std::size_t>(to.size, kMost);
    ssize_t n;
    if (pollable) {
        n = read_from(use.fd(), to.data, size, offset);
    } else {
        const iovec part{to.data, size};
        n = uninterrupted([&] { return ::preadv2(use.fd(), &part, 1, offset < 0 ? -1 : offset, RWF_NOWAIT); });
        if (n < 0 && (errno == EAGAIN || errno == EOPNOTSUPP || errno == ENOSYS)) {
            // It is not in memory. The number may be another file's by the time that it is.
            const int own = ::fcntl(use.fd(), F_DUPFD_CLOEXEC, 3);
            if (own < 0) return answer(call, 1, errno);
            return read_beside(call, [own, offset](char* bytes, std::size_t most) {
                const ssize_t read = read_from(own, bytes, most, offset);
                const int code = errno;
                ::close(own);
                errno = code;
                return read;
            });
        }
    }
    if (n < 0) return answer(call, 1, errno);
    s[0] = static_cast<Slot>(n);
    return answer(call, 1, 0);
}

/// Writes, without the signal that a pipe nobody reads sends, unless a script wants to hear of it.
ssize_t write_quietly(int fd, std::string_view bytes, bool pipe) {
    if (!pipe || signals::is_heard(SIGPIPE)) return uninterrupted([&] { return ::write(fd, bytes.data(), bytes.size()); });
    sigset_t broken, before, pending;
    sigemptyset(&broken);
    sigaddset(&broken, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &broken, &before);
    const ssize_t n = uninterrupted([&] { return ::write(fd, bytes.data(), bytes.size()); });
    const int code = errno;
    if (n < 0 && code == EPIPE && sigismember(&pending, SIGPIPE) == 0) {
        const timespec now{};
        while (sigtimedwait(&broken, nullptr, &now) < 0 && errno == EINTR) {
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = code;
    return n;
}

/// func write(id uint64, p []byte, offset int64, pollable bool) (n int, code int). A negative offset is the file's own.
Status write_file(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::string_view bytes = bytes_at(s + 3).substr(0, kMost);
    const auto offset = static_cast<std::int64_t>(s[5]);
    const bool pollable = s[6] != 0;
    const Netpoll::Use use = netpoll(call).use(s[2], Direction::Write);
    s[0] = 0;
    if (!use) return answer(call, 1, kClosed);
    if (pollable && use.past_deadline()) return answer(call, 1, ETIMEDOUT);
    const ssize_t n = offset < 0 ? write_quietly(use.fd(), bytes, pollable)
                                 : uninterrupted([&] { return ::pwrite(use.fd(), bytes.data(), bytes.size(), offset); });
    s[0] = static_cast<Slot>(std::max<ssize_t>(n, 0));
    return answer(call, 1, n < 0 ? errno : 0);
}

/// func writeStandard(fd int, p []byte)
Status write_standard(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    call.write(static_cast<int>(s[0]), bytes_at(s + 1));
    return Status::Ok;
}

/// func seek(id uint64, offset int64, whence int) (position int64, code int)
Status seek(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Netpoll::Use use = netpoll(call).use(s[2]);
    if (!use) return answer(call, 1, kClosed);
    const off_t position = ::lseek(use.fd(), static_cast<off_t>(s[3]), static_cast<int>(s[4]));
    s[0] = static_cast<Slot>(std::max<off_t>(position, 0));
    return answer(call, 1, position < 0 ? errno : 0);
}

/// A call on an open file: its errno is the only result.
template <class Operation>
Status operate(Call& call, Operation operation) {
    const Netpoll::Use use = netpoll(call).use(call.slots()[1]);
    if (!use) return answer(call, 0, kClosed);
    return answer(call, 0, uninterrupted([&] { return operation(use.fd(), call.slots() + 2); }) < 0 ? errno : 0);
}

/// func syncFile(id uint64) (code int)
Status sync_file(Call& call, const NativeEntry&) {
    const auto code = std::make_shared<int>(0);
    int own = -1;
    {
        const Netpoll::Use use = netpoll(call).use(call.slots()[1]);
        if (!use) return answer(call, 0, kClosed);
        own = ::fcntl(use.fd(), F_DUPFD_CLOEXEC, 3);
    }
    if (own < 0) return answer(call, 0, errno);
    if (const Status done = beside(call, [code, own] {
            *code = uninterrupted([own] { return ::fsync(own); }) < 0 ? errno : 0;
            ::close(own);
        }); done != Status::Ok) return done;
    return answer(call, 0, *code);
}

/// func statFile(id uint64, to *syscall.Stat_t) (code int)
Status stat_file(Call& call, const NativeEntry&) {
    return operate(call, [](int fd, const Slot* s) {
        struct stat info {};
        const int result = ::fstat(fd, &info);
        if (result == 0) std::memcpy(reinterpret_cast<void*>(s[0]), &info, sizeof info);
        return result;
    });
}

/// The same, for what can be changed through a file that is open to be read.
template <class Operation>
Status change(Call& call, Operation operation) {
    if (netpoll(call).use(call.slots()[1]).read_only()) return answer(call, 0, runtime::kNotGranted);
    return operate(call, operation);
}

Status set_size(Call& call, const NativeEntry&) {
    return operate(call, [](int fd, const Slot* s) { return ::ftruncate(fd, static_cast<off_t>(s[0])); });
}
Status change_file_mode(Call& call, const NativeEntry&) {
    return change(call, [](int fd, const Slot* s) { return ::fchmod(fd, static_cast<mode_t>(s[0])); });
}
Status change_file_owner(Call& call, const NativeEntry&) {
    return change(call, [](int fd, const Slot* s) { return ::fchown(fd, static_cast<uid_t>(s[0]), static_cast<gid_t>(s[1])); });
}
Status enter_directory(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Process)) return refuse(call, 0);
    return operate(call, [](int fd, const Slot*) { return ::fchdir(fd); });
}

}  // namespace

void add_files(Package& package) {
    package.raw("open", open_file)
        .raw("adopt", adopt)
        .raw("pipe", make_pipe)
        .raw("closeFile", close_file)
        .raw("descriptor", descriptor)
        .raw("read", read_file)
        .raw("write", write_file)
        .raw("writeStandard", write_standard)
        .raw("wait", wait_descriptor)
        .raw("setDeadline", set_descriptor_deadline)
        .raw("seek", seek)
        .raw("syncFile", sync_file)
        .raw("statFile", stat_file)
        .raw("truncateFile", set_size)
        .raw("chmodFile", change_file_mode)
        .raw("chownFile", change_file_owner)
        .raw("chdirFile", enter_directory);
}

}  // namespace csp::stdlib::os
