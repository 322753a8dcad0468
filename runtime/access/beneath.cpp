#include "runtime/access/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/access/descriptor.h"

namespace csp::runtime {

namespace {

/// A way from a directory, with what is left of it.
class Way {
  public:
    Way(int directory, std::string_view path, int flags, mode_t mode) : start_(directory), rest_(path), flags_(flags), mode_(mode) {}

    int walk(int& code) {
        if (rest_.empty()) return failed(code, ENOENT);
        for (;;) {
            if (rest_.starts_with('/')) return failed(code, kEscapes);
            const std::size_t end = std::min(rest_.find('/'), rest_.size());
            const std::string name = rest_.substr(0, end);
            const std::size_t next = std::min(rest_.find_first_not_of('/', end), rest_.size());
            must_be_directory_ = end < rest_.size();
            rest_.erase(0, next);
            if (name == "..") {
                if (held_.empty()) return failed(code, kEscapes);
                held_.pop_back();
            }
            if (name == "." || name == "..") {
                if (rest_.empty()) return last(".", code);
                continue;
            }
            if (rest_.empty()) {
                const int fd = last(name, code);
                if (fd >= 0 || code != ELOOP || !follows()) return fd;
                if (!enter_link(name, code)) return -1;
                continue;
            }
            Descriptor entry(::openat(here(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
            if (entry.get() < 0) return failed(code, errno);
            struct stat info {};
            if (::fstat(entry.get(), &info) < 0) return failed(code, errno);
            if (S_ISLNK(info.st_mode)) {
                if (!enter_link(name, code)) return -1;
            } else if (!S_ISDIR(info.st_mode)) {
                return failed(code, ENOTDIR);
            } else {
                held_.push_back(std::move(entry));
            }
        }
    }

  private:
    int here() const { return held_.empty() ? start_ : held_.back().get(); }
    bool follows() const { return must_be_directory_ || (flags_ & O_NOFOLLOW) == 0; }
    static int failed(int& code, int why) {
        code = why;
        return -1;
    }

    /// Opens a name that is no link; ELOOP: it is one.
    int last(const std::string& name, int& code) {
        int flags = flags_ | O_NOFOLLOW | O_CLOEXEC;
        if (must_be_directory_ && (flags & O_CREAT) == 0) flags |= O_DIRECTORY;
        if (must_be_directory_ && (flags & O_CREAT) != 0) return failed(code, EISDIR);
        Descriptor fd(::openat(here(), name.c_str(), flags, mode_));
        if (fd.get() < 0) {
            // What is no directory may be a link to one.
            const bool link = errno == ENOTDIR && is_link(name);
            return failed(code, link ? ELOOP : errno);
        }
        struct stat info {};
        if ((flags & O_PATH) != 0 && follows() && ::fstat(fd.get(), &info) == 0 && S_ISLNK(info.st_mode)) return failed(code, ELOOP);
        code = 0;
        return fd.release();
    }

    bool is_link(const std::string& name) const {
        const int before = errno;
        struct stat info {};
        const bool link = ::fstatat(here(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
        errno = before;
        return link;
    }

    /// Puts where the link leads before what is left.
    bool enter_link(const std::string& name, int& code) {
        constexpr int kMostLinks = 40;
        char target[PATH_MAX];
        const ssize_t size = ++links_ > kMostLinks ? -1 : ::readlinkat(here(), name.c_str(), target, sizeof target);
        if (size <= 0 || size == sizeof target) {
            code = links_ > kMostLinks ? ELOOP : size < 0 ? errno : ENAMETOOLONG;
            return false;
        }
        std::string way(target, static_cast<std::size_t>(size));
        if (!rest_.empty() || must_be_directory_) way += "/" + rest_;
        rest_ = std::move(way);
        return true;
    }

    int start_;
    std::string rest_;
    int flags_;
    mode_t mode_;
    int links_ = 0;
    bool must_be_directory_ = false;
    std::vector<Descriptor> held_;
};

}  // namespace

int open_beneath_by_hand(int directory, const char* path, int flags, mode_t mode, int& code) {
    return Way(directory, path, flags, mode).walk(code);
}

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
    // Filters of system calls answer EPERM for those that they do not know; what is not permitted is not by hand either.
    if (fd < 0 && (errno == ENOSYS || errno == EPERM)) return open_beneath_by_hand(directory, path, flags, mode, code);
    code = fd >= 0 ? 0 : errno == EXDEV ? kEscapes : errno;
    return static_cast<int>(fd);
}

}  // namespace csp::runtime
