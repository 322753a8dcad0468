#include "runtime/value/equality.h"

#include <chrono>
#include <cstring>

namespace csp::runtime {

namespace {

template <class T>
T read(const void* p) {
    T value;
    std::memcpy(static_cast<void*>(&value), p, sizeof value);
    return value;
}

/// A 64 by 64 bit multiplication folded to 64 bits: the mixing step of wyhash (Wang Yi, 2019).
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
constexpr std::uint64_t kP0 = 0xa0761d6478bd642fULL;
constexpr std::uint64_t kP1 = 0xe7037ed1a0b428dbULL;

std::uint64_t hash_bytes(const char* data, std::size_t size, std::uint64_t seed) {
    std::uint64_t h = seed ^ kP0;
    std::size_t left = size;
    while (left >= 16) {
        h = mix(read<std::uint64_t>(data) ^ kP1, read<std::uint64_t>(data + 8) ^ h);
        data += 16;
        left -= 16;
    }
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    if (left >= 8) {
        a = read<std::uint64_t>(data);
        b = read<std::uint64_t>(data + left - 8);
    } else if (left >= 4) {
        a = read<std::uint32_t>(data);
        b = read<std::uint32_t>(data + left - 4);
    } else if (left > 0) {
        const auto byte = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(data[i])}; };
        a = byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1);
    }
    return mix(mix(a ^ kP1, b ^ h), size ^ kP0);
}

std::uint64_t hash_double(double value, std::uint64_t seed) {
    if (value == 0) value = 0;  // -0 and +0 are equal
    // NaN keys are never found again; spread, so that many of them make no long chain.
    if (value != value) seed ^= static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    return mix(read<std::uint64_t>(&value) ^ kP1, seed ^ kP0);
}

Hashed hash_memory(const Type& type, const void* p, std::uint64_t seed);

Hashed hash_interface(const Interface& value, std::uint64_t seed) {
    if (value.type == nullptr) return {seed, nullptr};
    if (value.type->equality == Equality::None) return {0, value.type};
    const std::uint64_t inner = mix(seed ^ value.type->hash, kP0);
    if (value.type->inline_in_interface) return hash_slots(*value.type, &value.word, inner);
    return hash_memory(*value.type, reinterpret_cast<const void*>(value.word), inner);
}

Hashed hash_memory(const Type& type, const void* p, std::uint64_t seed) {
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
        case Equality::Interface: return hash_interface(read<Interface>(p), seed);
        case Equality::Struct:
            for (const Field& field : type.fields) {
                if (field.name == "_") continue;
                const Hashed h = hash_memory(*field.type, bytes + field.offset, seed);
                if (h.unhashable != nullptr) return h;
                seed = h.hash;
            }
            return {seed, nullptr};
        case Equality::Array:
            for (std::int64_t i = 0; i < type.length; ++i) {
                const Hashed h =
                    hash_memory(*type.elem, bytes + static_cast<std::size_t>(i) * type.elem->size, seed);
                if (h.unhashable != nullptr) return h;
                seed = h.hash;
            }
            return {seed, nullptr};
    }
    return {0, &type};
}

}  // namespace

Hashed hash_slots(const Type& type, const Slot* value, std::uint64_t seed) {
    if (type.equality == Equality::Bits && type.slots == 1 && type.size == 8)
        return {mix(*value ^ kP1, seed ^ kP0), nullptr};
    // A slot's first bytes are its scalar's memory form (little-endian).
    return hash_memory(type, value, seed);
}

Compared equal_memory(const Type& type, const void* a, const void* b) {
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
        case Equality::Interface: return equal_interfaces(read<Interface>(a), read<Interface>(b));
        case Equality::Struct:
            for (const Field& field : type.fields) {
                if (field.name == "_") continue;
                const Compared c = equal_memory(*field.type, x + field.offset, y + field.offset);
                if (!c.equal || c.uncomparable != nullptr) return c;
            }
            return {true, nullptr};
        case Equality::Array:
            for (std::int64_t i = 0; i < type.length; ++i) {
                const std::size_t at = static_cast<std::size_t>(i) * type.elem->size;
                const Compared c = equal_memory(*type.elem, x + at, y + at);
                if (!c.equal || c.uncomparable != nullptr) return c;
            }
            return {true, nullptr};
    }
    return {false, &type};
}

Compared equal_slots(const Type& type, const Slot* a, const Slot* b) { return equal_memory(type, a, b); }

Compared equal_interfaces(const Interface& a, const Interface& b) {
    if (a.type != b.type) return {false, nullptr};
    if (a.type == nullptr) return {true, nullptr};
    if (a.type->equality == Equality::None) return {false, a.type};
    if (a.type->inline_in_interface) return equal_slots(*a.type, &a.word, &b.word);
    if (a.word == b.word && a.type->equality == Equality::String) return {true, nullptr};
    return equal_memory(*a.type, reinterpret_cast<const void*>(a.word), reinterpret_cast<const void*>(b.word));
}

}  // namespace csp::runtime
