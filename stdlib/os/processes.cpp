// Other processes: starting them, waiting for their end, sending signals to them. A process is held by a descriptor
// (pidfd), which the netpoll waits for, so that only the goroutine parks; its number may be another's by then. Where the system
// has no such descriptors, a thread beside the workers waits.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "stdlib/os/files.h"
#include "stdlib/support/granted.h"

namespace csp::stdlib::os {

namespace {

using runtime::Netpoll;

int pidfd_open(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

/// What a process is made of, and what has become of it.
struct Start {
    std::string path, directory;
    std::vector<std::string> arguments, environment;
    std::vector<Descriptor> files;  ///< By their numbers in the process; negative: closed there.
    short flags = 0;
    pid_t group = 0;
    int code = 0;
    pid_t pid = 0;
    Descriptor handle;

    void run();
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

void Start::run() {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    if (!directory.empty()) code = posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
    for (std::size_t i = 0; i < files.size() && code == 0; ++i) {
        const int to = static_cast<int>(i);
        code = files[i].get() < 0 ? posix_spawn_file_actions_addclose(&actions, to)
                                  : posix_spawn_file_actions_adddup2(&actions, files[i].get(), to);
    }
    posix_spawnattr_setflags(&attributes, flags);
    posix_spawnattr_setpgroup(&attributes, group);
    std::vector<char*> argv = pointers(arguments), envp = pointers(environment);
    if (code == 0) code = ::posix_spawn(&pid, path.c_str(), &actions, &attributes, argv.data(), envp.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (code == 0) handle = Descriptor(pidfd_open(pid));  // nobody else waits for it: the number is its own
}

/// The []string at `s`: an errno when they cannot be given to a process. Far less than `kMost` bytes is what systems allow.
int texts_at(const Slot* s, std::vector<std::string>& out) {
    constexpr std::size_t kMost = std::size_t{64} << 20;
    const runtime::Slice texts = slice_at(s);
    std::size_t size = 0;
    for (std::uint32_t i = 0; i < texts.size; ++i) {
        Slot text[2];
        runtime::load_pair(text, static_cast<const Slot*>(texts.data) + std::size_t{2} * i);
        const std::string_view view = text_at(text);
        if (view.find('\0') != std::string_view::npos) return EINVAL;
        size += view.size() + sizeof(std::string);
        if (size > kMost) return E2BIG;
        out.emplace_back(view);
    }
    return 0;
}

/// A descriptor of the same file, not below `above`. One that does not wait is opened again, as programs do not expect that: the
/// mode belongs to what has been opened, and this program's own has to keep it.
Descriptor for_child(int fd, int above) {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0) return Descriptor();
    if ((flags & O_NONBLOCK) == 0) return Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, above));
    const std::string name = "/proc/self/fd/" + std::to_string(fd);
    const Descriptor again(::open(name.c_str(), (flags & (O_ACCMODE | O_APPEND)) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    const int from = again.get() >= 0 ? again.get() : fd;  // sockets cannot be opened
    ::fcntl(from, F_SETFL, flags & ~O_NONBLOCK);
    return Descriptor(::fcntl(from, F_DUPFD_CLOEXEC, above));
}

/// Duplicates of what the process is to have, above the numbers that it knows them by: making one of these cannot close
/// another one then. Files are an id of the netpoll or, where that is 0, a number; a negative one is a file that it has not.
int take_files(Call& call, const runtime::Slice& ids, const runtime::Slice& numbers, std::vector<Descriptor>& out) {
    const std::uint32_t count = std::min(ids.size, numbers.size);
    constexpr std::uint32_t kMostFiles = 1 << 20;
    if (count > kMostFiles) return EMFILE;
    const int above = static_cast<int>(count) + 3;
    for (std::uint32_t i = 0; i < count; ++i) {
        const Slot id = static_cast<const Slot*>(ids.data)[i];
        const auto number = static_cast<int>(static_cast<const Slot*>(numbers.data)[i]);
        const Netpoll::Use use = id == 0 ? Netpoll::Use() : netpoll(call).use(id);
        const int fd = use ? use.fd() : id == 0 ? number : -1;
        if (fd >= 0) {
            out.push_back(for_child(fd, above));
            if (out.back().get() < 0) return errno;
        } else {
            out.emplace_back();
        }
    }
    return 0;
}

/// func spawn(name string, argv, env []string, dir string, ids []uint64, fds []int, session, group bool, pgid int)
///     (pid int, handle uint64, code int)
Status start_process(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Exec)) return refuse(call, 2);
    Slot* s = call.slots();
    s[0] = s[1] = 0;
    const auto start = std::make_shared<Start>();
    const Path path(text_at(s + 3)), directory(text_at(s + 9));
    if (!path.valid() || !directory.valid()) return answer(call, 2, errno);
    if (const int code = texts_at(s + 5, start->arguments); code != 0) return answer(call, 2, code);
    if (const int code = texts_at(s + 7, start->environment); code != 0) return answer(call, 2, code);
    start->path = path.text();
    start->directory = directory.text();
    if (const int code = take_files(call, slice_at(s + 11), slice_at(s + 13), start->files); code != 0) return answer(call, 2, code);
    if (s[15] != 0) start->flags |= POSIX_SPAWN_SETSID;
    if (s[16] != 0) start->flags |= POSIX_SPAWN_SETPGROUP;
    start->group = static_cast<pid_t>(s[17]);
    if (const Status done = beside(call, [start] { start->run(); }); done != Status::Ok) return done;
    s = call.slots();
    if (start->code != 0) return answer(call, 2, start->code);
    s[0] = static_cast<Slot>(static_cast<std::int64_t>(start->pid));
    int code = 0;
    if (start->handle.get() >= 0) s[1] = netpoll(call).add(start->handle.release(), code);
    return answer(call, 2, 0);
}

/// func openProcess(pid int) (handle uint64, code int)
Status open_process(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Exec)) return refuse(call, 1);
    Slot* s = call.slots();
    const auto pid = static_cast<std::int64_t>(s[2]);
    s[0] = 0;
    if (static_cast<pid_t>(pid) != pid) return answer(call, 1, ESRCH);
    const int fd = pidfd_open(static_cast<pid_t>(pid));
    if (fd < 0) return answer(call, 1, errno);
    int code = 0;
    s[0] = netpoll(call).add(fd, code);
    return answer(call, 1, code);
}

