#pragma once

// What natives of the standard library share: values of a call's frame as runtime types, and a view of
// any value with its type.

#include <cstring>
#include <string>
#include <string_view>

#include "csp/native.hpp"
#include "runtime/heap/heap.h"
#include "runtime/sched/goroutine.h"
#include "runtime/sched/scheduler.h"
#include "runtime/type/type.h"
#include "runtime/type/value.h"

namespace csp::stdlib {

inline runtime::Goroutine& goroutine(Call& call) {
    return *static_cast<runtime::Goroutine*>(call.goroutine());
}
inline runtime::Heap& heap(Call& call) { return goroutine(call).scheduler->heap(); }
inline runtime::AllocCache& cache(Call& call) { return goroutine(call).worker->cache(); }

inline runtime::String string_at(const Slot* s) {
    return {reinterpret_cast<const char*>(s[0]), static_cast<std::int64_t>(s[1])};
}
inline std::string_view text_at(const Slot* s) {
    return {reinterpret_cast<const char*>(s[0]), static_cast<std::size_t>(s[1])};
}
inline runtime::Slice slice_at(const Slot* s) {
    return {reinterpret_cast<void*>(s[0]), static_cast<std::uint32_t>(s[1]),
            static_cast<std::uint32_t>(s[1] >> 32)};
}
inline std::string_view bytes_at(const Slot* s) {
    return {reinterpret_cast<const char*>(s[0]), static_cast<std::uint32_t>(s[1])};
}
inline void put_slice(Slot* to, const runtime::Slice& slice) {
    to[0] = reinterpret_cast<Slot>(slice.data);
    to[1] = slice.size | static_cast<Slot>(slice.capacity) << 32;
}
/// Puts `text` as a new []byte. False: a panic is under way.
[[nodiscard]] inline bool put_bytes(Call& call, Slot* to, std::string_view text) {
    char* const bytes = call.copy(text);
    if (bytes == nullptr) return false;
    to[0] = reinterpret_cast<Slot>(bytes);
    to[1] = text.size() | text.size() << 32;
    return true;
}

/// A value of any type: a descriptor and where its bytes are, in memory form. On a little-endian
/// machine a slot holds its scalar's memory form in its first bytes.
struct Value {
    const runtime::Type* type = nullptr;  ///< Null: a nil interface.
    const void* data = nullptr;

    template <class T>
    T as() const {
        T value;
        if constexpr (sizeof(T) == 16)  // others may be writing there
            runtime::copy_pair(reinterpret_cast<Slot*>(&value), static_cast<const Slot*>(data));
        else
            std::memcpy(static_cast<void*>(&value), data, sizeof value);
        return value;
    }
    std::string_view text() const { return as<runtime::String>().view(); }
    std::int64_t integer() const;        ///< Of a signed kind.
    std::uint64_t unsigned_integer() const;
    double number() const;               ///< Of a float kind.
    Slot word() const;                   ///< What an interface holding it has as its word.
};

/// What an interface with that type, null for none, and that word holds; `word` must stay as it is.
inline Value dynamic(const runtime::Type* type, const Slot& word) {
    if (type == nullptr) return {};
    if (type->inline_in_interface) return {type, &word};
    return {type, reinterpret_cast<const void*>(word)};
}
/// The value in an interface, which has to outlive the answer: a copy, where others may be writing to the original.
inline Value dynamic(const runtime::Interface& i) { return dynamic(i.type, i.word); }
/// The value in an interface that lies at `slots` in a frame.
inline Value dynamic(const Slot* slots) { return dynamic(reinterpret_cast<const runtime::Type*>(slots[0]), slots[1]); }

/// As reflection names it: "int", "slice", "ptr".
std::string_view kind_name(runtime::Kind kind);
bool is_signed(runtime::Kind kind);
bool is_unsigned(runtime::Kind kind);
bool is_float(runtime::Kind kind);
bool is_complex(runtime::Kind kind);

}  // namespace csp::stdlib
