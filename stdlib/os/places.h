#pragma once

// What package os does to files, wherever the way to them begins: a path of the process's, a folder that the host has granted, or
// an os.Root. Each answers an errno, 0 when all went well, or runtime::kEscapes.

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "csp/native.hpp"
#include "runtime/access/grants.h"
#include "stdlib/os/files.h"
#include "stdlib/support/granted.h"

namespace csp::stdlib::os {

using runtime::Place;
using runtime::Reach;

/// Calls `operation` with the Place of a path that a script gives. As runtime::FileGrants::at().
template <class Operation>
int at_path(Call& call, Reach reach, const Path& path, Operation operation) {
    return path.valid() ? call.grants().files().at(reach, path.get(), operation) : errno;
}

/// The opening of a file.
class Opening {
  public:
    explicit Opening(int flags, mode_t mode = 0) : flags_(flags), mode_(mode) {}

    Reach reach() const;
    /// Opens it, or notes a named pipe: its other end may not have been opened yet. An errno.
    int open(const Place& place);
    /// After open(), or another errno: gives the file to the netpoll, at once or when the pipe is open. `escapes` is what is
    /// answered for a path that leads out of the directory. Results: id uint64, pollable bool, code int.
    Status finish(Call& call, int code, int escapes);
    int release() { return file_.release(); }

  private:
    int flags_;
    mode_t mode_;
    Descriptor file_;
    bool read_only_ = false;  ///< Nothing may be changed by way of it, though the system might allow it.
    std::string pipe_;        ///< Its path, seen from the directory.
    Descriptor directory_;
    bool beneath_ = false;
};

int stat_place(const Place& place, bool follow, struct stat& info);
int make_directory(const Place& place, mode_t mode);
/// Removes a file, or an empty directory.
int remove_entry(const Place& place, bool directory);
int change_mode(const Place& place, mode_t mode);
int change_owner(const Place& place, bool follow, uid_t user, gid_t group);
int change_times(const Place& place, const timespec (&times)[2]);
int truncate_file(const Place& place, off_t size);
/// Makes a symbolic link at the place. Others may follow it: unless scripts may change everything, it must not lead out of the
/// directory that it is in.
int make_link(Call& call, const Place& place, const Path& target);
/// Renames what is at one place to the other, or makes another name for the same file.
int rename_place(const Place& from, const Place& to, bool link);
/// Where a symbolic link leads.
int read_link(const Place& place, std::string& target);

}  // namespace csp::stdlib::os
