// The dispatch loop.
//
// Rules for the bodies in ops_*.inc:
//  1. fp, pc and budget live in locals. Before anything that may allocate, panic, park, call out or
//     grow the stack: SAVE() (pc and fp into the thread). After anything that may have moved the stack:
//     RELOAD().
//  2. After a slow path has answered Parked, the thread must not be touched: FLOW() sees to it.
//  3. Loads and stores of memory that other goroutines may see go through the functions in memory.h,
//     so that races between scripts stay inside the language.
//  4. A body of more than ten lines belongs into slow_*.cpp.

#include <atomic>
#include <cmath>
#include <cstring>

#include "interpreter/vm/coverage.h"
#include "interpreter/vm/machine.h"
#include "interpreter/vm/memory.h"
#include "interpreter/vm/slow.h"
#include "runtime/sync/sync.h"
#include "runtime/type/value.h"
#include "runtime/value/bytes.h"

namespace csp::vm {

using bytecode::Instruction;
using bytecode::Opcode;
using bytecode::Word;

namespace {

inline double f64(Slot s) {
    double d;
    std::memcpy(&d, &s, sizeof d);
    return d;
}
inline Slot bits(double d) {
    Slot s;
    std::memcpy(&s, &d, sizeof s);
    return s;
}
inline float f32(Slot s) {
    const auto low = static_cast<std::uint32_t>(s);
    float f;
    std::memcpy(&f, &low, sizeof f);
    return f;
}
inline Slot bits(float f) {
    std::uint32_t low;
    std::memcpy(&low, &f, sizeof low);
    return low;
}
inline std::int64_t i64(Slot s) { return static_cast<std::int64_t>(s); }

inline bool equal_strings(const Slot* a, const Slot* b) {
    return a[1] == b[1] &&
           (a[0] == b[0] || runtime::equal_bytes(reinterpret_cast<const char*>(a[0]),
                                                 reinterpret_cast<const char*>(b[0]), a[1]));
}

}  // namespace

LoopEnd Machine::execute(Thread& thread, bool nested) {
    static const void* const kLabels[] = {
#define OP(name, operands, words, meaning) &&L_##name,
#include "interpreter/bytecode/opcodes.def"
    };

#if defined(__x86_64__)
    if (!nested) __asm__("movq %%rsp, %0" : "=m"(thread.natives_below));
#endif
    const Instruction* pc = thread.pc;
    Slot* fp = thread.stack_base + thread.fp;
    std::int64_t budget = 0;
    const std::uint64_t* const constants = program_.constants.data();
    const bytecode::Function* const* const functions = program_.by_index.data();
    const Slot* limit = thread.stack_limit;
    char* const globals = globals_;
    const Instruction* at;  // the instruction being executed
    Flow flow = Flow::Next;
    Slot bad_index = 0;  // what fused_out_of_range is to tell
    Slot bad_length = 0;
    // All of them lead out of the bodies again: for executing one instruction only.
    static const void* const kOnce[] = {
#define OP(name, operands, words, meaning) &&after_one,
#include "interpreter/bytecode/opcodes.def"
    };
    native::Tier* const native = native_.get();
    // Hidden from the compiler, which would otherwise compute the table's address in every body instead of
    // keeping it in a register: two instructions of twelve.
    const void* const* all_labels = kLabels;
    __asm__("" : "+r"(all_labels));
    const void* const* labels = all_labels;

#define A (at->a)
#define B (at->b)
#define C (at->c)
#define RA fp[at->a]
#define RB fp[at->b]
#define RC fp[at->c]
#define WORD(i) reinterpret_cast<const Word*>(at + 1 + (i))
#define SAVE() (thread.pc = pc, thread.fp = static_cast<std::uint32_t>(fp - thread.stack_base), thread.worker->budget = budget)
#define RELOAD_BUDGET() (budget = thread.worker->budget)
#define RELOAD_FRAME() (fp = thread.stack_base + thread.fp, limit = thread.stack_limit, RELOAD_BUDGET())
#define RELOAD() (pc = thread.pc, RELOAD_FRAME())
#define NEXT() goto* labels[static_cast<std::size_t>(pc->op)]
#define HANDLER(name) L_##name: at = pc++; visit(at);
#define FLOW(call)                               \
    do {                                         \
        flow = (call);                           \
        if (flow != Flow::Next) goto handle_flow; \
    } while (0)
#define NIL_CHECK(pointer)                       \
    do {                                         \
        if ((pointer) == 0) [[unlikely]] goto nil_dereference; \
    } while (0)
#define CHECK_INDEX(index, length)               \
    do {                                         \
        if ((index) >= (length)) [[unlikely]] {  \
            bad_index = (index);                 \
            bad_length = (length);               \
            goto fused_out_of_range;             \
        }                                        \
    } while (0)
#define BACK_EDGE()                              \
    do {                                         \
        if (--budget <= 0) [[unlikely]] goto out_of_budget; \
    } while (0)

    flow = resumed(thread);
    if (flow != Flow::Next) goto handle_flow;
    RELOAD();
    if (budget <= 0) goto out_of_budget;
    goto enter;

#include "interpreter/vm/ops_move.inc"
#include "interpreter/vm/ops_number.inc"
#include "interpreter/vm/ops_jump.inc"
#include "interpreter/vm/ops_memory.inc"
#include "interpreter/vm/ops_slice.inc"
#include "interpreter/vm/ops_call.inc"
#include "interpreter/vm/ops_value.inc"
#include "interpreter/vm/ops_chan.inc"
#include "interpreter/vm/ops_sync.inc"
#include "interpreter/vm/ops_fused.inc"
#include "interpreter/vm/ops_fused_jump.inc"

needs_fiber:
    pc = at;
    SAVE();
    return LoopEnd::Yielded;

out_of_budget:
    SAVE();
    if (!refill(thread)) return LoopEnd::Ended;
    budget = thread.worker->budget;
    if (scheduler_->should_yield(thread)) {
        if (!nested) return LoopEnd::Yielded;
        goto yield_nested;
    }
    if (ending()) return LoopEnd::Ended;
    if (native != nullptr)
        if (const bytecode::Function* const function = function_at(pc); function != nullptr) native->met(*function);
    goto enter;

after_one:
enter:
    labels = all_labels;
    // Native code, if there is any for this place.
    if (native != nullptr) {
        if (const void* const entry = native->find(pc); entry != nullptr) {
            native::State state{fp, pc, limit, budget, native::Exit::Interpret, 0, this, &thread};
            native->run(state, entry);
            fp = state.fp;
            pc = state.pc;
            limit = state.stack_limit;
            budget = state.budget;
            switch (state.exit) {
                case native::Exit::Interpret: {
                    const void* const body = labels[static_cast<std::size_t>(pc->op)];
                    labels = kOnce;
                    goto* body;
                }
                case native::Exit::NotNative:
                    // Called or returned to from hot code: as good as hot.
                    if (const bytecode::Function* const function = function_at(pc); function != nullptr)
                        if (native->met(*function)) goto enter;
                    break;
                case native::Exit::Budget: goto out_of_budget;
                case native::Exit::Flow: flow = static_cast<Flow>(state.flow); goto handle_flow;
            }
        }
        if (native->always()) {
            const void* const body = labels[static_cast<std::size_t>(pc->op)];
            labels = kOnce;
            goto* body;
        }
    }
    NEXT();

nil_dereference:
    SAVE();
    flow = raise_runtime(thread, "invalid memory address or nil pointer dereference");
    goto handle_flow;

divide_by_zero:
    SAVE();
    flow = raise_runtime(thread, "integer divide by zero");
    goto handle_flow;

index_out_of_range:
    // The failing instruction is a load, store or address of an element: slow path finds the numbers.
    SAVE();
    flow = slow::index_panic(*this, thread, at, fp);
    goto handle_flow;

fused_out_of_range:
    SAVE();
    flow = slow::out_of_range(*this, thread, bad_index, bad_length);
    goto handle_flow;

handle_flow:
    switch (flow) {
        case Flow::Next: NEXT();
        case Flow::Jump: RELOAD(); goto enter;
        case Flow::Panic:
            // To unwind may be to call methods, below native frames.
            if (thread.worker->direct) {
                thread.resume = runtime::Resume::Panic;
                return LoopEnd::Yielded;
            }
            flow = unwind(thread);
            if (flow == Flow::Panic) return LoopEnd::Panicked;
            if (flow == Flow::Parked) return LoopEnd::Finished;
            goto handle_flow;
        case Flow::Parked:
            if (!nested) return LoopEnd::Parked;
            scheduler_->park_fiber(thread);
            flow = resumed(thread);
            if (flow == Flow::Next) flow = Flow::Jump;
            goto handle_flow;
        case Flow::Yield:
            if (!nested) return LoopEnd::Yielded;
            goto yield_nested;
        case Flow::Ended: return LoopEnd::Ended;
    }
    return LoopEnd::Ended;

yield_nested:
    if (ending()) return LoopEnd::Ended;
    scheduler_->yield_fiber(thread);
    flow = resumed(thread);
    if (flow == Flow::Next) flow = Flow::Jump;
    goto handle_flow;

#undef A
#undef B
#undef C
#undef RA
#undef RB
#undef RC
#undef WORD
#undef SAVE
#undef RELOAD
#undef RELOAD_FRAME
#undef RELOAD_BUDGET
#undef NEXT
#undef HANDLER
#undef FLOW
#undef NIL_CHECK
#undef BACK_EDGE
#undef CHECK_INDEX
}

}  // namespace csp::vm
