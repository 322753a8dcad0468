#pragma once

// The native tier: machine code for functions that turn out hot. It works on the same frames as the interpreter and
// keeps every slot in memory up to date, so that it can hand over at any instruction, in either direction: calls and
// returns go through a table by the code's address, whatever cannot be done is left to the interpreter, and the
// collector, traces, panics and preemption see nothing of it.
//
// Hot is what the dispatch loop is found in when its budget runs out.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "interpreter/bytecode/program.h"
#include "interpreter/native/state.h"

namespace csp::native {

class CodeMemory;

enum class Mode : std::uint8_t { Off, Hot, Always };

/// One machine's native code. Any thread.
class Tier {
  public:
    Tier(const bytecode::Program& program, const Environment& environment, Mode mode);
    ~Tier();
    Tier(const Tier&) = delete;
    Tier& operator=(const Tier&) = delete;

    /// Native code for the place `pc`; null where there is none.
    const void* find(const bytecode::Instruction* pc) const {
        const void* const* const table = table_.load(std::memory_order_acquire);
        if (table == nullptr) return nullptr;
        const void* const entry = __atomic_load_n(table + (pc - program_.code.data()), __ATOMIC_ACQUIRE);
        return entry == missing_ ? nullptr : entry;
    }
    /// Runs from `entry` on, with fp, stack_limit and budget of `state`; comes back with all of it changed.
    void run(State& state, const void* entry) const { enter_(&state, entry); }
    /// The interpreter was found in `function`. True: it has been translated for that.
    bool met(const bytecode::Function& function);
    /// Everything is translated already, and native code is to be gone back to after every instruction that is not.
    bool always() const { return mode_ == Mode::Always; }

  private:
    bool prepare();
    bool translate(const bytecode::Function& function);

    const bytecode::Program& program_;
    const Environment environment_;
    const Mode mode_;
    std::atomic<const void**> table_{nullptr};  ///< By instruction of Program::code; `missing_` where there is nothing.
    const void* missing_ = nullptr;
    const void* leave_ = nullptr;
    void (*enter_)(State*, const void*) = nullptr;
    std::unique_ptr<std::atomic<std::uint32_t>[]> heat_;  ///< By Function::index.
    std::mutex mutex_;                                    ///< Of what follows.
    bool refused_ = false;                                ///< The system gives no memory for code.
    std::unique_ptr<CodeMemory> memory_;
    std::unique_ptr<const void*[]> entries_;
};

}  // namespace csp::native
