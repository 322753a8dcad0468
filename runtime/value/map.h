#pragma once

// Maps. A table (map_table.h) knows its own capacity and never changes it: growth makes a new table and
// publishes it, so a racing reader stays inside the table it loaded. Concurrent use that includes a write is
// detected on a best-effort basis, as in Go.
//
// Iteration: starts at a random entry; when the map has been rehashed since, the iterator goes on over
// its old table and looks each key up in the new one, so deleted entries are never produced and none
// is produced twice (Go spec, "For statements with range clause").

#include <atomic>

#include "runtime/heap/heap.h"
#include "runtime/value/equality.h"
#include "runtime/value/map_table.h"

namespace csp::runtime {

/// The object a Csp map value points to. Heap-allocated.
struct Map {
    const Type* type;  ///< The map type.
    std::atomic<MapTable*> table;
    std::atomic<std::int64_t> count;
    std::atomic<std::uint32_t> writers;  ///< Detects concurrent writes.
    KeyForm form;
    std::uint64_t seed;
};

enum class MapStatus : std::uint8_t { Ok, Missing, OutOfMemory, Unhashable, ConcurrentWrite, ConcurrentRead };

/// Small enough to be returned in registers.
struct MapResult {
    MapStatus status;
    union {
        Slot* value;             ///< Ok: the entry's value slots, to be read and written by copy_slots().
        const Type* unhashable;  ///< Unhashable.
    };

    MapResult(MapStatus s, Slot* v = nullptr) : status(s), value(v) {}
    explicit MapResult(const Type* type) : status(MapStatus::Unhashable), unhashable(type) {}
};

Map* make_map(Heap&, AllocCache&, const Type& type, std::int64_t hint, std::uint64_t seed);
MapResult map_find_general(const Map& map, const Slot* key);  ///< map_find() whatever the keys are.
/// Finds or inserts; the value slots of a new entry are zero. `map` is not null.
MapResult map_assign(Heap&, AllocCache&, Map* map, const Slot* key);
MapResult map_delete(Heap&, AllocCache&, Map* map, const Slot* key);
MapStatus map_clear(Heap&, AllocCache&, Map* map);

template <class Key>
inline MapResult find_key(const Map& map, const Key& key) {
    if (map.writers.load(std::memory_order_relaxed) != 0) return {MapStatus::ConcurrentRead};
    const MapTable* const table = map.table.load(std::memory_order_acquire);
    if (table == nullptr) return {MapStatus::Missing};
    std::uint64_t at;
    if constexpr (std::is_same_v<Key, WordKey>) at = table->dense != 0 ? find_dense(*table, key.word) : find_position(*table, key, key.hash(map.seed));
    else at = find_position(*table, key, key.hash(map.seed));
    if (at == table->capacity) return {MapStatus::Missing};
    return {MapStatus::Ok, table->entry(at) + table->value_at};
}

/// A nil map is empty. Inline for the keys that most maps have.
inline MapResult map_find(const Map* map, const Slot* key) {
    if (map == nullptr) return {MapStatus::Missing};
    if (map->form == KeyForm::Text) return find_key(*map, TextKey{key});
    if (map->form == KeyForm::Word) return find_key(*map, WordKey{*key});
    return map_find_general(*map, key);
}

/// Lives in frame slots (8 of them); the collector sees its pointers conservatively.
struct MapIterator {
    Map* map;
    MapTable* table;
    std::uint64_t next;       ///< Entry to look at next.
    std::uint64_t remaining;  ///< Entries still to look at.
    const Slot* key;          ///< The current entry's key and value slots.
    const Slot* value;
    Slot position;            ///< Where a dense table's key, which is this, is found.
    std::uint64_t unused;
};
static_assert(sizeof(MapIterator) == 64);

void map_iterate(MapIterator& it, Map* map, std::uint64_t random);
/// Moves to the next entry: Ok (key and value are set), Missing (the end), or ConcurrentRead.
MapStatus map_next(MapIterator& it);

}  // namespace csp::runtime
