#include "interpreter/bytecode/effects.h"

namespace csp::bytecode {

void Effects::clear() {
    reads.clear();
    writes.clear();
    may_write.clear();
    reads_from = may_write_from = clobbers_from = kNoLimit;
}

namespace {

class Finder {
  public:
    Finder(const Program& program, const Instruction& at, const Word* words, std::uint32_t results, Effects& out)
        : program_(program), i_(at), words_(words), results_(results), out_(out) {}

    void run() {
        const std::string_view letters = info(i_.op).operands;
        const std::uint32_t values[3] = {i_.a, i_.b, i_.c};
        for (std::size_t k = 0; k < letters.size(); ++k) {
            switch (letters[k]) {
                case 'd': write(values[k], 1); break;
                case 'D': write(values[k], 2); break;
                case 's': read(values[k], 1); break;
                case 'S': read(values[k], 2); break;
                case 'u': read(values[k], 1); write(values[k], 1); break;
                default: break;
            }
        }
        const std::string_view parts = info(i_.op).parts;
        for (std::size_t k = 0; k < parts.size(); ++k)
            if (parts[k] == 's') read(words_[0].x[k], 1);
            else if (parts[k] == 'd') write(words_[0].x[k], 1);
        several();
    }

  private:
    void read(std::uint32_t first, std::uint32_t count) {
        if (count > 0) out_.reads.push_back({first, count});
    }
    void write(std::uint32_t first, std::uint32_t count) {
        if (count > 0) out_.writes.push_back({first, count});
    }
    void may_write(std::uint32_t first, std::uint32_t count) { out_.may_write.push_back({first, count}); }
    void write_optional(std::uint32_t slot) {
        if (slot != kNoSlot) write(slot, 1);
    }
    std::uint32_t slots_of(std::uint64_t type) const { return program_.types[type]->slots; }
    const runtime::Type& map_type(std::uint64_t index) const { return *program_.types[index]; }

    void call(std::uint32_t params_first, std::uint32_t params) {
        read(params_first, params);
        out_.clobbers_from = i_.a - 2u;
    }
    void static_call(std::uint32_t index) {
        const Function& callee = *program_.by_index[index];
        call(std::uint32_t{i_.a} + callee.result_slots, callee.param_slots);
    }
    void bounds() {
        for (unsigned k = 0; k < 3; ++k)
            if (i_.c & 1u << k) read(words_[0].x[k], 1);
    }
    void frame_part(std::uint32_t slot, std::uint32_t offset, std::uint32_t bytes, bool writes) {
        const std::uint32_t first = slot + offset / 8;
        const std::uint32_t count = (offset % 8 + bytes + 7) / 8;
        if (writes) may_write(first, count);
        else read(first, count);
    }
    void select() {
        for (std::size_t k = 0; k < i_.b; ++k) {
            read(words_[k].x[0], 1);
            if (words_[k].x[1] != kNoSlot) {
                out_.reads_from = std::min<std::uint32_t>(out_.reads_from, words_[k].x[1]);
                out_.may_write_from = std::min<std::uint32_t>(out_.may_write_from, words_[k].x[1]);
            }
            if (words_[k].x[2] != kNoSlot) may_write(words_[k].x[2], 1);
        }
    }
    void next_of_map() {
        const runtime::Type& map = map_type(words_[0].hi);
        read(i_.a, 8);
        may_write(i_.a, 8);
        if (i_.b != kNoSlot) may_write(i_.b, map.key->slots);
        if (i_.c != kNoSlot) may_write(i_.c, map.elem->slots);
    }

