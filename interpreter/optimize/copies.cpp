// Copies, small constants, and what has been computed or loaded already, within blocks that are entered at their top only.

#include <algorithm>
#include <optional>

#include "interpreter/optimize/passes.h"

namespace csp::optimize {

namespace {

bool fits_k(std::int64_t value) { return value >= INT16_MIN && value <= INT16_MAX; }
bool fits_imm(std::int64_t value) { return value >= INT32_MIN && value <= INT32_MAX; }

/// What is known of slots at a point of the code.
class Known {
  public:
    explicit Known(std::uint32_t slots) : facts_(slots) {}

    void forget_all() {
        for (const std::uint32_t slot : active_) facts_[slot] = {};
        active_.clear();
    }
    void forget(std::uint32_t slot) {
        for (std::size_t i = 0; i < active_.size();) {
            Fact& fact = facts_[active_[i]];
            if (active_[i] == slot || fact.copy_of == slot) {
                fact = {};
                active_[i] = active_.back();
                active_.pop_back();
            } else {
                ++i;
            }
        }
    }
    void forget_from(std::uint32_t first) {
        for (std::size_t i = 0; i < active_.size();) {
            Fact& fact = facts_[active_[i]];
            if (active_[i] >= first || (fact.copy_of != kNone && fact.copy_of >= first)) {
                fact = {};
                active_[i] = active_.back();
                active_.pop_back();
            } else {
                ++i;
            }
        }
    }
    void copy(std::uint32_t to, std::uint32_t from) {
        if (to == from) return;
        facts_[to].copy_of = from;
        active_.push_back(to);
    }
    void constant(std::uint32_t to, std::int64_t value) {
        facts_[to].constant = value;
        active_.push_back(to);
    }
    std::uint32_t source(std::uint32_t slot) const { return slot < facts_.size() ? facts_[slot].copy_of : kNone; }
    std::optional<std::int64_t> constant(std::uint32_t slot) const {
        return slot < facts_.size() ? facts_[slot].constant : std::nullopt;
    }

  private:
    struct Fact {
        std::uint32_t copy_of = kNone;
        std::optional<std::int64_t> constant;
    };
    std::vector<Fact> facts_;
    std::vector<std::uint32_t> active_;
};

class Propagator {
  public:
    explicit Propagator(Graph& graph) : graph_(graph), known_(graph.frame_slots) {}

    bool run() {
        for (Node& node : graph_.nodes) {
            if (node.gone()) continue;
            if (node.leader) forget_all();
            substitute(node);
            use_constants(node);
            if (node.gone()) continue;
            reuse(node);
            if (node.gone()) continue;
            note(node);
            if (bytecode::ends_path(node.at.op) || node.at.op == Opcode::JmpTable) forget_all();
        }
        return changed_;
    }

  private:
    /// Where the `count` slots from `slot` on were copied from, if from slots in a row.
    void replace(std::uint16_t& slot, std::uint32_t count) {
        if (count == 0) return;
        const std::uint32_t from = known_.source(slot);
        if (from == kNone) return;
        for (std::uint32_t i = 1; i < count; ++i)
            if (known_.source(slot + i) != from + i) return;
        slot = static_cast<std::uint16_t>(from);
        changed_ = true;
    }
    std::uint32_t slots_of(std::uint64_t type) const { return graph_.program.types[type]->slots; }

    void substitute(Node& node) {
        const std::string_view letters = bytecode::info(node.at.op).operands;
        std::uint16_t* const operands[3] = {&node.at.a, &node.at.b, &node.at.c};
        for (std::size_t k = 0; k < letters.size(); ++k) {
            if (letters[k] == 's') replace(*operands[k], 1);
            else if (letters[k] == 'S') replace(*operands[k], 2);
        }
        Word* const words = graph_.words_of(node);
        const std::string_view parts = bytecode::info(node.at.op).parts;
        for (std::size_t k = 0; k < parts.size(); ++k)
            if (parts[k] == 's') replace(words[0].x[k], 1);
        switch (node.at.op) {
            case Opcode::CallAddK: replace(words[1].x[1], 1); break;
            case Opcode::SliceSlice: case Opcode::SliceString: case Opcode::SliceArray:
                for (unsigned k = 0; k < 3; ++k)
                    if (node.at.c & 1u << k) replace(words[0].x[k], 1);
                break;
            case Opcode::MovN: replace(node.at.b, node.at.c); break;
            case Opcode::MakeClosure: replace(node.at.b, node.at.c); break;
            case Opcode::BoxIface: replace(node.at.b, slots_of(node.at.c)); break;
            case Opcode::Append: replace(node.at.c, slots_of(words[0].hi) * words[0].lo); break;
            case Opcode::StN: replace(node.at.c, slots_of(words[0].lo)); break;
            case Opcode::MapGet: case Opcode::MapGetOk:
                replace(node.at.c, graph_.program.types[words[0].lo]->key->slots);
                break;
            case Opcode::MapSet:
                replace(node.at.b, graph_.program.types[words[0].lo]->key->slots);
                replace(node.at.c, graph_.program.types[words[0].lo]->elem->slots);
                break;
            case Opcode::MapAddI64: case Opcode::MapDelete: replace(node.at.b, graph_.program.types[words[0].lo]->key->slots); break;
            default: break;
        }
    }

