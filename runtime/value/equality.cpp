#include "runtime/value/equality.h"

#include <chrono>
#include <cstddef>
#include <cstring>
#include <vector>

#include "runtime/value/bytes.h"

namespace csp::runtime {

namespace {

/// Others may be writing there: what has 16 bytes is read whole.
template <class T>
T read(const void* p) {
    T value;
    if constexpr (sizeof(T) == 16)
        copy_pair(reinterpret_cast<Slot*>(&value), static_cast<const Slot*>(p));
    else
        std::memcpy(static_cast<void*>(&value), p, sizeof value);
    return value;
}

std::uint64_t hash_double(double value, std::uint64_t seed) {
    if (value == 0) value = 0;  // -0 and +0 are equal
    // NaN keys are never found again; spread, so that many of them make no long chain.
    if (value != value) seed ^= static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    return mix(read<std::uint64_t>(&value) ^ kMix1, seed ^ kMix0);
}

/// Interfaces in interfaces may be nested as deep as memory allows: beyond this the walk goes on with a stack
/// of its own.
constexpr int kMaxRecursion = 100;

/// `count` values of one type that are still to be visited.
struct Pending {
    const Type* type;
    const char* a;
    const char* b;
    std::int64_t count;
};

/// The dynamic value of an interface that is not nil: in its word, or in a box that nobody writes to.
const char* dynamic_value(const Interface& value) {
    return value.type->inline_in_interface ? reinterpret_cast<const char*>(&value.word)
                                           : reinterpret_cast<const char*>(value.word);
}

/// Takes the next value off `pending`; the parts of structs and arrays and the contents of interfaces are
/// the caller's to put back.
Pending take(std::vector<Pending>& pending) {
    Pending& last = pending.back();
    Pending one = last;
    one.count = 1;
    last.a += last.type->size;
    last.b += last.b == nullptr ? 0 : last.type->size;
    if (--last.count == 0) pending.pop_back();
    return one;
}

/// Puts the parts of a struct or array, to be visited in order.
void put_parts(std::vector<Pending>& pending, const Pending& whole) {
    const auto at = [&](const char* p, std::size_t offset) { return p == nullptr ? nullptr : p + offset; };
    if (whole.type->equality == Equality::Array) {
        if (whole.type->length > 0) pending.push_back({whole.type->elem, whole.a, whole.b, whole.type->length});
        return;
    }
    for (auto field = whole.type->fields.rbegin(); field != whole.type->fields.rend(); ++field)
        if (field->name != "_")
            pending.push_back({field->type, at(whole.a, field->offset), at(whole.b, field->offset), 1});
}

Hashed hash_memory(const Type& type, const void* p, std::uint64_t seed, int depth);

/// hash_memory without recursion.
Hashed hash_deep(const Type& type, const void* p, std::uint64_t seed) {
    std::vector<Pending> pending{{&type, static_cast<const char*>(p), nullptr, 1}};
    while (!pending.empty()) {
        const Pending one = take(pending);
        if (one.type->equality == Equality::Struct || one.type->equality == Equality::Array) {
            put_parts(pending, one);
        } else if (one.type->equality == Equality::Interface) {
            const auto value = read<Interface>(one.a);
            if (value.type == nullptr) continue;
            if (value.type->equality == Equality::None) return {0, value.type};
            seed = mix(seed ^ value.type->hash, kMix0);
            if (!value.type->inline_in_interface) {
                pending.push_back({value.type, dynamic_value(value), nullptr, 1});
                continue;
            }
            const Hashed h = hash_memory(*value.type, dynamic_value(value), seed, 0);
            if (h.unhashable != nullptr) return h;
            seed = h.hash;
        } else {
            const Hashed h = hash_memory(*one.type, one.a, seed, 0);
            if (h.unhashable != nullptr) return h;
            seed = h.hash;
        }
    }
    return {seed, nullptr};
}

Hashed hash_interface(const void* p, std::uint64_t seed, int depth) {
    const auto value = read<Interface>(p);
    if (value.type == nullptr) return {seed, nullptr};
    if (value.type->equality == Equality::None) return {0, value.type};
    const std::uint64_t inner = mix(seed ^ value.type->hash, kMix0);
    return hash_memory(*value.type, dynamic_value(value), inner, depth);
}

Hashed hash_memory(const Type& type, const void* p, std::uint64_t seed, int depth) {
    if (depth > kMaxRecursion) return hash_deep(type, p, seed);
    const auto* bytes = static_cast<const char*>(p);
    switch (type.equality) {
        case Equality::None: return {0, &type};
        case Equality::Bits: return {hash_bytes(bytes, type.size, seed), nullptr};
        case Equality::Float32: return {hash_double(static_cast<double>(read<float>(p)), seed), nullptr};
        case Equality::Float64: return {hash_double(read<double>(p), seed), nullptr};
        case Equality::Complex64: {
            const std::uint64_t h = hash_double(static_cast<double>(read<float>(p)), seed);
            return {hash_double(static_cast<double>(read<float>(bytes + 4)), h), nullptr};
        }
        case Equality::Complex128:
            return {hash_double(read<double>(bytes + 8), hash_double(read<double>(p), seed)), nullptr};
        case Equality::String: {
            const auto text = read<String>(p);
            return {hash_bytes(text.data, static_cast<std::size_t>(text.size), seed), nullptr};
        }
        case Equality::Interface: return hash_interface(p, seed, depth + 1);
        case Equality::Struct:
            for (const Field& field : type.fields) {
                if (field.name == "_") continue;
                const Hashed h = hash_memory(*field.type, bytes + field.offset, seed, depth + 1);
                if (h.unhashable != nullptr) return h;
                seed = h.hash;
            }
            return {seed, nullptr};
        case Equality::Array:
            for (std::int64_t i = 0; i < type.length; ++i) {
                const char* element = bytes + static_cast<std::size_t>(i) * type.elem->size;
                const Hashed h = hash_memory(*type.elem, element, seed, depth + 1);
                if (h.unhashable != nullptr) return h;
                seed = h.hash;
            }
            return {seed, nullptr};
    }
    return {0, &type};
}

Compared equal_at(const Type& type, const void* a, const void* b, int depth);

/// equal_at without recursion.
Compared equal_deep(const Type& type, const void* a, const void* b) {
    std::vector<Pending> pending{{&type, static_cast<const char*>(a), static_cast<const char*>(b), 1}};
    while (!pending.empty()) {
        const Pending one = take(pending);
        if (one.type->equality == Equality::Struct || one.type->equality == Equality::Array) {
            put_parts(pending, one);
        } else if (one.type->equality == Equality::Interface) {
            const auto x = read<Interface>(one.a);
            const auto y = read<Interface>(one.b);
            if (x.type != y.type) return {false, nullptr};
            if (x.type == nullptr) continue;
            if (x.type->equality == Equality::None) return {false, x.type};
            if (!x.type->inline_in_interface) {
                pending.push_back({x.type, dynamic_value(x), dynamic_value(y), 1});
                continue;
            }
            const Compared c = equal_at(*x.type, dynamic_value(x), dynamic_value(y), 0);
            if (!c.equal) return c;
        } else {
            const Compared c = equal_at(*one.type, one.a, one.b, 0);
            if (!c.equal) return c;
        }
    }
    return {true, nullptr};
}

Compared equal_interfaces_at(const void* a, const void* b, int depth) {
    const auto x = read<Interface>(a);
    const auto y = read<Interface>(b);
    if (x.type != y.type) return {false, nullptr};
    if (x.type == nullptr) return {true, nullptr};
    if (x.type->equality == Equality::None) return {false, x.type};
    if (x.word == y.word && x.type->equality == Equality::String) return {true, nullptr};
    return equal_at(*x.type, dynamic_value(x), dynamic_value(y), depth);
}

}  // namespace


Hashed hash_slots(const Type& type, const Slot* value, std::uint64_t seed) {
    if (type.equality == Equality::Bits && type.slots == 1 && type.size == 8)
        return {mix(*value ^ kMix1, seed ^ kMix0), nullptr};
    // A slot's first bytes are its scalar's memory form (little-endian).
    return hash_memory(type, value, seed, 0);
}

namespace {

Compared equal_at(const Type& type, const void* a, const void* b, int depth) {
    if (depth > kMaxRecursion) return equal_deep(type, a, b);
    const auto* x = static_cast<const char*>(a);
    const auto* y = static_cast<const char*>(b);
    switch (type.equality) {
        case Equality::None: return {false, &type};
        case Equality::Bits: return {std::memcmp(a, b, type.size) == 0, nullptr};
        case Equality::Float32: return {read<float>(a) == read<float>(b), nullptr};
        case Equality::Float64: return {read<double>(a) == read<double>(b), nullptr};
        case Equality::Complex64:
            return {read<float>(a) == read<float>(b) && read<float>(x + 4) == read<float>(y + 4), nullptr};
        case Equality::Complex128:
            return {read<double>(a) == read<double>(b) && read<double>(x + 8) == read<double>(y + 8), nullptr};
        case Equality::String: return {read<String>(a).view() == read<String>(b).view(), nullptr};
        case Equality::Interface: return equal_interfaces_at(a, b, depth + 1);
        case Equality::Struct:
            for (const Field& field : type.fields) {
                if (field.name == "_") continue;
                const Compared c = equal_at(*field.type, x + field.offset, y + field.offset, depth + 1);
                if (!c.equal || c.uncomparable != nullptr) return c;
            }
            return {true, nullptr};
        case Equality::Array:
            for (std::int64_t i = 0; i < type.length; ++i) {
                const std::size_t at = static_cast<std::size_t>(i) * type.elem->size;
                const Compared c = equal_at(*type.elem, x + at, y + at, depth + 1);
                if (!c.equal || c.uncomparable != nullptr) return c;
            }
            return {true, nullptr};
    }
    return {false, &type};
}

}  // namespace

Compared equal_memory(const Type& type, const void* a, const void* b) { return equal_at(type, a, b, 0); }
Compared equal_slots(const Type& type, const Slot* a, const Slot* b) { return equal_at(type, a, b, 0); }
Compared equal_interfaces(const Interface& a, const Interface& b) { return equal_interfaces_at(&a, &b, 0); }

}  // namespace csp::runtime
