#include "interpreter/optimize/graph.h"

#include <cstring>

namespace csp::optimize {

namespace {
Word word_at(const bytecode::Function& function, std::size_t index) {
    Word word;
    std::memcpy(&word, &function.instructions[index], sizeof word);
    return word;
}
Instruction raw(Word word) {
    Instruction out;
    std::memcpy(static_cast<void*>(&out), &word, sizeof out);
    return out;
}
}  // namespace

Graph::Graph(const bytecode::Program& p, const bytecode::Function& function)
    : program(p), inlined(function.inlined), sync_blocks(function.sync_blocks), result_slots(function.result_slots),
      frame_slots(function.frame_slots), recover_at(kNone) {
    const auto& code = function.instructions;
    std::vector<std::uint32_t> node_of(code.size() + 1, kNone);
    nodes.reserve(code.size());
    std::size_t line = 0;
    for (std::size_t i = 0; i < code.size();) {
        while (line < function.lines.size() && function.lines[line].instruction <= i) ++line;
        Node node;
        node.at = code[i];
        const bytecode::LineEntry entry = line == 0 ? bytecode::LineEntry{0, function.pos} : function.lines[line - 1];
        node.pos = entry.pos;
        node.inlined = entry.inlined;
        node.sync_block = entry.sync_block;
        node.word = static_cast<std::uint32_t>(words.size());
        node.word_count = bytecode::extension_words(code[i]);
        for (std::size_t k = 0; k < node.word_count; ++k) words.push_back(word_at(function, i + 1 + k));
        // Instruction numbers at first; node numbers when all are known.
        const auto next = static_cast<std::int64_t>(i) + 1;
        switch (bytecode::jump_kind(node.at.op)) {
            case JumpKind::None: break;
            case JumpKind::Short: node.target = static_cast<std::uint32_t>(next + node.at.sc()); break;
            case JumpKind::Wide: node.target = static_cast<std::uint32_t>(next + node.at.imm); break;
            case JumpKind::Word:
                node.target = static_cast<std::uint32_t>(next + node.word_count + words[node.word].slo);
                break;
            case JumpKind::Table:
                for (std::uint32_t k = 0; k < node.word_count; ++k) {
                    Word& entry = words[node.word + k];
                    entry.lo = static_cast<std::uint32_t>(next + node.word_count + entry.slo);
                }
                break;
        }
        node_of[i] = static_cast<std::uint32_t>(nodes.size());
        nodes.push_back(node);
        i += 1 + node.word_count;
    }
    for (Node& node : nodes) each_target(node, [&](std::uint32_t& target) { target = node_of[target]; });
    if (function.recover_at != 0) recover_at = node_of[function.recover_at];
    mark_leaders();
}

void Graph::mark_leaders() {
    for (Node& node : nodes) node.leader = false;
    for (Node& node : nodes)
        each_target(node, [&](std::uint32_t& target) {
            target = live_from(target);
            nodes[target].leader = true;
        });
    if (recover_at == kNone) return;
    recover_at = live_from(recover_at);
    nodes[recover_at].leader = true;
}

void Graph::compact() {
    std::vector<std::uint32_t> moved_to(nodes.size() + 1);
    std::uint32_t kept = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        moved_to[i] = kept;  // of a deleted node: where the next one goes
        if (!nodes[i].gone()) nodes[kept++] = nodes[i];
    }
    moved_to[nodes.size()] = kept;
    nodes.resize(kept);
    remap(moved_to);
    mark_leaders();
}

void Graph::remap(const std::vector<std::uint32_t>& moved_to) {
    for (Node& node : nodes) each_target(node, [&](std::uint32_t& target) { target = moved_to[target]; });
    if (recover_at != kNone) recover_at = moved_to[recover_at];
}