    void become(Node& node, Opcode op, unsigned a, unsigned b, std::int64_t k) {
        node.at = Instruction(op, a, b, static_cast<std::uint16_t>(k));
        changed_ = true;
    }
    void become_constant(Node& node, std::int64_t value) {
        node.at = Instruction(Opcode::LoadI, node.at.a, static_cast<std::int32_t>(value));
        changed_ = true;
    }

    void use_constants(Node& node) {
        Instruction& at = node.at;
        if (node.target != kNone) {
            compare(node);
            return;
        }
        const auto b = known_.constant(at.b);
        const auto c = known_.constant(at.c);
        switch (at.op) {
            case Opcode::AddI64:
                if (c && fits_k(*c)) become(node, Opcode::AddI64K, at.a, at.b, *c);
                else if (b && fits_k(*b)) become(node, Opcode::AddI64K, at.a, at.c, *b);
                break;
            case Opcode::SubI64:
                if (c && fits_k(-*c)) become(node, Opcode::AddI64K, at.a, at.b, -*c);
                break;
            case Opcode::MulI64:
                if (c && fits_k(*c)) become(node, Opcode::MulI64K, at.a, at.b, *c);
                else if (b && fits_k(*b)) become(node, Opcode::MulI64K, at.a, at.c, *b);
                break;
            case Opcode::DivI64:
                if (c && fits_k(*c) && *c != 0 && *c != -1) become(node, Opcode::DivI64K, at.a, at.b, *c);
                break;
            case Opcode::RemI64:
                if (c && fits_k(*c) && *c != 0 && *c != -1) become(node, Opcode::RemI64K, at.a, at.b, *c);
                break;
            case Opcode::And:
                if (c && fits_k(*c)) become(node, Opcode::AndK, at.a, at.b, *c);
                else if (b && fits_k(*b)) become(node, Opcode::AndK, at.a, at.c, *b);
                break;
            case Opcode::Shl:
                if (c && *c >= 0 && *c < 64) become(node, Opcode::ShlK, at.a, at.b, *c);
                break;
            case Opcode::ShrI64:
                if (c && *c >= 0 && *c < 64) become(node, Opcode::ShrI64K, at.a, at.b, *c);
                break;
            case Opcode::ShrU64:
                if (c && *c >= 0 && *c < 64) become(node, Opcode::ShrU64K, at.a, at.b, *c);
                break;
            case Opcode::AddI64K:
                if (b && fits_imm(*b + at.sc())) become_constant(node, *b + at.sc());
                break;
            case Opcode::MulI64K:
                if (b && fits_imm(*b * at.sc())) become_constant(node, *b * at.sc());
                break;
            default: break;
        }
    }

    /// A test whose outcome is known.
    void test(Node& node) {
        const auto value = known_.constant(node.at.a);
        if (!value) return;
        const bool jumps = (*value != 0) == (node.at.op == Opcode::JmpIf);
        node.at = jumps ? Instruction(Opcode::Jmp, 0, std::int32_t{0}) : Instruction();
        if (!jumps) node.target = kNone;
        changed_ = true;
    }

    /// A compare with a constant on either side: from the instruction.
    void compare(Node& node) {
        if (node.at.op == Opcode::JmpIf || node.at.op == Opcode::JmpIfNot) {
            test(node);
            return;
        }
        struct Form {
            Opcode general, right, left;  // a ? b; a ? k; k ? b
        };
        static constexpr Form kForms[] = {
            {Opcode::EqI64Jmp, Opcode::EqI64KJmp, Opcode::EqI64KJmp},
            {Opcode::NeI64Jmp, Opcode::NeI64KJmp, Opcode::NeI64KJmp},
            {Opcode::LtI64Jmp, Opcode::LtI64KJmp, Opcode::GtI64KJmp},
            {Opcode::LeI64Jmp, Opcode::LeI64KJmp, Opcode::GeI64KJmp},
            {Opcode::EqI64Loop, Opcode::EqI64KLoop, Opcode::EqI64KLoop},
            {Opcode::NeI64Loop, Opcode::NeI64KLoop, Opcode::NeI64KLoop},
            {Opcode::LtI64Loop, Opcode::LtI64KLoop, Opcode::GtI64KLoop},
            {Opcode::LeI64Loop, Opcode::LeI64KLoop, Opcode::GeI64KLoop},
        };
        for (const Form& form : kForms) {
            if (node.at.op != form.general) continue;
            const auto a = known_.constant(node.at.a);
            const auto b = known_.constant(node.at.b);
            if (b && fits_k(*b)) become(node, form.right, node.at.a, static_cast<std::uint16_t>(*b), 0);
            else if (a && fits_k(*a)) become(node, form.left, node.at.b, static_cast<std::uint16_t>(*a), 0);
            return;
        }
    }

