#pragma once

// Which registers hold copies of slots, at one place of the code. Memory always has the same, so any copy may be dropped.

#include <asmjit/x86.h>

#include <array>
#include <cstdint>

namespace csp::native {

inline constexpr std::uint32_t kNoCopy = 0xffff'ffff;

/// A general register may hold the same value for two slots, after a move.
struct GpCopy {
    asmjit::x86::Gp reg;
    std::array<std::uint32_t, 2> slots{kNoCopy, kNoCopy};
    std::uint64_t used = 0;
    bool checked = false;  ///< Known not to be nil.

    bool holds(std::uint32_t slot) const { return slots[0] == slot || slots[1] == slot; }
    bool empty() const { return slots[0] == kNoCopy && slots[1] == kNoCopy; }
};
/// A float64, or a pair, whose first slot this is.
struct XmmCopy {
    asmjit::x86::Xmm reg;
    std::uint32_t slot = kNoCopy;
    std::uint64_t used = 0;
};

struct Copies {
    std::array<GpCopy, 8> gps;
    std::array<XmmCopy, 12> xmms;
    std::array<XmmCopy, 2> pairs;

    Copies();
    void forget(std::uint32_t slot, std::uint32_t count);
    void forget_all();
    /// Only what the other has, too.
    void keep_common(const Copies& other);
};

/// A slot that a loop keeps in a register from one round to the next.
struct Kept {
    std::uint32_t slot;
    bool is_float;
    std::uint32_t reg;  ///< Index into Copies::gps or xmms.
};

}  // namespace csp::native
