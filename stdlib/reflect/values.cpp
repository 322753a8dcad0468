// Values: what they are and what they hold.

#include <cstring>

#include "runtime/chan/channel.h"
#include "runtime/value/map.h"
#include "stdlib/reflect/reflection.h"

namespace csp::stdlib::reflection {

using runtime::Kind;
using runtime::Type;

namespace {

Status kind(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected r(s + 1);
    s[0] = static_cast<Slot>((r.flags & kMethod) != 0 ? Kind::Func : r.kind());
    return Status::Ok;
}

Status type(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    put_type(s, Reflected(s + 1).type);
    return Status::Ok;
}

Status content(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected r(s + 2);
    if (r.type == nullptr) return nil_pointer(call);
    return to_interface(call, r, s) ? Status::Ok : Status::Panic;
}

Status zero(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* t = type_at(call, s[kValueSlots]);
    if (t == nullptr) return nil_pointer(call);
    put_nothing(s);
    put_type(s, t);
    if (t->inline_in_interface) return Status::Ok;
    void* const memory = heap(call).allocate(cache(call), *t);
    if (memory == nullptr) return call.out_of_memory();
    if (t->kind == Kind::Interface)
        put_place(call, s, *t, memory, 0);
    else
        s[1] = reinterpret_cast<Slot>(memory);
    return Status::Ok;
}

Status allocated(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Type* t = type_at(call, s[kValueSlots]);
    if (t == nullptr) return nil_pointer(call);
    if (!may_make_of(call, *t)) return Status::Panic;
    void* const memory = heap(call).allocate(cache(call), *t);
    if (memory == nullptr) return call.out_of_memory();
    put_nothing(s);
    put_type(s, types(call).pointer_to(t));
    s[1] = reinterpret_cast<Slot>(memory);
    return Status::Ok;
}

/// The kind, unless it is a method.
Kind plain_kind(const Reflected& r) { return (r.flags & kMethod) != 0 ? Kind::Func : r.kind(); }

/// Results: the scalar, and whether v is of the kind.
template <auto has, auto get>
Status scalar(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected r(s + 2);
    s[1] = has(plain_kind(r));
    if (s[1] == 0) {
        s[0] = 0;
        return Status::Ok;
    }
    const auto x = get(r.value());
    std::memcpy(s, &x, sizeof(Slot));
    return Status::Ok;
}

Status complex_number(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected r(s + 3);
    double parts[2] = {};
    const Kind k = plain_kind(r);
    s[2] = is_complex(k);
    if (k == Kind::Complex64) {
        float narrow[2];
        std::memcpy(narrow, r.data(), sizeof narrow);
        parts[0] = static_cast<double>(narrow[0]);
        parts[1] = static_cast<double>(narrow[1]);
    } else if (k == Kind::Complex128) {
        std::memcpy(parts, r.data(), sizeof parts);
    }
    std::memcpy(s, parts, sizeof parts);
    return Status::Ok;
}

Status text(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected r(s + 2);
    if (r.kind() != Kind::String) return call.panic("reflect: not a string");
    runtime::copy_pair(s, static_cast<const Slot*>(r.data()));
    return Status::Ok;
}

Slot word_of(const Reflected& r) { return r.value().as<Slot>(); }

Status address(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected r(s + 2);
    s[1] = 1;
    switch (plain_kind(r)) {
        case Kind::Chan: case Kind::Map: case Kind::Pointer: case Kind::UnsafePointer: s[0] = word_of(r); break;
        case Kind::Func: s[0] = (r.flags & kMethod) != 0 ? reinterpret_cast<Slot>(r.type) : word_of(r); break;
        case Kind::Slice: s[0] = reinterpret_cast<Slot>(r.value().as<runtime::Slice>().data); break;
        case Kind::String: s[0] = reinterpret_cast<Slot>(r.value().text().data()); break;
        default: s[0] = s[1] = 0; break;
    }
    return Status::Ok;
}

Status is_nil(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected r(s + 2);
    s[1] = 1;
    switch (plain_kind(r)) {
        case Kind::Chan: case Kind::Map: case Kind::Pointer: case Kind::UnsafePointer: s[0] = word_of(r) == 0; break;
        case Kind::Func: s[0] = (r.flags & kMethod) == 0 && word_of(r) == 0; break;
        case Kind::Slice: s[0] = r.value().as<runtime::Slice>().data == nullptr; break;
        case Kind::Interface: s[0] = r.value().as<runtime::Interface>().type == nullptr; break;
        default: s[0] = s[1] = 0; break;
    }
    return Status::Ok;
}

Status value_is_zero(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected r(s + 1);
    s[0] = r.type == nullptr || is_zero(*r.type, r.data());
    return Status::Ok;
}

Status element(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected r(s + kValueSlots);
    put_nothing(s);
    if (r.kind() == Kind::Interface) {
        const auto held = r.value().as<runtime::Interface>();
        put_type(s, held.type);
        s[1] = held.word;
        s[2] = held.type == nullptr ? 0 : r.read_only();
        return Status::Ok;
    }
    if (r.kind() != Kind::Pointer) return Status::Ok;
    const Slot target = word_of(r);
    if (target != 0) put_place(call, s, *r.type->elem, reinterpret_cast<void*>(target), r.read_only() | kAddressable);
    return Status::Ok;
}

Status field(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected r(s + kValueSlots);
    const std::uint64_t i = s[kValueSlots * 2];
    if (r.kind() != Kind::Struct || i >= r.type->fields.size()) return call.panic("reflect: Field index out of range");
    const runtime::Field& f = r.type->fields[i];
    Slot flags = r.flags & (kStickyReadOnly | kAddressable);
    if (!f.exported) flags |= f.embedded ? kEmbedReadOnly : kStickyReadOnly;
    // A struct without an address has no bytes.
    void* const place = r.address != nullptr ? r.address + f.offset : runtime::zero_size_address();
    put_place(call, s, *f.type, place, flags);
    return Status::Ok;
}

std::int64_t length_of(const Reflected& r) {
    switch (plain_kind(r)) {
        case Kind::Array: return r.type->length;
        case Kind::Chan: return runtime::channel_length(reinterpret_cast<runtime::Channel*>(word_of(r)));
        case Kind::Map: {
            const auto* map = reinterpret_cast<const runtime::Map*>(word_of(r));
            return map == nullptr ? 0 : map->count.load(std::memory_order_relaxed);
        }
        case Kind::Slice: return r.value().as<runtime::Slice>().size;
        case Kind::String: return r.value().as<runtime::String>().size;
        case Kind::Pointer: return r.type->elem->kind == Kind::Array ? r.type->elem->length : -1;
        default: return -1;
    }
}

std::int64_t capacity_of(const Reflected& r) {
    switch (plain_kind(r)) {
        case Kind::Array: return r.type->length;
        case Kind::Chan: return runtime::channel_capacity(reinterpret_cast<runtime::Channel*>(word_of(r)));
        case Kind::Slice: return r.value().as<runtime::Slice>().capacity;
        case Kind::Pointer: return r.type->elem->kind == Kind::Array ? r.type->elem->length : -1;
        default: return -1;
    }
}

template <auto count>
Status counted(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = static_cast<Slot>(count(Reflected(s + 1)));
    return Status::Ok;
}

}  // namespace

void add_values(Package& package) {
    package.raw("Value.Kind", kind)
        .raw("Value.typ", type)
        .raw("content", content)
        .raw("zero", zero)
        .raw("allocated", allocated)
        .raw("boolean", scalar<[](Kind k) { return k == Kind::Bool; },
                               [](const Value& v) { return std::uint64_t{v.as<std::uint8_t>()}; }>)
        .raw("integer", scalar<is_signed, [](const Value& v) { return v.integer(); }>)
        .raw("unsigned", scalar<is_unsigned, [](const Value& v) { return v.unsigned_integer(); }>)
        .raw("floating", scalar<is_float, [](const Value& v) { return v.number(); }>)
        .raw("complexNumber", complex_number)
        .raw("text", text)
        .raw("address", address)
        .raw("isNil", is_nil)
        .raw("isZero", value_is_zero)
        .raw("element", element)
        .raw("field", field)
        .raw("length", counted<length_of>)
        .raw("capacity", counted<capacity_of>);
}

}  // namespace csp::stdlib::reflection
