#include "runtime/value/map.h"

#include <algorithm>
#include <cstring>

namespace csp::runtime {

/// Index and entries of one capacity; both are slots of heap memory. `index` maps hash positions to
/// entries: 0 empty, else entry + 1 in the low half and the hash's high half above it.
struct MapTable {
    std::uint64_t mask;                  ///< Of the index.
    std::uint64_t capacity;              ///< Entries.
    std::atomic<std::uint64_t> used;     ///< Entries handed out, deleted ones included.
    std::uint32_t value_at;              ///< Slots from an entry's start, where its key is, to its value.
    std::uint32_t state_at;              ///< The same to its state: 1 live, 0 deleted.
    std::uint32_t stride;                ///< Slots from one entry to the next.
    std::uint8_t align;                  ///< 16: holds pairs, which are at even slots and stored whole; else 8.
    std::atomic<std::uint64_t>* index;
    Slot* entries;

    Slot* entry(std::uint64_t i) const { return entries + i * stride; }
    bool live(const Slot* entry) const { return __atomic_load_n(entry + state_at, __ATOMIC_ACQUIRE) == 1; }
    void set_live(Slot* entry, bool live) { __atomic_store_n(entry + state_at, live ? 1 : 0, __ATOMIC_RELEASE); }
};

namespace {

constexpr std::uint64_t kFirstCapacity = 8;

std::uint8_t slot_align(const Type& type) { return type.align == 16 ? 16 : 8; }
std::uint32_t rounded(std::uint32_t slots, std::uint8_t align) { return align == 16 ? (slots + 1) & ~1u : slots; }

MapTable* make_table(Heap& heap, AllocCache& cache, const Type& type, std::uint64_t capacity) {
    auto* table = static_cast<MapTable*>(
        heap.allocate_slots(cache, (sizeof(MapTable) + sizeof(Slot) - 1) / sizeof(Slot)));
    if (table == nullptr) return nullptr;
    std::uint64_t size = 16;
    while (size < capacity * 3 / 2) size *= 2;
    table->mask = size - 1;
    table->capacity = capacity;
    table->align = std::max(slot_align(*type.key), slot_align(*type.elem));
    table->value_at = rounded(type.key->slots, slot_align(*type.elem));
    table->state_at = table->value_at + type.elem->slots;
    table->stride = rounded(table->state_at + 1, table->align);
    table->index = reinterpret_cast<std::atomic<std::uint64_t>*>(
        heap.allocate_bytes(cache, size * sizeof(std::uint64_t)));
    const std::uint64_t slots = capacity * table->stride;
    const bool pointers = type.key->has_pointers || type.elem->has_pointers;
    table->entries = pointers ? static_cast<Slot*>(heap.allocate_slots(cache, slots))
                              : reinterpret_cast<Slot*>(heap.allocate_bytes(cache, slots * sizeof(Slot)));
    return table->index == nullptr || table->entries == nullptr ? nullptr : table;
}

enum class KeyForm : std::uint8_t { Word, Text, General };

/// The comparisons and hashes of the three forms of key.
struct Key {
    const Type* type;
    const Slot* slots;
    KeyForm form;

