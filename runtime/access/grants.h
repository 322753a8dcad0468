#pragma once

// What a host grants the scripts of an engine (csp::Access), in the form in which natives ask. Immutable; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "csp/access.hpp"
#include "runtime/access/addresses.h"
#include "runtime/access/files.h"

namespace csp::runtime {

/// What a declaration of the library may need: the words behind //csp:needs.
enum class Need : std::uint8_t { Nothing, Read, Write, Dial, Listen, Environment, Input, Exec, Process, System };

/// None: there is no such word.
std::optional<Need> need_named(std::string_view word);

class Grants {
  public:
    explicit Grants(const Access& access);

    /// Whether it is granted at all, if only in part.
    bool has(Need need) const;
    bool has_all() const { return has_all_; }
    /// Why a name that needs it does not exist: "the host gives scripts no folders to read".
    static std::string_view why_not(Need need);
    /// Whether programs may import a package.
    bool imports(std::string_view path) const;
    bool variable(std::string_view name) const;

    const FileGrants& files() const { return files_; }
    const AddressGrants& dial() const { return dial_; }
    const AddressGrants& listen() const { return listen_; }
    /// Of Unix sockets: what may be written to.
    const FileGrants& dial_paths() const { return dial_paths_; }
    const FileGrants& listen_paths() const { return listen_paths_; }

    /// What is wrong with the entries.
    const std::vector<std::string>& problems() const { return problems_; }

  private:
    Access access_;
    bool has_all_ = false;
    std::vector<std::string> problems_;
    FileGrants files_, dial_paths_, listen_paths_;
    AddressGrants dial_, listen_;
};

}  // namespace csp::runtime
