// Arrays, slices and strings.

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "runtime/value/slice_ops.h"
#include "stdlib/reflect/reflection.h"
#include "stdlib/support/work.h"

namespace csp::stdlib::reflection {

using runtime::Kind;
using runtime::Slice;
using runtime::Type;

namespace {

enum Problem : Slot { kFine, kWrongKind, kOutOfRange };

/// The elements of a slice, or of an array that is a variable.
struct Elements {
    const Type* type = nullptr;  ///< Of one element; null: it has none.
    Slice slice;

    explicit Elements(const Reflected& r) {
        if (r.kind() == Kind::Slice) {
            type = r.type->elem;
            slice = r.value().as<Slice>();
        } else if (r.kind() == Kind::Array && (r.type->size == 0 || r.address != nullptr)) {
            type = r.type->elem;
            const auto length = static_cast<std::uint32_t>(r.type->length);
            slice = {r.type->size == 0 ? runtime::zero_size_address() : r.address, length, length};
        }
    }
    char* at(std::uint64_t i) const { return static_cast<char*>(slice.data) + i * type->size; }
};

Status index(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + kValueSlots + 1);
    const std::uint64_t i = s[kValueSlots * 2 + 1];
    put_nothing(s);
    s[kValueSlots] = kFine;
    if (v.kind() == Kind::String) {
        const std::string_view text = v.value().text();
        if (i >= text.size()) {
            s[kValueSlots] = kOutOfRange;
            return Status::Ok;
        }
        put_type(s, types(call).basic(Kind::Uint8));
        s[1] = static_cast<unsigned char>(text[i]);
        s[2] = v.read_only();
        return Status::Ok;
    }
    const Elements elements(v);
    if (elements.type == nullptr || (v.flags & kMethod) != 0) {
        s[kValueSlots] = kWrongKind;
        return Status::Ok;
    }
    if (i >= elements.slice.size) {
        s[kValueSlots] = kOutOfRange;
        return Status::Ok;
    }
    const Slot addressable = v.kind() == Kind::Slice ? Slot{kAddressable} : v.flags & kAddressable;
    void* const place = elements.type->size == 0 ? runtime::zero_size_address() : elements.at(i);
    put_place(call, s, *elements.type, place, v.read_only() | addressable);
    return Status::Ok;
}

Status slice(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + kValueSlots + 1);
    const Slot* bounds = s + kValueSlots * 2 + 1;
    const std::uint64_t low = bounds[0], high = bounds[1];
    const bool has_max = static_cast<std::int64_t>(bounds[2]) >= 0;
    const std::uint64_t given_max = bounds[2];
    put_nothing(s);
    s[kValueSlots] = 0;
    if (v.kind() == Kind::String) {
        const auto text = v.value().as<runtime::String>();
        if (high > static_cast<std::uint64_t>(text.size) || low > high) return Status::Ok;
        s[kValueSlots] = 1;
        const runtime::String part{low == high ? nullptr : text.data + low, static_cast<std::int64_t>(high - low)};
        return put_copy(call, s, *v.type, &part, v.read_only()) ? Status::Ok : Status::Panic;
    }
    const Elements elements(v);
    if (elements.type == nullptr) return Status::Ok;
    const std::uint64_t max = has_max ? given_max : elements.slice.capacity;
    if (max > elements.slice.capacity || high > max || low > high) return Status::Ok;
    s[kValueSlots] = 1;
    Slice part;
    part.size = static_cast<std::uint32_t>(high - low);
    part.capacity = static_cast<std::uint32_t>(max - low);
    part.data = part.capacity == 0 ? elements.slice.data : elements.at(low);
    const Type* type = v.kind() == Kind::Slice ? v.type : types(call).slice_of(elements.type);
    return put_copy(call, s, *type, &part, v.read_only()) ? Status::Ok : Status::Panic;
}

Status bytes(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Elements elements(Reflected(s + 2));
    if (elements.type == nullptr || elements.type->kind != Kind::Uint8) return call.panic("reflect.Value.Bytes of non-byte slice");
    put_slice(s, elements.slice);
    return Status::Ok;
}

Status make_slice(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* type = type_at(call, s[kValueSlots]);
    if (type == nullptr || type->kind != Kind::Slice) return nil_pointer(call);
    const std::uint64_t length = s[kValueSlots + 1], capacity = s[kValueSlots + 2];
    constexpr auto kMost = static_cast<std::uint64_t>(runtime::kMaxSliceLength);
    if (length > kMost) return call.panic("reflect.MakeSlice: len out of range");
    if (capacity > kMost || length > capacity) return call.panic("reflect.MakeSlice: cap out of range");
    Slice made{nullptr, static_cast<std::uint32_t>(length), static_cast<std::uint32_t>(capacity)};
    made.data = heap(call).allocate_array(cache(call), *type->elem, capacity);
    if (made.data == nullptr) return call.out_of_memory();
    return put_copy(call, s, *type, &made, 0) ? Status::Ok : Status::Panic;
}

