#pragma once

// Which instructions scripts run, for fuzzers: those are guided by the C++ code that an input reaches, and to that all
// scripts are the same loop. Builds without CSP_FUZZ have nothing of it.

#include "interpreter/bytecode/instruction.h"

#if defined(CSP_FUZZ)
/// A fuzz target that wants to be told defines it.
extern "C" [[gnu::weak]] void csp_fuzz_visit(const csp::bytecode::Instruction* instruction);
#endif

namespace csp::vm {

inline void visit([[maybe_unused]] const bytecode::Instruction* instruction) {
#if defined(CSP_FUZZ)
    if (csp_fuzz_visit != nullptr) csp_fuzz_visit(instruction);
#endif
}

}  // namespace csp::vm
