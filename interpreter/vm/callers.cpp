// Frames as numbers that programs keep: runtime.Callers and what is made of it.

#include <algorithm>

#include "interpreter/vm/machine.h"

namespace csp::vm {

namespace {
// The address of an instruction, and in the bits that this leaves free which of the frames there is meant (see
// Machine::FrameView::depth).
constexpr Slot kDepthBits = sizeof(bytecode::Instruction) - 1;
}  // namespace

std::size_t Machine::callers(const runtime::Goroutine& goroutine, std::span<Slot> pcs, std::int64_t skip) const {
    const auto& thread = static_cast<const Thread&>(goroutine);
    std::size_t found = 0;
    if (pcs.empty()) return found;
    walk_frames(thread, thread.fp, thread.pc, [&](const FrameView& frame) {
        if (skip > 0) {
            --skip;
            return true;
        }
        pcs[found++] = reinterpret_cast<Slot>(frame.pc) | std::min<Slot>(frame.depth, kDepthBits);
        return found < pcs.size();
    });
    return found;
}

Machine::FrameView Machine::frame_at(Slot pc) const {
    const auto* at = reinterpret_cast<const bytecode::Instruction*>(pc & ~kDepthBits);
    FrameView found;
    const bytecode::Function* function = function_at(at);
    if (function == nullptr) return found;
    walk_inlined(*function, at, [&](const FrameView& frame) {
        found = frame;
        return frame.depth < (pc & kDepthBits);
    });
    return found;
}

}  // namespace csp::vm
