#include "stdlib/os/places.h"

#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "runtime/access/beneath.h"

namespace csp::stdlib::os {

namespace {

int result_of(int result) { return result < 0 ? errno : 0; }

/// What is open until the end, or why it is not.
class Opened {
  public:
    Opened(int directory, const char* path, int flags) : fd_(runtime::open_beneath(directory, path, flags, 0, code_)) {}
    int fd() const { return fd_.get(); }
    int code() const { return code_; }

  private:
    int code_ = 0;
    Descriptor fd_;
};

int open_now(const Place& place, int flags, mode_t mode, Descriptor& file) {
    int code = 0;
    if (place.beneath) {
        file = Descriptor(runtime::open_beneath(place.directory, place.path, flags, mode, code));
    } else {
        file = Descriptor(uninterrupted([&] { return ::openat(place.directory, place.path, flags | O_CLOEXEC, mode); }));
        code = result_of(file.get());
    }
    return code;
}

/// Calls `operation` as the system's calls with flags want it: with a directory, a path, and flags. Below a directory, what the
/// path leads to is opened first, for no more than that.
template <class Operation>
int on_target(const Place& place, bool follow, Operation operation) {
    if (!place.beneath)
        return result_of(uninterrupted([&] { return operation(place.directory, place.path, follow ? 0 : AT_SYMLINK_NOFOLLOW); }));
    const Opened target(place.directory, place.path, O_PATH | (follow ? 0 : O_NOFOLLOW));
    return target.code() != 0 ? target.code() : result_of(operation(target.fd(), "", AT_EMPTY_PATH));
}

/// Calls `operation` with a directory and a name in it. A path that ends in "." or ".." has no such name: once it is known to
/// be beneath the directory, `special` is the answer.
template <class Operation>
int on_entry(const Place& place, int special, Operation operation) {
    if (!place.beneath) return result_of(uninterrupted([&] { return operation(place.directory, place.path); }));
    std::string directory = place.path;
    std::string trailing;
    while (directory.size() > 1 && directory.back() == '/') {
        directory.pop_back();
        trailing = "/";
    }
    const std::size_t slash = directory.rfind('/');
    const std::string name = directory.substr(slash == std::string::npos ? 0 : slash + 1);
    directory.resize(slash == std::string::npos ? 0 : slash + 1);
    if (name.empty() || name == "." || name == "..") {
        const Opened target(place.directory, place.path, O_PATH);
        return target.code() != 0 ? target.code() : special;
    }
    const Opened parent(place.directory, directory.empty() ? "." : directory.c_str(), O_PATH | O_DIRECTORY);
    return parent.code() != 0 ? parent.code() : result_of(operation(parent.fd(), (name + trailing).c_str()));
}

}  // namespace

Reach Opening::reach() const {
    constexpr int kChanges = O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
    return (flags_ & O_ACCMODE) == O_RDONLY && (flags_ & kChanges) == 0 ? Reach::Read : Reach::Write;
}

int Opening::open(const Place& place) {
    read_only_ = !place.writable;
    struct stat info {};
    if ((flags_ & O_NONBLOCK) == 0 && stat_place(place, true, info) == 0 && S_ISFIFO(info.st_mode)) {
        pipe_ = place.path;
        beneath_ = place.beneath;
        if (beneath_) directory_ = Descriptor(::fcntl(place.directory, F_DUPFD_CLOEXEC, 3));
        return beneath_ && directory_.get() < 0 ? errno : 0;
    }
    return open_now(place, flags_, mode_, file_);
}

Status Opening::finish(Call& call, int code, int escapes) {
    if (code == 0 && !pipe_.empty()) {
        struct Later {
            Opening opening;
            int code = 0;
        };
        const auto later = std::make_shared<Later>(Later{std::move(*this)});
        if (const Status done = beside(call, [later] {
                Opening& o = later->opening;
                const Place place{o.beneath_ ? o.directory_.get() : AT_FDCWD, o.pipe_.c_str(), o.beneath_, !o.read_only_};
                later->code = open_now(place, o.flags_, o.mode_, o.file_);
            }); done != Status::Ok) return done;
        code = later->code;
        *this = std::move(later->opening);
    }
    Slot* s = call.slots();
    s[0] = s[1] = 0;
    if (code != 0) return answer(call, 2, code == runtime::kEscapes ? escapes : code);
    struct stat info {};
    const int fd = file_.release();
    const bool pollable = ::fstat(fd, &info) == 0 && is_pollable(info.st_mode);
    if (pollable) ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    s[0] = netpoll(call).add(fd, code, read_only_);
    s[1] = pollable;
    return answer(call, 2, code);
}

int stat_place(const Place& place, bool follow, struct stat& info) {
    return on_target(place, follow, [&](int directory, const char* path, int flags) { return ::fstatat(directory, path, &info, flags); });
}

int make_directory(const Place& place, mode_t mode) {
    return on_entry(place, EEXIST, [&](int directory, const char* name) { return ::mkdirat(directory, name, mode); });
}

int remove_entry(const Place& place, bool directory) {
    return on_entry(place, EINVAL, [&](int parent, const char* name) { return ::unlinkat(parent, name, directory ? AT_REMOVEDIR : 0); });
}

int change_mode(const Place& place, mode_t mode) {
    return on_target(place, true, [&](int directory, const char* path, int flags) {
        if (flags == 0) return ::fchmodat(directory, path, mode, 0);
        return ::chmod(("/proc/self/fd/" + std::to_string(directory)).c_str(), mode);
    });
}

int change_owner(const Place& place, bool follow, uid_t user, gid_t group) {
    return on_target(place, follow, [&](int directory, const char* path, int flags) { return ::fchownat(directory, path, user, group, flags); });
}

int change_times(const Place& place, const timespec (&times)[2]) {
    return on_target(place, true, [&](int directory, const char* path, int flags) { return ::utimensat(directory, path, times, flags); });
}

int truncate_file(const Place& place, off_t size) {
    if (!place.beneath) return result_of(uninterrupted([&] { return ::truncate(place.path, size); }));
    const Opened file(place.directory, place.path, O_WRONLY | O_NONBLOCK);
    return file.code() != 0 ? file.code() : result_of(uninterrupted([&] { return ::ftruncate(file.fd(), size); }));
}

int make_link(Call& call, const Place& place, const Path& target) {
    const bool leads_out = target.text().starts_with('/') || ("/" + target.text() + "/").find("/../") != std::string::npos;
    if (leads_out && !call.grants().files().all(Reach::Write)) return runtime::kNotGranted;
    return on_entry(place, EEXIST, [&](int directory, const char* name) { return ::symlinkat(target.get(), directory, name); });
}

int rename_place(const Place& from, const Place& to, bool link) {
    int code = 0;  // of the second path
    const int first = on_entry(from, EBUSY, [&](int old_parent, const char* old_name) {
        code = on_entry(to, EBUSY, [&](int new_parent, const char* new_name) {
            return link ? ::linkat(old_parent, old_name, new_parent, new_name, 0) : ::renameat(old_parent, old_name, new_parent, new_name);
        });
        return 0;
    });
    return first != 0 ? first : code;
}

int read_link(const Place& place, std::string& target) {
    return on_target(place, false, [&](int directory, const char* path, int) {
        for (target.assign(128, '\0');; target.resize(target.size() * 2)) {
            const ssize_t n = ::readlinkat(directory, path, target.data(), target.size());
            if (n < 0 && errno == ENOENT && place.beneath) errno = EINVAL;  // it is there, but is no link
            if (n < 0) return -1;
            if (static_cast<std::size_t>(n) == target.size()) continue;
            target.resize(static_cast<std::size_t>(n));
            return 0;
        }
    });
}

}  // namespace csp::stdlib::os
