#pragma once

// What an innermost loop keeps in registers.

#include <vector>

#include "interpreter/bytecode/program.h"
#include "interpreter/native/registers.h"
#include "interpreter/native/state.h"

namespace csp::native {

/// For the loop from instruction `begin` to before `end`: the slots that it uses most. None, when it calls anything.
std::vector<Kept> kept_by_loop(const bytecode::Function& function, std::uint32_t begin, std::uint32_t end,
                               const Environment& environment);

}  // namespace csp::native
