#include <algorithm>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

Status length(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Value v = dynamic(s + 1);
    const bool is_slice = v.type != nullptr && v.type->kind == runtime::Kind::Slice;
    s[0] = is_slice ? v.as<runtime::Slice>().size : static_cast<Slot>(-1);
    return Status::Ok;
}

Status swap_elements(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Value v = dynamic(s);
    const auto slice = v.as<runtime::Slice>();
    const runtime::Type& elem = *v.type->elem;
    const std::uint64_t i = s[2], j = s[3];
    if (i >= slice.size || j >= slice.size) return call.panic("reflect: slice index out of range");
    char* a = static_cast<char*>(slice.data) + i * elem.size;
    char* b = static_cast<char*>(slice.data) + j * elem.size;
    Slot first[16];
    Slot second[16];
    std::vector<Slot> large;
    Slot* x = first;
    Slot* y = second;
    if (elem.slots > 16) {
        large.resize(std::size_t{elem.slots} * 2);
        x = large.data();
        y = x + elem.slots;
    }
    runtime::load_value(x, a, elem);
    runtime::load_value(y, b, elem);
    heap(call).will_overwrite_elements(cache(call), elem, a, 1);
    heap(call).will_overwrite_elements(cache(call), elem, b, 1);
    runtime::store_value(a, y, elem);
    runtime::store_value(b, x, elem);
    return Status::Ok;
}

/// Sorted beside the slice and copied back, so that a racing writer cannot upset the algorithm.
template <class T, class Less>
void sort_values(Call& call, const runtime::Slice& slice, Less less) {
    std::vector<T> copy(slice.size);
    if (slice.size == 0) return;
    std::memcpy(static_cast<void*>(copy.data()), slice.data, slice.size * sizeof(T));
    std::sort(copy.begin(), copy.end(), less);
    if constexpr (std::is_same_v<T, runtime::String>)
        for (const T& text : copy) heap(call).keep_alive(cache(call), reinterpret_cast<Slot>(text.data));
    runtime::copy_memory(slice.data, copy.data(), slice.size * sizeof(T), sizeof(T) == 16 ? 16 : 8);
}

Status sort_ints(Call& call, const NativeEntry&) {
    sort_values<std::int64_t>(call, slice_at(call.slots()), std::less<>());
    return Status::Ok;
}
Status sort_floats(Call& call, const NativeEntry&) {
    sort_values<double>(call, slice_at(call.slots()), [](double a, double b) { return a < b || (a != a && b == b); });
    return Status::Ok;
}
Status sort_strings(Call& call, const NativeEntry&) {
    sort_values<runtime::String>(call, slice_at(call.slots()), [](const runtime::String& a, const runtime::String& b) { return a.view() < b.view(); });
    return Status::Ok;
}

}  // namespace

void bind_sort(Package& package) {
    package.raw("length", length)
        .raw("swapElements", swap_elements)
        .raw("sortInts", sort_ints)
        .raw("sortFloats", sort_floats)
        .raw("sortStrings", sort_strings);
}

}  // namespace csp::stdlib
