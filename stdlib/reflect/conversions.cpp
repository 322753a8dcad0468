// Conversions between types (Go spec, "Conversions").

#include <cstring>
#include <string>

#include <emmintrin.h>

#include "runtime/value/string_ops.h"
#include "stdlib/reflect/reflection.h"
#include "stdlib/support/work.h"

namespace csp::stdlib::reflection {

using runtime::Kind;
using runtime::Slice;
using runtime::Type;

namespace {

/// What does not fit is what the processor makes of it, as in compiled code.
std::int64_t to_signed(double d) { return _mm_cvttsd_si64(_mm_set_sd(d)); }
std::uint64_t to_unsigned(double d) {
    constexpr double kHalf = 9223372036854775808.0;
    if (d < kHalf) return static_cast<std::uint64_t>(to_signed(d));
    return static_cast<std::uint64_t>(to_signed(d - kHalf)) ^ std::uint64_t{1} << 63;
}

/// A number in memory form.
struct Number {
    Slot bits = 0;
    void set(double d, Kind kind) {
        if (kind == Kind::Float32) {
            const float f = static_cast<float>(d);
            std::memcpy(&bits, &f, sizeof f);
        } else {
            std::memcpy(&bits, &d, sizeof d);
        }
    }
};

bool convert_number(const Value& v, const Type& to, Number& out) {
    const Kind from = v.type->kind;
    if (is_float(from)) {
        const double d = v.number();
        if (is_float(to.kind)) out.set(d, to.kind);
        else if (is_signed(to.kind)) out.bits = static_cast<Slot>(to_signed(d));
        else if (is_unsigned(to.kind)) out.bits = to_unsigned(d);
        else return false;
        return true;
    }
    const bool has_sign = is_signed(from);
    if (!has_sign && !is_unsigned(from)) return false;
    const std::uint64_t n = has_sign ? static_cast<std::uint64_t>(v.integer()) : v.unsigned_integer();
    if (to.kind == Kind::Float32)  // one rounding
        out.set(static_cast<double>(has_sign ? static_cast<float>(static_cast<std::int64_t>(n)) : static_cast<float>(n)), to.kind);
    else if (to.kind == Kind::Float64)
        out.set(has_sign ? static_cast<double>(static_cast<std::int64_t>(n)) : static_cast<double>(n), to.kind);
    else if (is_signed(to.kind) || is_unsigned(to.kind))
        out.bits = n;
    else
        return false;
    return true;
}

void convert_complex(const Value& v, const Type& to, double* out) {
    double parts[2];
    if (v.type->kind == Kind::Complex64) {
        float narrow[2];
        std::memcpy(narrow, v.data, sizeof narrow);
        parts[0] = static_cast<double>(narrow[0]);
        parts[1] = static_cast<double>(narrow[1]);
    } else {
        std::memcpy(parts, v.data, sizeof parts);
    }
    if (to.kind == Kind::Complex64) {
        const float narrow[2] = {static_cast<float>(parts[0]), static_cast<float>(parts[1])};
        std::memcpy(out, narrow, sizeof narrow);
    } else {
        std::memcpy(out, parts, sizeof parts);
    }
}

bool is_text(const Type& type) { return type.kind == Kind::String; }
bool is_list_of(const Type& type, Kind kind) { return type.kind == Kind::Slice && type.elem->kind == kind; }

/// Between strings, their bytes and their runes, and integers as runes. False: memory is exhausted.
bool convert_text(Call& call, const Value& v, const Type& to, Slot* out) {
    runtime::Heap& h = heap(call);
    runtime::AllocCache& c = cache(call);
    runtime::String text;
    Slice list;
    if (is_text(*v.type)) {
        const auto from = v.as<runtime::String>();
        const bool ok = to.elem->kind == Kind::Uint8 ? runtime::bytes_from_string(h, c, from, *to.elem, list)
                                                     : runtime::runes_from_string(h, c, from, *to.elem, list);
        std::memcpy(out, &list, sizeof list);
        return ok;
    }
    bool ok;
    if (is_list_of(*v.type, Kind::Uint8)) ok = runtime::string_from_bytes(h, c, v.as<Slice>(), text);
    else if (is_list_of(*v.type, Kind::Int32)) ok = runtime::string_from_runes(h, c, v.as<Slice>(), text);
    else if (is_signed(v.type->kind)) ok = runtime::string_from_rune(h, c, v.integer(), text);
    else {
        const std::uint64_t n = v.unsigned_integer();
        ok = runtime::string_from_rune(h, c, n > 0x10ffff ? 0xfffd : static_cast<std::int64_t>(n), text);
    }
    std::memcpy(out, &text, sizeof text);
    return ok;
}

bool changes_text(const Type& from, const Type& to) {
    if (is_text(to)) return !is_text(from) && from.kind != Kind::Interface;
    return is_text(from) && to.kind == Kind::Slice;
}

Status convert_list(Call& call, const Reflected& v, const Type& to, Slot* s) {
    const Type& array = to.kind == Kind::Pointer ? *to.elem : to;
    const auto list = v.value().as<Slice>();
    if (array.length > list.size)
        return call.panic("reflect: cannot convert slice with length " + std::to_string(list.size) + " to " +
                          (to.kind == Kind::Pointer ? "pointer to array" : "array") + " with length " +
                          std::to_string(array.length));
    const void* data = array.size == 0 && list.data != nullptr ? runtime::zero_size_address() : list.data;
    if (to.kind == Kind::Pointer) return put_copy(call, s, to, &data, v.read_only()) ? Status::Ok : Status::Panic;
    return put_copy(call, s, to, data, v.read_only()) ? Status::Ok : Status::Panic;
}

Status convert(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + kValueSlots + 1);
    const Type* to = type_at(call, s[kValueSlots * 2 + 1]);
    if (v.type == nullptr || to == nullptr) return nil_pointer(call);
    put_nothing(s);
    s[kValueSlots] = convertible(*v.type, *to);
    if (s[kValueSlots] == 0) return Status::Ok;
    Number number;
    if (convert_number(v.value(), *to, number))
        return put_copy(call, s, *to, &number.bits, v.read_only()) ? Status::Ok : Status::Panic;
    Slot pair[2] = {};
    const void* data = v.data();
    if (is_complex(v.kind())  && is_complex(to->kind)) {
        double parts[2];
        convert_complex(v.value(), *to, parts);
        std::memcpy(pair, parts, sizeof parts);
        data = pair;
    } else if (changes_text(*v.type, *to)) {
        const std::size_t size = v.kind() == Kind::String ? v.value().text().size() : v.kind() == Kind::Slice ? v.value().as<Slice>().size : 0;
        if (!Work(call).read(4 * size)) return Status::Ended;
        s = call.slots();
        if (!convert_text(call, v.value(), *to, pair)) return call.out_of_memory();
        data = pair;
    } else if (v.kind() == Kind::Slice && (to->kind == Kind::Array || to->kind == Kind::Pointer)) {
        return convert_list(call, v, *to, s);
    } else if (to->kind == Kind::Interface) {
        if (!to_interface(call, v, pair)) return Status::Panic;
        data = pair;
    }
    alignas(16) Slot aligned[2];
    if (data == pair) {
        std::memcpy(aligned, pair, sizeof pair);
        data = aligned;
    }
    return put_copy(call, s, *to, data, v.read_only()) ? Status::Ok : Status::Panic;
}

}  // namespace

void add_conversions(Package& package) { package.raw("convert", convert); }

}  // namespace csp::stdlib::reflection
