#pragma once

// A map's table: open addressing in groups of 16 entries, with a control byte an entry that says empty,
// deleted, or full and seven bits of the key's hash; one 128-bit comparison looks at a group (after
// Abseil's "Swiss tables", Kulukundis, CppCon 2017). Keys and values lie in the entries, in slot form.
//
// Four neighbouring integer keys have one group: walking through numbers stays within cache lines, as in an
// array, while the hash of the rest is seeded, so that nobody can choose keys that collide.
//
// A table of words that are mostly the numbers below its capacity is dense: each is its own position, so
// nothing is hashed, and entries hold values only. grow() in map.cpp decides which of the two a table is.

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "runtime/type/value.h"
#include "runtime/value/equality.h"
#include "runtime/value/bytes.h"

namespace csp::runtime {

struct MapTable {
    static constexpr std::uint64_t kGroup = 16;
    static constexpr std::uint8_t kEmpty = 0;
    static constexpr std::uint8_t kDeleted = 1;
    static constexpr std::uint8_t kNone = 2;  ///< Beyond the capacity of a table of less than a group.
    static constexpr std::uint8_t kFull = 0x80;

    std::uint64_t group_mask;         ///< Groups - 1.
    std::uint64_t capacity;           ///< Entries.
    std::atomic<std::int64_t> room;   ///< Empty entries that may still be filled.
    std::uint32_t value_at;           ///< Slots from an entry's start, where its key is, to its value.
    std::uint32_t stride;             ///< Slots from one entry to the next.
    std::uint64_t most;               ///< The largest word that has been a key.
    std::uint32_t dense;              ///< 1: a word's position is the word.
    std::uint32_t align;              ///< 16: entries hold pairs, which are at even slots and stored whole; else 8.
    std::uint8_t* control;
    Slot* entries;

    Slot* entry(std::uint64_t i) const { return entries + i * stride; }
    std::uint8_t control_of(std::uint64_t i) const { return __atomic_load_n(control + i, __ATOMIC_ACQUIRE); }
    void set_control(std::uint64_t i, std::uint8_t byte) { __atomic_store_n(control + i, byte, __ATOMIC_RELEASE); }

    /// Bits of the entries of a group whose control byte is `byte`; that are full; that may be filled.
    std::uint32_t matching(std::uint64_t group, std::uint8_t byte) const {
        return bits(_mm_cmpeq_epi8(bytes_of(group), _mm_set1_epi8(static_cast<char>(byte))));
    }
    std::uint32_t full(std::uint64_t group) const { return bits(bytes_of(group)); }
    std::uint32_t open(std::uint64_t group) const {
        const __m128i bytes = bytes_of(group);
        return bits(_mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(kDeleted)), bytes));
    }

  private:
    CSP_RACY __m128i bytes_of(std::uint64_t group) const {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(control + group * kGroup));
    }
    static std::uint32_t bits(__m128i bytes) { return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes)); }
};

/// Where to look for a key, and what its control byte is.
struct MapHash {
    std::uint64_t group;
    std::uint8_t tag;
};

/// A key of one word that is compared as bits.
struct WordKey {
    Slot word;
    MapHash hash(std::uint64_t seed) const {
        const auto product = static_cast<unsigned __int128>((word >> 2) ^ seed) * 0x9E3779B97F4A7C15ULL;
        const std::uint64_t h = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
        return {h, static_cast<std::uint8_t>(MapTable::kFull | ((h >> 57) ^ (word & 3) << 5))};
    }
    bool equals(const Slot* other) const { return word == __atomic_load_n(other, __ATOMIC_RELAXED); }
    void store(Slot* to) const { __atomic_store_n(to, word, __ATOMIC_RELAXED); }
};

inline MapHash to_map_hash(std::uint64_t h) { return {h, static_cast<std::uint8_t>(MapTable::kFull | h >> 57)}; }

struct TextKey {
    const Slot* slots;
    MapHash hash(std::uint64_t seed) const {
        return to_map_hash(hash_bytes(reinterpret_cast<const char*>(slots[0]), slots[1], seed));
    }
    bool equals(const Slot* other) const {
        Slot text[2];
        copy_pair(text, other);
        return slots[1] == text[1] &&
               (slots[0] == text[0] || equal_bytes(reinterpret_cast<const char*>(slots[0]),
                                                   reinterpret_cast<const char*>(text[0]), text[1]));
    }
    void store(Slot* to) const { copy_pair(to, slots); }
};

/// A key whose hash is known already.
struct GeneralKey {
    const Type* type;
    const Slot* slots;
    std::uint64_t hashed;
    MapHash hash(std::uint64_t) const { return to_map_hash(hashed); }
    bool equals(const Slot* other) const { return equal_slots(*type, slots, other).equal; }
    void store(Slot* to) const { copy_slots(to, slots, *type); }
};

inline std::uint64_t find_dense(const MapTable& table, Slot word) {
    return word < table.capacity && table.control_of(word) >= MapTable::kFull ? word : table.capacity;
}

/// The position of the key's entry in a group, or `capacity`.
template <class Key>
inline std::uint64_t find_in_group(const MapTable& table, const Key& key, std::uint8_t tag, std::uint64_t group) {
    for (std::uint32_t match = table.matching(group, tag); match != 0; match &= match - 1) {
        const std::uint64_t at = group * MapTable::kGroup + static_cast<std::uint64_t>(std::countr_zero(match));
        if (key.equals(table.entry(at))) return at;
    }
    return table.capacity;
}

/// Goes on where the first group is full of other keys.
template <class Key>
[[gnu::noinline]] std::uint64_t find_beyond(const MapTable& table, const Key& key, MapHash hash) {
    std::uint64_t group = hash.group & table.group_mask;
    for (std::uint64_t step = 1; step <= table.group_mask; ++step) {
        group = (group + step) & table.group_mask;
        const std::uint64_t at = find_in_group(table, key, hash.tag, group);
        if (at != table.capacity) return at;
        if (table.matching(group, MapTable::kEmpty) != 0) break;
    }
    return table.capacity;
}

/// The position of the key's entry, or `capacity`. Stays inside the table whatever other goroutines do.
template <class Key>
inline std::uint64_t find_position(const MapTable& table, const Key& key, MapHash hash) {
    if constexpr (std::is_same_v<Key, WordKey>)
        if (table.dense != 0) return find_dense(table, key.word);
    const std::uint64_t group = hash.group & table.group_mask;
    const std::uint64_t at = find_in_group(table, key, hash.tag, group);
    if (at != table.capacity || table.matching(group, MapTable::kEmpty) != 0) return at;
    return find_beyond(table, key, hash);
}

}  // namespace csp::runtime
