#pragma once

// The tables that generate.py makes of the Unicode Character Database.

#include <cstdint>
#include <span>
#include <string_view>

namespace csp::stdlib {

/// As package unicode declares Range16, Range32 and CaseRange.
struct NarrowRange {
    std::uint16_t low, high, stride;
};
struct WideRange {
    std::uint32_t low, high, stride;
};
struct CaseEntry {
    std::uint32_t low, high;
    std::int32_t delta[3];
};

/// A table: where its ranges are among those of all.
struct TableEntry {
    std::string_view kind, name;
    std::size_t narrow, narrow_count, wide, wide_count, latin;
};

std::span<const TableEntry> unicode_tables(std::string_view kind);
std::span<const NarrowRange> narrow_ranges();
std::span<const WideRange> wide_ranges();
std::span<const CaseEntry> case_ranges();

}  // namespace csp::stdlib
