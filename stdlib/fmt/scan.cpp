#include "stdlib/fmt/scan.h"

#include "stdlib/support/value.h"

namespace csp::stdlib {

using runtime::Kind;
using runtime::Type;

namespace {

/// The constants of scan_value.csp.
enum : Slot { kNotPointer, kToBool, kToInt, kToUint, kToFloat, kToComplex, kToString, kToBytes, kToOther };

Slot pointee_kind(const Type& type) {
    if (type.kind == Kind::Bool) return kToBool;
    if (is_signed(type.kind)) return kToInt;
    if (is_unsigned(type.kind)) return kToUint;
    if (is_float(type.kind)) return kToFloat;
    if (is_complex(type.kind)) return kToComplex;
    if (type.kind == Kind::String) return kToString;
    if (type.kind == Kind::Slice && type.elem->kind == Kind::Uint8) return kToBytes;
    return kToOther;
}

Status pointee(Call& call, const NativeEntry&) {
    Slot* s = call.slots();  // kind, bits, type (2); v (2)
    const auto* type = reinterpret_cast<const Type*>(s[4]);
    const bool is_pointer = type != nullptr && type->kind == Kind::Pointer && s[5] != 0;
    s[0] = is_pointer ? pointee_kind(*type->elem) : kNotPointer;
    s[1] = is_pointer ? type->elem->size * 8u : 0;
    const std::string_view name = type == nullptr ? "<nil>" : type->string;
    return call.put_string(s + 2, name) ? Status::Ok : Status::Panic;
}

/// The frame of a store: v (2), then the value. The type of v was looked at by pointee.
Status store_slots(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Type& elem = *reinterpret_cast<const Type*>(s[0])->elem;
    heap(call).will_overwrite_elements(cache(call), elem, reinterpret_cast<const void*>(s[1]), 1);
    runtime::store_value(reinterpret_cast<void*>(s[1]), s + 2, elem);
    return Status::Ok;
}

Status store_float(Call& call, const NativeEntry& entry) {
    Slot* s = call.slots();
    if (reinterpret_cast<const Type*>(s[0])->elem->kind == Kind::Float32) {
        double wide;
        std::memcpy(&wide, s + 2, sizeof wide);
        const auto narrow = static_cast<float>(wide);
        s[2] = 0;
        std::memcpy(s + 2, &narrow, sizeof narrow);
    }
    return store_slots(call, entry);
}

Status store_complex(Call& call, const NativeEntry& entry) {
    Slot* s = call.slots();
    if (reinterpret_cast<const Type*>(s[0])->elem->kind == Kind::Complex64) {
        double wide[2];
        std::memcpy(wide, s + 2, sizeof wide);
        const float narrow[2] = {static_cast<float>(wide[0]), static_cast<float>(wide[1])};
        std::memcpy(s + 2, narrow, sizeof narrow);
    }
    return store_slots(call, entry);
}

}  // namespace

void add_scan_natives(Package& package) {
    package.raw("pointee", pointee)
        .raw("storeBits", store_slots)
        .raw("storeFloat", store_float)
        .raw("storeComplex", store_complex)
        .raw("storeString", store_slots)
        .raw("storeBytes", store_slots);
}

}  // namespace csp::stdlib
