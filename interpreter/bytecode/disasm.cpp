#include "interpreter/bytecode/disasm.h"

namespace csp::bytecode {

namespace {

std::string slot(std::uint16_t index) {
    return index == kNoSlot ? "_" : "r" + std::to_string(index);
}

std::string operand(const Program& program, const Instruction& at, std::size_t index, char kind,
                    std::size_t here) {
    const std::uint16_t value = index == 0 ? at.a : index == 1 ? at.b : at.c;
    switch (kind) {
        case 'd':
        case 's':
        case 'u':
        case 'D':
        case 'S':
        case 'W':
        case 'R': return slot(value);
        case 'k': return "#" + std::to_string(static_cast<std::int16_t>(value));
        case 'n': return std::to_string(value);
        case 't': return "<" + std::string(program.types[value]->string) + ">";
        case 'j': return "@" + std::to_string(static_cast<std::int64_t>(here) + 1 + at.sc());
        case 'J': return "@" + std::to_string(static_cast<std::int64_t>(here) + 1 + at.imm);
        case 'I': return "#" + std::to_string(at.imm);
        case 'N': return std::to_string(at.uimm);
        case 'F': return program.by_index[at.uimm]->name;
        case 'C': {
            Word callee;
            __builtin_memcpy(&callee, &at + 1, sizeof callee);
            for (const Function* function : program.by_index)
                if (reinterpret_cast<std::uintptr_t>(function->code) == callee.all) return function->name;
            return "?";
        }
        case 'K': return "k" + std::to_string(at.uimm);
        default: return {};
    }
}

/// An extension word whose parts the table tells; a jump in it counts from `next`.
std::string parts(std::string_view letters, const Word& word, std::size_t next) {
    if (letters == "L") return "@" + std::to_string(static_cast<std::int64_t>(next) + word.slo);
    std::string out;
    for (std::size_t k = 0; k < letters.size(); ++k) {
        if (k > 0) out += " ";
        out += letters[k] == 'n' ? std::to_string(word.x[k]) : slot(word.x[k]);
    }
    return out;
}

std::string sync_block(const Function& function, std::uint32_t number) {
    if (number == 0) return "outside sync blocks";
    const SyncBlock& block = function.sync_blocks[number - 1];
    const std::string leave = block.leave != nullptr ? block.leave->name : "method " + std::to_string(block.method);
    return "sync block " + std::to_string(number) + ": " + slot(static_cast<std::uint16_t>(block.slot)) + ", " + leave;
}

}  // namespace

std::string disassemble(const Program& program, const Function& function) {
    std::string out = "func " + function.name + "  results " + std::to_string(function.result_slots) +
                      ", params " + std::to_string(function.param_slots) + ", frame " +
                      std::to_string(function.frame_slots) + "\n";
    if (function.native != nullptr) return out + "    native\n";
    if (function.shares != nullptr) return out + "    shares the code of another instance\n";
    int line = 0;
    std::uint32_t block = 0;
    for (std::size_t i = 0; i < function.instructions.size(); ++i) {
        const Instruction& at = function.instructions[i];
        const OpcodeInfo& about = info(at.op);
        const auto position = program.sources->position(function.pos_at(static_cast<std::uint32_t>(i)));
        if (position.line != line) {
            line = position.line;
            out += "  ; " + std::string(position.file) + ":" + std::to_string(line) + "\n";
        }
        if (const std::uint32_t now = function.sync_block_at(static_cast<std::uint32_t>(i)); now != block) {
            block = now;
            out += "  ; " + sync_block(function, block) + "\n";
        }
        std::string text = std::to_string(i);
        text.insert(0, text.size() < 5 ? 5 - text.size() : 0, ' ');
        text += "  " + std::string(about.name);
        bool first = true;
        for (std::size_t k = 0; k < about.operands.size(); ++k) {
            const std::string shown = operand(program, at, k, about.operands[k], i);
            if (shown.empty()) continue;
            if (first) text.resize(std::max<std::size_t>(text.size() + 1, 22), ' ');
            text += (first ? "" : ", ") + shown;
            first = false;
        }
        const std::uint32_t words = extension_words(at);
        for (std::uint32_t w = 0; w < words; ++w) {
            Word word;
            __builtin_memcpy(&word, &function.instructions[++i], sizeof word);
            if (w == 0 && about.operands.ends_with('C')) continue;  // the callee, shown already
            text += text.find('[') == std::string::npos ? "  [" : " | ";
            text += w == 0 && !about.parts.empty() ? parts(about.parts, word, i + words)
                                                   : std::to_string(word.lo) + " " + std::to_string(word.hi);
        }
        if (text.find('[') != std::string::npos) text += "]";
        out += text + "\n";
    }
    return out;
}

std::string disassemble(const Program& program) {
    std::string out;
    for (const Function* function : program.by_index) out += disassemble(program, *function) + "\n";
    return out;
}

}  // namespace csp::bytecode
