// Loads, stores and updates through computed addresses.

#include <optional>

#include "interpreter/optimize/fuse.h"
#include "runtime/type/type.h"

namespace csp::optimize {

namespace {

struct ArrayForm {
    Opcode op;
    Opcode array;
    std::uint32_t size;
};
constexpr ArrayForm kArrayForms[] = {
    {Opcode::Ld8U, Opcode::ArrLd8U, 1},   {Opcode::Ld32S, Opcode::ArrLd32S, 4}, {Opcode::Ld32U, Opcode::ArrLd32U, 4},
    {Opcode::Ld64, Opcode::ArrLd64, 8},   {Opcode::Ld128, Opcode::ArrLd128, 16}, {Opcode::St8, Opcode::ArrSt8, 1},
    {Opcode::St32, Opcode::ArrSt32, 4},   {Opcode::St64, Opcode::ArrSt64, 8},
};

std::optional<Opcode> array_form(Opcode op, std::uint32_t size) {
    for (const ArrayForm& form : kArrayForms)
        if (form.op == op && form.size == size) return form.array;
    return std::nullopt;
}

Word length_word(const Word& of) {
    Word word;
    word.lo = of.lo;
    word.hi = 0;
    return word;
}

/// The update of memory, and of an element, by an operation with `x`.
struct UpdateForm {
    Opcode op;
    Opcode memory;
    Opcode element;
    bool commutes;
};
constexpr UpdateForm kUpdateForms[] = {
    {Opcode::AddI64, Opcode::StAddI64, Opcode::SlStAddI64, true},
    {Opcode::SubI64, Opcode::StSubI64, Opcode::SlStSubI64, false},
    {Opcode::AddI64K, Opcode::StAddI64K, Opcode::SlStAddI64K, false},
    {Opcode::AddF64, Opcode::StAddF64, Opcode::SlStAddF64, true},
    {Opcode::SubF64, Opcode::StSubF64, Opcode::SlStSubF64, false},
    {Opcode::MulF64, Opcode::StMulF64, Opcode::Nop, true},
};

}  // namespace

bool Fuser::load(std::uint32_t i) {
    return through_address(i) || two_loads(i);
}

/// Two words of one object.
bool Fuser::two_loads(std::uint32_t i) {
    const Instruction node = at(i);
    const std::uint32_t before = previous(i);
    if (node.op != Opcode::Ld64 || before == kNone) return false;
    const Instruction first = at(before);
    const bool pair = first.op == Opcode::Ld128;
    if ((!pair && first.op != Opcode::Ld64) || first.b != node.b) return false;
    if (first.a == node.b || (pair && first.a + 1u == node.b)) return false;
    return become(i, {pair ? Opcode::Ld128Ld64 : Opcode::Ld64Ld64, first.a, first.b, first.c},
                  parts_word(node.a, node.c), {before});
}

/// The address of an array whose first byte is what a pointer points to: the pointer.
bool Fuser::array_address(std::uint32_t i) {
    const Instruction node = at(i);
    const std::uint32_t made = maker(i, node.b);
    if (op(made) != Opcode::Lea || at(made).c != 0 || node.c == node.b) return false;
    const Word length = word(i);
    return become(i, {Opcode::ArrAddr, node.a, at(made).b, node.c}, length, {made});
}

bool Fuser::through_address(std::uint32_t i) {
    const Instruction node = at(i);
    const std::uint32_t made = maker(i, node.b);
    if (op(made) == Opcode::ArrAddr && node.c == 0) {
        const auto now = array_form(node.op, word(made).hi);
        return now && become(i, {*now, node.a, at(made).b, at(made).c}, length_word(word(made)), {made});
    }
    if (op(made) == Opcode::SlAddr && word(made).lo <= 0xffff && (node.op == Opcode::Ld64 || node.op == Opcode::Ld128)) {
        const Opcode now = node.op == Opcode::Ld64 ? Opcode::SlFld64 : Opcode::SlFld128;
        return become(i, {now, node.a, at(made).b, at(made).c}, parts_word(word(made).lo, node.c), {made});
    }
    if (op(made) == Opcode::SlAddr && word(made).lo <= 0xffff && node.op == Opcode::LdWords && node.c == 0)
        return become(i, {Opcode::SlLdWords, node.a, at(made).b, at(made).c}, parts_word(word(made).lo, word(i).lo), {made});
    if (op(made) == Opcode::LdCap && node.op == Opcode::Ld64 && node.c == 0)
        return become(i, {Opcode::LdCapBox, node.a, at(made).b, 0}, {made});
    return false;
}

bool Fuser::element_load(std::uint32_t i) {
    const Instruction node = at(i);
    const std::uint32_t made = maker(i, node.b, 2);
    if (op(made) != Opcode::SlLd128 || node.c == node.b || node.c == node.b + 1) return false;
    Opcode now = Opcode::Sl2Ld64;
    if (node.op == Opcode::SlLd8U) now = Opcode::Sl2Ld8U;
    else if (node.op == Opcode::SlLd32S) now = Opcode::Sl2Ld32S;
    else if (node.op == Opcode::SlLd128) now = Opcode::Sl2Ld128;
    return become(i, {now, node.a, at(made).b, at(made).c}, parts_word(node.c), {made});
}

bool Fuser::store(std::uint32_t i) {
    const Instruction node = at(i);
    if (node.c == node.a) return false;
    const std::uint32_t made = maker(i, node.a);
    if (op(made) == Opcode::ArrAddr && node.b == 0) {
        const auto now = array_form(node.op, word(made).hi);
        return now && become(i, {*now, at(made).b, at(made).c, node.c}, length_word(word(made)), {made});
    }
    if (op(made) == Opcode::SlAddr && word(made).lo <= 0xffff && node.op == Opcode::St64)
        return become(i, {Opcode::SlStFld64, at(made).b, at(made).c, node.c}, parts_word(word(made).lo, node.b), {made});
    if (op(made) == Opcode::SlAddr && word(made).lo <= 0xffff && node.op == Opcode::StWords && node.b == 0 &&
        (node.a < node.c || node.a >= node.c + word(i).lo))
        return become(i, {Opcode::SlStWords, at(made).b, at(made).c, node.c}, parts_word(word(made).lo, word(i).lo), {made});
    return false;
}

bool Fuser::element_store(std::uint32_t i) {
    const Instruction node = at(i);
    const auto in_pair = [&](std::uint32_t slot) { return slot == node.a || slot == node.a + 1u; };
    if (in_pair(node.b) || in_pair(node.c)) return false;
    const std::uint32_t made = maker(i, node.a, 2);
    if (op(made) != Opcode::SlLd128) return false;
    Opcode now = Opcode::Sl2St64;
    if (node.op == Opcode::SlSt8) now = Opcode::Sl2St8;
    else if (node.op == Opcode::SlSt32) now = Opcode::Sl2St32;
    return become(i, {now, at(made).b, at(made).c, node.b}, parts_word(node.c), {made});
}

/// t = place; t = t op x; place = t.
bool Fuser::update(std::uint32_t i) {
    const Instruction node = at(i);
    const bool element = node.op == Opcode::SlSt64;
    const std::uint32_t computed = maker(i, node.c);
    if (computed == kNone) return false;
    const UpdateForm* form = nullptr;
    for (const UpdateForm& each : kUpdateForms)
        if (each.op == op(computed)) form = &each;
    if (form == nullptr || (element && form->element == Opcode::Nop) || previous(i) != computed) return false;
    const Instruction sum = at(computed);
    const bool constant = sum.op == Opcode::AddI64K;
    for (const bool left : {true, false}) {
        if (!left && (!form->commutes || constant)) break;
        const std::uint32_t taken = left ? sum.b : sum.c;
        const std::uint32_t x = left ? sum.c : sum.b;
        if (!constant && taken == x) return false;
        if (live_.has(taken) || (!constant && x == node.c && x != taken && sum.a == x)) continue;
        const std::uint32_t loaded = maker(computed, taken);
        if (loaded == kNone || previous(computed) != loaded) continue;
        const Instruction from = at(loaded);
        const bool same = element ? from.op == Opcode::SlLd64 && from.b == node.a && from.c == node.b
                                  : from.op == Opcode::Ld64 && from.b == node.a && from.c == node.b;
        const bool overwritten = from.a == node.a || (element && (from.a == node.a + 1u || from.a == node.b));
        if (!same || overwritten) continue;
        return become(i, {element ? form->element : form->memory, node.a, node.b, x}, {loaded, computed});
    }
    return false;
}

/// A captured variable += c.
bool Fuser::captured_update(std::uint32_t i) {
    const Instruction node = at(i);
    const std::uint32_t made = maker(i, node.a);
    if (op(made) != Opcode::LdCap || node.b != 0) return false;
    if (node.op == Opcode::StAddI64K) return become(i, {Opcode::CapAddI64K, node.c, at(made).b, 0}, {made});
    return node.a != node.c && become(i, {Opcode::CapAddI64, node.c, at(made).b, 0}, {made});
}

/// place += b * c.
bool Fuser::product_update(std::uint32_t i) {
    const Instruction node = at(i);
    const std::uint32_t made = maker(i, node.c);
    if (op(made) != Opcode::MulF64 || node.a == node.c || node.b == node.c) return false;
    Opcode now = Opcode::StMulAddF64;
    if (node.op == Opcode::StSubF64) now = Opcode::StMulSubF64;
    else if (node.op == Opcode::SlStAddF64) now = Opcode::SlStMulAddF64;
    return become(i, {now, node.a, node.b, at(made).b}, parts_word(at(made).c), {made});
}

/// Maps whose keys and values the dispatch loop can handle.
bool Fuser::map_search(std::uint32_t i) {
    const Instruction node = at(i);
    const runtime::Type& type = *graph_.program.types[word(i).lo];
    const runtime::KeyForm form = runtime::key_form(*type.key);
    if (type.elem->slots != 1 || form == runtime::KeyForm::General) return false;
    if (node.op == Opcode::MapGetOk && word(i).hi == bytecode::kNoSlot) return false;
    const bool text = form == runtime::KeyForm::Text;
    if (node.op == Opcode::MapGet)
        return become(i, {text ? Opcode::MapGetText : Opcode::MapGetWord, node.a, node.b, node.c}, {});
    return become(i, {text ? Opcode::MapGetOkText : Opcode::MapGetOkWord, node.a, node.b, node.c},
                  parts_word(word(i).hi), {});
}

}  // namespace csp::optimize
