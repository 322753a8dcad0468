#include "interpreter/optimize/inline.h"

#include <algorithm>

namespace csp::optimize {

namespace {

constexpr std::size_t kMostNodes = 24;
constexpr std::uint32_t kMostSlots = 64;

/// Instructions that mean the same in a caller's frame.
bool may_move(Opcode op) {
    switch (op) {
        case Opcode::JmpTable: case Opcode::RangeStr: case Opcode::MapIter: case Opcode::MapNext: case Opcode::MakeClosure:
        case Opcode::LdCap: case Opcode::LdCapN: case Opcode::LdCapBox: case Opcode::CapAddI64: case Opcode::CapAddI64K: case Opcode::Call: case Opcode::CallAddK:
        case Opcode::CallNative: case Opcode::CallClosure: case Opcode::CallIface: case Opcode::Go: case Opcode::Defer:
        case Opcode::GoScoped: case Opcode::FrameId: case Opcode::DeferOuter: case Opcode::RunDefers: case Opcode::Recover: case Opcode::Exit: case Opcode::PanicResume: case Opcode::Send:
        case Opcode::Recv: case Opcode::CloseChan: case Opcode::Select: case Opcode::SliceArray: return false;
        default: return true;
    }
}

/// Lets every slot that the instruction names be counted from `area`.
void shift(Instruction& at, Word* words, std::uint32_t area) {
    const auto move = [area](std::uint16_t& slot) { slot = static_cast<std::uint16_t>(slot + area); };
    const bytecode::OpcodeInfo& about = bytecode::info(at.op);
    std::uint16_t* const operands[3] = {&at.a, &at.b, &at.c};
    for (std::size_t k = 0; k < about.operands.size(); ++k)
        if (std::string_view("dDsSuWR").find(about.operands[k]) != std::string_view::npos) move(*operands[k]);
    for (std::size_t k = 0; k < about.parts.size(); ++k)
        if (about.parts[k] == 's' || about.parts[k] == 'd') move(words[0].x[k]);
    switch (at.op) {
        case Opcode::SliceSlice: case Opcode::SliceString:
            for (unsigned k = 0; k < 3; ++k)
                if (at.c & 1u << k) move(words[0].x[k]);
            break;
        case Opcode::AssertTypeOk: case Opcode::AssertIfaceOk:
            if (words[0].lo != bytecode::kNoSlot) words[0].lo += area;
            break;
        case Opcode::MapGetOk:
            if (words[0].hi != bytecode::kNoSlot) words[0].hi += area;
            break;
        default: break;
    }
}

}  // namespace

bool may_inline(const bytecode::Function& function, const Graph& graph) {
    if (function.native != nullptr || function.has_defers || function.is_wrapper || graph.recover_at != kNone) return false;
    if (graph.nodes.size() > kMostNodes || graph.frame_slots > kMostSlots) return false;
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        if (!may_move(node.at.op) || (node.target != kNone && node.target <= i)) return false;
    }
    return true;
}

void Inliner::inline_call(std::uint32_t call, const bytecode::Function& callee, const Graph& code) {
    sites_.push_back({call, &callee, &code});
    added_ += code.nodes.size();
}

/// What a CallAddK does before it calls.
void Inliner::argument(const Node& call, std::vector<Node>& out) {
    if (call.at.op != Opcode::CallAddK) return;
    const Word word = graph_.words[call.word + 1];
    Node sum = call;
    sum.word_count = 0;
    sum.at = Instruction(Opcode::AddI64K, call.at.a + word.x[0], word.x[1], word.x[2]);
    out.push_back(sum);
}

void Inliner::copy(const Site& site, std::vector<Node>& out, std::vector<std::uint32_t>& in_callee) {
    const Node call = graph_.nodes[site.call];
    const std::uint32_t area = call.at.a;
    const auto first_inlined = static_cast<std::uint32_t>(graph_.inlined.size());
    graph_.inlined.push_back({site.callee, call.pos, call.inlined});
    for (bytecode::InlinedCall nested : site.code->inlined) {
        nested.outer = nested.outer == 0 ? first_inlined + 1 : first_inlined + 1 + nested.outer;
        graph_.inlined.push_back(nested);
    }
    const auto first_block = static_cast<std::uint32_t>(graph_.sync_blocks.size());
    const auto block_in_caller = [&](std::uint32_t block) { return block == 0 ? call.sync_block : first_block + block; };
    for (bytecode::SyncBlock block : site.code->sync_blocks) {
        block.slot += area;
        block.outer = block_in_caller(block.outer);
        graph_.sync_blocks.push_back(block);
    }
    graph_.frame_slots = std::max(graph_.frame_slots, area + site.code->frame_slots);
    argument(call, out);
    const auto base = static_cast<std::uint32_t>(out.size());
    std::vector<std::uint32_t> place;  // of the callee's nodes in `out`
    for (const Node& original : site.code->nodes) {
        place.push_back(static_cast<std::uint32_t>(out.size()) - base);
        Node node = original;
        node.inlined = first_inlined + 1 + original.inlined;
        node.sync_block = block_in_caller(original.sync_block);
        node.word = static_cast<std::uint32_t>(graph_.words.size());
        for (std::uint32_t k = 0; k < original.word_count; ++k)
            graph_.words.push_back(site.code->words[original.word + k]);
        shift(node.at, graph_.words.data() + node.word, area);
        if (node.at.op == Opcode::RetSlot) node.at = Instruction(Opcode::Mov, area, node.at.a, 0);
        else if (node.at.op == Opcode::RetAddI64) node.at = Instruction(Opcode::AddI64, area, node.at.b, node.at.c);
        else if (node.at.op != Opcode::Ret) {
            out.push_back(node);
            continue;
        }
        if (original.at.op != Opcode::Ret) out.push_back(node);
        Node jump = node;
        jump.at = Instruction(Opcode::Jmp, 0, std::int32_t{0});
        jump.word_count = 0;
        jump.target = static_cast<std::uint32_t>(site.code->nodes.size());
        out.push_back(jump);
    }
    place.push_back(static_cast<std::uint32_t>(out.size()) - base);
    // Targets are places in `out` from now on, told apart from the caller's own by in_callee.
    for (std::size_t k = base; k < out.size(); ++k) {
        if (out[k].target == kNone) continue;
        out[k].target = base + place[out[k].target];
        in_callee.push_back(static_cast<std::uint32_t>(k));
    }
}

bool Inliner::finish() {
    if (sites_.empty()) return false;
    std::vector<Node> out;
    std::vector<std::uint32_t> in_callee;
    std::vector<std::uint32_t> moved_to(graph_.nodes.size() + 1);
    std::vector<bool> own;
    std::size_t next = 0;
    for (std::uint32_t i = 0; i < graph_.nodes.size(); ++i) {
        moved_to[i] = static_cast<std::uint32_t>(out.size());
        if (next < sites_.size() && sites_[next].call == i) {
            copy(sites_[next++], out, in_callee);
        } else {
            out.push_back(graph_.nodes[i]);
        }
        own.resize(out.size());
        if (!(next > 0 && sites_[next - 1].call == i)) own[out.size() - 1] = true;
    }
    moved_to[graph_.nodes.size()] = static_cast<std::uint32_t>(out.size());
    graph_.nodes = std::move(out);
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k)
        if (own[k]) graph_.each_target(graph_.nodes[k], [&](std::uint32_t& target) { target = moved_to[target]; });
    if (graph_.recover_at != kNone) graph_.recover_at = moved_to[graph_.recover_at];
    graph_.mark_leaders();
    return true;
}

}  // namespace csp::optimize
