#pragma once

// Opening what is below a directory: whatever symbolic links and ".." there are, and whoever renames what meanwhile, nothing
// outside of it is reached.

#include <sys/types.h>

namespace csp::runtime {

constexpr int kEscapes = -2;  ///< In place of an errno: the path leads out of the directory. Package os knows it, too.

/// Opens `path`, seen from `directory`, with flags of open(). -1, and in `code` an errno or kEscapes, if that fails. The kernel
/// does it in one step where it can (openat2), else it is done by hand.
int open_beneath(int directory, const char* path, int flags, mode_t mode, int& code);

/// The same, name by name: each directory on the way is held, links are read and not followed. For kernels before 5.6, and for
/// hosts that forbid themselves the newer call.
int open_beneath_by_hand(int directory, const char* path, int flags, mode_t mode, int& code);

}  // namespace csp::runtime
