#include "interpreter/bytecode/program.h"

#include <algorithm>

namespace csp::bytecode {

source::Pos Function::pos_at(std::uint32_t instruction) const {
    const auto next = std::upper_bound(
        lines.begin(), lines.end(), instruction,
        [](std::uint32_t at, const LineEntry& entry) { return at < entry.instruction; });
    return next == lines.begin() ? pos : (next - 1)->pos;
}

}  // namespace csp::bytecode