    Hashed hash(std::uint64_t seed) const {
        if (form == KeyForm::Word) {
            const auto product = static_cast<unsigned __int128>(*slots ^ seed) * 0x9E3779B97F4A7C15ULL;
            return {static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64), nullptr};
        }
        return hash_slots(*type, slots, seed);
    }
    bool equals(const Slot* other) const {
        switch (form) {
            case KeyForm::Word: return *slots == *other;
            case KeyForm::Text: {
                Slot text[2];
                copy_pair(text, other);
                return slots[1] == text[1] &&
                       (slots[0] == text[0] ||
                        std::memcmp(reinterpret_cast<const void*>(slots[0]),
                                    reinterpret_cast<const void*>(text[0]), text[1]) == 0);
            }
            case KeyForm::General: break;
        }
        return equal_slots(*type, slots, other).equal;
    }
};

KeyForm form_of(const Type& key) {
    if (key.kind == Kind::String) return KeyForm::Text;
    if (key.equality == Equality::Bits && key.slots == 1 && key.kind != Kind::Struct && key.kind != Kind::Array)
        return KeyForm::Word;
    return KeyForm::General;
}

std::uint64_t tag_of(std::uint64_t hash) { return hash & 0xffff'ffff'0000'0000ULL; }

/// The entry with `key`, or null. Stays inside `table` whatever other goroutines do.
Slot* find_in(const MapTable& table, const Key& key, std::uint64_t hash) {
    const std::uint64_t tag = tag_of(hash);
    std::uint64_t at = hash & table.mask;
    for (std::uint64_t probes = 0; probes <= table.mask; ++probes, at = (at + 1) & table.mask) {
        const std::uint64_t found = table.index[at].load(std::memory_order_relaxed);
        if (found == 0) return nullptr;
        if (tag_of(found) != tag) continue;
        const std::uint64_t entry = (found & 0xffff'ffffU) - 1;
        if (entry >= table.capacity) continue;
        Slot* slots = table.entry(entry);
        if (table.live(slots) && key.equals(slots)) return slots;
    }
    return nullptr;
}

void insert_index(MapTable& table, std::uint64_t hash, std::uint64_t entry) {
    std::uint64_t at = hash & table.mask;
    for (std::uint64_t probes = 0; probes <= table.mask; ++probes, at = (at + 1) & table.mask) {
        if (table.index[at].load(std::memory_order_relaxed) != 0) continue;
        table.index[at].store(tag_of(hash) | (entry + 1), std::memory_order_relaxed);
        return;
    }
}

class Writing {
  public:
    explicit Writing(Map& map) : map_(map), alone_(map.writers.exchange(1, std::memory_order_relaxed) == 0) {}
    ~Writing() {
        if (alone_) map_.writers.store(0, std::memory_order_relaxed);
    }
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    bool alone() const { return alone_; }

  private:
    Map& map_;
    bool alone_;
};

/// A table with room for more, holding the live entries of the present one.
MapTable* grow(Heap& heap, AllocCache& cache, Map& map, std::uint64_t capacity) {
    MapTable* const old = map.table.load(std::memory_order_acquire);
    MapTable* const fresh = make_table(heap, cache, *map.type, capacity);
    if (fresh == nullptr) return nullptr;
    std::uint64_t used = 0;
    if (old != nullptr) {
        const std::uint64_t count = std::min(old->used.load(std::memory_order_relaxed), old->capacity);
        for (std::uint64_t i = 0; i < count && used < fresh->capacity; ++i) {
            const Slot* from = old->entry(i);
            if (!old->live(from)) continue;
            copy_memory(fresh->entry(used), from, old->stride * sizeof(Slot), old->align);
            const Key key = {map.type->key, fresh->entry(used), form_of(*map.type->key)};
            insert_index(*fresh, key.hash(map.seed).hash, used);
            ++used;
        }
    }
    fresh->used.store(used, std::memory_order_relaxed);
    heap.will_overwrite(cache, &map.table);
    map.table.store(fresh, std::memory_order_release);
    return fresh;
}

MapResult find_key(Map* map, const Key& key) {
    const Hashed h = key.hash(map->seed);
    if (h.unhashable != nullptr) return {MapStatus::Unhashable, nullptr, h.unhashable};
    if (map->writers.load(std::memory_order_relaxed) != 0) return {MapStatus::ConcurrentRead};
    const MapTable* table = map->table.load(std::memory_order_acquire);
    if (table == nullptr) return {MapStatus::Missing};
    Slot* entry = find_in(*table, key, h.hash);
    if (entry == nullptr) return {MapStatus::Missing};
    return {MapStatus::Ok, entry + table->value_at};
}

MapResult assign_key(Heap& heap, AllocCache& cache, Map* map, const Key& key) {
    const Hashed h = key.hash(map->seed);
    if (h.unhashable != nullptr) return {MapStatus::Unhashable, nullptr, h.unhashable};
    const Writing writing(*map);
    if (!writing.alone()) return {MapStatus::ConcurrentWrite};
    MapTable* table = map->table.load(std::memory_order_acquire);
    if (table != nullptr)
        if (Slot* entry = find_in(*table, key, h.hash)) {
            // x = +0 and x = -0 are one key; Go keeps the newer spelling for floats.
            if (key.form == KeyForm::General) {
                heap.will_overwrite_slots(cache, entry, *key.type);
                copy_slots(entry, key.slots, *key.type);
            }
            return {MapStatus::Ok, entry + table->value_at};
        }
    if (table == nullptr || table->used.load(std::memory_order_relaxed) >= table->capacity) {
        const auto live = static_cast<std::uint64_t>(map->count.load(std::memory_order_relaxed));
        // Twice as large, unless many entries were deleted ones.
        std::uint64_t capacity = table == nullptr ? kFirstCapacity : table->capacity;
        if (table != nullptr && live * 2 >= capacity) capacity *= 2;
        if (capacity > 0xffff'fff0U) return {MapStatus::OutOfMemory};
        table = grow(heap, cache, *map, capacity);
        if (table == nullptr) return {MapStatus::OutOfMemory};
    }
    const std::uint64_t at = table->used.load(std::memory_order_relaxed);
    Slot* entry = table->entry(at);
    copy_slots(entry, key.slots, *key.type);
    table->set_live(entry, true);
    table->used.store(at + 1, std::memory_order_release);
    insert_index(*table, h.hash, at);
    map->count.fetch_add(1, std::memory_order_relaxed);
    return {MapStatus::Ok, entry + table->value_at};
}

}  // namespace

Map* make_map(Heap& heap, AllocCache& cache, const Type& type, std::int64_t hint, std::uint64_t seed) {
    auto* map = static_cast<Map*>(heap.allocate_slots(cache, sizeof(Map) / sizeof(Slot)));
    if (map == nullptr) return nullptr;
    map->type = &type;
    map->seed = seed;
    if (hint > static_cast<std::int64_t>(kFirstCapacity)) {
        if (hint > 0xffff'fff0) hint = 0;
        if (grow(heap, cache, *map, static_cast<std::uint64_t>(hint) + 1) == nullptr) return nullptr;
    }
    return map;
}

MapResult map_find(Map* map, const Slot* key) {
    if (map == nullptr) return {MapStatus::Missing};
    return find_key(map, {map->type->key, key, form_of(*map->type->key)});
}
MapResult map_find_int(Map* map, Slot key) {
    if (map == nullptr) return {MapStatus::Missing};
    return find_key(map, {map->type->key, &key, KeyForm::Word});
}
MapResult map_find_string(Map* map, const String& key) {
    if (map == nullptr) return {MapStatus::Missing};
    const Slot slots[2] = {reinterpret_cast<Slot>(key.data), static_cast<Slot>(key.size)};
    return find_key(map, {map->type->key, slots, KeyForm::Text});
}
MapResult map_assign(Heap& heap, AllocCache& cache, Map* map, const Slot* key) {
    return assign_key(heap, cache, map, {map->type->key, key, form_of(*map->type->key)});
}
MapResult map_assign_int(Heap& heap, AllocCache& cache, Map* map, Slot key) {
    return assign_key(heap, cache, map, {map->type->key, &key, KeyForm::Word});
}
MapResult map_assign_string(Heap& heap, AllocCache& cache, Map* map, const String& key) {
    const Slot slots[2] = {reinterpret_cast<Slot>(key.data), static_cast<Slot>(key.size)};
    return assign_key(heap, cache, map, {map->type->key, slots, KeyForm::Text});
}

MapResult map_delete(Heap& heap, AllocCache& cache, Map* map, const Slot* key_slots) {
    if (map == nullptr) return {MapStatus::Missing};
    const Key key = {map->type->key, key_slots, form_of(*map->type->key)};
    const Hashed h = key.hash(map->seed);
    if (h.unhashable != nullptr) return {MapStatus::Unhashable, nullptr, h.unhashable};
    const Writing writing(*map);
    if (!writing.alone()) return {MapStatus::ConcurrentWrite};
    MapTable* table = map->table.load(std::memory_order_acquire);
    Slot* entry = table == nullptr ? nullptr : find_in(*table, key, h.hash);
    if (entry == nullptr) return {MapStatus::Missing};
    table->set_live(entry, false);
    if (heap.marking()) heap.mark_words(cache, entry, table->stride);
    clear_elements(entry, table->stride * sizeof(Slot), table->align);
    if (map->count.fetch_sub(1, std::memory_order_relaxed) == 1) {
        // Empty again: begin anew, so that a map that fills and drains does not grow. An iterator that
        // is under way keeps its place, since entries are only ever added behind `used`.
        const std::uint64_t used = table->used.load(std::memory_order_relaxed);
        if (used >= table->capacity)
            for (std::uint64_t i = 0; i <= table->mask; ++i) table->index[i].store(0, std::memory_order_relaxed);
        if (used >= table->capacity) table->used.store(0, std::memory_order_relaxed);
    }
    return {MapStatus::Ok};
}

MapStatus map_clear(Heap& heap, AllocCache& cache, Map* map) {
    const Writing writing(*map);
    if (!writing.alone()) return MapStatus::ConcurrentWrite;
    heap.will_overwrite(cache, &map->table);
    map->table.store(nullptr, std::memory_order_release);
    map->count.store(0, std::memory_order_relaxed);
    return MapStatus::Ok;
}

void map_iterate(MapIterator& it, Map* map, std::uint64_t random) {
    it = {};
    it.map = map;
    if (map == nullptr) return;
    it.table = map->table.load(std::memory_order_acquire);
    if (it.table == nullptr) return;
    const std::uint64_t used =
        std::min(it.table->used.load(std::memory_order_acquire), it.table->capacity);
    it.remaining = used;
    it.next = used == 0 ? 0 : random % used;
    it.unused[0] = used;
}

MapStatus map_next(MapIterator& it) {
    while (it.remaining > 0) {
        if (it.map->writers.load(std::memory_order_relaxed) != 0) return MapStatus::ConcurrentRead;
        const MapTable& table = *it.table;
        Slot* entry = table.entry(it.next);
        --it.remaining;
        if (++it.next >= it.unused[0]) it.next = 0;
        if (!table.live(entry)) continue;
        it.key = entry;
        it.value = entry + table.value_at;
        if (it.map->table.load(std::memory_order_acquire) == it.table) return MapStatus::Ok;
        // Rehashed since: the new table knows whether the key is still there and its present value.
        const MapResult now = map_find(it.map, it.key);
        if (now.status != MapStatus::Ok) continue;
        it.value = now.value;
        return MapStatus::Ok;
    }
    return MapStatus::Missing;
}

}  // namespace csp::runtime
