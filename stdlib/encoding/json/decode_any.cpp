// What a variable of type any gets: maps, slices and scalars that are made for it.

#include <cstring>

#include "runtime/value/map.h"
#include "runtime/value/slice_ops.h"
#include "stdlib/encoding/json/decode.h"
#include "stdlib/encoding/json/text.h"

namespace csp::stdlib::json {

using runtime::Slice;

void Decoder::any(Slot* to) {
    if (stopped() || !worked()) return;
    runtime::Goroutine& g = goroutine(call_);
    if (!g.scheduler->with_stack(g, [&] { plain_any(to); })) status_ = call_.fatal("stack overflow");
}

void Decoder::plain_any(Slot* to) {
    space();
    to[0] = to[1] = 0;
    switch (peek()) {
        case '{': return any_object(to);
        case '[': return any_array(to);
        case '"': {
            std::string buffer;
            box_text(to, *plans_.dynamic(call_).text, meaning(literal_text(), buffer, &work_));
            return;
        }
        default: break;
    }
    const std::string_view text = literal_text();
    if (text == "null" || text.empty()) return;
    if (text[0] == 't' || text[0] == 'f') {
        to[0] = reinterpret_cast<Slot>(plans_.dynamic(call_).boolean);
        to[1] = text[0] == 't';
        return;
    }
    any_number(to, text);
}

void Decoder::any_number(Slot* to, std::string_view text) {
    to[0] = to[1] = 0;
    if ((options_ & kUseNumber) != 0) {
        // The package's own type is a parameter's in the native's type: see unmarshal.csp.
        const auto* const function = static_cast<const Type*>(call_.function_type());
        box_text(to, *function->params.back(), text);
        return;
    }
    double number = 0;
    const Type& type = *plans_.dynamic(call_).number;
    if (!parse_number(text, number, work_)) return mismatch("number " + std::string(text), type, at_ + 1);
    to[0] = reinterpret_cast<Slot>(&type);
    std::memcpy(to + 1, &number, sizeof number);
}

void Decoder::any_object(Slot* to) {
    const Plans::Dynamic& dynamic = plans_.dynamic(call_);
    runtime::Map* const table =
        runtime::make_map(heap(call_), cache(call_), *dynamic.object, 0, reinterpret_cast<Slot>(to) ^ goroutine(call_).id * 0x9E3779B97F4A7C15ULL);
    if (table == nullptr) return out_of_memory();
    to[0] = reinterpret_cast<Slot>(dynamic.object);
    to[1] = reinterpret_cast<Slot>(table);
    std::string buffer;
    ++at_;
    while (next('}')) {
        Slot key[2] = {}, elem[2] = {};
        if (!put_text(key, name(buffer))) return;
        any(elem);
        if (stopped()) return;
        const runtime::MapResult entry = runtime::map_assign(heap(call_), cache(call_), table, key);
        if (entry.status != runtime::MapStatus::Ok) return out_of_memory();
        heap(call_).will_overwrite_slots(cache(call_), entry.value, *dynamic.any);
        runtime::copy_slots(entry.value, elem, *dynamic.any);
    }
}

void Decoder::any_array(Slot* to) {
    const Plans::Dynamic& dynamic = plans_.dynamic(call_);
    Slice slice{heap(call_).allocate_array(cache(call_), *dynamic.any, 0), 0, 0};
    if (slice.data == nullptr) return out_of_memory();
    ++at_;
    while (next(']')) {
        Slot elem[2] = {};
        any(elem);
        if (stopped()) return;
        if (slice.size == slice.capacity && !runtime::grow_slice(heap(call_), cache(call_), *dynamic.any, slice, std::int64_t{slice.size} + 1))
            return out_of_memory();
        runtime::store_pair(static_cast<Slot*>(slice.data) + slice.size * 2, elem);
        ++slice.size;
    }
    Slot pair[2];
    put_slice(pair, slice);
    void* const box = heap(call_).allocate(cache(call_), *dynamic.array);
    if (box == nullptr) return out_of_memory();
    runtime::store_pair(box, pair);
    to[0] = reinterpret_cast<Slot>(dynamic.array);
    to[1] = reinterpret_cast<Slot>(box);
}

}  // namespace csp::stdlib::json
