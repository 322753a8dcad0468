// Compares with elements, loop counters, pairs of moves.

#include <optional>

#include "interpreter/optimize/fuse.h"

namespace csp::optimize {

namespace {

/// e ? x and x ? e, for an element e.
struct CompareForm {
    Opcode op;
    Opcode left;
    Opcode right;
};
constexpr CompareForm kCompareForms[] = {
    {Opcode::EqI64Jmp, Opcode::SlEqI64Jmp, Opcode::SlEqI64Jmp},
    {Opcode::NeI64Jmp, Opcode::SlNeI64Jmp, Opcode::SlNeI64Jmp},
    {Opcode::LtI64Jmp, Opcode::SlLtI64Jmp, Opcode::SlGtI64Jmp},
    {Opcode::LeI64Jmp, Opcode::SlLeI64Jmp, Opcode::SlGeI64Jmp},
    {Opcode::LtI64Loop, Opcode::SlLtI64Loop, Opcode::SlGtI64Loop},
};

}  // namespace

bool Fuser::compare_element(std::uint32_t i) {
    const Instruction node = at(i);
    if (node.a == node.b) return false;
    for (const CompareForm& form : kCompareForms) {
        if (form.op != node.op) continue;
        for (const bool left : {false, true}) {
            const std::uint32_t made = maker(i, left ? node.a : node.b);
            if (op(made) != Opcode::SlLd64) continue;
            const std::uint32_t x = left ? node.b : node.a;
            return become(i, {left ? form.left : form.right, at(made).b, at(made).c, x}, parts_word(0), {made});
        }
    }
    return false;
}

bool Fuser::compare_constant(std::uint32_t i) {
    const Instruction node = at(i);
    const std::uint32_t made = maker(i, node.a);
    const bool equal = node.op == Opcode::EqI64KJmp;
    if (op(made) == Opcode::StrIndex && node.sb() >= 0)
        return become(i, {equal ? Opcode::StrEqKJmp : Opcode::StrNeKJmp, at(made).b, at(made).c, node.b}, parts_word(0),
                      {made});
    if (op(made) == Opcode::Ld64 && node.b == 0)
        return become(i, {equal ? Opcode::LdEq0Jmp : Opcode::LdNe0Jmp, at(made).b, at(made).c, 0}, {made});
    return false;
}

bool Fuser::test_byte(std::uint32_t i) {
    const std::uint32_t made = maker(i, at(i).a);
    if (op(made) != Opcode::SlLd8U) return false;
    Opcode now = Opcode::SlLoopIf;
    if (op(i) == Opcode::JmpIf) now = Opcode::SlJmpIf;
    else if (op(i) == Opcode::JmpIfNot) now = Opcode::SlJmpIfNot;
    return become(i, {now, at(made).b, at(made).c, 0}, {made});
}

/// i++ and the compare that goes back.
bool Fuser::step(std::uint32_t i) {
    const Instruction node = at(i);
    const std::uint32_t before = previous(i);
    if (before == kNone) return false;
    const Instruction sum = at(before);
    if (sum.op == Opcode::AddI64K && sum.a == node.a && sum.b == node.a) {
        std::optional<Opcode> now;
        const bool other = node.b != node.a;
        if (sum.sc() == 1) {
            if (node.op == Opcode::LtI64Loop && other) now = Opcode::IncLtLoop;
            else if (node.op == Opcode::LeI64Loop && other) now = Opcode::IncLeLoop;
            else if (node.op == Opcode::LtI64KLoop) now = Opcode::IncLtKLoop;
            else if (node.op == Opcode::LeI64KLoop) now = Opcode::IncLeKLoop;
        } else if (sum.sc() == -1) {
            if (node.op == Opcode::GeI64KLoop) now = Opcode::DecGeKLoop;
            else if (node.op == Opcode::GtI64KLoop) now = Opcode::DecGtKLoop;
        }
        return now && become(i, {*now, node.a, node.b, 0}, {before});
    }
    if (sum.op == Opcode::AddI64 && sum.a == node.a && node.a != node.b) {
        if (sum.b != node.a && sum.c != node.a) return false;
        const Opcode now = node.op == Opcode::LtI64Loop ? Opcode::AddLtLoop : Opcode::AddLeLoop;
        if (node.op != Opcode::LtI64Loop && node.op != Opcode::LeI64Loop) return false;
        return become(i, {now, node.a, node.b, sum.b == node.a ? sum.c : sum.b}, parts_word(0), {before});
    }
    return false;
}

bool Fuser::constant_result(std::uint32_t i) {
    const std::uint32_t before = previous(i);
    if (op(before) != Opcode::LoadI || at(before).a != 0 || graph_.result_slots != 1) return false;
    return become(i, {Opcode::RetI, 0, at(before).imm}, {before});
}

bool Fuser::moves(std::uint32_t i) {
    const std::uint32_t before = previous(i);
    if (op(before) != Opcode::Mov) return false;
    const Instruction first = at(before);
    return become(i, {Opcode::Mov3, first.a, first.b, at(i).b}, parts_word(at(i).a), {before});
}

}  // namespace csp::optimize
