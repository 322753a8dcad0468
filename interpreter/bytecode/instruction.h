#pragma once

// Instructions: eight bytes, a 16-bit opcode and three 16-bit operands, or one and a 32-bit one.

#include <cstdint>
#include <string_view>

namespace csp::bytecode {

enum class Opcode : std::uint16_t {
#define OP(name, operands, words, meaning) name,
#include "interpreter/bytecode/opcodes.def"
    Count,
};

struct Instruction {
    Opcode op = Opcode::Nop;
    std::uint16_t a = 0;
    union {
        struct {
            std::uint16_t b, c;
        };
        std::int32_t imm;
        std::uint32_t uimm;
    };

    constexpr Instruction() : imm(0) {}
    constexpr Instruction(Opcode o, unsigned x, unsigned y, unsigned z)
        : op(o), a(static_cast<std::uint16_t>(x)), b(static_cast<std::uint16_t>(y)),
          c(static_cast<std::uint16_t>(z)) {}
    constexpr Instruction(Opcode o, unsigned x, std::int32_t wide)
        : op(o), a(static_cast<std::uint16_t>(x)), imm(wide) {}

    std::int16_t sb() const { return static_cast<std::int16_t>(b); }
    std::int16_t sc() const { return static_cast<std::int16_t>(c); }
};
static_assert(sizeof(Instruction) == 8);

/// An extension word, in its various views.
union Word {
    std::uint16_t x[4];
    struct {
        std::uint32_t lo, hi;
    };
    struct {
        std::int32_t slo, shi;
    };
    std::uint64_t all;
    std::int64_t sall;
};
static_assert(sizeof(Word) == 8);

/// "Not wanted", where an operand names a slot that may be left out.
inline constexpr std::uint16_t kNoSlot = 0xffff;

struct OpcodeInfo {
    std::string_view name;
    std::string_view operands;  ///< Of the instruction: at most three letters. See opcodes.def.
    std::string_view parts;     ///< Of the first extension word.
    int words;                  ///< Extension words; -1: given by the instruction itself.
    std::string_view meaning;
};
const OpcodeInfo& info(Opcode op);

/// Extension words behind `at`.
inline std::uint32_t extension_words(const Instruction& at) {
    if (at.op == Opcode::JmpTable) return at.uimm;
    if (at.op == Opcode::Select) return at.b;
    return static_cast<std::uint32_t>(info(at.op).words);
}

}  // namespace csp::bytecode