void Graph::add_word(Node& node, Word word) {
    if (node.word + node.word_count != words.size()) {
        const auto moved = static_cast<std::uint32_t>(words.size());
        for (std::uint32_t k = 0; k < node.word_count; ++k) words.push_back(words[node.word + k]);
        node.word = moved;
    }
    words.push_back(word);
    ++node.word_count;
}

void Graph::effects_of(const Node& node, bytecode::Effects& out) const {
    bytecode::find_effects(program, node.at, words_of(node), result_slots, out);
    if (bytecode::is_pure(node.at.op)) return;
    for (std::uint32_t in = node.sync_block; in != 0; in = sync_blocks[in - 1].outer)
        out.reads.push_back({sync_blocks[in - 1].slot, sync_blocks[in - 1].slots()});
}

bool Graph::encode(bytecode::Function& function) const {
    std::vector<std::uint32_t> place(nodes.size() + 1);
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        place[i] = size;
        if (!nodes[i].gone()) size += 1 + nodes[i].word_count;
    }
    place[nodes.size()] = size;
    std::vector<Instruction> code;
    std::vector<bytecode::LineEntry> lines;
    code.reserve(size);
    for (const Node& node : nodes) {
        if (node.gone()) continue;
        const auto here = static_cast<std::uint32_t>(code.size());
        if (lines.empty() || lines.back().pos != node.pos || lines.back().inlined != node.inlined ||
            lines.back().sync_block != node.sync_block)
            lines.push_back({here, node.pos, node.inlined, node.sync_block});
        Instruction at = node.at;
        const JumpKind kind = bytecode::jump_kind(at.op);
        const std::int64_t distance = node.target == kNone ? 0 : std::int64_t{place[node.target]} - here - 1;
        if (kind == JumpKind::Short) {
            if (distance < INT16_MIN || distance > INT16_MAX) return false;
            at.c = static_cast<std::uint16_t>(distance);
        } else if (kind == JumpKind::Wide) {
            at.imm = static_cast<std::int32_t>(distance);
        }
        code.push_back(at);
        const std::uint32_t end = here + 1 + node.word_count;
        for (std::uint32_t k = 0; k < node.word_count; ++k) {
            Word word = words[node.word + k];
            if (kind == JumpKind::Table)
                word.slo = static_cast<std::int32_t>(std::int64_t{place[word.lo]} - end);
            else if (kind == JumpKind::Word && k == 0)
                word.slo = static_cast<std::int32_t>(std::int64_t{place[node.target]} - end);
            code.push_back(raw(word));
        }
    }
    if (recover_at != kNone) function.recover_at = place[recover_at];
    function.instructions = std::move(code);
    function.lines = std::move(lines);
    function.inlined = inlined;
    function.sync_blocks = sync_blocks;
    function.frame_slots = frame_slots;
    function.code = function.instructions.data();
    return true;
}

bool Graph::find_readers(Node& node, bytecode::SlotRange slots, std::vector<std::uint16_t*>& readers) {
    bytecode::Effects effects;
    effects_of(node, effects);
    if (effects.reads_from < slots.first + slots.count) return false;
    std::size_t reads = 0;
    for (const auto range : effects.reads) {
        if (range.first >= slots.first + slots.count || slots.first >= range.first + range.count) continue;
        if (range.first != slots.first || range.count != slots.count) return false;
        ++reads;
    }
    const bytecode::OpcodeInfo& about = bytecode::info(node.at.op);
    const char letter = slots.count == 1 ? 's' : 'S';
    const auto take = [&](char of, std::uint16_t& operand) {
        if (of != letter || operand != slots.first) return;
        readers.push_back(&operand);
        --reads;
    };
    std::uint16_t* const operands[3] = {&node.at.a, &node.at.b, &node.at.c};
    for (std::size_t k = 0; k < about.operands.size(); ++k) take(about.operands[k], *operands[k]);
    for (std::size_t k = 0; k < about.parts.size(); ++k) take(about.parts[k], words[node.word].x[k]);
    return reads == 0;
}

}  // namespace csp::optimize
