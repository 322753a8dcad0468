#include <algorithm>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/support/sort_values.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

using runtime::Kind;

/// Of arrays, channels, maps, slices and strings; -1 for anything else.
std::int64_t length_of(const Value& v) {
    if (v.type == nullptr) return -1;
    switch (v.type->kind) {
        case Kind::Slice: return v.as<runtime::Slice>().size;
        case Kind::String: return v.as<runtime::String>().size;
        case Kind::Array: return v.type->length;
        default: return -1;
    }
}

Status length(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = static_cast<Slot>(length_of(dynamic(s + 1)));
    return Status::Ok;
}

Status is_slice(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Value v = dynamic(s + 1);
    s[0] = v.type != nullptr && v.type->kind == Kind::Slice;
    return Status::Ok;
}

Status kind_of(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Value v = dynamic(s + 2);
    return call.put_string(s, v.type == nullptr ? std::string_view() : kind_name(v.type->kind)) ? Status::Ok : Status::Panic;
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

/// Of ints, floats and strings alike: what to do is in the type of the parameter.
Status sort_slice(Call& call, const NativeEntry&) {
    const auto& type = *static_cast<const runtime::Type*>(call.function_type());
    return sort_ordered(call, slice_at(call.slots()), *type.params[0]->elem);
}

}  // namespace

void bind_sort(Package& package) {
    package.raw("length", length)
        .raw("isSlice", is_slice)
        .raw("kindName", kind_of)
        .raw("swapElements", swap_elements)
        .raw("sortInts", sort_slice)
        .raw("sortFloats", sort_slice)
        .raw("sortStrings", sort_slice);
}

}  // namespace csp::stdlib
