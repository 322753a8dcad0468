// Files below a directory (os.Root). The kernel itself resolves each path beneath the directory (openat2), so no symbolic
// link nor ".." leads out of it, whoever renames what meanwhile.

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>

#include "stdlib/os/files.h"

namespace csp::stdlib::os {

namespace {

using runtime::Netpoll;

constexpr int kEscapes = -2;  ///< In place of an errno; root.csp knows it, too.

/// Opens a path beneath a directory. What is answered on failure is an errno, negative, or kEscapes.
int open_beneath(int directory, const char* path, int flags, mode_t mode, int& code) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(static_cast<unsigned>(flags | O_CLOEXEC));
    how.mode = (flags & O_CREAT) != 0 ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    // While others rename directories, the kernel may not be sure of a "..".
    constexpr int kMostTries = 256;
    long fd = -1;
    for (int tries = 0; tries < kMostTries; ++tries) {
        fd = ::syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
    }
    code = fd >= 0 ? 0 : errno == EXDEV ? kEscapes : errno;
    return static_cast<int>(fd);
}

/// What is open until the end, or why it is not.
class Opened {
  public:
    Opened(int directory, const char* path, int flags) : fd_(open_beneath(directory, path, flags, 0, code_)) {}
    int fd() const { return fd_.get(); }
    int code() const { return code_; }

