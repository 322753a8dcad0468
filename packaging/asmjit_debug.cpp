// Debian's libasmjit.a is made for programs. All of its objects can be part of a shared library but the one that defines
// these functions, which refers to stderr; so the shared library has its own.

#include <cstdlib>

#include <asmjit/core.h>

namespace asmjit {

const char* DebugUtils::errorAsString(Error) noexcept { return ""; }
void DebugUtils::debugOutput(const char*) noexcept {}
void DebugUtils::assertionFailed(const char*, int, const char*) noexcept { std::abort(); }

}  // namespace asmjit
