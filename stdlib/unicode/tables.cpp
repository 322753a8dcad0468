#include "stdlib/unicode/tables.h"

#include <algorithm>

#include "stdlib/support/unicode.h"

namespace csp::stdlib {

namespace {

struct FoldEntry {
    std::int32_t from, to;
};

#include "unicode_tables.inc"

}  // namespace

std::span<const TableEntry> unicode_tables(std::string_view kind) {
    const auto [first, last] = std::equal_range(std::begin(kTables), std::end(kTables), TableEntry{kind, {}, 0, 0, 0, 0, 0},
                                                [](const TableEntry& a, const TableEntry& b) { return a.kind < b.kind; });
    return {first, last};
}
std::span<const NarrowRange> narrow_ranges() { return kNarrow; }
std::span<const WideRange> wide_ranges() { return kWide; }
std::span<const CaseEntry> case_ranges() { return kCases; }

std::int32_t simple_fold(std::int32_t r) {
    const auto* at = std::lower_bound(std::begin(kFolds), std::end(kFolds), r, [](const FoldEntry& fold, std::int32_t rune) { return fold.from < rune; });
    return at != std::end(kFolds) && at->from == r ? at->to : r;
}

}  // namespace csp::stdlib