  private:
    int code_ = 0;
    Descriptor fd_;
};

int result_of(int result) { return result < 0 ? errno : 0; }

/// Calls `operation` with the root's descriptor and the path that begins at `path`; answers what that returns, in slot 0.
template <class Operation>
Status below(Call& call, Operation operation) {
    const Slot* s = call.slots();
    const Netpoll::Use root = netpoll(call).use(s[1]);
    const Path path(text_at(s + 2));
    if (!root) return answer(call, 0, kClosed);
    if (!path.valid()) return answer(call, 0, errno);
    return answer(call, 0, operation(root.fd(), path, s + 4));
}

/// The same on what the path leads to, which is opened for no more than that.
template <class Operation>
Status on_target(Call& call, int flags, Operation operation) {
    return below(call, [&](int root, const Path& path, const Slot* s) {
        const Opened target(root, path.get(), O_PATH | flags);
        return target.code() != 0 ? target.code() : result_of(operation(target.fd(), s));
    });
}

/// Calls `operation` with a directory and a name in it. A path that ends in "." or ".." has no such name: once it is known to
/// be beneath the root, `special` is the answer.
template <class Operation>
int on_entry(int root, const Path& path, int special, Operation operation) {
    std::string directory = path.text();
    std::string trailing;
    while (directory.size() > 1 && directory.back() == '/') {
        directory.pop_back();
        trailing = "/";
    }
    const std::size_t slash = directory.rfind('/');
    const std::string name = directory.substr(slash == std::string::npos ? 0 : slash + 1);
    directory.resize(slash == std::string::npos ? 0 : slash + 1);
    if (name.empty() || name == "." || name == "..") {
        const Opened target(root, path.get(), O_PATH);
        return target.code() != 0 ? target.code() : special;
    }
    const Opened parent(root, directory.empty() ? "." : directory.c_str(), O_PATH | O_DIRECTORY);
    return parent.code() != 0 ? parent.code() : result_of(operation(parent.fd(), (name + trailing).c_str()));
}

/// func openRoot(name string) (id uint64, code int)
Status open_root(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Path path(text_at(s + 2));
    s[0] = 0;
    const int fd = path.valid() ? ::open(path.get(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0) return answer(call, 1, errno);
    int code = 0;
    s[0] = netpoll(call).add(fd, code);
    return answer(call, 1, code);
}

/// func rootOpen(root uint64, name string, flag int, perm uint32) (id uint64, pollable bool, code int)
Status root_open(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Path path(text_at(s + 4));
    const auto flags = static_cast<int>(s[6]);
    const auto mode = static_cast<mode_t>(s[7]);
    int fd = -1, code = 0, own = -1;
    s[0] = s[1] = 0;
    {
        const Netpoll::Use root = netpoll(call).use(s[3]);
        if (!root) return answer(call, 2, kClosed);
        if (!path.valid()) return answer(call, 2, errno);
        const Opened target(root.fd(), path.get(), O_PATH);
        struct stat info {};
        if (target.fd() >= 0 && ::fstat(target.fd(), &info) == 0 && S_ISFIFO(info.st_mode) && (flags & O_NONBLOCK) == 0)
            own = ::fcntl(root.fd(), F_DUPFD_CLOEXEC, 3);
        else
            fd = open_beneath(root.fd(), path.get(), flags, mode, code);
    }
    if (own >= 0) {  // the pipe's other end may not have been opened yet
        struct Opening {
            int fd = -1, code = 0;
        };
        const auto opening = std::make_shared<Opening>();
        if (const Status done = beside(call, [opening, own, path, flags, mode] {
                opening->fd = open_beneath(own, path.get(), flags, mode, opening->code);
                ::close(own);
            }); done != Status::Ok) return done;
        fd = opening->fd;
        code = opening->code;
    }
    return fd < 0 ? answer(call, 2, code) : take_file(call, 0, fd);
}

/// func rootOpenDirectory(root uint64, name string) (id uint64, code int)
Status root_open_directory(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Netpoll::Use root = netpoll(call).use(s[2]);
    const Path path(text_at(s + 3));
    s[0] = 0;
    if (!root) return answer(call, 1, kClosed);
    if (!path.valid()) return answer(call, 1, errno);
    int code = 0;
    const int fd = open_beneath(root.fd(), path.get(), O_RDONLY | O_DIRECTORY, 0, code);
    if (fd >= 0) s[0] = netpoll(call).add(fd, code);
    return answer(call, 1, code);
}

/// func rootStat(root uint64, name string, follow bool, to *syscall.Stat_t) (code int)
Status root_stat(Call& call, const NativeEntry&) {
    return on_target(call, call.slots()[4] != 0 ? 0 : O_NOFOLLOW, [](int fd, const Slot* s) {
        struct stat info {};
        const int result = ::fstat(fd, &info);
        if (result == 0) std::memcpy(reinterpret_cast<void*>(s[1]), &info, sizeof info);
        return result;
    });
}

/// func statEntry(directory uint64, name string, to *syscall.Stat_t) (code int): of an entry, not of what a link leads to.
Status stat_entry(Call& call, const NativeEntry&) {
    return below(call, [](int directory, const Path& name, const Slot* s) {
        struct stat info {};
        const int code = result_of(::fstatat(directory, name.get(), &info, AT_SYMLINK_NOFOLLOW));
        if (code == 0) std::memcpy(reinterpret_cast<void*>(s[0]), &info, sizeof info);
        return code;
    });
}

/// func rootReadlink(root uint64, name string) (target string, code int)
Status root_readlink(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Netpoll::Use root = netpoll(call).use(s[3]);
    const Path path(text_at(s + 4));
    s[0] = s[1] = 0;
    if (!root) return answer(call, 2, kClosed);
    if (!path.valid()) return answer(call, 2, errno);
    const Opened link(root.fd(), path.get(), O_PATH | O_NOFOLLOW);
    if (link.code() != 0) return answer(call, 2, link.code());
    return put_link(call, [&](char* to, std::size_t size) {
        const ssize_t n = ::readlinkat(link.fd(), "", to, size);
        if (n < 0 && errno == ENOENT) errno = EINVAL;  // it is no link
        return n;
    });
}

/// func rootChmod(root uint64, name string, mode uint32) (code int)
Status root_chmod(Call& call, const NativeEntry&) {
    return on_target(call, 0, [](int fd, const Slot* s) {
        const std::string name = "/proc/self/fd/" + std::to_string(fd);
        return ::chmod(name.c_str(), static_cast<mode_t>(s[0]));
    });
}

/// func rootChown(root uint64, name string, follow bool, uid, gid int) (code int)
Status root_chown(Call& call, const NativeEntry&) {
    return on_target(call, call.slots()[4] != 0 ? 0 : O_NOFOLLOW, [](int fd, const Slot* s) {
        return ::fchownat(fd, "", static_cast<uid_t>(s[1]), static_cast<gid_t>(s[2]), AT_EMPTY_PATH);
    });
}

/// func rootChtimes(root uint64, name string, atime, mtime int64, keepA, keepM bool) (code int)
Status root_chtimes(Call& call, const NativeEntry&) {
    return on_target(call, 0, [](int fd, const Slot* s) {
        const timespec times[] = {file_time(s[0], s[2] != 0), file_time(s[1], s[3] != 0)};
        return ::utimensat(fd, "", times, AT_EMPTY_PATH);
    });
}

/// func rootMkdir(root uint64, name string, perm uint32) (code int)
Status root_mkdir(Call& call, const NativeEntry&) {
    return below(call, [](int root, const Path& path, const Slot* s) {
        return on_entry(root, path, EEXIST,
                        [&](int parent, const char* name) { return ::mkdirat(parent, name, static_cast<mode_t>(s[0])); });
    });
}

/// func rootUnlink(root uint64, name string, directory bool) (code int)
Status root_unlink(Call& call, const NativeEntry&) {
    return below(call, [](int root, const Path& path, const Slot* s) {
        return on_entry(root, path, EINVAL,
                        [&](int parent, const char* name) { return ::unlinkat(parent, name, s[0] != 0 ? AT_REMOVEDIR : 0); });
    });
}

/// func rootSymlink(root uint64, name, target string) (code int)
Status root_symlink(Call& call, const NativeEntry&) {
    return below(call, [](int root, const Path& path, const Slot* s) {
        const Path target(text_at(s));
        if (!target.valid()) return errno;
        return on_entry(root, path, EEXIST, [&](int parent, const char* name) { return ::symlinkat(target.get(), parent, name); });
    });
}

/// func rootRename(root uint64, from, to string, link bool) (code int): or makes another name for the same file.
Status root_rename(Call& call, const NativeEntry&) {
    return below(call, [](int root, const Path& from, const Slot* s) {
        const Path to(text_at(s));
        if (!to.valid()) return errno;
        int code = 0;  // of the second path
        const int first = on_entry(root, from, EBUSY, [&](int old_parent, const char* old_name) {
            code = on_entry(root, to, EBUSY, [&](int new_parent, const char* new_name) {
                return s[2] != 0 ? ::linkat(old_parent, old_name, new_parent, new_name, 0)
                                 : ::renameat(old_parent, old_name, new_parent, new_name);
            });
            return 0;
        });
        return first != 0 ? first : code;
    });
}

}  // namespace

void add_roots(Package& package) {
    package.raw("openRoot", open_root)
        .raw("rootOpen", root_open)
        .raw("rootOpenDirectory", root_open_directory)
        .raw("rootStat", root_stat)
        .raw("statEntry", stat_entry)
        .raw("rootReadlink", root_readlink)
        .raw("rootChmod", root_chmod)
        .raw("rootChown", root_chown)
        .raw("rootChtimes", root_chtimes)
        .raw("rootMkdir", root_mkdir)
        .raw("rootUnlink", root_unlink)
        .raw("rootSymlink", root_symlink)
        .raw("rootRename", root_rename);
}

}  // namespace csp::stdlib::os
