#include "stdlib/support/sort_values.h"

#include <algorithm>
#include <memory>
#include <new>
#include <type_traits>

#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

using runtime::Kind;
using runtime::String;

template <class T>
bool comes_before(const T& a, const T& b) {
    if constexpr (std::is_same_v<T, String>)
        return a.view() < b.view();
    else if constexpr (std::is_floating_point_v<T>)
        return a < b || (a != a && b == b);
    else
        return a < b;
}

/// Sorted beside the slice and copied back, so that a racing writer cannot upset the algorithm.
template <class T>
Status sort_values(Call& call, const runtime::Slice& slice) {
    constexpr std::size_t kFew = 64;
    const std::size_t size = slice.size;
    if (size < 2) return Status::Ok;
    T few[kFew];
    std::unique_ptr<T[]> many;
    if (size > kFew) {
        many.reset(new (std::nothrow) T[size]);
        if (many == nullptr) return call.fatal("runtime: out of memory");
    }
    T* const copy = many != nullptr ? many.get() : few;
    if constexpr (std::is_same_v<T, String>)
        runtime::copy_memory(copy, slice.data, size * sizeof(T), 16);
    else
        std::memcpy(copy, slice.data, size * sizeof(T));
    std::sort(copy, copy + size, comes_before<T>);
    if constexpr (std::is_same_v<T, String>)
        for (std::size_t i = 0; i < size; ++i)
            heap(call).keep_alive(cache(call), reinterpret_cast<Slot>(copy[i].data));
    runtime::copy_memory(slice.data, copy, size * sizeof(T), sizeof(T));
    return Status::Ok;
}

}  // namespace

Status sort_ordered(Call& call, const runtime::Slice& slice, const runtime::Type& elem) {
    switch (elem.kind) {
        case Kind::Int8: return sort_values<std::int8_t>(call, slice);
        case Kind::Int16: return sort_values<std::int16_t>(call, slice);
        case Kind::Int32: return sort_values<std::int32_t>(call, slice);
        case Kind::Int:
        case Kind::Int64: return sort_values<std::int64_t>(call, slice);
        case Kind::Uint8: return sort_values<std::uint8_t>(call, slice);
        case Kind::Uint16: return sort_values<std::uint16_t>(call, slice);
        case Kind::Uint32: return sort_values<std::uint32_t>(call, slice);
        case Kind::Uint:
        case Kind::Uintptr:
        case Kind::Uint64: return sort_values<std::uint64_t>(call, slice);
        case Kind::Float32: return sort_values<float>(call, slice);
        case Kind::Float64: return sort_values<double>(call, slice);
        case Kind::String: return sort_values<String>(call, slice);
        default: return call.panic("sort of a type without order");
    }
}

}  // namespace csp::stdlib