    /// Operands of several slots, and those in extension words.
    void several() {
        switch (i_.op) {
            case Opcode::MovN: write(i_.a, i_.c); read(i_.b, i_.c); break;
            case Opcode::ZeroN: write(i_.a, i_.uimm); break;
            case Opcode::EqValue: read(i_.b, slots_of(words_[0].lo)); read(i_.c, slots_of(words_[0].lo)); break;
            case Opcode::LdWords: write(i_.a, words_[0].lo); break;
            case Opcode::StWords: read(i_.c, words_[0].lo); break;
            case Opcode::SlLdWords: write(i_.a, words_[0].x[1]); break;
            case Opcode::SlStWords: read(i_.c, words_[0].x[1]); break;
            case Opcode::LdN: write(i_.a, slots_of(words_[0].lo)); break;
            case Opcode::StN: read(i_.c, slots_of(words_[0].lo)); break;
            case Opcode::FrLd8U: case Opcode::FrLd8S: frame_part(i_.b, i_.c, 1, false); break;
            case Opcode::FrLd16U: case Opcode::FrLd16S: frame_part(i_.b, i_.c, 2, false); break;
            case Opcode::FrLd32U: case Opcode::FrLd32S: frame_part(i_.b, i_.c, 4, false); break;
            case Opcode::FrSt8: frame_part(i_.a, i_.b, 1, true); break;
            case Opcode::FrSt16: frame_part(i_.a, i_.b, 2, true); break;
            case Opcode::FrSt32: frame_part(i_.a, i_.b, 4, true); break;
            case Opcode::FrCopyOut:
                frame_part(i_.a, 0, words_[0].lo, true);
                frame_part(i_.b, i_.c, words_[0].lo, false);
                break;
            case Opcode::FrCopyIn:
                frame_part(i_.a, i_.b, words_[0].lo, true);
                frame_part(i_.c, 0, words_[0].lo, false);
                break;
            case Opcode::SliceSlice: case Opcode::SliceString: case Opcode::SliceArray: bounds(); break;
            case Opcode::Append: read(i_.c, slots_of(words_[0].hi) * words_[0].lo); break;
            case Opcode::ConcatN: read(i_.b, 2u * i_.c); break;
            case Opcode::RangeStr:
                out_.writes.clear();
                may_write(i_.c, 1);
                may_write(words_[0].hi, 1);
                break;
            case Opcode::MakeClosure: read(i_.b, i_.c); break;
            case Opcode::LdCapN: write(i_.a, i_.c); break;
            case Opcode::CallNative: static_call(i_.uimm); break;
            case Opcode::Call:
                static_call(words_[0].lo);
                break;
            case Opcode::CallAddK: add_call(); break;
            case Opcode::CallClosure: call(i_.a, i_.c); break;
            case Opcode::CallIface: call(i_.a, words_[0].hi); break;
            case Opcode::Ret: read(0, results_); break;
            case Opcode::Go: case Opcode::GoScoped: case Opcode::Defer: read(i_.a, i_.c); break;
            case Opcode::DeferOuter: read(i_.a, i_.c); read(words_[0].hi, 1); break;
            case Opcode::BoxIface: read(i_.b, slots_of(i_.c)); break;
            case Opcode::AssertType: case Opcode::Unbox: write(i_.a, slots_of(i_.c)); break;
            case Opcode::AssertTypeOk: write(i_.a, slots_of(i_.c)); write_optional(words_[0].lo); break;
            case Opcode::AssertIfaceOk: write_optional(words_[0].lo); break;
            case Opcode::MapGet: get(words_[0].lo); break;
            case Opcode::MapGetOk: get(words_[0].lo); write_optional(words_[0].hi); break;
            case Opcode::MapSet:
                read(i_.b, map_type(words_[0].lo).key->slots);
                read(i_.c, map_type(words_[0].lo).elem->slots);
                break;
            case Opcode::MapAddI64: case Opcode::MapDelete: read(i_.b, map_type(words_[0].lo).key->slots); break;
            case Opcode::MapIter: write(i_.a, 8); break;
            case Opcode::MapNext: next_of_map(); break;
            case Opcode::Send: out_.reads_from = i_.b; break;
            case Opcode::Recv:
                out_.may_write_from = i_.a;
                if (i_.c != kNoSlot) may_write(i_.c, 1);
                break;
            case Opcode::Select: select(); break;
            case Opcode::PrintValue: read(i_.a, slots_of(i_.b)); break;
            default: break;
        }
    }
    void add_call() {
        const Function& callee = *program_.by_index[words_[0].lo];
        const std::uint32_t made = words_[1].x[0];
        for (std::uint32_t k = 0; k < callee.param_slots; ++k)
            if (callee.result_slots + k != made) read(std::uint32_t{i_.a} + callee.result_slots + k, 1);
        read(words_[1].x[1], 1);
        out_.clobbers_from = i_.a - 2u;
    }
    void get(std::uint64_t type) {
        read(i_.c, map_type(type).key->slots);
        write(i_.a, map_type(type).elem->slots);
    }

