// What the collector has to know of the machine: where goroutines keep values outside the heap.
//
// Of the innermost frames the slots are scanned that are still wanted there (frame_map.h). A frame whose function
// called a native that is still under way, trampolines, and what lies below many frames, as in deep recursion, are
// scanned slot by slot.

#include <algorithm>
#include <cstring>
#include <vector>

#include "interpreter/vm/frame_map.h"
#include "interpreter/vm/machine.h"

namespace csp::vm {

using bytecode::Function;
using bytecode::Instruction;
using bytecode::Opcode;

namespace {

constexpr int kPreciseFrames = 200;

bool is_call(const Instruction& at) {
    switch (at.op) {
        case Opcode::Call:
        case Opcode::CallAddK:
        case Opcode::CallNative:
        case Opcode::CallClosure:
        case Opcode::CallIface: return true;
        default: return false;
    }
}

/// Walks a stack from the innermost frame outwards.
class StackScan {
  public:
    StackScan(const Machine& machine, FrameMaps& maps, const Thread& thread, runtime::Scanner& scanner)
        : machine_(machine), maps_(maps), thread_(thread), scanner_(scanner) {}

    void run() {
        std::uint32_t fp = thread_.fp;
        const Instruction* pc = thread_.pc;
        // Where slots end that are not an inner frame's.
        std::uint32_t end = std::min(thread_.arguments_end, static_cast<std::uint32_t>(thread_.stack_slots()));
        bool in_native = false;
        for (int frames = 0; frames < kPreciseFrames; ++frames) {
            const Function* const function = machine_.function_at(pc);
            const bool of_program = function != nullptr && !machine_.is_trampoline(function);
            if (!of_program || in_native)
                slots(fp, end);
            else if (frames == 0)
                innermost(*function, fp, pc, end);
            else
                maps_.of(*function).each_live(pc, false, [&](std::uint32_t slot) { value(fp + slot); });
            // A call by a native begins in a trampoline; the native's caller is the next frame.
            in_native = function == &machine_.program().root;
            if (fp == 0) return;
            if (fp >= kHeaderSlots) value(fp - 2);  // the closure, if it is a closure's frame
            const Slot packed = thread_.stack_base[fp - 1];
            end = fp;
            fp -= std::min(fp, return_delta(packed));
            pc = return_pc(packed);
        }
        slots(0, end);
    }

  private:
    /// Whoever sends to a parked goroutine may be writing it.
    void value(std::uint32_t slot) { scanner_.value(__atomic_load_n(thread_.stack_base + slot, __ATOMIC_RELAXED)); }
    void slots(std::uint32_t begin, std::uint32_t end) {
        if (begin < end) scanner_.range(thread_.stack_base + begin, thread_.stack_base + end);
    }
    /// It may be in the middle of an instruction, or in a native.
    void innermost(const Function& function, std::uint32_t fp, const Instruction* pc, std::uint32_t end) {
        const FrameMap& map = maps_.of(function);
        map.each_live(pc, true, [&](std::uint32_t slot) { value(fp + slot); });
        const Instruction* const before = map.before(pc);
        if (before == nullptr) return;
        if (is_call(*before)) slots(fp + before->a, end);
        // What a goroutine waits for by its address has to stay at it.
        if (before->op == Opcode::MutexLock || before->op == Opcode::ReadLock) value(fp + before->a);
    }

    const Machine& machine_;
    FrameMaps& maps_;
    const Thread& thread_;
    runtime::Scanner& scanner_;
};

}  // namespace

void Machine::scan(runtime::Goroutine& goroutine, runtime::Scanner& scanner) {
    const auto& t = static_cast<const Thread&>(goroutine);
    StackScan(*this, *frame_maps_, t, scanner).run();
    for (const Defer* d = t.defers; d != nullptr; d = d->next) {
        scanner.pointer(d->closure);
        scanner.range(d->image, d->image + d->slots);
    }
    scanner.pointer(t.scope);
    for (const PanicRecord* p = t.panics; p != nullptr; p = p->previous) scanner.range(p->value, p->value + 2);
}

bool Machine::start_finalizer(runtime::Goroutine& goroutine, const runtime::Finalizer& finalizer) {
    auto& thread = static_cast<Thread&>(goroutine);
    const auto& function = *static_cast<const Function*>(finalizer.function->function);
    std::vector<Slot> image(function.result_slots);
    if (finalizer.type != nullptr) {
        const auto object = reinterpret_cast<Slot>(finalizer.object);
        // The parameter is the pointer, or an interface that takes it.
        if (function.param_slots == 2) image.push_back(reinterpret_cast<Slot>(finalizer.type));
        image.push_back(object);
    }
    thread.is_system = true;
    return start_frame(thread, finalizer.function, image.data(), static_cast<std::uint32_t>(image.size()));
}

}  // namespace csp::vm
