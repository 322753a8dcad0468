// What writes to variables.

#include <cstring>

#include "stdlib/reflect/reflection.h"

namespace csp::stdlib::reflection {

using runtime::Kind;
using runtime::Type;

namespace {

/// The flags may be another Value's than the pointer, but what the pointer points to can be written to.
Status not_a_variable(Call& call) { return call.panic("reflect: set of a value that is no variable"); }

Status assign(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + 1);
    const Reflected x(s + 1 + kValueSlots);
    if (!v.is_variable() || v.type == nullptr || x.type == nullptr) return not_a_variable(call);
    runtime::Interface buffer;
    const void* from = as_assigned(x, *v.type, buffer);
    s[0] = from != nullptr;
    if (from == nullptr) return Status::Ok;
    if (from == &buffer && x.type->kind != Kind::Interface && (x.flags & kIndirect) != 0 && !x.type->inline_in_interface) {
        // A variable that goes into an interface is copied.
        Slot pair[2];
        if (!to_interface(call, x, pair)) return Status::Panic;
        buffer.word = pair[1];
    }
    store(call, *v.type, v.address, from);
    return Status::Ok;
}

/// x as a value of another type. Results: the Value, and whether it is assignable.
Status assigned(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected x(s + kValueSlots + 1);
    const Type* to = type_at(call, s[kValueSlots * 2 + 1]);
    if (to == nullptr || x.type == nullptr) return nil_pointer(call);
    put_nothing(s);
    s[kValueSlots] = assignable(*x.type, *to);
    if (s[kValueSlots] == 0) return Status::Ok;
    if (to->kind == Kind::Interface) {
        runtime::Interface held;
        Slot pair[2];
        if (!to_interface(call, x, pair)) return Status::Panic;
        held.type = reinterpret_cast<const Type*>(pair[0]);
        held.word = pair[1];
        return put_copy(call, s, *to, &held, x.read_only()) ? Status::Ok : Status::Panic;
    }
    return put_copy(call, s, *to, x.data(), x.read_only()) ? Status::Ok : Status::Panic;
}

Status set_bits(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Reflected v(s);
    if (!v.is_variable() || v.type == nullptr || v.type->size > 8 || v.type->has_pointers) return not_a_variable(call);
    runtime::store_value(v.address, s + kValueSlots, *v.type);
    return Status::Ok;
}

Status set_float(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Reflected v(s);
    if (!v.is_variable() || !is_float(v.kind())) return not_a_variable(call);
    Slot bits = s[kValueSlots];
    if (v.kind() == Kind::Float32) {
        double wide;
        std::memcpy(&wide, &bits, sizeof wide);
        const float narrow = static_cast<float>(wide);
        bits = 0;
        std::memcpy(&bits, &narrow, sizeof narrow);
    }
    runtime::store_value(v.address, &bits, *v.type);
    return Status::Ok;
}

Status set_complex(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Reflected v(s);
    if (!v.is_variable() || !is_complex(v.kind())) return not_a_variable(call);
    if (v.kind() == Kind::Complex128) {
        runtime::store_value(v.address, s + kValueSlots, *v.type);
        return Status::Ok;
    }
    double parts[2];
    std::memcpy(parts, s + kValueSlots, sizeof parts);
    const float narrow[2] = {static_cast<float>(parts[0]), static_cast<float>(parts[1])};
    std::memcpy(v.address, narrow, sizeof narrow);
    return Status::Ok;
}

Status set_text(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Reflected v(s);
    if (!v.is_variable() || v.kind() != Kind::String) return not_a_variable(call);
    heap(call).will_overwrite_pair(cache(call), v.address);
    runtime::store_pair(v.address, s + kValueSlots);
    return Status::Ok;
}

Status set_zero(Call& call, const NativeEntry&) {
    const Reflected v(call.slots());
    if (!v.is_variable() || v.type == nullptr) return not_a_variable(call);
    if (v.type->size == 0) return Status::Ok;
    heap(call).will_overwrite_elements(cache(call), *v.type, v.address, 1);
    runtime::clear_elements(v.address, v.type->size, v.type->align);
    return Status::Ok;
}

}  // namespace

void add_setters(Package& package) {
    package.raw("assign", assign)
        .raw("assigned", assigned)
        .raw("setBits", set_bits)
        .raw("setFloat", set_float)
        .raw("setComplex", set_complex)
        .raw("setText", set_text)
        .raw("setZero", set_zero);
}

}  // namespace csp::stdlib::reflection
