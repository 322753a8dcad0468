#include "interpreter/bytecode/builder.h"

#include <cstring>

namespace csp::bytecode {

void Builder::set_pos(source::Pos pos) {
    if (pos.known()) pos_ = pos;
}

void Builder::set_sync_block(std::uint32_t block) {
    if (block != sync_block_) last_ = SIZE_MAX;
    sync_block_ = block;
}

std::size_t Builder::emit(Opcode op, unsigned a, unsigned b, unsigned c) {
    if (lines_.empty() || lines_.back().pos != pos_ || lines_.back().sync_block != sync_block_)
        lines_.push_back({static_cast<std::uint32_t>(code_.size()), pos_, 0, sync_block_});
    code_.emplace_back(op, a, b, c);
    last_ = code_.size() - 1;
    return last_;
}

std::optional<Instruction> Builder::take_last(Opcode op) {
    if (code_.empty() || last_ != code_.size() - 1 || code_[last_].op != op) return std::nullopt;
    const Instruction taken = code_.back();
    code_.pop_back();
    last_ = SIZE_MAX;
    return taken;
}

std::size_t Builder::emit_wide(Opcode op, unsigned a, std::int32_t imm) {
    const std::size_t at = emit(op, a);
    code_[at].imm = imm;
    return at;
}

void Builder::word(Word word) {
    Instruction raw;
    std::memcpy(static_cast<void*>(&raw), &word, sizeof raw);
    code_.push_back(raw);
}

void Builder::word(std::uint32_t lo, std::uint32_t hi) {
    Word w;
    w.lo = lo;
    w.hi = hi;
    word(w);
}

Label Builder::new_label() {
    labels_.push_back(-1);
    return {static_cast<std::uint32_t>(labels_.size() - 1)};
}

void Builder::bind(Label label) {
    labels_[label.id] = static_cast<std::int64_t>(code_.size());
    last_ = SIZE_MAX;
}

void Builder::jump(Opcode op, unsigned a, Label to) {
    const std::size_t at = emit(op, a);
    fixups_.push_back({at, to.id, Patch::Imm, at + 1});
}

namespace {
/// The forward form of a back-edge compare, for jumps that are too far for 16 bits.
Opcode without_loop(Opcode op) {
    switch (op) {
        case Opcode::EqI64Loop: return Opcode::EqI64Jmp;
        case Opcode::NeI64Loop: return Opcode::NeI64Jmp;
        case Opcode::LtI64Loop: return Opcode::LtI64Jmp;
        case Opcode::LeI64Loop: return Opcode::LeI64Jmp;
        case Opcode::EqI64KLoop: return Opcode::EqI64KJmp;
        case Opcode::NeI64KLoop: return Opcode::NeI64KJmp;
        case Opcode::LtI64KLoop: return Opcode::LtI64KJmp;
        case Opcode::LeI64KLoop: return Opcode::LeI64KJmp;
        case Opcode::GtI64KLoop: return Opcode::GtI64KJmp;
        case Opcode::GeI64KLoop: return Opcode::GeI64KJmp;
        case Opcode::LtF64Loop: return Opcode::LtF64Jmp;
        default: return op;
    }
}
}  // namespace

void Builder::compare_jump(Opcode op, unsigned a, unsigned b, Label to) {
    const Opcode forward = without_loop(op);
    if (!wide_) {
        const std::size_t at = emit(op, a, b);
        fixups_.push_back({at, to.id, Patch::Short, at + 1});
        return;
    }
    emit(forward, a, b, 1);  // over the next jump
    emit_wide(Opcode::Jmp, 0, 1);
    jump(forward == op ? Opcode::Jmp : Opcode::Loop, 0, to);
}

void Builder::jump_word(Label to, std::uint32_t hi) { jump_word(to, hi, 0); }

void Builder::jump_word(Label to, std::uint32_t hi, int after) {
    const std::size_t at = code_.size();
    word(0, hi);
    fixups_.push_back({at, to.id, Patch::Word, at + 1 + static_cast<std::size_t>(after)});
}

void Builder::finish(Function& function) {
    for (const Fixup& fixup : fixups_) {
        const std::int64_t distance = labels_[fixup.label] - static_cast<std::int64_t>(fixup.from);
        switch (fixup.patch) {
            case Patch::Imm: code_[fixup.at].imm = static_cast<std::int32_t>(distance); break;
            case Patch::Short:
                if (distance < INT16_MIN || distance > INT16_MAX) overflowed_ = true;
                code_[fixup.at].c = static_cast<std::uint16_t>(distance);
                break;
            case Patch::Word: {
                Word w;
                std::memcpy(&w, static_cast<const void*>(&code_[fixup.at]), sizeof w);
                w.slo = static_cast<std::int32_t>(distance);
                std::memcpy(static_cast<void*>(&code_[fixup.at]), &w, sizeof w);
                break;
            }
        }
    }
    function.instructions = std::move(code_);
    function.lines = std::move(lines_);
    function.code = function.instructions.data();
}

}  // namespace csp::bytecode
