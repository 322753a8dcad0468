#include "interpreter/bytecode/program.h"

#include <algorithm>

namespace csp::bytecode {

namespace {
const LineEntry* entry_at(const std::vector<LineEntry>& lines, std::uint32_t instruction) {
    const auto next = std::upper_bound(
        lines.begin(), lines.end(), instruction,
        [](std::uint32_t at, const LineEntry& entry) { return at < entry.instruction; });
    return next == lines.begin() ? nullptr : &*(next - 1);
}
}  // namespace

source::Pos Function::pos_at(std::uint32_t instruction) const {
    const LineEntry* entry = entry_at(lines, instruction);
    return entry == nullptr ? pos : entry->pos;
}

std::uint32_t Function::inlined_at(std::uint32_t instruction) const {
    const LineEntry* entry = entry_at(lines, instruction);
    return entry == nullptr ? 0 : entry->inlined;
}

std::uint32_t Function::sync_block_at(std::uint32_t instruction) const {
    if (sync_blocks.empty()) return 0;
    const LineEntry* entry = entry_at(lines, instruction);
    return entry == nullptr ? 0 : entry->sync_block;
}

}  // namespace csp::bytecode
