#include "interpreter/bytecode/fold.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>
#include <unordered_map>

namespace csp::bytecode {

namespace {

Word word_at(const Function& function, std::size_t index) {
    Word word;
    std::memcpy(&word, &function.instructions[index], sizeof word);
    return word;
}

class Folder {
  public:
    explicit Folder(Program& program) : program_(program) {
        for (Function& function : program.functions) {
            same_as_.push_back(function.index);
            closures_.emplace(reinterpret_cast<std::uintptr_t>(&function.static_closure), function.index);
            if (function.name.find("[...]") != std::string::npos && !function.instructions.empty())
                groups_[{function.name, function.pos.value(), function.instructions.size()}].push_back(&function);
        }
    }

    void run() {
        // Two that differ only in whom they call may turn out the same once their callees have.
        for (bool again = true; again;) {
            again = false;
            for (auto& [key, group] : groups_)
                for (std::size_t i = 1; i < group.size(); ++i)
                    for (std::size_t k = 0; k < i && is_own(*group[i]); ++k)
                        if (is_own(*group[k]) && same(*group[i], *group[k])) {
                            same_as_[group[i]->index] = group[k]->index;
                            again = true;
                        }
        }
        for (Function& function : program_.functions) {
            if (is_own(function)) continue;
            std::uint32_t shared = function.index;
            while (same_as_[shared] != shared) shared = same_as_[shared];
            function.shares = program_.by_index[shared];
            function.code = function.shares->code;
            function.instructions = {};
            function.lines = {};
            function.sync_blocks = {};
        }
    }

  private:
    bool is_own(const Function& function) const { return same_as_[function.index] == function.index; }

    bool same(const Function& x, const Function& y) const {
        if (x.frame_slots != y.frame_slots || x.result_slots != y.result_slots || x.param_slots != y.param_slots ||
            x.recover_at != y.recover_at || x.pointer_slots != y.pointer_slots)
            return false;
        for (std::size_t i = 0; i < x.instructions.size();) {
            const Instruction& a = x.instructions[i];
            const Instruction& b = y.instructions[i];
            if (a.op != b.op || a.a != b.a || !same_operand(x, a, y, b)) return false;
            const auto words = std::size_t{extension_words(a)};
            for (std::size_t k = 1; k <= words; ++k)
                if (!same_word(a.op, k, x, y, word_at(x, i + k), word_at(y, i + k))) return false;
            if (x.sync_block_at(static_cast<std::uint32_t>(i)) != y.sync_block_at(static_cast<std::uint32_t>(i))) return false;
            i += 1 + words;
        }
        return same_sync_blocks(x, y);
    }

    bool same_sync_blocks(const Function& x, const Function& y) const {
        return std::equal(x.sync_blocks.begin(), x.sync_blocks.end(), y.sync_blocks.begin(), y.sync_blocks.end(),
                          [&](const SyncBlock& a, const SyncBlock& b) {
                              if (a.slot != b.slot || a.method != b.method || a.outer != b.outer) return false;
                              if (a.leave == nullptr || b.leave == nullptr) return a.leave == b.leave;
                              return same_function(x, a.leave->index, y, b.leave->index);
                          });
    }

    bool same_operand(const Function& x, const Instruction& a, const Function& y, const Instruction& b) const {
        if (a.op == Opcode::CallNative) return same_function(x, a.uimm, y, b.uimm);
        if (a.op == Opcode::LoadK && a.uimm != b.uimm) {
            const auto f = closures_.find(program_.constants[a.uimm]);
            const auto g = closures_.find(program_.constants[b.uimm]);
            return f != closures_.end() && g != closures_.end() && same_function(x, f->second, y, g->second);
        }
        return a.uimm == b.uimm;
    }

    bool same_word(Opcode op, std::size_t index, const Function& x, const Function& y, Word a, Word b) const {
        const bool calls = op == Opcode::Call || op == Opcode::CallAddK || op == Opcode::MakeClosure || op == Opcode::DeferOuter;
        if (calls && index == 1) return same_function(x, a.lo, y, b.lo) && a.hi == b.hi;
        return a.all == b.all;
    }

    /// `f`, mentioned in `x`, and `g`, mentioned in `y`. A function that mentions itself is like another that does.
    bool same_function(const Function& x, std::uint32_t f, const Function& y, std::uint32_t g) const {
        while (same_as_[f] != f) f = same_as_[f];
        while (same_as_[g] != g) g = same_as_[g];
        return f == g || (f == x.index && g == y.index);
    }

    Program& program_;
    std::vector<std::uint32_t> same_as_;  ///< By function index.
    std::unordered_map<std::uint64_t, std::uint32_t> closures_;  ///< Functions by the address of their closure.
    /// What may be the same: instances by name, place in the source and size.
    std::map<std::tuple<std::string, std::uint32_t, std::size_t>, std::vector<Function*>> groups_;
};

}  // namespace

void fold_instances(Program& program) { Folder(program).run(); }

}  // namespace csp::bytecode