/// Whom waitid is about: a descriptor, or a number.
struct Whom {
    idtype_t type;
    id_t id;
};
Whom whom(const Netpoll::Use& handle, Slot pid) {
    if (handle) return {P_PIDFD, static_cast<id_t>(handle.fd())};
    return {P_PID, static_cast<id_t>(pid)};
}

/// func awaitEnd(pid int, handle uint64) (code int): EAGAIN: the handle is to be waited for.
Status await_end(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Exec)) return refuse(call, 0);
    const Slot* s = call.slots();
    siginfo_t info{};
    if (s[2] != 0) {
        const Netpoll::Use use = netpoll(call).use(s[2]);
        if (!use) return answer(call, 0, ECHILD);
        const Whom child = whom(use, 0);
        if (uninterrupted([&] { return ::waitid(child.type, child.id, &info, WEXITED | WNOHANG | WNOWAIT); }) < 0)
            return answer(call, 0, errno);
        return answer(call, 0, info.si_pid == 0 ? EAGAIN : 0);
    }
    const Whom child = whom({}, s[1]);
    const auto code = std::make_shared<int>(0);
    if (const Status done = beside(call, [child, code] {
            siginfo_t ended{};
            *code = uninterrupted([&] { return ::waitid(child.type, child.id, &ended, WEXITED | WNOWAIT); }) < 0 ? errno : 0;
        }); done != Status::Ok) return done;
    return answer(call, 0, *code);
}

/// How a process ended, as wait() tells it.
std::uint32_t status_of(const siginfo_t& info) {
    const auto value = static_cast<std::uint32_t>(info.si_status);
    switch (info.si_code) {
        case CLD_EXITED: return (value & 0xFF) << 8;
        case CLD_DUMPED: return (value & 0x7F) | 0x80;
        default: return value & 0x7F;
    }
}

/// func reap(pid int, handle uint64, usage *syscall.Rusage) (status uint32, code int)
Status reap(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Exec)) return refuse(call, 1);
    Slot* s = call.slots();
    const Netpoll::Use use = netpoll(call).use(s[3]);
    if (s[3] != 0 && !use) return answer(call, 1, ECHILD);
    const Whom child = whom(use, s[2]);
    siginfo_t info{};
    rusage usage{};
    s[0] = 0;
    if (uninterrupted([&] { return ::syscall(SYS_waitid, child.type, child.id, &info, WEXITED | WNOHANG, &usage); }) < 0)
        return answer(call, 1, errno);
    if (info.si_pid == 0) return answer(call, 1, ECHILD);
    std::memcpy(reinterpret_cast<void*>(s[4]), &usage, sizeof usage);
    s[0] = status_of(info);
    return answer(call, 1, 0);
}

/// func signalProcess(pid int, handle uint64, signal int) (code int)
Status signal_process(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Exec)) return refuse(call, 0);
    const Slot* s = call.slots();
    const auto pid = static_cast<std::int64_t>(s[1]), number = static_cast<std::int64_t>(s[3]);
    if (static_cast<int>(number) != number) return answer(call, 0, EINVAL);
    if (s[2] != 0) {
        const Netpoll::Use use = netpoll(call).use(s[2]);
        if (!use) return answer(call, 0, ESRCH);
        return answer(call, 0, ::syscall(SYS_pidfd_send_signal, use.fd(), number, nullptr, 0) < 0 ? errno : 0);
    }
    if (static_cast<pid_t>(pid) != pid) return answer(call, 0, ESRCH);
    return answer(call, 0, ::kill(static_cast<pid_t>(pid), static_cast<int>(number)) < 0 ? errno : 0);
}

/// func closeHandle(handle uint64)
Status close_handle(Call& call, const NativeEntry&) {
    netpoll(call).close(goroutine(call), call.slots()[0]);
    return Status::Ok;
}

/// func handleNumber(handle uint64) int
Status handle_number(Call& call, const NativeEntry&) {
    const Netpoll::Use use = netpoll(call).use(call.slots()[1]);
    return answer(call, 0, use ? use.fd() : -1);
}

}  // namespace

void add_processes(Package& package) {
    package.raw("spawn", start_process)
        .raw("openProcess", open_process)
        .raw("awaitEnd", await_end)
        .raw("reap", reap)
        .raw("signalProcess", signal_process)
        .raw("closeHandle", close_handle)
        .raw("handleNumber", handle_number);
}

}  // namespace csp::stdlib::os
