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

#include "csp/package.hpp"
#include "runtime/access/descriptor.h"
#include "stdlib/support/polling.h"
#include "stdlib/support/system_calls.h"
#include "stdlib/support/value.h"

namespace csp::stdlib::os {

using runtime::Descriptor;

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

/// Whether waiting for a file of this mode makes sense: a pipe, a terminal, a socket.
inline bool is_pollable(mode_t mode) { return S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode); }

void add_files(Package& package);
void add_paths(Package& package);
void add_directories(Package& package);
void add_processes(Package& package);
void add_roots(Package& package);

}  // namespace csp::stdlib::os
