#pragma once

/// \file
/// Engines: compile and run scripts.

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "csp/access.hpp"
#include "csp/channel.hpp"
#include "csp/describe.hpp"
#include "csp/failure.hpp"
#include "csp/hooks.hpp"
#include "csp/limits.hpp"
#include "csp/package.hpp"

namespace csp {

namespace bytecode {
struct Function;
}

/// One error of a program, or of the engine's settings (Access): that has no line. Lines and columns count from 1, columns in
/// bytes.
struct Diagnostic {
    std::string file;     ///< Source::name; empty where no place is to blame.
    int line = 0;         ///< From 1.
    int column = 0;       ///< From 1, in bytes.
    std::string message;  ///< What is wrong; one line, most times.
    std::string hint;     ///< What to do about it; may be empty.
    std::string snippet;  ///< The source line and a caret below it; may be empty.
    /// "file:line:column: message".
    std::string text() const {
        if (line == 0) return file + ": " + message;
        return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
    }
};

/// A source text with the name it has in messages.
struct Source {
    std::string name;  ///< A file's, most times.
    std::string text;  ///< All of it, in UTF-8.
};

/// Finds packages that a program imports and that were not added to the engine. One thread at a time uses it.
class ModuleLoader {
  public:
    virtual ~ModuleLoader() = default;
    /// The files of the package with this import path; none when there is no such package.
    virtual std::optional<std::vector<Source>> load(std::string_view path) = 0;
    /// Import paths of what there is, for the message about a package that is missing.
    virtual std::vector<std::string> available() = 0;
};

/// When functions are translated to machine code. Results are the same in every mode.
enum class Native {
    Off,     ///< Never: everything is interpreted, and no memory is made executable.
    Hot,     ///< When they turn out to be hot.
    Always,  ///< Before they run, to test the translation.
};

/// Settings of an engine; the defaults suit a command-line run.
struct Options {
    int workers = 0;                ///< Threads that run goroutines; 0: one a processor.
    std::size_t heap_limit = 0;     ///< Bytes of script memory a run may hold; 0: no limit.
    int gc_percent = 100;           ///< The heap may grow by so much before it has been collected; negative: it never is.
    bool gc_trace = false;          ///< A line for each collection to `log`, or standard error.
    std::uint64_t shuffle_seed = 0; ///< Not 0: schedules are turned upside down (builds with CSP_SHUFFLE; else nothing).
    bool gc_stress = false;         ///< Collects at nearly every allocation, to find what the collector does not know of.
    Native native = Native::Hot;    ///< Whether functions become machine code.
    std::size_t stack_limit = 1'000'000'000;  ///< Bytes of one goroutine's stack.
    std::vector<std::string> args;  ///< os.Args.
    Access access;                  ///< What scripts may reach: nothing outside of the engine.
    /// Gets what a script writes to standard output (stream 1) and error (2), one call at a time, from
    /// the worker that writes. Empty: the process's own streams.
    std::function<void(int stream, std::string_view bytes)> output;
    InputFunction input;  ///< Where a script's standard input comes from. Empty: the process's own.
    /// Gets what the engine has to say, as the texts of panics that end runs. Empty: that is written to standard error, as
    /// scripts do.
    LogFunction log;
    TraceFunction trace;  ///< Gets what happens in runs. Empty: that costs nothing.
    /// A number makes runs repeatable: one worker, seeded scheduling decisions.
    std::optional<std::uint64_t> seed;
    std::shared_ptr<ModuleLoader> modules;  ///< Null: programs can import the engine's packages only.
    bool virtual_time = false;      ///< Sleeps and timers jump when nothing else can run.
};

/// How a run ended.
struct Ended {
    int status = 0;       ///< 0; 2 after a panic or fatal error, or at a limit; 1 if there is no main; else what os.Exit was given.
    /// First line of a panic or fatal error; which limit it was, and where main stood; empty after a normal end.
    std::string message;
    Limit limit = Limit::None;  ///< Which limit it was.
    std::shared_ptr<const Failure> failure;  ///< Null after a normal end.
    std::uint64_t fuel = 0;  ///< How much it has used, if that was limited.
};

class Run;
class PolledRun;
struct Poll;

namespace detail {
struct CompiledProgram;
struct InstanceState;
struct InstanceHandle;
struct EngineState;
}  // namespace detail

/// A compiled program: immutable; may be copied, shared between engines and outlive the one that made it.
class Program {
  public:
    /// The code in readable form.
    std::string disassemble() const;

