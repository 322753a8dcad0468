// Conversions T(x).

#include "interpreter/compile/function_compiler.h"
#include "interpreter/constant/value.h"

namespace csp::compile {

using namespace ast;
using types::BasicKind;

namespace {
BasicKind kind_of(types::Type* type) {
    const auto* basic = types::under_as<types::Basic>(type);
    return basic == nullptr ? BasicKind::Invalid : basic->basic;
}
bool is_bytes_or_runes(types::Type* type, bool& runes) {
    const auto* slice = types::under_as<types::Slice>(type);
    if (slice == nullptr) return false;
    const BasicKind kind = kind_of(slice->elem);
    runes = kind == BasicKind::Int32;
    return runes || kind == BasicKind::Uint8;
}
}  // namespace

void FunctionCompiler::convert_number(types::Type* from, types::Type* target, std::uint32_t a,
                                      std::uint32_t to) {
    const bool from_float = types::is_float(from);
    const bool to_float = types::is_float(target);
    const bool from32 = kind_of(from) == BasicKind::Float32;
    const bool to32 = kind_of(target) == BasicKind::Float32;
    if (from_float && to_float) {
        if (from32 == to32)
            move(to, a, 1);
        else
            code.emit(to32 ? Opcode::F64ToF32 : Opcode::F32ToF64, to, a);
    } else if (from_float) {
        Temps temps(*this);
        std::uint32_t wide = a;
        if (from32) {
            wide = temp();
            code.emit(Opcode::F32ToF64, wide, a);
        }
        const BasicKind kind = kind_of(target);
        const bool big = kind == BasicKind::Uint64 || kind == BasicKind::Uint || kind == BasicKind::Uintptr;
        code.emit(big ? Opcode::F64ToU64 : Opcode::F64ToI64, to, wide);
        canonical(target, to);
    } else if (to_float) {
        const bool is_unsigned = types::is_unsigned(from);
        if (to32)
            code.emit(is_unsigned ? Opcode::U64ToF32 : Opcode::I64ToF32, to, a);
        else
            code.emit(is_unsigned ? Opcode::U64ToF64 : Opcode::I64ToF64, to, a);
    } else {
        const runtime::Type* narrow = rt(target);
        const runtime::Type* source = rt(from);
        move(to, a, 1);
        const bool same_sign = types::is_unsigned(from) == types::is_unsigned(target);
        const bool widens = narrow->size > source->size && (same_sign || types::is_unsigned(from));
        if (!widens && !(same_sign && narrow->size == source->size)) canonical(target, to);
    }
}

void FunctionCompiler::convert_to(Expr* x, types::Type* target, std::uint32_t to) {
    types::Type* from = type_of(x);
    if (x->mode == Mode::NilValue || types::is_interface(target)) {
        expr_as_to(x, target, to);
        return;
    }
    Temps temps(*this);
    const std::uint32_t a = expr(x);
    code.set_pos(x->pos);
    bool runes = false;
    if (types::is_string(target)) {
        if (types::is_string(from)) {
            move(to, a, 2);
        } else if (types::is_integer(from)) {
            code.emit(Opcode::RuneToStr, to, a);
        } else if (is_bytes_or_runes(from, runes)) {
            code.emit(runes ? Opcode::RunesToStr : Opcode::BytesToStr, to, a);
        }
        return;
    }
    if (types::is_string(from) && is_bytes_or_runes(target, runes)) {
        const auto* slice = types::under_as<types::Slice>(target);
        code.emit(runes ? Opcode::StrToRunes : Opcode::StrToBytes, to, a, index_of(slice->elem));
        return;
    }
    if (types::is_complex(from) && types::is_complex(target)) {
        const bool from64 = kind_of(from) == BasicKind::Complex64;
        const bool to64 = kind_of(target) == BasicKind::Complex64;
        if (from64 == to64)
            move(to, a, slots_of(target));
        else
            code.emit(to64 ? Opcode::C128ToC64 : Opcode::C64ToC128, to, a);
        return;
    }
    if (types::is_numeric(from) && types::is_numeric(target)) {
        convert_number(from, target, a, to);
        return;
    }
    if (types::under_as<types::Slice>(from) != nullptr) {
        auto* pointer = types::under_as<types::Pointer>(target);
        auto* array = pointer != nullptr ? types::under_as<types::Array>(pointer->elem)
                                         : types::under_as<types::Array>(target);
        if (array != nullptr) {
            const std::uint32_t address = temp();
            code.emit(Opcode::SliceToArrayPtr, address, a);
            code.word(static_cast<std::uint32_t>(array->length));
            if (pointer != nullptr)
                move(to, address, 1);
            else if (array->length > 0)
                load(deref(address, target), to);
            return;
        }
    }
    move(to, a, slots_of(target));
}

}  // namespace csp::compile
