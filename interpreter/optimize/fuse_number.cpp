// Arithmetic on elements, memory and products.

#include <optional>

#include "interpreter/optimize/fuse.h"

namespace csp::optimize {

namespace {

/// The forms of an operation: x op e, e op x (where that differs), and both operands from memory.
struct LoadForms {
    Opcode op;
    Opcode element, element_left;
    Opcode memory, memory_left;
    Opcode both;
};
constexpr LoadForms kLoadForms[] = {
    {Opcode::AddI64, Opcode::SlAddI64, Opcode::SlAddI64, Opcode::LdAddI64, Opcode::LdAddI64, Opcode::LdLdAddI64},
    {Opcode::SubI64, Opcode::SlSubI64, Opcode::SlRsubI64, Opcode::LdSubI64, Opcode::LdRsubI64, Opcode::LdLdSubI64},
    {Opcode::MulI64, Opcode::SlMulI64, Opcode::SlMulI64, Opcode::LdMulI64, Opcode::LdMulI64, Opcode::LdLdMulI64},
    {Opcode::AddF64, Opcode::SlAddF64, Opcode::SlAddF64, Opcode::LdAddF64, Opcode::LdAddF64, Opcode::LdLdAddF64},
    {Opcode::SubF64, Opcode::SlSubF64, Opcode::SlRsubF64, Opcode::LdSubF64, Opcode::LdRsubF64, Opcode::LdLdSubF64},
    {Opcode::MulF64, Opcode::SlMulF64, Opcode::SlMulF64, Opcode::LdMulF64, Opcode::LdMulF64, Opcode::LdLdMulF64},
};

}  // namespace

bool Fuser::arithmetic(std::uint32_t i) { return load_operands(i) || product_operand(i) || chain(i); }

bool Fuser::load_operands(std::uint32_t i) {
    const Instruction node = at(i);
    if (node.b == node.c) return false;
    const LoadForms* forms = nullptr;
    for (const LoadForms& each : kLoadForms)
        if (each.op == node.op) forms = &each;
    for (const bool left : {false, true}) {
        const std::uint32_t made = maker(i, left ? node.b : node.c);
        const std::uint32_t x = left ? node.c : node.b;
        if (op(made) == Opcode::SlLd64) {
            const Opcode now = left ? forms->element_left : forms->element;
            return become(i, {now, node.a, at(made).b, at(made).c}, parts_word(x), {made});
        }
        if (op(made) != Opcode::Ld64) continue;
        if (!left) {
            // The other one may be loaded too, before this one.
            const std::uint32_t first = maker(made, node.b);
            if (op(first) == Opcode::Ld64 && !live_.has(node.b) && previous(i) == made &&
                become(i, {forms->both, node.a, at(first).b, at(made).b}, parts_word(at(first).c, at(made).c),
                       {first, made}))
                return true;
        }
        const Opcode now = left ? forms->memory_left : forms->memory;
        return become(i, {now, node.a, at(made).b, at(made).c}, parts_word(x), {made});
    }
    return false;
}

bool Fuser::product_operand(std::uint32_t i) {
    const Instruction node = at(i);
    if (node.b == node.c || node.op == Opcode::MulF64 || node.op == Opcode::MulI64) return false;
    const bool floats = node.op == Opcode::AddF64 || node.op == Opcode::SubF64;
    const bool sum = node.op == Opcode::AddF64 || node.op == Opcode::AddI64;
    for (const bool left : {false, true}) {
        const std::uint32_t made = maker(i, left ? node.b : node.c);
        if (op(made) != (floats ? Opcode::MulF64 : Opcode::MulI64)) continue;
        Opcode now = floats ? Opcode::MulAddF64 : Opcode::MulAddI64;
        if (!sum && left && !floats) continue;
        if (!sum) now = left ? Opcode::MulRsubF64 : floats ? Opcode::MulSubF64 : Opcode::MulSubI64;
        return become(i, {now, node.a, at(made).b, at(made).c}, parts_word(left ? node.c : node.b), {made});
    }
    return false;
}

/// Sums of sums, products of products.
bool Fuser::chain(std::uint32_t i) {
    struct Form {
        Opcode inner, outer, now;
    };
    static constexpr Form kForms[] = {
        {Opcode::AddI64, Opcode::AddI64, Opcode::AddAddI64},
        {Opcode::SubI64, Opcode::AddI64, Opcode::SubAddI64},
        {Opcode::MulI64K, Opcode::AddI64, Opcode::MulKAddI64},
        {Opcode::AddF64, Opcode::AddF64, Opcode::AddAddF64},
        {Opcode::SubF64, Opcode::AddF64, Opcode::SubAddF64},
        {Opcode::MulF64, Opcode::MulF64, Opcode::MulMulF64},
    };
    const Instruction node = at(i);
    if (node.b == node.c) return false;
    for (const bool left : {true, false}) {
        const std::uint32_t made = maker(i, left ? node.b : node.c);
        if (made == kNone) continue;
        for (const Form& form : kForms)
            if (form.outer == node.op && form.inner == op(made))
                return become(i, {form.now, node.a, at(made).b, at(made).c}, parts_word(left ? node.c : node.b), {made});
    }
    return false;
}

bool Fuser::other_number(std::uint32_t i) {
    const Instruction node = at(i);
    if (node.op == Opcode::Xor) {
        if (node.b == node.c) return false;
        for (const bool left : {false, true}) {
            const std::uint32_t made = maker(i, left ? node.b : node.c);
            if (op(made) != Opcode::ShrU64K && op(made) != Opcode::ShlK) continue;
            const Opcode now = op(made) == Opcode::ShlK ? Opcode::ShlXor : Opcode::ShrXor;
            return become(i, {now, node.a, at(made).b, at(made).c}, parts_word(left ? node.c : node.b), {made});
        }
        return false;
    }
    const std::uint32_t made = maker(i, node.b);
    std::optional<Opcode> now;
    if (node.op == Opcode::ZxtU32 && op(made) == Opcode::AddI64) now = Opcode::AddU32;
    if (node.op == Opcode::ZxtU32 && op(made) == Opcode::MulI64) now = Opcode::MulU32;
    if (node.op == Opcode::SxtI32 && op(made) == Opcode::AddI64) now = Opcode::AddI32;
    return now && become(i, {*now, node.a, at(made).b, at(made).c}, {made});
}

}  // namespace csp::optimize