    const Program& program_;
    const Instruction& i_;
    const Word* words_;
    std::uint32_t results_;
    Effects& out_;
};

}  // namespace

void find_effects(const Program& program, const Instruction& at, const Word* words, std::uint32_t result_slots,
                  Effects& out) {
    out.clear();
    Finder(program, at, words, result_slots, out).run();
}

bool is_pure(Opcode op) {
    switch (op) {
        case Opcode::Nop: case Opcode::Mov: case Opcode::Mov2: case Opcode::MovN: case Opcode::Zero:
        case Opcode::ZeroN: case Opcode::LoadI: case Opcode::LoadK: case Opcode::LoadK2: case Opcode::AddI64:
        case Opcode::SubI64: case Opcode::MulI64: case Opcode::And: case Opcode::Or: case Opcode::Xor:
        case Opcode::AndNot: case Opcode::Shl: case Opcode::ShrI64: case Opcode::ShrU64: case Opcode::AddI64K:
        case Opcode::MulI64K: case Opcode::DivI64K: case Opcode::RemI64K: case Opcode::AndK: case Opcode::ShlK:
        case Opcode::ShrI64K: case Opcode::ShrU64K: case Opcode::NegI64: case Opcode::Not: case Opcode::NotBool:
        case Opcode::SxtI8: case Opcode::SxtI16: case Opcode::SxtI32: case Opcode::ZxtU8: case Opcode::ZxtU16:
        case Opcode::ZxtU32: case Opcode::AddF64: case Opcode::SubF64: case Opcode::MulF64: case Opcode::DivF64:
        case Opcode::NegF64: case Opcode::SqrtF64: case Opcode::AbsF64: case Opcode::FloorF64: case Opcode::CeilF64:
        case Opcode::AddF32: case Opcode::SubF32: case Opcode::MulF32: case Opcode::DivF32:
        case Opcode::NegF32: case Opcode::I64ToF64: case Opcode::U64ToF64: case Opcode::I64ToF32:
        case Opcode::U64ToF32: case Opcode::F64ToI64: case Opcode::F64ToU64: case Opcode::F64ToF32:
        case Opcode::F32ToF64: case Opcode::EqI64: case Opcode::NeI64: case Opcode::LtI64: case Opcode::LeI64:
        case Opcode::LtU64: case Opcode::LeU64: case Opcode::EqF64: case Opcode::NeF64: case Opcode::LtF64:
        case Opcode::LeF64: case Opcode::SliceLen: case Opcode::SliceCap: case Opcode::LeaG: case Opcode::LdCap:
        case Opcode::LdCapN: case Opcode::MakeIface: case Opcode::IsType: return true;
        default: return false;
    }
}

MemoryWrites memory_writes(Opcode op) {
    switch (op) {
        case Opcode::St8: case Opcode::St16: case Opcode::St32: case Opcode::St64: case Opcode::StPtr: case Opcode::StG64:
        case Opcode::StGPtr: case Opcode::SlSt8: case Opcode::SlSt16: case Opcode::SlSt32: case Opcode::SlSt64:
        case Opcode::SlStPtr: case Opcode::Append1: case Opcode::Append8: return MemoryWrites::Scalars;
        case Opcode::St128: case Opcode::StG128: case Opcode::SlSt128: return MemoryWrites::Pairs;
        case Opcode::DivI64: case Opcode::RemI64: case Opcode::DivU64: case Opcode::RemU64: case Opcode::ShiftCheck:
        case Opcode::EqStr: case Opcode::LtStr: case Opcode::LeStr: case Opcode::LdPair: case Opcode::LdWords:
        case Opcode::LdN: case Opcode::Lea: case Opcode::NilCheck: case Opcode::SlAddr: case Opcode::ArrAddr:
        case Opcode::SliceSlice: case Opcode::SliceString: case Opcode::MakeSlice: case Opcode::New: case Opcode::Concat:
        case Opcode::MakeClosure: case Opcode::AssertType: case Opcode::AssertTypeOk: case Opcode::Unbox:
            return MemoryWrites::None;
        default: break;
    }
    return is_pure(op) || is_load(op) || jump_kind(op) != JumpKind::None ? MemoryWrites::None : MemoryWrites::Any;
}

bool is_load(Opcode op) {
    switch (op) {
        case Opcode::Ld8U: case Opcode::Ld8S: case Opcode::Ld16U: case Opcode::Ld16S: case Opcode::Ld32U:
        case Opcode::Ld32S: case Opcode::Ld64: case Opcode::Ld128: case Opcode::LdG64: case Opcode::LdG128:
        case Opcode::SlLd8U: case Opcode::SlLd8S: case Opcode::SlLd16U: case Opcode::SlLd16S: case Opcode::SlLd32U:
        case Opcode::SlLd32S: case Opcode::SlLd64: case Opcode::SlLd128: case Opcode::StrIndex: return true;
        default: return false;
    }
}

Instruction load_of_stored(const Instruction& at) {
    switch (at.op) {
        case Opcode::St64: case Opcode::StPtr: return {Opcode::Ld64, at.c, at.a, at.b};
        case Opcode::St128: return {Opcode::Ld128, at.c, at.a, at.b};
        case Opcode::SlSt64: case Opcode::SlStPtr: return {Opcode::SlLd64, at.c, at.a, at.b};
        case Opcode::SlSt128: return {Opcode::SlLd128, at.c, at.a, at.b};
        case Opcode::StG64: case Opcode::StGPtr: return {Opcode::LdG64, at.a, at.imm};
        case Opcode::StG128: return {Opcode::LdG128, at.a, at.imm};
        default: return {};
    }
}

JumpKind jump_kind(Opcode op) {
    if (op == Opcode::JmpTable) return JumpKind::Table;
    if (op == Opcode::RangeStr || op == Opcode::MapNext || info(op).parts == "L") return JumpKind::Word;
    const std::string_view letters = info(op).operands;
    if (letters.back() == 'j') return JumpKind::Short;
    return letters.back() == 'J' ? JumpKind::Wide : JumpKind::None;
}

bool ends_path(Opcode op) {
    switch (op) {
        case Opcode::Ret: case Opcode::RetSlot: case Opcode::RetAddI64: case Opcode::RetI: case Opcode::Jmp: case Opcode::Loop:
        case Opcode::Panic: case Opcode::PanicNilMap: case Opcode::Exit: case Opcode::PanicResume: return true;
        default: return false;
    }
}

}  // namespace csp::bytecode