    /// The same has been computed before, and is still there.
    void reuse(Node& node) {
        if (!is_reusable(node.at)) return;
        for (const Computed& before : computed_)
            if (before.at.op == node.at.op && before.at.uimm == node.at.uimm) {
                if (before.at.a == node.at.a) {
                    node.at = Instruction();
                    changed_ = true;
                    return;
                }
                node.at = Instruction(width_of(node.at) == 2 ? Opcode::Mov2 : Opcode::Mov, node.at.a, before.at.a, 0);
                changed_ = true;
                return;
            }
    }
    /// Computations of a slot or pair without extension words.
    static bool is_reusable(const Instruction& at) {
        const Opcode op = at.op;
        if (op == Opcode::LdCapN) return at.c == 2;
        if (bytecode::is_load(op)) return true;
        const std::string_view letters = bytecode::info(op).operands;
        return bytecode::is_pure(op) && letters[0] == 'd' && bytecode::info(op).words == 0 && op != Opcode::Mov &&
               op != Opcode::Zero && op != Opcode::MakeIface && op != Opcode::IsType;
    }
    static std::uint32_t width_of(const Instruction& at) {
        return at.op == Opcode::LdCapN || bytecode::info(at.op).operands[0] == 'D' ? 2 : 1;
    }
    static bool reads(const Instruction& at, bytecode::SlotRange range) {
        const std::string_view letters = bytecode::info(at.op).operands;
        const std::uint16_t operands[3] = {at.a, at.b, at.c};
        for (std::size_t k = 1; k < letters.size(); ++k) {
            const std::uint32_t width = letters[k] == 's' ? 1 : letters[k] == 'S' ? 2 : 0;
            if (width != 0 && operands[k] < range.first + range.count && range.first < operands[k] + width) return true;
        }
        return false;
    }
    /// Forgets computations of or from slots that `range` overlaps.
    void forget_computed(bytecode::SlotRange range) {
        std::erase_if(computed_, [&](const Computed& c) {
            return (c.at.a < range.first + range.count && range.first < c.at.a + width_of(c.at)) || reads(c.at, range);
        });
    }
    void forget_memory(const Instruction& at) {
        const auto writes = bytecode::memory_writes(at.op);
        if (writes == bytecode::MemoryWrites::None) return;
        std::erase_if(computed_, [&](const Computed& c) {
            if (!bytecode::is_load(c.at.op) || c.at.op == Opcode::StrIndex) return false;
            if (writes == bytecode::MemoryWrites::Any) return true;
            return (width_of(c.at) == 2) == (writes == bytecode::MemoryWrites::Pairs);
        });
        const Instruction load = bytecode::load_of_stored(at);
        if (load.op != Opcode::Nop) remember(load);
    }

    /// What the instruction makes known, and what it makes wrong.
    void note(const Node& node) {
        graph_.effects_of(node, effects_);
        for (const auto range : effects_.writes) forget(range);
        for (const auto range : effects_.may_write) forget(range);
        const std::uint32_t from = std::min(effects_.may_write_from, effects_.clobbers_from);
        if (from != bytecode::kNoLimit) {
            known_.forget_from(from);
            forget_computed({from, bytecode::kNoLimit - from});
        }
        forget_memory(node.at);
        if (is_reusable(node.at)) remember(node.at);
        switch (node.at.op) {
            case Opcode::Mov: {
                const auto value = known_.constant(node.at.b);
                known_.copy(node.at.a, node.at.b);
                if (value) known_.constant(node.at.a, *value);
                break;
            }
            case Opcode::Mov2: copies(node.at.a, node.at.b, 2); break;
            case Opcode::MovN: copies(node.at.a, node.at.b, node.at.c); break;
            case Opcode::LoadI: known_.constant(node.at.a, node.at.imm); break;
            case Opcode::Zero: known_.constant(node.at.a, 0); break;
            default: break;
        }
    }
    void remember(const Instruction& at) {
        constexpr std::size_t kMost = 24;
        if (reads(at, {at.a, width_of(at)})) return;
        if (computed_.size() == kMost) computed_.erase(computed_.begin());
        computed_.push_back({at});
    }
    void copies(std::uint32_t to, std::uint32_t from, std::uint32_t count) {
        if (from < to + count && to < from + count) return;
        for (std::uint32_t i = 0; i < count; ++i) known_.copy(to + i, from + i);
    }
    void forget(bytecode::SlotRange range) {
        for (std::uint32_t i = 0; i < range.count; ++i) known_.forget(range.first + i);
        forget_computed(range);
    }
    void forget_all() {
        known_.forget_all();
        computed_.clear();
    }

    struct Computed {
        Instruction at;
    };

    Graph& graph_;
    Known known_;
    std::vector<Computed> computed_;  ///< What is in slots, as the instruction that put it there.
    bytecode::Effects effects_;
    bool changed_ = false;
};

}  // namespace

bool propagate_copies(Graph& graph) { return Propagator(graph).run(); }

}  // namespace csp::optimize
