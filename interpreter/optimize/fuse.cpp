#include "interpreter/optimize/fuse.h"

#include "interpreter/optimize/passes.h"

namespace csp::optimize {

namespace {

/// How far back a maker is looked for.
constexpr std::uint32_t kReach = 12;

bool overlap(bytecode::SlotRange x, bytecode::SlotRange y) {
    return x.first < y.first + y.count && y.first < x.first + x.count;
}
bool touches(const std::vector<bytecode::SlotRange>& ranges, bytecode::SlotRange slots) {
    for (const auto range : ranges)
        if (overlap(range, slots)) return true;
    return false;
}
bool may_panic(Opcode op) { return !bytecode::is_pure(op) && bytecode::jump_kind(op) == JumpKind::None; }

}  // namespace

bool Fuser::run() {
    bool changed = false;
    for (const Block& block : liveness_.blocks) {
        begin_ = block.begin;
        live_ = block.out;
        for (std::uint32_t i = block.end; i-- > block.begin;) {
            while (!graph_.nodes[i].gone() && visit(i)) changed = true;
            if (!graph_.nodes[i].gone()) liveness_.step(graph_.nodes[i], live_);
        }
    }
    return changed;
}

bool Fuser::visit(std::uint32_t i) {
    switch (op(i)) {
        case Opcode::AddI64: case Opcode::SubI64: case Opcode::MulI64: case Opcode::AddF64: case Opcode::SubF64:
        case Opcode::MulF64: return arithmetic(i);
        case Opcode::Xor: case Opcode::ZxtU32: case Opcode::SxtI32: return other_number(i);
        case Opcode::Ld8U: case Opcode::Ld32S: case Opcode::Ld32U: case Opcode::Ld64: case Opcode::Ld128:
        case Opcode::LdWords: return load(i);
        case Opcode::SlLd8U: case Opcode::SlLd32S: case Opcode::SlLd64: case Opcode::SlLd128: return element_load(i);
        case Opcode::St8: case Opcode::St32: case Opcode::StWords: return store(i);
        case Opcode::St64: return update(i) || store(i);
        case Opcode::SlSt8: case Opcode::SlSt32: return element_store(i);
        case Opcode::SlSt64: return update(i) || element_store(i);
        case Opcode::StAddF64: case Opcode::StSubF64: case Opcode::SlStAddF64: return product_update(i);
        case Opcode::StAddI64: case Opcode::StAddI64K: return captured_update(i);
        case Opcode::EqI64Jmp: case Opcode::NeI64Jmp: case Opcode::LtI64Jmp: case Opcode::LeI64Jmp:
            return compare_element(i);
        case Opcode::LtI64Loop: return step(i) || compare_element(i);
        case Opcode::LeI64Loop: case Opcode::LtI64KLoop: case Opcode::LeI64KLoop: case Opcode::GtI64KLoop:
        case Opcode::GeI64KLoop: return step(i);
        case Opcode::MapGet: case Opcode::MapGetOk: return map_search(i);
        case Opcode::EqI64KJmp: case Opcode::NeI64KJmp: return compare_constant(i);
        case Opcode::JmpIf: case Opcode::JmpIfNot: case Opcode::LoopIf: return test_byte(i);
        case Opcode::ArrAddr: return array_address(i);
        case Opcode::Ret: return constant_result(i);
        case Opcode::Mov: return moves(i);
        default: return false;
    }
}

std::uint32_t Fuser::previous(std::uint32_t i) const {
    while (i-- > begin_)
        if (!graph_.nodes[i].gone()) return i;
    return kNone;
}

std::uint32_t Fuser::maker(std::uint32_t i, std::uint32_t slot, std::uint32_t width) const {
    const bytecode::SlotRange wanted{slot, width};
    bytecode::Effects effects;
    // Dead behind `i`, or written by it.
    graph_.effects_of(graph_.nodes[i], effects);
    for (std::uint32_t k = slot; k < slot + width; ++k)
        if (live_.has(k) && !touches(effects.writes, {k, 1})) return kNone;
    std::uint32_t found = kNone;
    for (std::uint32_t k = previous(i); k != kNone && i - k <= kReach; k = previous(k)) {
        graph_.effects_of(graph_.nodes[k], effects);
        const char letter = bytecode::info(op(k)).operands[0];
        if (letter == (width == 1 ? 'd' : 'D') && at(k).a == slot) {
            found = k;
            break;
        }
        if (!bytecode::is_pure(op(k)) || touches(effects.reads, wanted) || touches(effects.writes, wanted)) return kNone;
    }
    if (found == kNone || effects.writes.size() != 1) return kNone;
    // What it reads must be the same just before `i`.
    const std::vector<bytecode::SlotRange> reads = effects.reads;
    for (std::uint32_t k = found + 1; k < i; ++k) {
        if (graph_.nodes[k].gone()) continue;
        graph_.effects_of(graph_.nodes[k], effects);
        for (const auto range : reads)
            if (touches(effects.writes, range)) return kNone;
    }
    return found;
}

bool Fuser::same_line(const Node& x, const Node& y) const {
    if (x.inlined != y.inlined || x.sync_block != y.sync_block) return false;
    if (x.pos == y.pos) return true;
    const source::SourceSet* sources = graph_.program.sources;
    return sources != nullptr && sources->position(x.pos).line == sources->position(y.pos).line;
}

bool Fuser::become(std::uint32_t i, Instruction now, std::initializer_list<std::uint32_t> parts) {
    Node& node = graph_.nodes[i];
    const Node* panics = may_panic(node.at.op) ? &node : nullptr;
    for (const std::uint32_t part : parts) {
        const Node& other = graph_.nodes[part];
        if (!may_panic(other.at.op)) continue;
        if (panics != nullptr && !same_line(*panics, other)) return false;
        panics = &other;
    }
    if (panics != nullptr) {
        node.pos = panics->pos;
        node.inlined = panics->inlined;
        node.sync_block = panics->sync_block;
    }
    node.at = now;
    node.word_count = 0;
    for (const std::uint32_t part : parts) graph_.nodes[part].at = Instruction();
    return true;
}

bool Fuser::become(std::uint32_t i, Instruction now, Word word, std::initializer_list<std::uint32_t> parts) {
    if (!become(i, now, parts)) return false;
    graph_.add_word(graph_.nodes[i], word);
    return true;
}

bool fuse(Graph& graph) { return Fuser(graph).run(); }

}  // namespace csp::optimize
