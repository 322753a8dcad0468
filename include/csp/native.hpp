#pragma once

/// \file
/// How C++ functions are called from scripts: the low level. Hosts use bind.hpp, which makes such
/// functions out of ordinary C++ ones.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace csp::runtime {
class Grants;
class Scheduler;
class Worker;
struct Timer;
}  // namespace csp::runtime

namespace csp {

/// One 8-byte place of a frame. A string takes two (address, length), so do slices and interfaces.
using Slot = std::uint64_t;

/// How a native call ended.
enum class Status : int {
    Ok,      ///< The result slots are set.
    Panic,   ///< A panic is under way (Call::panic made it, or a script function called from here).
    Parked,  ///< The goroutine waits; when it goes on, the call counts as finished.
    Yield,   ///< Finished, and other goroutines are to run first.
    Ended,   ///< The run is being ended (exit, fatal error).
};

struct NativeEntry;

/// A native call under way. Lives on the C++ stack during the call; one thread.
class Call {
  public:
    /// The frame of the call: result slots, then parameters (a method's receiver first). The address
    /// is valid until the call calls back into a script, waits, or returns.
    Slot* slots() const { return *stack_base_ + offset_; }

    /// Makes the call end in a panic with a string value (as panic("text") does). Return the result.
    Status panic(std::string_view text);
    /// Makes it end in a panic with an error value whose text is "runtime error: " + `text`.
    Status runtime_error(std::string_view text);
    /// Ends the run because memory is exhausted.
    Status out_of_memory();
    /// Ends the run as Go's fatal errors do: "fatal error: text", exit status 2.
    Status fatal(std::string_view text);
    /// Ends the run with an exit status, running no deferred calls.
    Status exit(int status);
    /// Ends this goroutine, running its deferred calls.
    Status goexit();

    /// To be called by natives that work for long, every ten microseconds or so: counts `units` of work, some five
    /// nanoseconds each, against the run's fuel; gives way to other goroutines when it is their turn, to a collection, and to
    /// who wants to end the run. False: it is being ended; return at once, what does not matter any more.
    [[nodiscard]] bool charge(std::uint64_t units);
    /// Whether charge() has answered false.
    bool ended() const { return ended_; }
    /// For the standard library: what waited has been told that the run is being ended.
    void note_end() { ended_ = true; }

    /// Copies `text` into the script's heap and puts it into two slots. False when memory is exhausted
    /// (the run is being ended then: return Status::Panic).
    [[nodiscard]] bool put_string(Slot* to, std::string_view text);
    /// A copy of `bytes` in the script's heap; null when memory is exhausted (as above) or the run is being ended.
    [[nodiscard]] char* copy(std::string_view bytes);
    /// Zeroed, pointer-free memory of the script's heap; null when exhausted (as above).
    [[nodiscard]] char* allocate_bytes(std::size_t size);
    /// A zeroed array of `count` strings (two slots each); null when memory is exhausted (as above).
    [[nodiscard]] Slot* allocate_strings(std::size_t count);
    /// Puts an error value with this text into two slots.
    [[nodiscard]] bool put_error(Slot* to, std::string_view text);

    /// Calls a function value (a func's slot) with arguments in slots; results go to `results`.
    [[nodiscard]] Status call(Slot function, const Slot* args, std::size_t arg_slots, Slot* results,
                              std::size_t result_slots);
    /// Calls method code found in a type descriptor, with the interface word as receiver.
    [[nodiscard]] Status call_method(const void* code, Slot receiver, const Slot* args,
                                     std::size_t arg_slots, Slot* results, std::size_t result_slots);

    /// Runs work(argument) with at least so many bytes of stack, on a further one if need be; 64 KB there are always. False,
    /// with nothing run: there is no memory for it, or natives and scripts have called each other too deeply.
    [[nodiscard]] bool with_stack(std::size_t bytes, void (*work)(void* argument), void* argument);

    /// Writes to the run's standard output (1) or error (2).
    void write(int stream, std::string_view bytes);

    /// For the standard library: a timer callback (runtime::Timer::Fire) that starts the function value in
    /// the timer's argument as a goroutine.
    using Starter = void (*)(runtime::Scheduler&, runtime::Worker&, runtime::Timer&);
    Starter starter() const;  ///< See above.

    /// For the standard library: Options::input, one call at a time; empty: there is none.
    const std::function<std::size_t(std::span<char> to)>& input() const;

    /// os.Args.
    const std::vector<std::string>& arguments() const;

    /// For the standard library: what the host grants.
    const runtime::Grants& grants() const;

    /// For the standard library: a func value of that type (runtime::Type) that calls `entry`, which must live as long as
    /// the engine and finds the captured slots by captured(). 0 when memory is exhausted (as above).
    [[nodiscard]] Slot make_function(const void* type, const NativeEntry& entry, const Slot* captured, std::size_t count);
    const Slot* captured() const;  ///< The captured slots of such a function.

    /// For the standard library: where the index of a select's case goes when the goroutine has to wait for one.
    void set_select_result(Slot* result);

    /// The run-time descriptor (runtime::Type) of the function being called.
    const void* function_type() const { return function_type_; }
    /// For the standard library: the running goroutine (runtime::Goroutine) and its machine.
    void* goroutine() const { return goroutine_; }
    void* machine() const { return machine_; }  ///< Its machine (vm::Machine).
    /// For the standard library: the program's types (runtime::TypeTable).
    void* type_table() const;

    /// `slots`: how many the frame has.
    Call(void* machine, void* goroutine, Slot* const* stack_base, std::size_t offset, std::size_t slots,
         const void* function_type)
        : machine_(machine), goroutine_(goroutine), stack_base_(stack_base), offset_(offset),
          slots_(slots), function_type_(function_type) {}

  private:
    void* machine_;
    void* goroutine_;
    Slot* const* stack_base_;
    std::size_t offset_;
    std::size_t slots_;
    const void* function_type_;
    bool ended_ = false;
};

/// One native function as a package registers it.
struct NativeEntry {
    using Invoke = Status (*)(Call&, const NativeEntry&);  ///< Called from the engine's workers.
    std::string name;       ///< "Func" or "Type.Method".
    std::string signature;  ///< "func(string, int) (int, error)"; empty when a Csp declaration gives it.
    std::string doc;          ///< For documentation.
    Invoke invoke = nullptr;  ///< What is called.
    bool returns_at_once = false;  ///< It neither waits nor calls a script function, whatever its arguments are.
    std::shared_ptr<const void> callable;  ///< The C++ function object, when it has state.
};

}  // namespace csp
