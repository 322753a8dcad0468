#include "stdlib/support/value.h"

namespace csp::stdlib {

using runtime::Kind;

std::string_view kind_name(Kind kind) {
    static constexpr std::string_view kNames[] = {
        "invalid", "bool",    "int",     "int8",      "int16",      "int32", "int64", "uint", "uint8",
        "uint16",  "uint32",  "uint64",  "uintptr",   "float32",    "float64", "complex64", "complex128",
        "array",   "chan",    "func",    "interface", "map",        "ptr",   "slice", "string", "struct",
        "unsafe.Pointer"};
    return kNames[static_cast<std::size_t>(kind)];
}
bool is_signed(Kind kind) { return kind >= Kind::Int && kind <= Kind::Int64; }
bool is_unsigned(Kind kind) { return kind >= Kind::Uint && kind <= Kind::Uintptr; }
bool is_float(Kind kind) { return kind == Kind::Float32 || kind == Kind::Float64; }
bool is_complex(Kind kind) { return kind == Kind::Complex64 || kind == Kind::Complex128; }

std::int64_t Value::integer() const {
    switch (type->size) {
        case 1: return as<std::int8_t>();
        case 2: return as<std::int16_t>();
        case 4: return as<std::int32_t>();
        default: return as<std::int64_t>();
    }
}

std::uint64_t Value::unsigned_integer() const {
    switch (type->size) {
        case 1: return as<std::uint8_t>();
        case 2: return as<std::uint16_t>();
        case 4: return as<std::uint32_t>();
        default: return as<std::uint64_t>();
    }
}

double Value::number() const {
    return type->kind == Kind::Float32 ? static_cast<double>(as<float>()) : as<double>();
}

Slot Value::word() const {
    if (!type->inline_in_interface) return reinterpret_cast<Slot>(data);
    if (type->slots == 0) return 0;
    Slot slot = 0;
    runtime::load_value(&slot, data, *type);
    return slot;
}

}  // namespace csp::stdlib
