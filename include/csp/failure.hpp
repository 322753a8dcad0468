#pragma once

/// \file
/// Why a run, or a call by the host, has failed: as a value.

#include <cstdint>
#include <string>
#include <vector>

namespace csp {

/// A function that was being executed, and where.
struct StackFrame {
    std::string function;  ///< "main.f", "main.T.Method", "main.f.func1".
    std::string file;  ///< The name of the source.
    int line = 0;          ///< From 1.
};

/// What has ended it.
enum class FailureKind : std::uint8_t {
    Panic,       ///< Nobody recovered from it.
    FatalError,  ///< What no script can recover from: a stack overflow, concurrent use of a map, exhausted memory, …
    Deadlock,    ///< No goroutine could ever go on.
    Exit,        ///< os.Exit with another status than 0.
    Limit,       ///< One of csp::Limits, or the host.
};

/// All that is known of it.
struct Failure {
    FailureKind kind = FailureKind::Panic;  ///< What kind of end it was.
    std::string text;        ///< The panic's value as it is printed, the error, or the limit; without "panic: " in front.
    std::string value_type;  ///< Of a panic: its value's type, as "string", "main.myError" or "runtime.Error".
    int status = 0;          ///< Of an exit: its status.
    /// Innermost first, 100 at most: of the goroutine that has panicked or made the error, or of the main one for limits and
    /// deadlocks. Empty for exits, and where that goroutine did not exist.
    std::vector<StackFrame> trace;
};

}  // namespace csp