Status grown(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + kValueSlots);
    const std::uint64_t more = s[kValueSlots * 2];
    const bool longer = s[kValueSlots * 2 + 1] != 0;
    if (v.kind() != Kind::Slice) return nil_pointer(call);
    auto made = v.value().as<Slice>();
    const std::uint64_t needed = made.size + more;
    if (needed > made.capacity && !Work(call).moved(std::size_t{made.size} * v.type->elem->size)) return Status::Ended;
    if (needed > static_cast<std::uint64_t>(runtime::kMaxSliceLength)) return call.panic("reflect.Append: slice overflow");
    if (!runtime::grow_slice(heap(call), cache(call), *v.type->elem, made, static_cast<std::int64_t>(needed)))
        return call.out_of_memory();
    if (longer) made.size = static_cast<std::uint32_t>(needed);
    return put_copy(call, s, *v.type, &made, v.read_only()) ? Status::Ok : Status::Panic;
}

Status copy_elements(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected dst(s + 1);
    const Reflected src(s + 1 + kValueSlots);
    const Elements to(dst);
    if (dst.kind() == Kind::Array && !dst.is_variable()) return call.panic("reflect: copy to an unaddressable array");
    if (to.type == nullptr) return nil_pointer(call);
    Slice from;
    if (src.kind() == Kind::String) {
        const std::string_view text = src.value().text();
        if (to.type->kind != Kind::Uint8) return call.panic("reflect: copy of a string to no bytes");
        const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), to.slice.size));
        from = {const_cast<char*>(text.data()), count, count};
    } else {
        const Elements elements(src);
        if (elements.type != to.type) return call.panic("reflect: copy between elements of different types");
        from = elements.slice;
    }
    // Forwards or backwards, as what they share must not be overwritten before it is copied.
    Work work(call);
    const std::uint32_t count = std::min(to.slice.size, from.size);
    const std::size_t step = to.type->size == 0 ? count : std::max<std::size_t>((1 << 17) / to.type->size, 1);
    const bool backwards = to.slice.data > from.data;
    for (std::size_t done = 0, part = 0; done < count; done += part) {
        part = std::min<std::size_t>(step, count - done);
        const std::size_t at = (backwards ? count - done - part : done) * to.type->size;
        const auto size = static_cast<std::uint32_t>(part);
        runtime::copy_slice(heap(call), cache(call), *to.type, {static_cast<char*>(to.slice.data) + at, size, size},
                            {static_cast<char*>(from.data) + at, size, size});
        if (!work.moved(part * to.type->size)) return Status::Ended;
    }
    call.slots()[0] = count;
    return Status::Ok;
}

Status clear_elements(Call& call, const NativeEntry&) {
    const Reflected v(call.slots());
    if (v.kind() != Kind::Slice) return nil_pointer(call);
    const Elements elements(v);
    const std::size_t bytes = std::size_t{elements.slice.size} * elements.type->size;
    if (bytes == 0) return Status::Ok;
    Work work(call);
    const std::size_t step = std::max<std::size_t>((1 << 17) / elements.type->size, 1);
    for (std::size_t done = 0, part = 0; done < elements.slice.size; done += part) {
        part = std::min<std::size_t>(step, elements.slice.size - done);
        heap(call).will_overwrite_elements(cache(call), *elements.type, elements.at(done), part);
        runtime::clear_elements(elements.at(done), part * elements.type->size, elements.type->align);
        if (!work.moved(part * elements.type->size)) return Status::Ended;
    }
    return Status::Ok;
}

Status swap_elements(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Reflected v(s);
    const std::uint64_t i = s[kValueSlots], j = s[kValueSlots + 1];
    if (v.kind() != Kind::Slice) return nil_pointer(call);
    const Elements elements(v);
    const Type& type = *elements.type;
    const std::uint32_t size = elements.slice.size;
    if (i >= size || j >= size) {
        // Go has code of its own for common sizes, where it is an index expression that panics.
        const bool common = size > 1 && (type.kind == Kind::String || type.size == 1 || type.size == 2 || type.size == 4 || type.size == 8);
        if (!common) return call.panic("reflect: slice index out of range");
        const auto bad = static_cast<std::int64_t>(i >= size ? i : j);
        return call.runtime_error("index out of range [" + std::to_string(bad) + "]" +
                                  (bad < 0 ? "" : " with length " + std::to_string(size)));
    }
    if (type.size == 0) return Status::Ok;
    alignas(16) char few[256];
    std::vector<char> many;
    char* kept = few;
    if (type.size > sizeof few) {
        many.resize(type.size);
        kept = many.data();
    }
    // Both are told to the collector before either is overwritten: nothing is in `kept` alone.
    heap(call).will_overwrite_elements(cache(call), type, elements.at(i), 1);
    heap(call).will_overwrite_elements(cache(call), type, elements.at(j), 1);
    runtime::copy_memory(kept, elements.at(i), type.size, type.align);
    runtime::move_elements(elements.at(i), elements.at(j), type.size, type.align);
    runtime::copy_memory(elements.at(j), kept, type.size, type.align);
    return Status::Ok;
}

}  // namespace

void add_sequences(Package& package) {
    package.raw("index", index)
        .raw("slice", slice)
        .raw("bytes", bytes)
        .raw("makeSlice", make_slice)
        .raw("grown", grown)
        .raw("copyElements", copy_elements)
        .raw("clearElements", clear_elements)
        .raw("swapElements", swap_elements);
}

}  // namespace csp::stdlib::reflection
