#include <algorithm>
#include <cstring>
#include <span>
#include <tuple>

#include "csp/package.hpp"
#include "stdlib/support/unicode.h"
#include "stdlib/support/value.h"
#include "stdlib/unicode/tables.h"

namespace csp::stdlib {

namespace {

/// Copies what fits.
template <class T>
void copy_out(const runtime::Slice& to, std::size_t at, std::span<const T> from) {
    const std::size_t room = to.size > at ? to.size - at : 0;
    const std::size_t count = std::min(room, from.size());
    if (count > 0) std::memcpy(static_cast<T*>(to.data) + at, from.data(), count * sizeof(T));
}

/// func names(kind string) (all []string, narrow, wide int)
Status names(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto tables = unicode_tables(text_at(s + 4));
    std::size_t narrow = 0, wide = 0;
    for (const TableEntry& table : tables) {
        narrow += table.narrow_count;
        wide += table.wide_count;
    }
    Slot* const all = call.allocate_strings(tables.size());
    if (all == nullptr) return Status::Panic;
    s = call.slots();
    s[0] = reinterpret_cast<Slot>(all);
    s[1] = tables.size() | static_cast<Slot>(tables.size()) << 32;
    s[2] = narrow;
    s[3] = wide;
    for (std::size_t i = 0; i < tables.size(); ++i)
        if (!call.put_string(all + i * 2, tables[i].name)) return Status::Panic;
    return Status::Ok;
}

/// func fill(kind string, narrow []Range16, wide []Range32)
Status fill(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const runtime::Slice narrow = slice_at(s + 2), wide = slice_at(s + 4);
    std::size_t n = 0, w = 0;
    for (const TableEntry& table : unicode_tables(text_at(s))) {
        copy_out(narrow, n, narrow_ranges().subspan(table.narrow, table.narrow_count));
        copy_out(wide, w, wide_ranges().subspan(table.wide, table.wide_count));
        n += table.narrow_count;
        w += table.wide_count;
    }
    return Status::Ok;
}

/// func size(kind string, index int) (narrow, wide, latin int)
std::tuple<std::int64_t, std::int64_t, std::int64_t> size(std::string_view kind, std::int64_t index) {
    const auto tables = unicode_tables(kind);
    if (index < 0 || static_cast<std::size_t>(index) >= tables.size()) return {0, 0, 0};
    const TableEntry& table = tables[static_cast<std::size_t>(index)];
    return {static_cast<std::int64_t>(table.narrow_count), static_cast<std::int64_t>(table.wide_count),
            static_cast<std::int64_t>(table.latin)};
}

/// func fillCases(ranges []CaseRange)
Status fill_cases(Call& call, const NativeEntry&) {
    copy_out(slice_at(call.slots()), 0, case_ranges());
    return Status::Ok;
}

/// Whether r is in one of the ranges, which are in order. Others may be writing there, so each is read once.
template <class Range>
bool contains(const runtime::Slice& slice, std::uint32_t r) {
    std::uint32_t low = 0, high = slice.size;
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        Range range;
        std::memcpy(&range, static_cast<const Range*>(slice.data) + middle, sizeof range);
        if (r < range.low)
            high = middle;
        else if (r > range.high)
            low = middle + 1;
        else
            return range.stride <= 1 || (r - range.low) % range.stride == 0;
    }
    return false;
}

/// func Is(rangeTab *RangeTable, r rune) bool
Status is_in(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto* table = reinterpret_cast<const Slot*>(s[1]);
    const auto r = static_cast<std::uint32_t>(s[2]);
    if (table == nullptr) return call.runtime_error("invalid memory address or nil pointer dereference");
    Slot narrow[2], wide[2];
    runtime::copy_pair(narrow, table);
    runtime::copy_pair(wide, table + 2);
    s[0] = r <= 0xFFFF && contains<NarrowRange>(slice_at(narrow), r);
    s[0] = s[0] != 0 || contains<WideRange>(slice_at(wide), r);
    return Status::Ok;
}

}  // namespace

void bind_unicode(Package& package) {
    package.raw("names", names).raw("fill", fill).raw("fillCases", fill_cases).raw("Is", is_in);
    package.function("size", size)
        .function("caseCount", [] { return static_cast<std::int64_t>(case_ranges().size()); })
        .function("SimpleFold", simple_fold);
    package.function("IsLetter", is_letter)
        .function("IsMark", is_mark)
        .function("IsNumber", is_number)
        .function("IsPunct", is_punct)
        .function("IsSymbol", is_symbol)
        .function("IsDigit", is_digit)
        .function("IsUpper", is_upper)
        .function("IsLower", is_lower)
        .function("IsTitle", is_title)
        .function("IsControl", is_control)
        .function("IsSpace", is_space)
        .function("IsGraphic", is_graphic)
        .function("IsPrint", is_print)
        .function("ToUpper", to_upper)
        .function("ToLower", to_lower)
        .function("ToTitle", to_title);
}

}  // namespace csp::stdlib