  private:
    friend class Engine;
    friend class Instance;
    explicit Program(std::shared_ptr<const detail::CompiledProgram> compiled)
        : compiled_(std::move(compiled)) {}
    std::shared_ptr<const detail::CompiledProgram> compiled_;
};

/// A program, or why there is none. Diagnostics are sorted by position.
struct Compiled {
    std::optional<Program> program;       ///< None when something is wrong.
    std::vector<Diagnostic> diagnostics;  ///< What is wrong. "out of memory", without a place: there was none to compile.
};

/// A result, or why there is none.
template <class T>
struct Result {
    std::optional<T> value;  ///< None after an error.
    std::string error;  ///< Set when there is no value.
    std::shared_ptr<const Failure> failure;  ///< Of a call that had begun and has not returned; else null.
    explicit operator bool() const { return value.has_value(); }  ///< There is a value.
};
template <>
struct Result<void> {
    bool ok = false;    ///< It has returned.
    std::string error;  ///< Set when it has not.
    std::shared_ptr<const Failure> failure;  ///< As above.
    explicit operator bool() const { return ok; }  ///< It has returned.
};

namespace detail {

/// How an argument of a call by the host becomes slots.
template <class T>
constexpr std::size_t argument_slots = std::is_convertible_v<T, std::string_view> ? 2 : 1;

/// A function of an instance, as interfaces to other languages find it and call it by HostCall.
struct Exported {
    const InstanceHandle* instance = nullptr;
    const bytecode::Function* function = nullptr;  ///< Null: there is none of that name.
    std::string_view signature;  ///< As reflect spells it, "func([]uint8, int) (string, error)"; as long as the instance.
};

/// The call of a function of an instance. While there is one, it is the only one.
class HostCall {
  public:
    explicit HostCall(const InstanceHandle& instance);
    ~HostCall();
    HostCall(const HostCall&) = delete;
    HostCall& operator=(const HostCall&) = delete;
    /// A copy that lives until the call has ended.
    const char* keep(std::string_view text);
    /// False, with `error`: it has not returned.
    bool run(const bytecode::Function& function, std::span<const Slot> args, std::span<Slot> results, std::string& error);
    /// What Error() returns for an error value, not nil, that run() has put there; other results may be gone then. False, with
    /// `error`: it has not returned.
    bool error_text(const Slot* value, std::string& text, std::string& error);
    /// Which limit, if one has ended the instance.
    Limit limit() const;
    std::shared_ptr<const Failure> failure() const;  ///< After that.

    template <class T>
    void put(Slot*& to, const T& value) {
        if constexpr (kIsChannel<T>) {
            put_channel(*value.handle_, to++);
        } else if constexpr (std::is_convertible_v<T, std::string_view>) {
            const std::string_view text(value);
            *to++ = reinterpret_cast<Slot>(keep(text));
            *to++ = text.size();
        } else if constexpr (std::is_floating_point_v<T>) {
            *to = 0;
            std::memcpy(to++, &value, sizeof value);
        } else if constexpr (std::is_signed_v<T>) {
            *to++ = static_cast<Slot>(static_cast<std::int64_t>(value));
        } else {
            *to++ = static_cast<Slot>(value);
        }
    }

  private:
    void put_channel(ChannelHandle& channel, Slot* to);

    InstanceState* state_ = nullptr;        ///< Null: there can be no call …
    const char* refused_ = nullptr;         ///< … and why.
};

}  // namespace detail

template <class Signature>
class Function;

/// A function of an Instance, for calls by the host. A call fails when the instance is gone, or is in use already: by
/// another thread, or by a call that has led to this one.
template <class R, class... Args>
class Function<R(Args...)> {
  public:
    /// Calls it and waits for its end. Goroutines it leaves behind go on during the next call.
    Result<R> operator()(Args... args) const {
        detail::HostCall call(*instance_);
        std::array<Slot, (detail::argument_slots<Args> + ... + 0)> slots;
        Slot* to = slots.data();
        (call.put(to, args), ...);
        std::array<Slot, detail::Results<R>::slots> results{};
        Result<R> result;
        if (!call.run(*function_, slots, results, result.error)) {
            result.failure = call.failure();
            return result;
        }
        if constexpr (std::is_void_v<R>)
            result.ok = true;
        else
            result.value = detail::Convert<R>::get(results.data());
        return result;
    }

  private:
    friend class Instance;
    Function(std::shared_ptr<const detail::InstanceHandle> instance, const bytecode::Function& function)
        : instance_(std::move(instance)), function_(&function) {}
    static std::string signature() {
        std::string text = "func(";
        ((text += (text.ends_with('(') ? "" : ", ") + detail::Convert<std::decay_t<Args>>::type()), ...);
        text += ")";
        if constexpr (!std::is_void_v<R>) text += " " + detail::Results<R>::type();
        return text;
    }

