#include "runtime/value/map.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace csp::runtime {

namespace {

constexpr std::uint64_t kFirstCapacity = 8;
constexpr std::uint64_t kMostCapacity = std::uint64_t{1} << 40;

std::uint8_t slot_align(const Type& type) { return type.align == 16 ? 16 : 8; }
std::uint32_t rounded(std::uint32_t slots, std::uint64_t align) { return align == 16 ? (slots + 1) & ~1u : slots; }

/// Entries that may be filled: seven eighths, or all of a table of less than a group.
std::int64_t room_of(std::uint64_t capacity) {
    return static_cast<std::int64_t>(capacity < MapTable::kGroup ? capacity : capacity / 8 * 7);
}

void reset_control(MapTable& table) {
    for (std::uint64_t i = 0; i < (table.group_mask + 1) * MapTable::kGroup; ++i)
        table.set_control(i, i < table.capacity ? MapTable::kEmpty : MapTable::kNone);
    table.room.store(room_of(table.capacity), std::memory_order_relaxed);
}

struct Shape {
    std::uint64_t capacity;
    bool dense;
};

MapTable* make_table(Heap& heap, AllocCache& cache, const Type& type, Shape shape) {
    auto* table = static_cast<MapTable*>(heap.allocate_slots(cache, sizeof(MapTable) / sizeof(Slot)));
    if (table == nullptr) return nullptr;
    const std::uint64_t capacity = shape.capacity;
    table->capacity = capacity;
    table->dense = shape.dense ? 1 : 0;
    table->group_mask = std::max(capacity, MapTable::kGroup) / MapTable::kGroup - 1;
    table->align = shape.dense ? slot_align(*type.elem) : std::max(slot_align(*type.key), slot_align(*type.elem));
    table->value_at = shape.dense ? 0 : rounded(type.key->slots, slot_align(*type.elem));
    table->stride = std::max(1u, rounded(table->value_at + type.elem->slots, table->align));
    const std::uint64_t slots = capacity * table->stride;
    table->control = reinterpret_cast<std::uint8_t*>(
        heap.allocate_bytes(cache, (table->group_mask + 1) * MapTable::kGroup));
    if (table->control == nullptr) return nullptr;
    const bool pointers = (!shape.dense && type.key->has_pointers) || type.elem->has_pointers;
    table->entries = pointers ? static_cast<Slot*>(heap.allocate_slots(cache, slots))
                              : reinterpret_cast<Slot*>(heap.allocate_bytes(cache, slots * sizeof(Slot)));
    if (table->entries == nullptr) return nullptr;
    if (capacity < MapTable::kGroup) reset_control(*table);
    table->room.store(room_of(capacity), std::memory_order_relaxed);
    return table;
}

class Writing {
  public:
    /// Not a read-modify-write, which would cost more than the rest: two writers may miss each other now and then.
    explicit Writing(Map& map) : map_(map), alone_(map.writers.load(std::memory_order_relaxed) == 0) {
        map.writers.store(1, std::memory_order_relaxed);
    }
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

/// Calls work(key) with `slots` as the map's form of key, or answers that it cannot be hashed.
template <class Work>
MapResult with_key(const Map& map, const Slot* slots, Work work) {
    switch (map.form) {
        case KeyForm::Word: return work(WordKey{*slots});
        case KeyForm::Text: return work(TextKey{slots});
        case KeyForm::General: break;
    }
    const Type& type = *map.type->key;
    const Hashed h = hash_slots(type, slots, map.seed);
    if (h.unhashable != nullptr) return MapResult(h.unhashable);
    return work(GeneralKey{&type, slots, h.hash});
}

/// Where a key that is not in the table goes: the first empty or deleted entry on its way. `capacity`: there is none.
template <class Key>
std::uint64_t free_position(MapTable& table, const Key& key, MapHash hash) {
    if constexpr (std::is_same_v<Key, WordKey>) {
        table.most = std::max(table.most, key.word);
        if (table.dense != 0) return std::min(key.word, table.capacity);
    }
    std::uint64_t group = hash.group & table.group_mask;
    for (std::uint64_t step = 0; step <= table.group_mask; group = (group + ++step) & table.group_mask) {
        const std::uint32_t open = table.open(group);
        if (open == 0) continue;
        const std::uint64_t at = group * MapTable::kGroup + static_cast<std::uint64_t>(std::countr_zero(open));
        if (at >= table.capacity) return table.capacity;
        if (table.control_of(at) == MapTable::kEmpty) table.room.fetch_sub(1, std::memory_order_relaxed);
        return at;
    }
    return table.capacity;
}

/// Whether `table` has an entry for a key that it does not hold yet.
template <class Key>
bool has_room(const MapTable& table, const Key& key) {
    if constexpr (std::is_same_v<Key, WordKey>)
        if (table.dense != 0) return key.word < table.capacity;
    return table.room.load(std::memory_order_relaxed) > 0;
}

/// What the next table of the map is to be like, which will take the key `next`, too.
template <class Key>
Shape next_shape(const Map& map, const MapTable* old, const Key& next) {
    const std::int64_t live = map.count.load(std::memory_order_relaxed);
    // Twice as large, unless many entries were deleted ones.
    std::uint64_t capacity = kFirstCapacity;
    while (room_of(capacity) <= live || (old != nullptr && capacity <= old->capacity && live * 2 >= room_of(capacity))) capacity *= 2;
    if constexpr (std::is_same_v<Key, WordKey>) {
        // Dense, when that takes no more memory: an entry is shorter by the key.
        const std::uint64_t most = old == nullptr ? next.word : std::max(old->most, next.word);
        const std::uint64_t slots = std::max(1u, map.type->elem->slots);
        if (most < capacity * 2 && std::bit_ceil(most + 1) * slots <= capacity * (slots + 1))
            return {std::max(kFirstCapacity, std::bit_ceil(most + 1)), true};
    }
    return {capacity, false};
}

/// The key at a full position.
template <class Key>
Key key_at(const Map& map, const MapTable& table, std::uint64_t at) {
    const Slot* const entry = table.entry(at);
    if constexpr (std::is_same_v<Key, WordKey>) return {table.dense != 0 ? at : *entry};
    else if constexpr (std::is_same_v<Key, TextKey>) return {entry};
    else return {map.type->key, entry, hash_slots(*map.type->key, entry, map.seed).hash};
}

/// A table with room for `next`, holding the entries of the present one.
template <class Key>
MapTable* grow(Heap& heap, AllocCache& cache, Map& map, const Key& next) {
    MapTable* const old = map.table.load(std::memory_order_acquire);
    const Shape shape = next_shape(map, old, next);
    if (shape.capacity > kMostCapacity) return nullptr;
    MapTable* const fresh = make_table(heap, cache, *map.type, shape);
    if (fresh == nullptr) return nullptr;
    for (std::uint64_t i = 0; old != nullptr && i < old->capacity; ++i) {
        if ((old->control_of(i) & MapTable::kFull) == 0) continue;
        const Key key = key_at<Key>(map, *old, i);
        const MapHash hash = key.hash(map.seed);
        const std::uint64_t to = free_position(*fresh, key, hash);
        if (to == fresh->capacity) continue;  // a race has filled the old table too far
        if (fresh->dense == 0) key.store(fresh->entry(to));
        copy_slots(fresh->entry(to) + fresh->value_at, old->entry(i) + old->value_at, *map.type->elem);
        fresh->set_control(to, hash.tag);
    }
    heap.will_overwrite(cache, &map.table);
    map.table.store(fresh, std::memory_order_release);
    return fresh;
}

/// A function for each form of key, so that the simple ones need few registers.
template <class Key>
[[gnu::noinline]] MapResult assign_key(Heap& heap, AllocCache& cache, Map& map, const Key key) {
    const Writing writing(map);
    if (!writing.alone()) return {MapStatus::ConcurrentWrite};
    const MapHash hash = key.hash(map.seed);
    MapTable* table = map.table.load(std::memory_order_acquire);
    if (table != nullptr) {
        const std::uint64_t at = find_position(*table, key, hash);
        if (at != table->capacity) {
            Slot* const entry = table->entry(at);
            // x = +0 and x = -0 are one key; Go keeps the newer spelling for floats.
            if constexpr (std::is_same_v<Key, GeneralKey>) {
                heap.will_overwrite_slots(cache, entry, *map.type->key);
                key.store(entry);
            }
            return {MapStatus::Ok, entry + table->value_at};
        }
    }
    if (table == nullptr || !has_room(*table, key)) {
        table = grow(heap, cache, map, key);
        if (table == nullptr) return {MapStatus::OutOfMemory};
    }
    const std::uint64_t at = free_position(*table, key, hash);
    if (at == table->capacity) return {MapStatus::ConcurrentWrite};  // only a race fills a table
    Slot* const entry = table->entry(at);
    if (table->dense == 0) key.store(entry);
    table->set_control(at, hash.tag);
    map.count.fetch_add(1, std::memory_order_relaxed);
    return {MapStatus::Ok, entry + table->value_at};
}

template <class Key>
MapResult delete_key(Heap& heap, AllocCache& cache, Map& map, const Key& key) {
    const Writing writing(map);
    if (!writing.alone()) return {MapStatus::ConcurrentWrite};
    MapTable* const table = map.table.load(std::memory_order_acquire);
    if (table == nullptr) return {MapStatus::Missing};
    const std::uint64_t at = find_position(*table, key, key.hash(map.seed));
    if (at == table->capacity) return {MapStatus::Missing};
    // Where a group has an empty entry, no search goes on behind it.
    const bool empty = table->dense != 0 || table->matching(at / MapTable::kGroup, MapTable::kEmpty) != 0;
    table->set_control(at, empty ? MapTable::kEmpty : MapTable::kDeleted);
    if (empty) table->room.fetch_add(1, std::memory_order_relaxed);
    Slot* const entry = table->entry(at);
    if (heap.marking()) heap.mark_words(cache, entry, table->stride);
    clear_elements(entry, table->stride * sizeof(Slot), static_cast<std::uint8_t>(table->align));
    // Empty again: nothing has to be searched for any more, so a map that fills and drains does not grow.
    if (map.count.fetch_sub(1, std::memory_order_relaxed) == 1 && table->room.load(std::memory_order_relaxed) <= 0)
        reset_control(*table);
    return {MapStatus::Ok};
}

}  // namespace

Map* make_map(Heap& heap, AllocCache& cache, const Type& type, std::int64_t hint, std::uint64_t seed) {
    auto* map = static_cast<Map*>(heap.allocate_slots(cache, sizeof(Map) / sizeof(Slot)));
    if (map == nullptr) return nullptr;
    map->type = &type;
    map->form = key_form(*type.key);
    map->seed = seed;
    if (hint <= 0) return map;
    if (hint > static_cast<std::int64_t>(kMostCapacity) / 2) return nullptr;
    std::uint64_t capacity = kFirstCapacity;
    while (room_of(capacity) < hint) capacity *= 2;
    MapTable* const table = make_table(heap, cache, type, {capacity, false});
    if (table == nullptr) return nullptr;
    map->table.store(table, std::memory_order_release);
    return map;
}

MapResult map_find_general(const Map& map, const Slot* key) {
    return with_key(map, key, [&](const auto& k) { return find_key(map, k); });
}

MapResult map_assign(Heap& heap, AllocCache& cache, Map* map, const Slot* key) {
    return with_key(*map, key, [&](const auto& k) { return assign_key(heap, cache, *map, k); });
}

MapResult map_delete(Heap& heap, AllocCache& cache, Map* map, const Slot* key) {
    if (map == nullptr) return {MapStatus::Missing};
    return with_key(*map, key, [&](const auto& k) { return delete_key(heap, cache, *map, k); });
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
    it.remaining = it.table->capacity;
    it.next = random & (it.table->capacity - 1);
}

MapStatus map_next(MapIterator& it) {
    while (it.remaining > 0) {
        if (it.map->writers.load(std::memory_order_relaxed) != 0) return MapStatus::ConcurrentRead;
        const MapTable& table = *it.table;
        // Whole groups without an entry are passed over.
        if (it.next % MapTable::kGroup == 0 && it.remaining >= MapTable::kGroup && table.full(it.next / MapTable::kGroup) == 0) {
            it.remaining -= MapTable::kGroup;
            it.next = (it.next + MapTable::kGroup) & (table.capacity - 1);
            continue;
        }
        const std::uint64_t at = it.next;
        --it.remaining;
        it.next = (it.next + 1) & (table.capacity - 1);
        if ((table.control_of(at) & MapTable::kFull) == 0) continue;
        it.position = at;
        it.key = table.dense != 0 ? &it.position : table.entry(at);
        it.value = table.entry(at) + table.value_at;
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
