#include "interpreter/native/loop.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace csp::native {

using bytecode::Instruction;
using bytecode::Opcode;
using bytecode::Word;

namespace {

/// Registers that are left for what is used once.
constexpr std::uint32_t kMostGps = 5;
constexpr std::uint32_t kMostFloats = 9;

enum Operand : unsigned { kA = 1, kB = 2, kC = 4, kX = 8 };

/// Which of the scalar operands are float64.
unsigned floats_of(Opcode op) {
    switch (op) {
        case Opcode::AddF64: case Opcode::SubF64: case Opcode::MulF64: case Opcode::DivF64: return kA | kB | kC;
        case Opcode::SqrtF64: return kA | kB;
        case Opcode::I64ToF64: return kA;
        case Opcode::F64ToI64: return kB;
        case Opcode::EqF64: case Opcode::NeF64: case Opcode::LtF64: case Opcode::LeF64: return kB | kC;
        case Opcode::LtF64Jmp: case Opcode::LeF64Jmp: case Opcode::NotLtF64Jmp: case Opcode::NotLeF64Jmp:
        case Opcode::LtF64Loop: return kA | kB;
        case Opcode::SlAddF64: case Opcode::SlSubF64: case Opcode::SlRsubF64: case Opcode::SlMulF64:
        case Opcode::LdAddF64: case Opcode::LdSubF64: case Opcode::LdRsubF64: case Opcode::LdMulF64: return kA | kX;
        case Opcode::LdLdAddF64: case Opcode::LdLdSubF64: case Opcode::LdLdMulF64: return kA;
        case Opcode::MulAddF64: case Opcode::MulSubF64: case Opcode::MulRsubF64: case Opcode::AddAddF64:
        case Opcode::SubAddF64: case Opcode::MulMulF64: return kA | kB | kC | kX;
        case Opcode::StAddF64: case Opcode::StSubF64: case Opcode::StMulF64: case Opcode::SlStAddF64:
        case Opcode::SlStSubF64: return kC;
        case Opcode::StMulAddF64: case Opcode::StMulSubF64: case Opcode::SlStMulAddF64: return kC | kX;
        default: return 0;
    }
}

bool loses_registers(Opcode op, const Environment& environment) {
    switch (op) {
        case Opcode::Call: case Opcode::CallAddK: case Opcode::CallClosure: case Opcode::CallIface: case Opcode::EqStr:
        case Opcode::EqStrJmp: case Opcode::NeStrJmp: case Opcode::MapGetWord: case Opcode::MapGetText:
        case Opcode::MapGetOkWord: case Opcode::MapGetOkText: return true;
        default: return environment.slow_path(op) != nullptr;
    }
}

struct Uses {
    std::uint32_t as_float = 0;
    std::uint32_t as_word = 0;
};

}  // namespace

std::vector<Kept> kept_by_loop(const bytecode::Function& function, std::uint32_t begin, std::uint32_t end,
                               const Environment& environment) {
    std::map<std::uint32_t, Uses> uses;
    for (std::uint32_t i = begin; i < end;) {
        const Instruction& at = function.instructions[i];
        if (loses_registers(at.op, environment)) return {};
        const bytecode::OpcodeInfo& about = bytecode::info(at.op);
        const unsigned floats = floats_of(at.op);
        const auto use = [&](char letter, std::uint32_t slot, unsigned operand) {
            if (letter == 's' || letter == 'u') ++((floats & operand) != 0 ? uses[slot].as_float : uses[slot].as_word);
            // The data of a slice, and its size.
            if (letter == 'S') ++uses[slot].as_word, ++uses[slot + 1].as_word;
        };
        const std::uint16_t operands[] = {at.a, at.b, at.c};
        for (std::size_t k = 0; k < about.operands.size(); ++k) use(about.operands[k], operands[k], 1u << k);
        if (!about.parts.empty()) {
            Word word;
            std::memcpy(&word, &function.instructions[i + 1], sizeof word);
            for (std::size_t k = 0; k < about.parts.size(); ++k) use(about.parts[k], word.x[k], k == 0 ? kX : 0u);
        }
        i += 1 + bytecode::extension_words(at);
    }
    std::vector<std::pair<std::uint32_t, std::uint32_t>> floats;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> words;
    for (const auto& [slot, use] : uses)
        if (use.as_float > 0) floats.push_back({use.as_float, slot});
        else words.push_back({use.as_word, slot});
    std::vector<Kept> kept;
    const auto take = [&kept](auto& from, std::uint32_t most, bool is_float) {
        std::stable_sort(from.begin(), from.end(), [](const auto& x, const auto& y) { return x.first > y.first; });
        for (std::uint32_t i = 0; i < from.size() && i < most; ++i) kept.push_back({from[i].second, is_float, i});
    };
    take(words, kMostGps, false);
    take(floats, kMostFloats, true);
    return kept;
}

}  // namespace csp::native