    std::shared_ptr<const detail::InstanceHandle> instance_;
    const bytecode::Function* function_;
};

/// A program with memory of its own, for calls by the host. Package variables are initialised; main has
/// not run. One thread at a time.
class Instance {
  public:
    ~Instance();  ///< A call under way, which has led to this or is another thread's, is stopped.
    Instance(Instance&&) noexcept;             ///< Functions go on working.
    Instance& operator=(Instance&&) noexcept;  ///< The same.

    /// The exported function `name`, whose argument and result types must be those of `Signature`, as in
    /// function<std::int64_t(std::string_view)>("Size"); see bind.hpp. Looked up and checked once, for many calls.
    template <class Signature>
    Result<Function<Signature>> function(std::string_view name) {
        Result<Function<Signature>> result;
        if (const bytecode::Function* found = find(name, Function<Signature>::signature(), result.error))
            result.value = Function<Signature>(handle_, *found);
        return result;
    }

    /// Looks it up and calls it once.
    template <class R, class... Args>
    Result<R> call(std::string_view name, Args... args) {
        const auto found = function<R(Args...)>(name);
        if (found) return (*found.value)(args...);
        Result<R> result;
        result.error = found.error;
        return result;
    }

    /// For interfaces to other languages: the exported function `name`, whatever its signature.
    detail::Exported exported(std::string_view name) const;
    /// Lets the goroutines that calls have left behind go on, as PolledRun::poll() does: on the calling thread only. It ends
    /// like a call that fails, with Poll::State::Ended, at a panic of theirs, an exit or a limit, but not when none can ever
    /// go on: a call may come. The limit of time is not for polls.
    Poll poll(std::chrono::nanoseconds slice, std::chrono::nanoseconds wait = std::chrono::nanoseconds{0});

    /// For the calls that follow. A call that a limit ends fails, and so do all calls after that: the instance can only be
    /// dropped. The engine can make another.
    void limit(const Limits& limits);
    /// How much fuel the last call has used, if that was limited.
    std::uint64_t fuel() const;

  private:
    friend class Engine;
    explicit Instance(std::unique_ptr<detail::InstanceState> state);
    const bytecode::Function* find(std::string_view name, const std::string& signature, std::string& error) const;

    std::shared_ptr<detail::InstanceHandle> handle_;  ///< Null when it has been moved from.
};

/// Compiles and runs scripts. Engines share nothing. Any thread may use it at any time, but for its destructor: compilations
/// wait for each other, runs do not.
/// Where memory runs out, results say so: "out of memory"; only what the host itself is given or gives, such as lists and
/// texts, may throw std::bad_alloc.
class Engine {
  public:
    explicit Engine(Options options = {});  ///< Starts no thread.
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Makes a package known to scripts compiled from now on; replaces one of the same path.
    void add(Package package);
    void add(std::vector<Package> packages);  ///< Each of them.

    /// Compiles the files of a main package, or says what is wrong with them. Runs nothing. A run begins with the function
    /// `entry`, without arguments and results; if that is not main, neither main nor the statements of a script are run.
    Compiled compile(const std::vector<Source>& sources, std::string_view entry = "main");
    /// Checks without compiling.
    std::vector<Diagnostic> check(const std::vector<Source>& sources);

    /// Import paths of the packages there are, sorted.
    std::vector<std::string> packages();
    /// Tells what the package with this import path exports; none when there is no such package. What is wrong in it is
    /// left to check(): as much as can be read is described.
    std::optional<PackageDoc> describe(std::string_view path);
    /// The same for a package given by its files; none when the syntax of all of them is wrong.
    std::optional<PackageDoc> describe(const std::vector<Source>& sources);

    /// Initialises the packages, runs main, and returns when main has, or at a limit.
    Ended run(const Program& program, const Limits& limits = {});
    /// The same on a thread of its own. `on_end` is called there once, at the end, before the run counts as done; it must not
    /// throw. (Where the system has no more threads, it is called before this returns.)
    Run start(const Program& program, const Limits& limits = {}, std::function<void(const Ended&)> on_end = {});
    /// The same in the host's own loop: it goes on in PolledRun::poll() only. Options::workers is without effect.
    PolledRun start_polled(const Program& program, const Limits& limits = {});
    /// Initialises the packages for calls by the host. Empty, with `error`, if that failed. The limits are each call's, and
    /// this one's: see Instance::limit().
    std::optional<Instance> instantiate(const Program& program, std::string& error, const Limits& limits = {});

  private:
    std::unique_ptr<detail::EngineState> state_;
};

}  // namespace csp
