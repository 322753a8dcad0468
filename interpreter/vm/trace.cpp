// What a user reads when a run ends badly: panic messages, goroutine traces, deadlocks.

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "interpreter/vm/machine.h"
#include "runtime/sched/bubble.h"
#include "runtime/value/equality.h"

namespace csp::vm {

using runtime::Kind;

namespace {

constexpr std::size_t kMostFrames = 100;

std::string header(const Thread& thread, std::string_view state) {
    std::string text = "goroutine " + std::to_string(thread.id) + " [" + std::string(state);
    if (thread.waits_in_bubble) text += " (durable)";
    if (thread.bubble != nullptr) text += ", synctest bubble " + std::to_string(thread.bubble->number());
    return text + "]:\n";
}

std::string quoted_number(const runtime::Type& type, const Slot* value) {
    double d;
    std::memcpy(&d, value, sizeof d);
    switch (type.kind) {
        case Kind::Bool: return *value != 0 ? "true" : "false";
        case Kind::Int:
        case Kind::Int8:
        case Kind::Int16:
        case Kind::Int32:
        case Kind::Int64: return std::to_string(static_cast<std::int64_t>(*value));
        case Kind::Uint:
        case Kind::Uint8:
        case Kind::Uint16:
        case Kind::Uint32:
        case Kind::Uint64:
        case Kind::Uintptr: return std::to_string(*value);
        case Kind::Float32: {
            float f;
            std::memcpy(&f, value, sizeof f);
            d = static_cast<double>(f);
            [[fallthrough]];
        }
        case Kind::Float64: {
            char text[40];
            std::snprintf(text, sizeof text, "%+.6e", d);
            std::string out(text);  // C writes two digits of exponent, Go's print three
            const std::size_t e = out.find('e');
            if (e != std::string::npos && out.size() - e == 4) out.insert(e + 2, "0");
            return out;
        }
        default: return {};
    }
}

}  // namespace

/// The text behind "panic: ": an error's Error(), a Stringer's String(), or a basic value.
std::string Machine::describe_panic_value(Thread& thread, const Slot* value) {
    const auto* type = reinterpret_cast<const runtime::Type*>(value[0]);
    if (type == nullptr) return "nil";
    for (const char* name : {"Error", "String"}) {
        for (const runtime::Method& method : type->methods) {
            if (method.name != name || method.type->string != "func() string" || method.code == nullptr)
                continue;
            const auto* function = static_cast<const bytecode::Function*>(method.code);
            Slot text[2] = {0, 0};
            const auto* closure = reinterpret_cast<const runtime::Closure*>(&function->static_closure);
            const bytecode::Function* top = function_at(thread.pc);
            const std::size_t above = std::max<std::size_t>(
                thread.panics != nullptr ? thread.panics->top : 0,
                thread.fp + (top == nullptr ? 0 : top->frame_slots) + kHeaderSlots);
            PanicRecord* const panics = std::exchange(thread.panics, nullptr);
            Defer* const defers = std::exchange(thread.defers, nullptr);
            const LoopEnd end = call_nested(thread, closure, value + 1, 1, text, 2, above + 8);
            while (thread.panics != nullptr)
                delete std::exchange(thread.panics, thread.panics->previous);
            thread.panics = panics;
            thread.defers = defers;
            if (end == LoopEnd::Finished)
                return std::string(reinterpret_cast<const char*>(text[0]), text[1]);
            return "(" + std::string(type->string) + ") …";
        }
    }
    if (type->kind == Kind::String) {
        runtime::String text;
        std::memcpy(static_cast<void*>(&text), reinterpret_cast<const void*>(value[1]), sizeof text);
        const std::string plain(text.view());
        return type->name.empty() || type->package.empty()
                   ? plain
                   : std::string(type->string) + "(\"" + plain + "\")";
    }
    const std::string number = quoted_number(*type, value + 1);
    if (!number.empty())
        return type->package.empty() ? std::string(type->string) + "(" + number + ")"
                                     : std::string(type->string) + "(" + number + ")";
    char address[24];
    std::snprintf(address, sizeof address, "0x%llx", static_cast<unsigned long long>(value[1]));
    return "(" + std::string(type->string) + ") " + address;
}

void Machine::walk_frames(const Thread& thread, std::uint32_t fp, const bytecode::Instruction* pc,
                          const FrameVisitor& visit) const {
    for (;;) {
        const bytecode::Function* function = function_at(pc);
        if (function == &program_.root && fp == 0) {
            if (pc == program_.root.code) visit_first(thread, visit);
            return;
        }
        const bool trampoline = function == nullptr || function == &program_.root || function == &program_.deferred;
        if (function == &program_.panicking) {
            if (!visit({nullptr, {}, pc, 0, 0})) return;
        } else if (!trampoline) {
            const bool hidden = function->is_wrapper || function->name == "runtime.main";
            const bool more = walk_inlined(*function, pc, [&](const FrameView& frame) {
                return (hidden && frame.function == function) || visit(frame);
            });
            if (!more) return;
        }
        if (fp == 0) return;
        const Slot packed = thread.stack_base[fp - 1];
        const std::uint32_t delta = return_delta(packed);
        if (delta == 0 || delta > fp) return;
        // RunDefers is come back to, so a frame that runs deferred calls goes on at it, not behind it.
        pc = return_pc(packed) + (function == &program_.deferred ? 1 : 0);
        fp -= delta;
    }
}

void Machine::visit_first(const Thread& thread, const FrameVisitor& visit) {
    const auto* closure = reinterpret_cast<const runtime::Closure*>(thread.stack_base[0]);
    const auto& function = *static_cast<const bytecode::Function*>(closure->function);
    if (function.native != nullptr || function.is_wrapper) return;
    constexpr unsigned kOutermost = std::numeric_limits<unsigned>::max();
    visit({&function, function.pos_at(0), function.code, 0, kOutermost});
}

bool Machine::walk_inlined(const bytecode::Function& function, const bytecode::Instruction* pc, const FrameVisitor& visit) {
    const std::ptrdiff_t offset = pc - function.code;
    const auto index = static_cast<std::uint32_t>(offset == 0 ? 0 : offset - 1);
    FrameView frame{nullptr, function.pos_at(index), pc, offset * std::ptrdiff_t{sizeof *pc}, 0};
    for (std::uint32_t inlined = function.inlined_at(index); inlined != 0; ++frame.depth) {
        const bytecode::InlinedCall& call = function.inlined[inlined - 1];
        frame.function = call.callee;
        if (!visit(frame)) return false;
        frame.pos = call.pos;
        inlined = call.outer;
    }
    frame.function = &function;
    return visit(frame);
}

void Machine::trace_frames(Thread& thread, std::uint32_t fp, const bytecode::Instruction* pc,
                           std::string& out) {
    std::size_t shown = 0;
    int left_out = 0;
    walk_frames(thread, fp, pc, [&](const FrameView& frame) {
        if (frame.function == nullptr) {
            if (shown > 0) out += "panic(...)\n";
        } else if (shown == kMostFrames) {
            ++left_out;
        } else {
            const source::Position where = program_.sources->position(frame.pos);
            char offset[24];
            std::snprintf(offset, sizeof offset, " +0x%tx\n", frame.offset);
            out += frame.function->name + "(...)\n\t" + std::string(where.file) + ":" + std::to_string(where.line) + offset;
            ++shown;
        }
        return true;
    });
    if (left_out > 0) out += "...additional frames elided...\n";
    if (thread.started_at != nullptr && !thread.is_main) {
        const bytecode::Function* starter = function_at(thread.started_at);
        if (starter != nullptr) {
            const auto index = static_cast<std::uint32_t>(thread.started_at - starter->code);
            const source::Position at = program_.sources->position(starter->pos_at(index));
            out += "created by " + starter->name + " in goroutine " + std::to_string(thread.parent_id) +
                   "\n\t" + std::string(at.file) + ":" + std::to_string(at.line) + "\n";
        }
    }
}

std::string Machine::trace(Thread& thread, std::string_view state) {
    std::string out = header(thread, state);
    trace_frames(thread, thread.fp, thread.pc, out);
    return out;
}

std::string Machine::other_traces(Thread& self) {
    std::string out;
    const auto add = [&](runtime::Goroutine& goroutine) {
        auto& thread = static_cast<Thread&>(goroutine);
        if (&thread == &self || thread.pc == nullptr) return;
        const bool waits = thread.state.load() == runtime::GoroutineState::Parked;
        out += "\n" + trace(thread, waits ? runtime::text(thread.wait_reason) : "runnable");
    };
    scheduler_->stop_world(self.worker->cache(), [&] { scheduler_->for_each(add); });
    return out;
}

std::string Machine::final_traces(Thread& thread, const std::string& own) {
    const runtime::Traceback level = traceback_.load(std::memory_order_relaxed);
    if (level == runtime::Traceback::None) return {};
    return level == runtime::Traceback::All ? own + other_traces(thread) : own;
}

void Machine::end(Outcome outcome, const runtime::Worker* by) {
    if (ending_.exchange(true)) return;
    outcome_ = std::move(outcome);
    scheduler_->stop(by);
}

void Machine::stop(Limit limit, std::string_view why) { end({2, std::string(why), limit, {}}); }

void Machine::stop_at(const Thread* thread, Limit limit, const std::string& why) {
    std::vector<StackFrame> frames;
    if (thread != nullptr) frames = frames_from(*thread, thread->fp, thread->pc);
    std::string message = why + place_of(frames);
    Outcome outcome = failed(std::move(message), {FailureKind::Limit, why, {}, 0, std::move(frames)});
    outcome.limit = limit;
    end(std::move(outcome));
}

Outcome Machine::failed(std::string message, Failure failure) {
    return {2, std::move(message), Limit::None, std::make_shared<const Failure>(std::move(failure))};
}

std::vector<StackFrame> Machine::frames_from(const Thread& thread, std::uint32_t fp, const bytecode::Instruction* pc) const {
    std::vector<StackFrame> frames;
    walk_frames(thread, fp, pc, [&](const FrameView& frame) {
        if (frame.function == nullptr) return true;
        const source::Position at = program_.sources->position(frame.pos);
        frames.push_back({frame.function->name, std::string(at.file), at.line});
        return frames.size() < kMostFrames;
    });
    return frames;
}

std::vector<StackFrame> Machine::frames_of_main() {
    std::vector<StackFrame> frames;
    scheduler_->for_each([&](runtime::Goroutine& goroutine) {
        const auto& thread = static_cast<const Thread&>(goroutine);
        if (thread.is_main && thread.pc != nullptr) frames = frames_from(thread, thread.fp, thread.pc);
    });
    return frames;
}

std::string Machine::place_of(const std::vector<StackFrame>& frames) {
    return frames.empty() ? "" : " at " + frames[0].file + ":" + std::to_string(frames[0].line);
}

void Machine::report(const std::string& text) {
    if (options_.log)
        options_.log(LogLevel::Error, text);
    else
        write(2, text);
}

Flow Machine::exit(int status) {
    Outcome outcome;
    if (status != 0) outcome = failed("", {FailureKind::Exit, "exit status " + std::to_string(status), {}, status, {}});
    outcome.status = status;
    end(std::move(outcome));
    return Flow::Ended;
}

template <class Tell>
void Machine::end_with(Tell&& tell) {
    if (ending()) return;
    try {
        tell();
    } catch (const std::bad_alloc&) {
        end({2, "out of memory"});  // short enough for a string to need none
    }
}

Flow Machine::fatal(Thread& thread, std::string_view text) {
    end_with([&] { tell_fatal(thread, text); });
    return Flow::Ended;
}

void Machine::tell_fatal(Thread& thread, std::string_view text) {
    std::string message;
    if (text == "stack overflow")
        message = "runtime: goroutine stack exceeds " + std::to_string(stack_limit_.load(std::memory_order_relaxed)) +
                  "-byte limit\n";
    const std::string head = "fatal error: " + std::string(text);
    message += head + "\n\n" + final_traces(thread, trace(thread, "running"));
    report(message);
    end(failed(head, {FailureKind::FatalError, std::string(text), {}, 0, frames_from(thread, thread.fp, thread.pc)}));
}

void Machine::report_uncaught(Thread& thread) {
    end_with([&] { tell_uncaught(thread); });
}

void Machine::tell_uncaught(Thread& thread) {
    std::vector<PanicRecord*> chain;
    for (PanicRecord* p = thread.panics; p != nullptr; p = p->previous)
        if (!p->goexit) chain.push_back(p);
    Failure failure;
    std::string message;
    for (std::size_t i = chain.size(); i-- > 0;) {
        if (!message.empty()) message += "\t";
        failure.text = describe_panic_value(thread, chain[i]->value);
        message += "panic: " + failure.text;
        if (chain[i]->recovered) message += " [recovered]";
        message += "\n";
    }
    const std::string head = message.substr(0, message.find('\n'));
    std::string own = header(thread, "running");
    const PanicRecord* const last = thread.panics;
    trace_frames(thread, last->raised_fp, last->raised_pc, own);
    report(message + "\n" + final_traces(thread, own));
    const auto* const type = reinterpret_cast<const runtime::Type*>(last->value[0]);
    failure.value_type = type != nullptr ? std::string(type->string) : "nil";
    failure.trace = frames_from(thread, last->raised_fp, last->raised_pc);
    end(failed(head, std::move(failure)));
}

void Machine::deadlock() {
    end_with([&] { tell_deadlock(); });
}

void Machine::tell_deadlock() {
    std::string text = "all goroutines are asleep - deadlock!";
    std::string traces;
    std::string others;
    bool main_gone = true;
    scheduler_->for_each([&](runtime::Goroutine& goroutine) {
        auto& thread = static_cast<Thread&>(goroutine);
        const std::string one = "\n" + trace(thread, runtime::text(thread.wait_reason));
        if (thread.is_main) {
            main_gone = false;
            traces += one;
        } else {
            others += one;
        }
    });
    if (main_gone) text = "no goroutines (main called runtime.Goexit) - deadlock!";
    const std::string head = "fatal error: " + text;
    report(head + "\n" + traces + others);
    end(failed(head, {FailureKind::Deadlock, text, {}, 0, frames_of_main()}));
}

void Machine::write(int stream, std::string_view bytes) {
    if (limits_->output > 0) {
        const std::uint64_t before = written_.fetch_add(bytes.size(), std::memory_order_relaxed);
        if (before + bytes.size() > limits_->output) {
            bytes = bytes.substr(0, limits_->output - std::min(before, limits_->output));
            stop(Limit::Output, "more than " + std::to_string(limits_->output) + " bytes of output");
        }
    }
    if (options_.output) {
        const std::lock_guard lock(output_mutex_);
        options_.output(stream, bytes);
        return;
    }
    write_all(stream, bytes);
}

}  // namespace csp::vm
