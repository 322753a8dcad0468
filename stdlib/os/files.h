#pragma once

// What the natives of package os share.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "csp/package.hpp"
#include "stdlib/support/polling.h"
#include "stdlib/support/system_calls.h"
#include "stdlib/support/value.h"

namespace csp::stdlib::os {

/// A descriptor that is closed at the end; negative: there is none.
class Descriptor {
  public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

/// A path that a script gives, for the operating system. Every path goes through here.
class Path {
  public:
    explicit Path(std::string_view text)
        : error_(text.find('\0') != std::string_view::npos ? EINVAL : text.size() >= PATH_MAX ? ENAMETOOLONG : 0),
          text_(error_ == 0 ? text : std::string_view()) {}
    /// False: it cannot be one; errno tells why.
    bool valid() const {
        if (error_ != 0) errno = error_;
        return error_ == 0;
    }
    const char* get() const { return text_.c_str(); }
    const std::string& text() const { return text_; }

  private:
    int error_;
    std::string text_;
};

/// A time as files have it; `value` is nanoseconds since 1970.
inline timespec file_time(Slot value, bool keep) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    const auto nanoseconds = static_cast<std::int64_t>(value);
    std::int64_t seconds = nanoseconds / kSecond, rest = nanoseconds % kSecond;
    if (rest < 0) {
        rest += kSecond;
        --seconds;
    }
    return {seconds, keep ? UTIME_OMIT : rest};
}

/// Gives an open file, or -1 and errno, to the netpoll. Results from slot `at`: id uint64, pollable bool, code int.
Status take_file(Call& call, std::size_t at, int fd);

/// Puts what a symbolic link leads to, or an errno, as (string, int). `read` answers as readlink() does.
template <class Read>
Status put_link(Call& call, Read read) {
    Slot* s = call.slots();
    s[0] = s[1] = 0;
    for (std::string target(128, '\0');; target.resize(target.size() * 2)) {
        const ssize_t n = read(target.data(), target.size());
        if (n < 0) return answer(call, 2, errno);
        if (static_cast<std::size_t>(n) == target.size()) continue;
        if (!call.put_string(s, std::string_view(target).substr(0, static_cast<std::size_t>(n)))) return Status::Panic;
        return answer(call, 2, 0);
    }
}

void add_files(Package& package);
void add_paths(Package& package);
void add_directories(Package& package);
void add_processes(Package& package);
void add_roots(Package& package);

}  // namespace csp::stdlib::os
