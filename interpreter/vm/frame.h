#pragma once

// Frames on a goroutine's value stack.
//
//     … caller's slots … | closure | return | results | parameters | locals and temporaries …
//                                              ^ fp
//
// `return` packs where to go on (48 bits) and how far below the caller's frame lies (16 bits). Nothing
// points into a value stack, so it can move; everything that must outlive a call keeps offsets.

#include <cstdint>

#include "interpreter/bytecode/instruction.h"
#include "interpreter/bytecode/link.h"
#include "runtime/type/value.h"

namespace csp::vm {

using runtime::Slot;

inline constexpr std::size_t kHeaderSlots = 2;

inline Slot pack_return(const bytecode::Instruction* pc, std::uint32_t delta) {
    return reinterpret_cast<std::uintptr_t>(pc) | static_cast<Slot>(delta) << 48;
}
inline const bytecode::Instruction* return_pc(Slot packed) {
    return reinterpret_cast<const bytecode::Instruction*>(packed & 0xffff'ffff'ffffULL);
}
inline std::uint32_t return_delta(Slot packed) { return static_cast<std::uint32_t>(packed >> 48); }

using bytecode::kTrampolineArea;
static_assert(kTrampolineArea == 1 + kHeaderSlots);

}  // namespace csp::vm
