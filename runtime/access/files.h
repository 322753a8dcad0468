#pragma once

// The folders and files that scripts may reach.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/access/beneath.h"
#include "runtime/access/descriptor.h"

namespace csp::runtime {

/// In place of an errno: the host has not granted it. The last number that Linux keeps for errors, and no call's; package syscall
/// knows it, too.
constexpr int kNotGranted = 4095;

enum class Reach : std::uint8_t { Read, Write };

/// A path seen from an open directory, beneath which it has to stay; or any path.
struct Place {
    int directory;
    const char* path;
    bool beneath;
    bool writable;
};

class FileGrants {
  public:
    /// Grants folders and files, relative ones seen from the working directory of now. What cannot be found is told in
    /// `problems`, which call the entries `kind`.
    void add(const std::vector<std::string>& entries, std::string_view kind, Reach reach, std::vector<std::string>& problems);

    bool any(Reach reach) const { return all_write_ || writable_ || (reach == Reach::Read && (all_read_ || !grants_.empty())); }
    bool all(Reach reach) const { return all_write_ || (reach == Reach::Read && all_read_); }

    /// Calls `operation` with the Place of a path in the innermost grant; if that answers kEscapes, in the next one outwards. The
    /// answer is an errno; kNotGranted: in none.
    template <class Operation>
    int at(Reach reach, const char* path, Operation operation) const {
        if (all(reach)) return operation(Place{kWorkingDirectory, path, false, all_write_});
        if (reach == Reach::Read && is_null_device(path)) return operation(Place{kWorkingDirectory, path, false, false});
        const std::string full = absolute(path);
        int code = kNotGranted;
        for (const Grant& grant : grants_) {
            const char* const rest = reach == Reach::Write && !grant.writable ? nullptr : grant.rest_of(full);
            if (rest == nullptr) continue;
            code = operation(Place{grant.directory.get(), rest, true, grant.writable});
            if (code != kEscapes) return code;
        }
        return code == kEscapes ? kNotGranted : code;
    }
    /// The same on two paths that are to be changed.
    template <class Operation>
    int at_both(const char* first, const char* second, Operation operation) const {
        return at(Reach::Write, first, [&](const Place& from) {
            return at(Reach::Write, second, [&](const Place& to) { return operation(from, to); });
        });
    }
    static bool is_null_device(std::string_view path) { return path == "/dev/null"; }

  private:
    static const int kWorkingDirectory;

    struct Grant {
        Descriptor directory;
        std::vector<std::string> names;  ///< As the host wrote it, and without symbolic links; no slash at the end.
        std::string only;                ///< The one file in the directory; empty: all below.
        bool writable = false;

        /// What is left of the path below the folder; null: it is elsewhere.
        const char* rest_of(const std::string& full) const;
    };

    /// Null, or why it cannot be granted.
    const char* add(const std::string& name, bool writable);
    static std::string absolute(std::string_view path);

    std::vector<Grant> grants_;  ///< Inner folders before those around them.
    bool all_read_ = false, all_write_ = false, writable_ = false;
};

}  // namespace csp::runtime
