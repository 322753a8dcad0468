// Maps.

#include <algorithm>
#include <cstring>
#include <vector>

#include "runtime/value/map.h"
#include "stdlib/reflect/reflection.h"
#include "stdlib/support/work.h"

namespace csp::stdlib::reflection {

using runtime::Kind;
using runtime::Map;
using runtime::MapResult;
using runtime::MapStatus;
using runtime::Type;

namespace {

Map* map_of(const Reflected& r) { return r.kind() == Kind::Map ? r.value().as<Map*>() : nullptr; }

Status failed(Call& call, const MapResult& result) {
    switch (result.status) {
        case MapStatus::OutOfMemory: return call.out_of_memory();
        case MapStatus::Unhashable:
            return call.runtime_error("hash of unhashable type " + std::string(result.unhashable->string));
        case MapStatus::ConcurrentWrite: return call.fatal("concurrent map writes");
        case MapStatus::ConcurrentRead: return call.fatal("concurrent map read and map write");
        case MapStatus::Ok:
        case MapStatus::Missing: break;
    }
    return Status::Ok;
}

/// A value in slot form, on the C++ stack or, if it is large, in the heap.
class Slots {
  public:
    Slots(Call& call, const Reflected& r) {
        if (r.type->slots > std::size(few_))
            slots_ = static_cast<Slot*>(heap(call).allocate_slots(cache(call), r.type->slots));
        if (slots_ != nullptr && r.type->slots > 0) runtime::load_value(slots_, r.data(), *r.type);
    }
    const Slot* get() const { return slots_; }

  private:
    Slot few_[16] = {};
    Slot* slots_ = few_;
};

Status make(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* type = type_at(call, s[kValueSlots]);
    const auto size = static_cast<std::int64_t>(s[kValueSlots + 1]);
    if (type == nullptr || type->kind != Kind::Map) return nil_pointer(call);
    const auto seed = reinterpret_cast<std::uint64_t>(&call) ^ goroutine(call).id * 0x9E3779B97F4A7C15ULL;
    Map* const map = runtime::make_map(heap(call), cache(call), *type, size < 0 ? 0 : size, seed);
    if (map == nullptr) return call.out_of_memory();
    put_nothing(s);
    put_type(s, type);
    s[1] = reinterpret_cast<Slot>(map);
    return Status::Ok;
}

Status load(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + kValueSlots);
    const Reflected key(s + kValueSlots * 2);
    put_nothing(s);
    if (v.kind() != Kind::Map || key.type != v.type->key) return nil_pointer(call);
    if (!Work(call).read(key.type->kind == Kind::String ? key.value().text().size() : key.type->size)) return Status::Ended;
    const Slots slots(call, key);
    if (slots.get() == nullptr) return call.out_of_memory();
    const MapResult found = runtime::map_find(map_of(v), slots.get());
    if (found.status == MapStatus::Missing) return Status::Ok;
    if (found.status != MapStatus::Ok) return failed(call, found);
    return put_slots(call, s, *v.type->elem, found.value, 0) ? Status::Ok : Status::Panic;
}

Status store_entry(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Reflected v(s);
    const Reflected key(s + kValueSlots);
    const Reflected elem(s + kValueSlots * 2);
    if (v.kind() != Kind::Map || key.type != v.type->key || elem.type != v.type->elem) return nil_pointer(call);
    Map* const map = map_of(v);
    if (map == nullptr) return call.panic("assignment to entry in nil map");
    const Slots slots(call, key);
    const Slots value(call, elem);
    if (slots.get() == nullptr || value.get() == nullptr) return call.out_of_memory();
    const MapResult place = runtime::map_assign(heap(call), cache(call), map, slots.get());
    if (place.status != MapStatus::Ok) return failed(call, place);
    heap(call).will_overwrite_slots(cache(call), place.value, *elem.type);
    runtime::copy_slots(place.value, value.get(), *elem.type);
    return Status::Ok;
}

Status remove(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Reflected v(s);
    const Reflected key(s + kValueSlots);
    if (v.kind() != Kind::Map || key.type != v.type->key) return nil_pointer(call);
    const Slots slots(call, key);
    if (slots.get() == nullptr) return call.out_of_memory();
    return failed(call, runtime::map_delete(heap(call), cache(call), map_of(v), slots.get()));
}

Status clear(Call& call, const NativeEntry&) {
    const Reflected v(call.slots());
    Map* const map = map_of(v);
    if (map == nullptr) return Status::Ok;
    const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(map->count.load(std::memory_order_relaxed), 0));
    if (!Work(call).steps(count)) return Status::Ended;
    return failed(call, MapResult(runtime::map_clear(heap(call), cache(call), map)));
}

/// Results: keys and elements, two []Value.
Status entries(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + 4);
    const Type& value_type = *static_cast<const Type*>(call.function_type())->results[0]->elem;
    Map* const map = map_of(v);
    s[0] = s[1] = s[2] = s[3] = 0;
    const std::int64_t count = map == nullptr ? 0 : map->count.load(std::memory_order_relaxed);
    if (count > runtime::kMaxSliceLength / 2) return call.out_of_memory();
    const auto room = static_cast<std::uint32_t>(count < 0 ? 0 : count);
    runtime::Slice keys{heap(call).allocate_array(cache(call), value_type, room), 0, room};
    if (keys.data == nullptr) return call.out_of_memory();
    put_slice(s, keys);
    runtime::Slice elems{heap(call).allocate_array(cache(call), value_type, room), 0, room};
    if (elems.data == nullptr) return call.out_of_memory();
    put_slice(s + 2, elems);
    if (map == nullptr) return Status::Ok;
    runtime::MapIterator it{};
    runtime::map_iterate(it, map, static_cast<std::uint64_t>(map->seed >> 7) ^ goroutine(call).id);
    const auto read_only = v.read_only();
    while (keys.size < room) {
        const MapStatus status = runtime::map_next(it);
        if (status == MapStatus::Missing) break;
        if (status != MapStatus::Ok) return call.fatal("concurrent map iteration and map write");
        Slot value[kValueSlots];
        if (!put_slots(call, value, *v.type->key, it.key, read_only)) return Status::Panic;
        runtime::copy_memory(static_cast<Slot*>(keys.data) + keys.size * kValueSlots, value, sizeof value, 8);
        if (!put_slots(call, value, *v.type->elem, it.value, read_only)) return Status::Panic;
        runtime::copy_memory(static_cast<Slot*>(elems.data) + keys.size * kValueSlots, value, sizeof value, 8);
        ++keys.size;
        if (!call.charge(16)) return Status::Ended;
    }
    elems.size = keys.size;
    s = call.slots();
    put_slice(s, keys);
    put_slice(s + 2, elems);
    return Status::Ok;
}

}  // namespace

void add_maps(Package& package) {
    package.raw("makeMap", make)
        .raw("mapLoad", load)
        .raw("mapStore", store_entry)
        .raw("mapRemove", remove)
        .raw("mapClear", clear)
        .raw("mapEntries", entries);
}

}  // namespace csp::stdlib::reflection
