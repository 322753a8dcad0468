// What the collector has to know of the machine: where goroutines keep values outside the heap.
//
// Frames are scanned slot by slot from the bottom of the stack to the end of the innermost frame. A slot
// may hold what an earlier call left in it, so an object may live a little longer than the program can
// tell; never shorter.

#include <algorithm>
#include <cstring>
#include <vector>

#include "interpreter/vm/machine.h"

namespace csp::vm {

void Machine::scan(runtime::Goroutine& goroutine, runtime::Scanner& scanner) {
    const auto& t = static_cast<const Thread&>(goroutine);
    const bytecode::Function* const function = function_at(t.pc);
    std::size_t end = function == nullptr ? t.stack_slots() : t.fp + function->frame_slots;
    end = std::min(t.stack_slots(), std::max<std::size_t>(end, t.arguments_end));
    scanner.range(t.stack_base, t.stack_base + end);
    for (const Defer* d = t.defers; d != nullptr; d = d->next) {
        scanner.pointer(d->closure);
        scanner.range(d->image, d->image + d->slots);
    }
    for (const PanicRecord* p = t.panics; p != nullptr; p = p->previous) scanner.range(p->value, p->value + 2);
}

void Machine::start_finalizer(runtime::Goroutine& goroutine, const runtime::Finalizer& finalizer) {
    auto& thread = static_cast<Thread&>(goroutine);
    const auto& function = *static_cast<const bytecode::Function*>(finalizer.function->function);
    std::vector<Slot> image(function.result_slots);
    if (finalizer.type != nullptr) {
        const auto object = reinterpret_cast<Slot>(finalizer.object);
        // The parameter is the pointer, or an interface that takes it.
        if (function.param_slots == 2) image.push_back(reinterpret_cast<Slot>(finalizer.type));
        image.push_back(object);
    }
    start_frame(thread, finalizer.function, image.data(), static_cast<std::uint32_t>(image.size()));
    thread.is_system = true;
}

}  // namespace csp::vm
