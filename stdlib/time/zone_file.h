#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stdlib/time/zone_rule.h"

namespace csp::stdlib {

/// A view of the bytes of a TZif file (RFC 8536, versions 1 to 3), which are searched as they are: nothing is unpacked.
class ZoneFile {
  public:
    /// False: the file is malformed, and this view must not be used.
    [[nodiscard]] bool open(std::string_view bytes);
    /// The part of open that looks at every transition, too: once when a file has been read.
    [[nodiscard]] bool open_checked(std::string_view bytes);

    ZonePeriod at(std::int64_t unix_seconds) const;

    /// The offset of the zone of this name that was in effect at a time that is written in it, or of any of this name.
    bool offset_of(std::string_view name, std::int64_t unix_seconds, std::int64_t& offset) const;

  private:
    struct Kind {
        std::string_view name;
        std::int64_t offset;
        bool is_dst;
    };
    Kind kind(std::size_t index) const;
    std::int64_t transition(std::size_t index) const;
    std::size_t kind_at(std::size_t index) const { return static_cast<unsigned char>(kind_of_[index]); }
    std::size_t first_kind() const;

    std::string_view times_;    ///< Of transitions, `width_` bytes each.
    std::string_view kind_of_;  ///< What follows a transition, a byte each.
    std::string_view kinds_;    ///< 6 bytes each: offset, daylight saving, where the name begins.
    std::string_view names_;    ///< Each ends with a zero.
    std::string_view rule_;     ///< For the time after the last transition.
    std::size_t width_ = 4;
};

/// Reads the file of a zone from the system's database. False: `error` tells why not; empty: there is none of this name.
[[nodiscard]] bool read_zone(const std::string& name, std::string& bytes, std::string& error);

struct LocalZone {
    std::string name;
    std::string bytes;  ///< Empty: UTC.
};
/// The machine's zone: what the variable TZ or /etc/localtime says.
LocalZone read_local_zone();

}  // namespace csp::stdlib
