#include "stdlib/reflect/reflection.h"

#include <cstring>

namespace csp::stdlib::reflection {

using runtime::Kind;
using runtime::Type;

Reflected::Reflected(const Slot* s) {
    const auto* holder = reinterpret_cast<const Type*>(s[0]);
    if (holder == nullptr) return;
    flags = s[2];
    if ((flags & kIndirect) != 0) {
        if (holder->kind != Kind::Pointer || s[1] == 0) return;
        type = holder->elem;
        address = reinterpret_cast<char*>(s[1]);
        return;
    }
    type = holder;
    word = s[1];
    if (!type->inline_in_interface) address = reinterpret_cast<char*>(word);
}

const Type* type_at(Call& call, Slot address) {
    if (address == 0 || heap(call).pages().contains(address)) return nullptr;
    return address == reinterpret_cast<Slot>(runtime::zero_size_address()) ? nullptr
                                                                           : reinterpret_cast<const Type*>(address);
}

bool may_make_of(Call& call, const Type& type) {
    constexpr std::size_t kMostTypes = 1 << 16;
    constexpr std::size_t kLongestName = 2048;  // and so the deepest nesting
    if (type.string.size() <= kLongestName && types(call).size() <= kMostTypes) return true;
    call.panic(type.string.size() > kLongestName ? "reflect: type is too deep" : "reflect: too many types");
    return false;
}

void put_place(Call& call, Slot* to, const Type& type, void* address, Slot flags) {
    put_type(to, types(call).pointer_to(&type));
    to[1] = reinterpret_cast<Slot>(address);
    to[2] = flags | kIndirect;
    to[3] = 0;
}

bool put_copy(Call& call, Slot* to, const Type& type, const void* data, Slot flags) {
    to[3] = 0;
    if (type.inline_in_interface) {
        put_type(to, &type);
        to[1] = 0;
        if (type.slots > 0) runtime::load_value(to + 1, data, type);
        to[2] = flags;
        return true;
    }
    void* const copy = heap(call).allocate(cache(call), type);
    if (copy == nullptr) {
        call.out_of_memory();
        return false;
    }
    runtime::copy_memory(copy, data, type.size, type.align);
    if (type.kind == Kind::Interface) {  // an interface that holds one would be the same as its contents
        put_place(call, to, type, copy, flags);
        return true;
    }
    put_type(to, &type);
    to[1] = reinterpret_cast<Slot>(copy);
    to[2] = flags;
    return true;
}

bool put_slots(Call& call, Slot* to, const Type& type, const Slot* slots, Slot flags) {
    // Memory form begins with the same bytes on a little-endian machine; whatever is larger is the same.
    return put_copy(call, to, type, slots, flags);
}

void store(Call& call, const Type& type, void* to, const void* from) {
    if (type.size == 0) return;
    heap(call).will_overwrite_elements(cache(call), type, to, 1);
    runtime::move_elements(to, from, type.size, type.align);
}

bool to_interface(Call& call, const Reflected& r, Slot* to) {
    if (r.type->kind == Kind::Interface) {
        runtime::copy_pair(to, static_cast<const Slot*>(r.data()));
        return true;
    }
    Slot copy[kValueSlots];
    if ((r.flags & kIndirect) == 0) {
        put_type(to, r.type);
        to[1] = r.word;
        return true;
    }
    if (!put_copy(call, copy, *r.type, r.data(), 0)) return false;
    to[0] = copy[0];
    to[1] = copy[1];
    return true;
}

const void* as_assigned(const Reflected& r, const Type& to, runtime::Interface& buffer) {
    if (r.type == &to) return r.data();
    if (!assignable(*r.type, to)) return nullptr;
    if (to.kind != Kind::Interface) return r.data();
    if (r.type->kind == Kind::Interface) {
        runtime::copy_pair(reinterpret_cast<Slot*>(&buffer), static_cast<const Slot*>(r.data()));
        return &buffer;
    }
    buffer.type = r.type;
    if (r.type->inline_in_interface && r.address != nullptr) {
        buffer.word = 0;
        if (r.type->slots > 0) runtime::load_value(&buffer.word, r.address, *r.type);
    } else {
        buffer.word = r.address != nullptr ? reinterpret_cast<Slot>(r.address) : r.word;
    }
    return &buffer;
}

bool is_zero(const Type& type, const void* data) {
    const Value v{&type, data};
    switch (type.kind) {
        case Kind::Float32:
        case Kind::Float64: return v.number() == 0;
        case Kind::Complex64: {
            float parts[2];
            std::memcpy(parts, data, sizeof parts);
            return parts[0] == 0 && parts[1] == 0;
        }
        case Kind::Complex128: {
            double parts[2];
            std::memcpy(parts, data, sizeof parts);
            return parts[0] == 0 && parts[1] == 0;
        }
        case Kind::String: return v.as<runtime::String>().size == 0;
        case Kind::Interface: return v.as<runtime::Interface>().type == nullptr;
        case Kind::Slice: return v.as<runtime::Slice>().data == nullptr;
        case Kind::Struct:
            for (const runtime::Field& field : type.fields)
                if (field.name != "_" && !is_zero(*field.type, static_cast<const char*>(data) + field.offset)) return false;
            return true;
        case Kind::Array:
            for (std::int64_t i = 0; i < type.length && type.elem->size > 0; ++i)
                if (!is_zero(*type.elem, static_cast<const char*>(data) + i * type.elem->size)) return false;
            return true;
        default: {
            const auto* bytes = static_cast<const char*>(data);
            for (std::uint32_t i = 0; i < type.size; ++i)
                if (bytes[i] != 0) return false;
            return true;
        }
    }
}

const runtime::Method* method_at(const Type& type, std::uint64_t index) {
    for (const runtime::Method& method : type.methods) {
        if (type.kind != Kind::Interface && !method.package.empty()) continue;
        if (index-- == 0) return &method;
    }
    return nullptr;
}

}  // namespace csp::stdlib::reflection
