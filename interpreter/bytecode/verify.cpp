#include "interpreter/bytecode/verify.h"

#include "interpreter/bytecode/effects.h"

#include <algorithm>
#include <vector>

namespace csp::bytecode {

namespace {

class FunctionVerifier {
  public:
    FunctionVerifier(const Program& program, const Function& function)
        : program_(program), function_(function), starts_(function.instructions.size() + 1) {}

    std::string run() {
        const auto& code = function_.instructions;
        if (code.empty()) return "no code";
        for (std::size_t i = 0; i < code.size();) {
            starts_[i] = true;
            if (code[i].op >= Opcode::Count) return "instruction " + std::to_string(i) + ": unknown opcode";
            i += 1 + std::size_t{extension_words(code[i])};
            if (i > code.size()) return "code ends within an instruction";
            last_ = i;
        }
        for (std::size_t i = 0; i < code.size() && problem_.empty(); ++i)
            if (starts_[i]) instruction(i);
        for (std::uint32_t i = 0; i < function_.sync_blocks.size() && problem_.empty(); ++i) sync_block(i);
        return problem_;
    }

  private:
    std::string at(std::size_t index, const std::string& what) const {
        return "instruction " + std::to_string(index) + " (" + std::string(info(function_.instructions[index].op).name) +
               "): " + what;
    }
    void fail(const std::string& what) {
        if (problem_.empty()) problem_ = at(here_, what);
    }

    Word word(std::size_t index) const {
        Word w;
        __builtin_memcpy(&w, &function_.instructions[here_ + 1 + index], sizeof w);
        return w;
    }

    void slots(std::uint64_t first, std::uint64_t count) {
        if (first + count > function_.frame_slots) fail("slot " + std::to_string(first) + " is outside the frame");
    }
    void jump(std::int64_t target) {
        const bool inside = target >= 0 && target < static_cast<std::int64_t>(function_.instructions.size());
        if (!inside || !starts_[static_cast<std::size_t>(target)]) fail("jump to " + std::to_string(target));
    }
    const runtime::Type* type(std::uint64_t index) {
        if (index < program_.types.size() && program_.types[index] != nullptr) return program_.types[index];
        fail("type " + std::to_string(index) + " does not exist");
        return nullptr;
    }
    void typed(std::uint64_t slot, std::uint64_t type_index) {
        if (const runtime::Type* t = type(type_index)) slots(slot, t->slots);
    }
    void function(std::uint64_t index) {
        if (index >= program_.by_index.size()) fail("function " + std::to_string(index) + " does not exist");
    }
    void global(std::uint64_t offset, std::uint64_t size) {
        if (offset + size > program_.globals_size) fail("global at " + std::to_string(offset) + " does not exist");
    }

    /// Operands whose letter says everything.
    void operand(const Instruction& i, std::size_t index, char letter) {
        const std::uint16_t value = index == 0 ? i.a : index == 1 ? i.b : i.c;
        switch (letter) {
            case 'd':
            case 'u':
            case 's': slots(value, 1); break;
            case 'D':
            case 'S': slots(value, 2); break;
            case 't': type(value); break;
            case 'j': jump(static_cast<std::int64_t>(here_) + 1 + i.sc()); break;
            case 'J': jump(static_cast<std::int64_t>(here_) + 1 + i.imm); break;
            case 'F': function(i.uimm); break;
            case 'K':
                if (i.uimm + (i.op == Opcode::LoadK2 ? 1u : 0u) >= program_.constants.size()) fail("no such constant");
                break;
            default: break;
        }
    }

    void instruction(std::size_t index) {
        here_ = index;
        const Instruction& i = function_.instructions[index];
        const std::string_view letters = info(i.op).operands;
        for (std::size_t k = 0; k < letters.size(); ++k) operand(i, k, letters[k]);
        const std::string_view parts = info(i.op).parts;
        for (std::size_t k = 0; k < parts.size(); ++k)
            if (parts[k] == 's' || parts[k] == 'd') slots(word(0).x[k], 1);
        if (parts == "L") jump(static_cast<std::int64_t>(here_) + 1 + info(i.op).words + word(0).slo);
        if (problem_.empty()) extent(i);
        const std::size_t next = index + 1 + extension_words(i);
        if (next == last_ && !ends_path(i.op)) fail("runs off the end");
    }

