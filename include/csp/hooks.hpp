#pragma once

/// \file
/// What an engine tells its host while it works, and asks of it. Each hook is called from whichever worker it happens on, at any time, from
/// several threads at once with more than one worker; it must not throw, and must not call back into the engine.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace csp {

/// How much what is logged matters.
enum class LogLevel : std::uint8_t {
    Info,   ///< What was asked for, such as Options::gc_trace.
    Error,  ///< A panic that nobody recovered from, or a fatal error, with traces as they would stand on standard error.
};

/// Gets what the engine, not a script, has to say; `text` is one or more whole lines.
using LogFunction = std::function<void(LogLevel level, std::string_view text)>;

/// Something that has happened in a run.
struct TraceEvent {
    /// What may happen.
    enum class Kind : std::uint8_t {
        GoroutineStarted,    ///< It runs for the first time; `what` is its function.
        GoroutineBlocked,    ///< It has begun to wait.
        GoroutineUnblocked,  ///< It runs again after that; `what` is what it has waited for, as "chan receive" or "sleep".
        GoroutineEnded,
        CollectionBegun,     ///< Goroutines go on meanwhile.
        CollectionEnded,
        FunctionTranslated,  ///< To machine code; `what` is its name.
    };
    Kind kind;  ///< What has happened.
    std::uint64_t goroutine = 0;  ///< Its number, as in traces; 0 where the event is of none.
    std::string_view what;        ///< Valid during the call.
};

/// Gets all of them. Goroutines that wait below native functions, as in a callback of a sort, are not seen to wait.
using TraceFunction = std::function<void(const TraceEvent& event)>;

/// Fills `to`, which is not empty, with what comes next on standard input, one byte at least, and returns how many it were;
/// 0: there is no more. It may wait for as long as it likes: it is called on a thread beside the workers, one call at a time
/// in a run. A run that ends meanwhile does not wait for it, so it must own all that it uses.
using InputFunction = std::function<std::size_t(std::span<char> to)>;

/// Input that consists of `text`.
InputFunction input_text(std::string text);

}  // namespace csp
