#include "stdlib/support/sort_values.h"

#include <algorithm>
#include <memory>
#include <new>
#include <type_traits>

#include "stdlib/support/polled_sort.h"
#include "stdlib/support/search.h"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

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
    Work work(call);
    T few[kFew];
    std::unique_ptr<T[]> many;
    Slot* kept = nullptr;  // the strings themselves, where a collection finds them
    if (size > kFew) {
        work.holds(size * sizeof(T));
        many.reset(new (std::nothrow) T[size]);
        if (many == nullptr) return call.fatal("runtime: out of memory");
    }
    T* const copy = many != nullptr ? many.get() : few;
    const auto* const from = static_cast<const char*>(slice.data);
    constexpr std::size_t kAtOnce = 1 << 14;
    if constexpr (std::is_same_v<T, String>) {
        if (size > kFew) {
            kept = call.allocate_strings(size);
            if (kept == nullptr) return Status::Panic;
        }
    }
    for (std::size_t at = 0, part = 0; at < size; at += part) {
        part = std::min(size - at, kAtOnce);
        runtime::copy_memory(copy + at, from + at * sizeof(T), part * sizeof(T), sizeof(T));
        if (kept != nullptr) runtime::copy_memory(kept + 2 * at, copy + at, part * sizeof(T), sizeof(T));
        if (!work.moved(part * sizeof(T))) return Status::Ended;
    }
    // Strings that begin alike take long to compare.
    const auto less = [&work](const T& a, const T& b) {
        if constexpr (std::is_same_v<T, String>) {
            constexpr std::int64_t kShort = 256;
            if (a.size > kShort && b.size > kShort) return compare(work, a.view(), b.view()) < 0;
        }
        return comes_before(a, b);
    };
    if (!sort(work, copy, copy + size, less)) return Status::Ended;
    if constexpr (std::is_same_v<T, String>)
        for (std::size_t i = 0; i < size; ++i)
            heap(call).keep_alive(cache(call), reinterpret_cast<Slot>(copy[i].data));
    for (std::size_t at = 0, part = 0; at < size; at += part) {
        part = std::min(size - at, kAtOnce);
        runtime::copy_memory(static_cast<char*>(slice.data) + at * sizeof(T), copy + at, part * sizeof(T), sizeof(T));
        if (!work.moved(part * sizeof(T))) return Status::Ended;
    }
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
