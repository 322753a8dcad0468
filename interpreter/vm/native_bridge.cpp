#include "interpreter/vm/native_bridge.h"

#include <new>

#include "interpreter/vm/memory.h"
#include "interpreter/vm/slow.h"

namespace csp::vm {

using bytecode::Instruction;
using bytecode::Opcode;
using native::State;

namespace {

/// Machine code has no frames that exceptions could pass.
template <class Body>
Flow without_exceptions(Machine& machine, Thread& thread, Body& body) {
    try {
        return body(machine, thread);
    } catch (const std::bad_alloc&) {
    }
    return machine.out_of_memory(thread);
}

/// Does what SAVE() and RELOAD_FRAME() do in the dispatch loop around a slow path.
template <bool charges = false, class Body>
std::uint32_t around(State* state, const Instruction* at, Body body) {
    auto& machine = *static_cast<Machine*>(state->machine);
    auto& thread = *static_cast<Thread*>(state->thread);
    thread.pc = at + 1 + bytecode::extension_words(*at);
    thread.fp = static_cast<std::uint32_t>(state->fp - thread.stack_base);
    thread.worker->budget = state->budget;
    const Flow flow = without_exceptions(machine, thread, body);
    if (flow == Flow::Next) {  // otherwise it may be another worker's by now
        state->fp = thread.stack_base + thread.fp;
        state->stack_limit = thread.stack_limit;
        if constexpr (charges) state->budget = thread.worker->budget;
    }
    return static_cast<std::uint32_t>(flow);
}

template <Flow (*path)(Machine&, Thread&, const Instruction*, Slot*), bool charges = false>
std::uint32_t flowing(State* state, const Instruction* at) {
    return around<charges>(state, at, [&](Machine& m, Thread& t) { return path(m, t, at, state->fp); });
}
template <void (*path)(Machine&, Thread&, const Instruction*, Slot*), bool charges = false>
std::uint32_t simple(State* state, const Instruction* at) {
    return around<charges>(state, at, [&](Machine& m, Thread& t) {
        path(m, t, at, state->fp);
        return Flow::Next;
    });
}
template <void (*path)(const Instruction*, Slot*)>
std::uint32_t pure(State* state, const Instruction* at) {
    path(at, state->fp);
    return 0;
}

std::uint32_t call_native(State* state, const Instruction* at) {
    return around<true>(state, at, [&](Machine& m, Thread& t) {
        const bytecode::Function& callee = *m.program().by_index[at->uimm];
        if (Machine::needs_fiber(t, callee)) {
            t.pc = at;
            return Flow::Yield;
        }
        return slow::call_native(m, t, callee, at->a);
    });
}
std::uint32_t allocate(State* state, const Instruction* at) {
    return around(state, at, [&](Machine& m, Thread& t) {
        void* const object = m.heap().allocate(m.cache(t), *m.program().types[at->uimm]);
        if (object == nullptr) return m.out_of_memory(t);
        state->fp[at->a] = reinterpret_cast<Slot>(object);
        return Flow::Next;
    });
}
std::uint32_t panic(State* state, const Instruction* at) {
    return around(state, at, [&](Machine& m, Thread& t) { return m.raise(t, state->fp + at->a); });
}
std::uint32_t make_interface(State* state, const Instruction* at) {
    const runtime::Type* const type = static_cast<Machine*>(state->machine)->program().types[at->c];
    const Slot value = state->fp[at->b];
    state->fp[at->a] = reinterpret_cast<Slot>(type);
    state->fp[at->a + 1] = type->slots == 0 ? 0 : value;
    return 0;
}
std::uint32_t is_type(State* state, const Instruction* at) {
    const runtime::Type* const type = static_cast<Machine*>(state->machine)->program().types[at->c];
    state->fp[at->a] = state->fp[at->b] == reinterpret_cast<Slot>(type);
    return 0;
}
std::uint32_t is_interface(State* state, const Instruction* at) {
    auto& machine = *static_cast<Machine*>(state->machine);
    state->fp[at->a] = slow::is_interface(machine, state->fp[at->b], *machine.program().types[at->c]);
    return 0;
}
std::uint32_t assert_type(State* state, const Instruction* at) {
    return around(state, at, [&](Machine& m, Thread& t) {
        const runtime::Type* const type = m.program().types[at->c];
        if (state->fp[at->b] != reinterpret_cast<Slot>(type)) return slow::assertion_failed(m, t, at, state->fp);
        slow::unbox(*type, state->fp + at->a, state->fp[at->b + 1]);
        return Flow::Next;
    });
}
std::uint32_t assert_type_ok(State* state, const Instruction* at) {
    slow::assert_type_ok(*static_cast<Machine*>(state->machine)->program().types[at->c], at, state->fp);
    return 0;
}
std::uint32_t unbox(State* state, const Instruction* at) {
    slow::unbox(*static_cast<Machine*>(state->machine)->program().types[at->c], state->fp + at->a, state->fp[at->b + 1]);
    return 0;
}
std::uint32_t map_length(State* state, const Instruction* at) {
    state->fp[at->a] = slow::map_length(state->fp[at->b]);
    return 0;
}
std::uint32_t less_text(State* state, const Instruction* at) {
    const int order = slow::compare_strings(state->fp + at->b, state->fp + at->c);
    state->fp[at->a] = at->op == Opcode::LtStr ? order < 0 : order <= 0;
    return 0;
}

native::SlowPath slow_path(Opcode op) {
    switch (op) {
        case Opcode::AddC128: case Opcode::SubC128: case Opcode::MulC128: case Opcode::DivC128: case Opcode::NegC128:
            return pure<slow::complex_arithmetic>;
        case Opcode::LtStr: case Opcode::LeStr: return less_text;
        case Opcode::SliceArray: return flowing<slow::slice_array>;
        case Opcode::MakeSlice: return flowing<slow::make_slice, true>;
        case Opcode::SliceLit: return flowing<slow::slice_literal>;
        case Opcode::Append: case Opcode::Append1: case Opcode::Append8: return flowing<slow::append, true>;
        case Opcode::AppendSlice: return flowing<slow::append_slice, true>;
        case Opcode::AppendString: return flowing<slow::append_string, true>;
        case Opcode::CopySlice: return simple<slow::copy_slice, true>;
        case Opcode::CopyString: return simple<slow::copy_string, true>;
        case Opcode::ClearSlice: return simple<slow::clear_slice, true>;
        case Opcode::SliceToArrayPtr: return flowing<slow::slice_to_array>;
        case Opcode::Concat: return flowing<slow::concat, true>;
        case Opcode::ConcatN: return flowing<slow::concat_many, true>;
        case Opcode::RangeStr: return pure<slow::decode_rune>;
        case Opcode::RuneToStr: return flowing<slow::convert_string>;
        case Opcode::BytesToStr: case Opcode::RunesToStr: case Opcode::StrToBytes: case Opcode::StrToRunes:
            return flowing<slow::convert_string, true>;
        case Opcode::New: return allocate;
        case Opcode::MakeMap: return flowing<slow::make_map>;
        case Opcode::MakeChan: return flowing<slow::make_chan>;
        case Opcode::MakeClosure: return flowing<slow::make_closure>;
        case Opcode::CallNative: return call_native;
        case Opcode::Go: return flowing<slow::go>;
        case Opcode::GoScoped: return flowing<slow::go_scoped>;
        case Opcode::Defer: return flowing<slow::defer>;
        case Opcode::DeferOuter: return flowing<slow::defer_outer>;
        case Opcode::Panic: return panic;
        case Opcode::EqIface: return flowing<slow::equal_interfaces>;
        case Opcode::EqValue: return flowing<slow::equal_values>;
        case Opcode::MakeIface: return make_interface;
        case Opcode::BoxIface: return flowing<slow::box>;
        case Opcode::AssertType: return assert_type;
        case Opcode::AssertTypeOk: return assert_type_ok;
        case Opcode::AssertIface: return flowing<slow::assert_interface>;
        case Opcode::AssertIfaceOk: return [](State* s, const Instruction* at) -> std::uint32_t {
            slow::assert_interface_ok(*static_cast<Machine*>(s->machine), at, s->fp);
            return 0;
        };
        case Opcode::IsType: return is_type;
        case Opcode::IsIface: return is_interface;
        case Opcode::Unbox: return unbox;
        case Opcode::MapGet: return flowing<slow::map_get>;
        case Opcode::MapGetOk: return flowing<slow::map_get_ok>;
        case Opcode::MapSet: return flowing<slow::map_set>;
        case Opcode::MapAddI64: return flowing<slow::map_add>;
        case Opcode::MapDelete: return flowing<slow::map_delete>;
        case Opcode::MapLen: return map_length;
        case Opcode::MapClear: return flowing<slow::map_clear>;
        case Opcode::MapIter: return simple<slow::map_iterate>;
        case Opcode::MapNext: return flowing<slow::map_next, true>;
        case Opcode::Send: return flowing<slow::send>;
        case Opcode::Recv: return flowing<slow::receive>;
        case Opcode::CloseChan: return flowing<slow::close>;
        case Opcode::Select: return flowing<slow::select>;
        case Opcode::MutexLock: return flowing<slow::lock>;
        case Opcode::MutexUnlock: return flowing<slow::unlock>;
        case Opcode::ReadLock: return flowing<slow::read_lock>;
        case Opcode::ReadUnlock: return flowing<slow::read_unlock>;
        default: return nullptr;
    }
}

/// Those above that have counted their work.
constexpr bool charges(Opcode op) {
    switch (op) {
        case Opcode::CallNative:
        case Opcode::MakeSlice: case Opcode::Append: case Opcode::Append1: case Opcode::Append8: case Opcode::AppendSlice:
        case Opcode::AppendString: case Opcode::CopySlice: case Opcode::CopyString: case Opcode::ClearSlice:
        case Opcode::Concat: case Opcode::ConcatN: case Opcode::RunesToStr: case Opcode::BytesToStr: case Opcode::StrToBytes:
        case Opcode::StrToRunes: case Opcode::MapNext: return true;
        default: return false;
    }
}

const void* find_method(const void* type, std::uint32_t id) {
    return static_cast<const runtime::Type*>(type)->find_method(id);
}

}  // namespace

native::Environment native_environment(Machine& machine) {
    native::Environment environment{slow_path, charges, find_method, slow::map_find_word, slow::map_find_text,
                                    machine.heap().marking_flag(), machine.globals()};
    if (machine.options().trace)
        environment.translated = [&trace = machine.options().trace](const bytecode::Function& function) {
            trace({TraceEvent::Kind::FunctionTranslated, 0, function.name});
        };
    return environment;
}

}  // namespace csp::vm
