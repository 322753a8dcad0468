#pragma once

// Stackful fibers over Boost.Context. The worker's loop runs on them; a goroutine that parks below native
// frames leaves with the fiber it is on, and the worker goes on on another.

#include <cstddef>
#include <memory>

namespace csp::runtime {

class Worker;

class Fiber {
  public:
    using Entry = void (*)(Fiber& self);
    /// A fiber that will run `entry` when first switched to. When `entry` returns, the thread's own
    /// context goes on.
    Fiber(std::size_t stack_bytes, Entry entry);
    /// Stands for a thread's own stack; adopt_thread() binds it to the thread that calls.
    Fiber();
    void adopt_thread();
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    /// Suspends `from`, which is running, and goes on with this one. Returns when somebody switches
    /// back to `from`, perhaps on another thread.
    void switch_from(Fiber& from);

    /// Bytes between the caller's frame and the end of the stack that this fiber, which is running, is on.
    std::size_t stack_left() const;
    /// Runs work(argument) on a further stack and returns when it has returned; what happens in it (parking,
    /// going on on another thread, an exception) happens to the fiber as usual. For recursion of unknown depth.
    void run_on_further_stack(std::size_t stack_bytes, void (*work)(void*), void* argument);

    /// Calls visit(argument, begin, end) for the parts of its stacks that are in use, while it is suspended.
    using StackVisitor = void (*)(void* argument, const void* begin, const void* end);
    void visit_stacks(StackVisitor visit, void* argument) const;
    /// The same for the fiber that runs and calls this, registers included. The end of a thread's own stack is unknown: it is
    /// said to be above everything.
    void visit_own_stacks(StackVisitor visit, void* argument) const;

    Worker* worker = nullptr;   ///< On whose behalf it runs; set by whoever switches to it.
    Fiber* home = nullptr;      ///< The thread context to return to at its end.
    Fiber* next = nullptr;      ///< For whoever lists it.

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace csp::runtime
