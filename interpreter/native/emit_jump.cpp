// Jumps, with the tests that go with them, and back-edges.

#include <optional>

#include "interpreter/native/emitter.h"
#include "runtime/value/bytes.h"

namespace csp::native {

using namespace asmjit::x86;

namespace {

bool equal_texts(const char* a, const char* b, std::size_t size) { return runtime::equal_bytes(a, b, size); }

struct Compare {
    CondCode condition;
    bool constant;  ///< With the instruction's own b.
    bool back;
};

std::optional<Compare> compare_of(Opcode op) {
    switch (op) {
        case Opcode::EqI64Jmp: return Compare{CondCode::kE, false, false};
        case Opcode::NeI64Jmp: return Compare{CondCode::kNE, false, false};
        case Opcode::LtI64Jmp: return Compare{CondCode::kL, false, false};
        case Opcode::LeI64Jmp: return Compare{CondCode::kLE, false, false};
        case Opcode::LtU64Jmp: return Compare{CondCode::kB, false, false};
        case Opcode::LeU64Jmp: return Compare{CondCode::kBE, false, false};
        case Opcode::EqI64KJmp: return Compare{CondCode::kE, true, false};
        case Opcode::NeI64KJmp: return Compare{CondCode::kNE, true, false};
        case Opcode::LtI64KJmp: return Compare{CondCode::kL, true, false};
        case Opcode::LeI64KJmp: return Compare{CondCode::kLE, true, false};
        case Opcode::GtI64KJmp: return Compare{CondCode::kG, true, false};
        case Opcode::GeI64KJmp: return Compare{CondCode::kGE, true, false};
        case Opcode::EqI64Loop: return Compare{CondCode::kE, false, true};
        case Opcode::NeI64Loop: return Compare{CondCode::kNE, false, true};
        case Opcode::LtI64Loop: return Compare{CondCode::kL, false, true};
        case Opcode::LeI64Loop: return Compare{CondCode::kLE, false, true};
        case Opcode::EqI64KLoop: return Compare{CondCode::kE, true, true};
        case Opcode::NeI64KLoop: return Compare{CondCode::kNE, true, true};
        case Opcode::LtI64KLoop: return Compare{CondCode::kL, true, true};
        case Opcode::LeI64KLoop: return Compare{CondCode::kLE, true, true};
        case Opcode::GtI64KLoop: return Compare{CondCode::kG, true, true};
        case Opcode::GeI64KLoop: return Compare{CondCode::kGE, true, true};
        default: return std::nullopt;
    }
}

}  // namespace

bool Emitter::emit_jump() {
    const auto near = static_cast<std::uint32_t>(static_cast<std::int64_t>(here_) + 1 + sc());
    const auto far = static_cast<std::uint32_t>(static_cast<std::int64_t>(here_) + 1 + at().imm);
    if (const auto compare = compare_of(at().op)) {
        const Gp left = get(a());
        if (compare->constant) {
            if (sb() == 0) as_.test(left, left);
            else as_.cmp(left, sb());
        } else {
            const Gp right = get(b());
            as_.cmp(left, right);
        }
        jump_if(compare->condition, near, compare->back);
        return true;
    }
    // Above, or not: both are what they should be when one is no number.
    const auto floats = [&](CondCode condition, bool back) {
        const Xmm left = getd(a());
        const Xmm right = getd(b());
        as_.ucomisd(right, left);
        jump_if(condition, near, back);
        return true;
    };
    const auto test = [&](bool when, bool back) {
        const Gp value = get(a());
        as_.test(value, value);
        jump_if(when ? CondCode::kNZ : CondCode::kZ, far, back);
        return true;
    };
    switch (at().op) {
        case Opcode::Jmp: jump(far); return true;
        case Opcode::Loop: back_edge(far); return true;
        case Opcode::JmpIf: return test(true, false);
        case Opcode::JmpIfNot: return test(false, false);
        case Opcode::LoopIf: return test(true, true);
        case Opcode::LtF64Jmp: return floats(CondCode::kA, false);
        case Opcode::LeF64Jmp: return floats(CondCode::kAE, false);
        case Opcode::NotLtF64Jmp: return floats(CondCode::kBE, false);
        case Opcode::NotLeF64Jmp: return floats(CondCode::kB, false);
        case Opcode::LtF64Loop: return floats(CondCode::kA, true);
        case Opcode::EqStrJmp: case Opcode::NeStrJmp: {
            compare_texts(a(), b());
            // Nothing is known of the registers behind a call; flags say whether al is 1.
            as_.test(al, al);
            jump_if(at().op == Opcode::EqStrJmp ? CondCode::kNZ : CondCode::kZ, near, false);
            return true;
        }
        case Opcode::EqStr: {
            const std::uint32_t left = b();
            const std::uint32_t right = c();
            compare_texts(left, right);
            const Gp result = fresh();
            as_.movzx(result.r32(), al);
            put(a(), result);
            return true;
        }
        case Opcode::JmpTable: {
            const Gp index = get(a());
            const std::uint32_t count = at().uimm;
            const Label past = as_.newLabel();
            const Label table = as_.newLabel();
            as_.mov(eax, count);
            as_.cmp(index, rax);
            as_.jae(past);
            as_.lea(rcx, ptr(table));
            as_.jmp(qword_ptr(rcx, index, 3));
            as_.bind(past);
            std::vector<Label> targets;
            for (std::uint32_t i = 0; i < count; ++i) {
                const auto target = static_cast<std::uint32_t>(std::int64_t{next()} + word(i).slo);
                if (!loops_.contains(target)) arrive(target);
                targets.push_back(label_of(target));
            }
            tables_.emplace_back(table, std::move(targets));
            return true;
        }
        default: return false;
    }
}

void Emitter::compare_texts(std::uint32_t left, std::uint32_t right) {
    const Gp size = get(left + 1);
    const Gp data = get(left);
    const Gp other_size = get(right + 1);
    const Gp other = get(right);
    const Label same = as_.newLabel();
    const Label done = as_.newLabel();
    as_.xor_(eax, eax);
    as_.cmp(size, other_size);
    as_.jne(done);
    as_.cmp(data, other);
    as_.je(same);
    as_.mov(rdx, size);
    as_.mov(rax, data);
    as_.mov(rcx, other);
    as_.mov(rdi, rax);
    as_.mov(rsi, rcx);
    as_.mov(rax, reinterpret_cast<std::uint64_t>(&equal_texts));
    as_.call(rax);
    as_.jmp(done);
    as_.bind(same);
    as_.mov(eax, 1);
    as_.bind(done);
    forget_all();
}

bool Emitter::emit_fused_jump() {
    const std::uint32_t by_word = next() - here_ == 1 ? 0 : static_cast<std::uint32_t>(std::int64_t{next()} + word().slo);
    const auto near = static_cast<std::uint32_t>(static_cast<std::int64_t>(here_) + 1 + sc());
    const auto elements = [&](CondCode condition, bool back) {
        Mem memory = element(a(), b(), 8);
        memory.setSize(8);
        as_.cmp(memory, get(c()));
        jump_if(condition, by_word, back);
        return true;
    };
    const auto byte = [&](CondCode condition, bool back) {
        Mem memory = element(a(), b(), 1);
        memory.setSize(1);
        as_.cmp(memory, 0);
        jump_if(condition, near, back);
        return true;
    };
    const auto character = [&](CondCode condition) {
        const Gp data = get(a());
        const Gp size = get(a() + 1);
        const Gp i = get(b());
        as_.cmp(i, size);
        as_.jae(interpret());
        as_.movzx(eax, byte_ptr(data, i));
        as_.cmp(eax, c());
        jump_if(condition, by_word, false);
        return true;
    };
    const auto range = [&](CondCode condition, bool back) {
        const Gp value = get(a());
        as_.lea(rax, ptr(value, -sb()));
        as_.cmp(rax, sc() - sb());
        jump_if(condition, by_word, back);
        return true;
    };
    const auto memory_zero = [&](CondCode condition) {
        const Gp base = pointer(a());
        as_.cmp(qword_ptr(base, static_cast<std::int32_t>(b())), 0);
        jump_if(condition, near, false);
        return true;
    };
    const auto step = [&](std::int32_t by, CondCode condition, bool constant) {
        const Gp counter = get(a());
        const Gp next_value = fresh();
        as_.lea(next_value, ptr(counter, by));
        put(a(), next_value);
        if (constant) as_.cmp(next_value, sb());
        else as_.cmp(next_value, get(b()));
        jump_if(condition, near, true);
        return true;
    };
    const auto add = [&](CondCode condition) {
        const Gp counter = get(a());
        const Gp by = get(c());
        const Gp next_value = fresh();
        as_.lea(next_value, ptr(counter, by));
        put(a(), next_value);
        as_.cmp(next_value, get(b()));
        jump_if(condition, by_word, true);
        return true;
    };
    switch (at().op) {
        case Opcode::SlLtI64Jmp: return elements(CondCode::kL, false);
        case Opcode::SlLeI64Jmp: return elements(CondCode::kLE, false);
        case Opcode::SlGtI64Jmp: return elements(CondCode::kG, false);
        case Opcode::SlGeI64Jmp: return elements(CondCode::kGE, false);
        case Opcode::SlEqI64Jmp: return elements(CondCode::kE, false);
        case Opcode::SlNeI64Jmp: return elements(CondCode::kNE, false);
        case Opcode::SlLtI64Loop: return elements(CondCode::kL, true);
        case Opcode::SlGtI64Loop: return elements(CondCode::kG, true);
        case Opcode::SlJmpIf: return byte(CondCode::kNE, false);
        case Opcode::SlJmpIfNot: return byte(CondCode::kE, false);
        case Opcode::SlLoopIf: return byte(CondCode::kNE, true);
        case Opcode::StrEqKJmp: return character(CondCode::kE);
        case Opcode::StrNeKJmp: return character(CondCode::kNE);
        case Opcode::InRangeJmp: return range(CondCode::kBE, false);
        case Opcode::OutOfRangeJmp: return range(CondCode::kA, false);
        case Opcode::InRangeLoop: return range(CondCode::kBE, true);
        case Opcode::LdEq0Jmp: return memory_zero(CondCode::kE);
        case Opcode::LdNe0Jmp: return memory_zero(CondCode::kNE);
        case Opcode::IncLtLoop: return step(1, CondCode::kL, false);
        case Opcode::IncLeLoop: return step(1, CondCode::kLE, false);
        case Opcode::IncLtKLoop: return step(1, CondCode::kL, true);
        case Opcode::IncLeKLoop: return step(1, CondCode::kLE, true);
        case Opcode::DecGeKLoop: return step(-1, CondCode::kGE, true);
        case Opcode::DecGtKLoop: return step(-1, CondCode::kG, true);
        case Opcode::AddLtLoop: return add(CondCode::kL);
        case Opcode::AddLeLoop: return add(CondCode::kLE);
        case Opcode::RangeStr: {
            const Gp index = get(a());
            const Gp size = get(b() + 1);
            const Gp data = get(b());
            const std::uint32_t following = word().hi;
            const Label wide = as_.newLabel();
            const Label done = as_.newLabel();
            as_.cmp(index, size);
            jump_if(CondCode::kAE, by_word, false);
            as_.movzx(eax, byte_ptr(data, index));
            as_.cmp(eax, 0x80);
            as_.jae(wide);
            as_.lea(rcx, ptr(index, 1));
            as_.mov(slot(c()), rax);
            as_.mov(slot(following), rcx);
            as_.jmp(done);
            as_.bind(wide);
            slow_call();
            as_.bind(done);
            forget_all();
            return true;
        }
        default: return false;
    }
}

}  // namespace csp::native