    void sync_block(std::uint32_t index) {
        const SyncBlock& block = function_.sync_blocks[index];
        const bool fits = std::uint64_t{block.slot} + block.slots() <= function_.frame_slots;
        const bool callable = block.leave == nullptr || (block.leave->result_slots == 0 && block.leave->param_slots == 1);
        if (!fits || !callable || block.outer > index) problem_ = "sync block " + std::to_string(index + 1) + " is wrong";
    }

    /// Operands of several slots, and extension words.
    void extent(const Instruction& i) {
        switch (i.op) {
            case Opcode::MovN: slots(i.a, i.c); slots(i.b, i.c); break;
            case Opcode::ZeroN: slots(i.a, i.uimm); break;
            case Opcode::EqValue: typed(i.b, word(0).lo); typed(i.c, word(0).lo); break;
            case Opcode::JmpTable:
                for (std::uint32_t k = 0; k < i.uimm; ++k)
                    jump(static_cast<std::int64_t>(here_) + 1 + i.uimm + word(k).slo);
                break;
            case Opcode::LdWords: slots(i.a, word(0).lo); break;
            case Opcode::StWords: slots(i.c, word(0).lo); break;
            case Opcode::SlLdWords: slots(i.a, word(0).x[1]); break;
            case Opcode::SlStWords: slots(i.c, word(0).x[1]); break;
            case Opcode::LdN: typed(i.a, word(0).lo); break;
            case Opcode::StN: typed(i.c, word(0).lo); break;
            case Opcode::LdG64: case Opcode::StG64: case Opcode::StGPtr: global(i.uimm, 8); break;
            case Opcode::LdG128: case Opcode::StG128: global(i.uimm, 16); break;
            case Opcode::LeaG: global(i.uimm, 0); break;
            case Opcode::FrLd8U: case Opcode::FrLd8S: slots(i.b + i.c / 8u, 1); break;
            case Opcode::FrLd16U: case Opcode::FrLd16S: slots(i.b + (i.c + 1u) / 8, 1); break;
            case Opcode::FrLd32U: case Opcode::FrLd32S: slots(i.b + (i.c + 3u) / 8, 1); break;
            case Opcode::FrSt8: slots(i.a + i.b / 8u, 1); break;
            case Opcode::FrSt16: slots(i.a + (i.b + 1u) / 8, 1); break;
            case Opcode::FrSt32: slots(i.a + (i.b + 3u) / 8, 1); break;
            case Opcode::FrCopyOut: bytes(i.a, 0, word(0).lo); bytes(i.b, i.c, word(0).lo); break;
            case Opcode::FrCopyIn: bytes(i.a, i.b, word(0).lo); bytes(i.c, 0, word(0).lo); break;
            case Opcode::SliceSlice: bounds(i); type(word(0).x[3]); break;
            case Opcode::SliceString: bounds(i); break;
            case Opcode::SliceArray: bounds(i); type(word(1).hi); break;
            case Opcode::MakeSlice: case Opcode::AppendSlice: case Opcode::AppendString: case Opcode::CopySlice:
            case Opcode::ClearSlice: type(word(0).lo); break;
            case Opcode::SliceLit: type(word(0).hi); break;
            case Opcode::Append:
                if (const runtime::Type* t = type(word(0).hi)) slots(i.c, std::uint64_t{t->slots} * word(0).lo);
                break;
            case Opcode::Append1: case Opcode::Append8: type(word(0).hi); break;
            case Opcode::ConcatN: slots(i.b, 2u * i.c); break;
            case Opcode::RangeStr: slots(word(0).hi, 1); jump(static_cast<std::int64_t>(here_) + 2 + word(0).slo); break;
            case Opcode::New: type(i.uimm); break;
            case Opcode::MakeClosure: slots(i.b, i.c); function(word(0).lo); break;
            case Opcode::LdCapN: slots(i.a, i.c); break;
            case Opcode::CallNative: area(i, i.uimm); break;
            case Opcode::Call: area(i, word(0).lo); break;
            case Opcode::CallAddK:
                area(i, word(0).lo);
                slots(i.a + word(1).x[0], 1);
                slots(word(1).x[1], 1);
                break;
            case Opcode::CallClosure: slots(i.a, i.c); break;
            case Opcode::CallIface: slots(i.a + i.c, 1); slots(i.a, word(0).hi); break;
            case Opcode::RetSlot: case Opcode::RetAddI64: case Opcode::RetI: slots(0, 1); break;
            case Opcode::Go: case Opcode::GoScoped: case Opcode::Defer: slots(i.a, i.c); break;
            case Opcode::DeferOuter: slots(i.a, i.c); function(word(0).lo); slots(word(0).hi, 1); break;
            case Opcode::BoxIface: typed(i.b, i.c); break;
            case Opcode::AssertType: typed(i.a, i.c); type(word(0).lo); break;
            case Opcode::AssertTypeOk: typed(i.a, i.c); optional_slot(word(0).lo); break;
            case Opcode::AssertIface: type(word(0).lo); break;
            case Opcode::AssertIfaceOk: optional_slot(word(0).lo); break;
            case Opcode::Unbox: typed(i.a, i.c); break;
            case Opcode::MapGet: map(word(0).lo, i.c, i.a); break;
            case Opcode::MapGetOk: map(word(0).lo, i.c, i.a); optional_slot(word(0).hi); break;
            case Opcode::MapSet: case Opcode::MapAddI64: map(word(0).lo, i.b, i.c); break;
            case Opcode::MapDelete: map(word(0).lo, i.b, kNoSlot); break;
            case Opcode::MapIter: slots(i.a, 8); break;
            case Opcode::MapNext:
                slots(i.a, 8);
                map(word(0).hi, i.b, i.c);
                jump(static_cast<std::int64_t>(here_) + 2 + word(0).slo);
                break;
            case Opcode::Recv: optional_slot(i.c); break;
            case Opcode::Select:
                for (std::size_t k = 0; k < i.b; ++k) {
                    slots(word(k).x[0], 1);
                    optional_slot(word(k).x[1]);
                    optional_slot(word(k).x[2]);
                }
                break;
            case Opcode::PrintValue: typed(i.a, i.b); break;
            default: break;
        }
    }

