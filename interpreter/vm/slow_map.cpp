// Maps.

#include <cstring>

#include "interpreter/vm/slow.h"
#include "runtime/value/map.h"

namespace csp::vm::slow {

using bytecode::Word;
using runtime::Kind;
using runtime::Map;
using runtime::MapResult;
using runtime::MapStatus;

namespace {

const Word& word(const Instruction* at) { return *reinterpret_cast<const Word*>(at + 1); }
Map* map_at(Slot slot) { return reinterpret_cast<Map*>(slot); }

bool is_error(MapStatus status) { return status != MapStatus::Ok && status != MapStatus::Missing; }

void copy_or_zero(Slot* to, const MapResult& r, const runtime::Type& type) {
    if (r.status == MapStatus::Ok)
        runtime::copy_slots(to, r.value, type);
    else if (type.slots == 1)
        *to = 0;
    else
        std::memset(to, 0, type.slots * sizeof(Slot));
}

}  // namespace

MapResult map_find_word(Slot map, Slot key) {
    if (map == 0) return {MapStatus::Missing};
    return runtime::find_key(*map_at(map), runtime::WordKey{key});
}

MapResult map_find_text(Slot map, const Slot* key) {
    if (map == 0) return {MapStatus::Missing};
    return runtime::find_key(*map_at(map), runtime::TextKey{key});
}

Flow map_failed(Machine& m, Thread& t, const MapResult& result) {
    switch (result.status) {
        case MapStatus::OutOfMemory: return m.out_of_memory(t);
        case MapStatus::Unhashable:
            return m.raise_runtime(t, "hash of unhashable type " + std::string(result.unhashable->string));
        case MapStatus::ConcurrentWrite: return m.fatal(t, "concurrent map writes");
        case MapStatus::ConcurrentRead: return m.fatal(t, "concurrent map read and map write");
        case MapStatus::Ok:
        case MapStatus::Missing: break;
    }
    return Flow::Next;
}

namespace {

/// Also for a nil map: a key without a hash is wrong there, too.
MapResult find(const runtime::Type& type, const Map* map, const Slot* key) {
    if (map != nullptr) return runtime::map_find(map, key);
    const runtime::Type* unhashable = runtime::hash_slots(*type.key, key, 0).unhashable;
    return unhashable == nullptr ? MapResult(MapStatus::Missing) : MapResult(unhashable);
}

/// What Go says where there is nothing to find.
Flow search_failed(Machine& m, Thread& t, const Map* map, const MapResult& result) {
    if (result.status != MapStatus::Unhashable || (map != nullptr && map->count.load(std::memory_order_relaxed) > 0))
        return map_failed(m, t, result);
    return m.raise_plain(t, "hash of unhashable type: " + std::string(result.unhashable->string));
}

}  // namespace

Flow make_map(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const auto hint = static_cast<std::int64_t>(fp[at->b]);
    if (hint < 0) return m.raise_runtime(t, "makemap: size out of range");
    Map* map = runtime::make_map(m.heap(), m.cache(t), *m.program().types[at->c], hint, m.random(t));
    if (map == nullptr) return m.out_of_memory(t);
    fp[at->a] = reinterpret_cast<Slot>(map);
    return Flow::Next;
}

Flow map_get(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const runtime::Type& type = *m.program().types[word(at).lo];
    const Map* map = map_at(fp[at->b]);
    const MapResult r = find(type, map, fp + at->c);
    if (is_error(r.status)) return search_failed(m, t, map, r);
    copy_or_zero(fp + at->a, r, *type.elem);
    return Flow::Next;
}

Flow map_get_ok(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const runtime::Type& type = *m.program().types[word(at).lo];
    const Map* map = map_at(fp[at->b]);
    const MapResult r = find(type, map, fp + at->c);
    if (is_error(r.status)) return search_failed(m, t, map, r);
    copy_or_zero(fp + at->a, r, *type.elem);
    fp[word(at).hi] = r.status == MapStatus::Ok;
    return Flow::Next;
}

Flow map_set(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const runtime::Type& type = *m.program().types[word(at).lo];
    Map* map = map_at(fp[at->a]);
    if (map == nullptr) return m.raise_plain(t, "assignment to entry in nil map");
    const Slot* key = fp + at->b;
    const MapResult r = runtime::map_assign(m.heap(), m.cache(t), map, key);
    if (is_error(r.status)) return map_failed(m, t, r);
    m.heap().will_overwrite_slots(m.cache(t), r.value, *type.elem);
    runtime::copy_slots(r.value, fp + at->c, *type.elem);
    return Flow::Next;
}

/// One search instead of two. The value is no pointer.
Flow map_add(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    Map* map = map_at(fp[at->a]);
    if (map == nullptr) return m.raise_plain(t, "assignment to entry in nil map");
    const MapResult r = runtime::map_assign(m.heap(), m.cache(t), map, fp + at->b);
    if (is_error(r.status)) return map_failed(m, t, r);
    __atomic_store_n(r.value, __atomic_load_n(r.value, __ATOMIC_RELAXED) + fp[at->c], __ATOMIC_RELAXED);
    return Flow::Next;
}

Flow map_delete(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    Map* map = map_at(fp[at->a]);
    const MapResult r = map == nullptr ? find(*m.program().types[word(at).lo], map, fp + at->b)
                                       : runtime::map_delete(m.heap(), m.cache(t), map, fp + at->b);
    if (is_error(r.status)) return search_failed(m, t, map, r);
    return Flow::Next;
}

Slot map_length(Slot map) {
    return map == 0 ? 0 : static_cast<Slot>(map_at(map)->count.load(std::memory_order_relaxed));
}

Flow map_clear(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    Map* map = map_at(fp[at->a]);
    if (map == nullptr) return Flow::Next;
    const MapStatus status = runtime::map_clear(m.heap(), m.cache(t), map);
    return is_error(status) ? map_failed(m, t, {status}) : Flow::Next;
}

void map_iterate(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    runtime::MapIterator it{};
    runtime::map_iterate(it, map_at(fp[at->b]), m.random(t));
    std::memcpy(fp + at->a, &it, sizeof it);
}

Flow map_next(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    runtime::MapIterator it;
    std::memcpy(static_cast<void*>(&it), fp + at->a, sizeof it);
    const MapStatus status = runtime::map_next(it);
    std::memcpy(fp + at->a, &it, sizeof it);
    if (status == MapStatus::Missing) {
        t.pc += word(at).slo;
        return Flow::Jump;
    }
    if (status != MapStatus::Ok) return m.fatal(t, "concurrent map iteration and map write");
    const runtime::Type& type = *m.program().types[word(at).hi];
    if (at->b != bytecode::kNoSlot) runtime::copy_slots(fp + at->b, it.key, *type.key);
    if (at->c != bytecode::kNoSlot) runtime::copy_slots(fp + at->c, it.value, *type.elem);
    return Flow::Next;
}

}  // namespace csp::vm::slow
