#pragma once

// The addresses that scripts may connect to, or listen on.

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace csp::runtime {

/// 16 bytes: an IPv4 address as IPv6 carries it.
using IpAddress = std::array<std::uint8_t, 16>;

/// Addresses that granted names had when they were looked up: each with its name, in lower case.
using KnownNames = std::set<std::pair<IpAddress, std::string>>;

class AddressGrants {
  public:
    /// `kind` is what `problems` call it: "dial" or "listen".
    AddressGrants(const std::vector<std::string>& entries, std::string_view kind, std::vector<std::string>& problems);

    bool any() const { return !rules_.empty() || !paths_.empty(); }
    bool all() const { return all_; }
    /// Whether a port of an address is granted, or of a name that had it.
    bool allows(const IpAddress& address, std::uint16_t port, const KnownNames& known) const;
    /// Whether a name is granted by itself, or may turn out to have an address that is.
    bool names(std::string_view name) const;
    bool may_look_up(std::string_view name) const;
    /// Paths of Unix sockets, and folders with such.
    const std::vector<std::string>& paths() const { return paths_; }

    static std::string canonical(std::string_view name);

  private:
    struct Rule {
        std::string name;  ///< Empty: an address.
        IpAddress address{};
        unsigned bits = 0;  ///< How many of the address count.
        std::uint16_t first = 0, last = 0;
    };
    [[nodiscard]] bool parse(std::string_view entry, Rule& rule);

    std::vector<Rule> rules_;
    std::vector<std::string> paths_;
    bool all_ = false;
};

/// The address in 4 or 16 bytes.
IpAddress ip_address(std::string_view bytes);
/// The address that a text stands for; false: it is none.
[[nodiscard]] bool parse_ip(std::string_view text, IpAddress& out);

}  // namespace csp::runtime