    void optional_slot(std::uint64_t slot) {
        if (slot != kNoSlot) slots(slot, 1);
    }
    void bytes(std::uint64_t slot, std::uint64_t offset, std::uint64_t size) { slots(slot, (offset + size + 7) / 8); }
    void bounds(const Instruction& i) {
        for (unsigned k = 0; k < 3; ++k)
            if (i.c & 1u << k) slots(word(0).x[k], 1);
    }
    void area(const Instruction& i, std::uint64_t index) {
        function(index);
        if (index >= program_.by_index.size()) return;
        const Function* callee = program_.by_index[index];
        if ((callee->native != nullptr) != (i.op == Opcode::CallNative)) fail("the wrong kind of call");
        if (i.a < 2) fail("call area without a header");
        slots(i.a, std::uint64_t{callee->result_slots} + callee->param_slots);
    }
    void map(std::uint64_t index, std::uint64_t key, std::uint64_t value) {
        const runtime::Type* t = type(index);
        if (t == nullptr) return;
        if (t->key == nullptr || t->elem == nullptr) {
            fail("not a map type");
            return;
        }
        if (key != kNoSlot) slots(key, t->key->slots);
        if (value != kNoSlot) slots(value, t->elem->slots);
    }

    const Program& program_;
    const Function& function_;
    std::vector<bool> starts_;  ///< An instruction begins here.
    std::size_t last_ = 0;      ///< One past the last instruction.
    std::size_t here_ = 0;
    std::string problem_;
};

}  // namespace

std::string verify(const Program& program) {
    for (const Function* function : program.by_index) {
        if (function->native != nullptr || function->shares != nullptr) continue;
        const std::string problem = FunctionVerifier(program, *function).run();
        if (!problem.empty()) return function->name + ": " + problem;
    }
    return {};
}

}  // namespace csp::bytecode
