// Jumps, labels and terminating statements.

#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;

void Checker::Impl::branch(BranchStmt* s) {
    if (s->branch == Branch::Fallthrough) {
        if (cx_.fallthrough == Fallthrough::OutOfPlace)
            error(Code::InvalidStatement, s->pos, "fallthrough statement out of place");
        if (cx_.fallthrough == Fallthrough::FinalCase)
            error(Code::InvalidStatement, s->pos, "cannot fallthrough final case in switch");
        return;
    }
    if (s->branch == Branch::Goto) {
        cx_.gotos.push_back({s, cx_.block});
        return;
    }
    const bool is_break = s->branch == Branch::Break;
    const char* word = is_break ? "break" : "continue";
    auto& targets = is_break ? cx_.breakable : cx_.continuable;
    if (s->label == nullptr) {
        if (targets.empty()) {
            error(Code::InvalidStatement, s->pos, is_break ? "break is not in a loop, switch, or select" : "continue is not in a loop");
            return;
        }
        s->target = targets.back();
        return;
    }
    const std::string name(s->label->name);
    const auto known = cx_.labels.find(name);
    if (known != cx_.labels.end()) known->second.used = true;
    for (Stmt* target : targets) {
        const auto label = cx_.labels_of.find(target);
        if (label != cx_.labels_of.end() && label->second == s->label->name) {
            s->target = target;
            return;
        }
    }
    if (known == cx_.labels.end())
        error(Code::Undefined, s->label->pos, std::string(word) + " label not defined: " + name);
    else
        error(Code::InvalidStatement, s->label->pos, std::string("invalid ") + word + " label " + name);
}

void Checker::Impl::finish_labels() {
    for (const Context::LabelUse& use : cx_.gotos) {
        if (use.stmt->label == nullptr) continue;
        const std::string name(use.stmt->label->name);
        const auto found = cx_.labels.find(name);
        if (found == cx_.labels.end()) {
            error(Code::Undefined, use.stmt->label->pos, "label " + name + " not defined");
            continue;
        }
        found->second.used = true;
        use.stmt->target = found->second.stmt;
        // The label's block must be the goto's or one around it.
        const int label_block = found->second.block;
        int at = use.block;
        while (at >= 0 && at != label_block) at = cx_.blocks[static_cast<std::size_t>(at)].parent;
        if (at < 0) {
            error(Code::InvalidStatement, use.stmt->label->pos, "goto " + name + " jumps into block");
            continue;
        }
        for (const Var* variable : cx_.blocks[static_cast<std::size_t>(label_block)].variables) {
            const source::Pos declared = variable->pos;
            if (use.stmt->pos < declared && declared < found->second.stmt->pos) {
                error(Code::InvalidStatement, use.stmt->label->pos,
                      "goto " + name + " jumps over declaration of " + std::string(variable->name) + " at " + place(declared));
                break;
            }
        }
    }
    for (const auto& [name, label] : cx_.labels)
        if (!label.used) error(Code::Unused, label.stmt->label->pos, "label " + name + " defined and not used");
}

/// Go spec, "Terminating statements".
bool Checker::Impl::terminates(List<Stmt*> list) const {
    std::size_t n = list.size();
    while (n > 0 && list[n - 1]->kind == Kind::EmptyStmt) --n;
    return n > 0 && terminates(list[n - 1]);
}

bool Checker::Impl::terminates(const Stmt* s) const {
    if (s == nullptr) return false;
    switch (s->kind) {
        case Kind::ReturnStmt: return true;
        case Kind::BranchStmt: {
            const auto* b = static_cast<const BranchStmt*>(s);
            return b->branch == Branch::Goto || b->branch == Branch::Fallthrough;
        }
        case Kind::ExprStmt: {
            const auto* c = as<CallExpr>(unparen(static_cast<const ExprStmt*>(s)->x));
            return c != nullptr && c->call == CallKind::Builtin && static_cast<types::Builtin>(c->builtin) == types::Builtin::Panic;
        }
        case Kind::BlockStmt: return terminates(static_cast<const BlockStmt*>(s)->stmts);
        case Kind::LabeledStmt: return terminates(static_cast<const LabeledStmt*>(s)->stmt);
        case Kind::IfStmt: {
            const auto* i = static_cast<const IfStmt*>(s);
            return i->otherwise != nullptr && terminates(i->then->stmts) && terminates(i->otherwise);
        }
        case Kind::ForStmt: {
            const auto* f = static_cast<const ForStmt*>(s);
            return f->cond == nullptr && !has_break(f->body, f);
        }
        case Kind::SyncStmt: return terminates(static_cast<const SyncStmt*>(s)->body->stmts);
        case Kind::SwitchStmt: {
            bool fallback = false;
            for (const CaseClause* clause : static_cast<const SwitchStmt*>(s)->clauses) {
                fallback = fallback || clause->is_default;
                if (!terminates(clause->body) || has_break(clause->body, s)) return false;
            }
            return fallback;
        }
        case Kind::TypeSwitchStmt: {
            bool fallback = false;
            for (const CaseClause* clause : static_cast<const TypeSwitchStmt*>(s)->clauses) {
                fallback = fallback || clause->is_default;
                if (!terminates(clause->body) || has_break(clause->body, s)) return false;
            }
            return fallback;
        }
        case Kind::SelectStmt:
            for (const CommClause* clause : static_cast<const SelectStmt*>(s)->clauses)
                if (!terminates(clause->body) || has_break(clause->body, s)) return false;
            return true;
        default: return false;
    }
}

bool Checker::Impl::has_break(List<Stmt*> list, const Stmt* target) const {
    for (const Stmt* s : list)
        if (has_break(s, target)) return true;
    return false;
}

bool Checker::Impl::has_break(const Stmt* s, const Stmt* target) const {
    if (s == nullptr) return false;
    switch (s->kind) {
        case Kind::BranchStmt: {
            const auto* b = static_cast<const BranchStmt*>(s);
            return b->branch == Branch::Break && b->target == target;
        }
        case Kind::BlockStmt: return has_break(static_cast<const BlockStmt*>(s)->stmts, target);
        case Kind::LabeledStmt: return has_break(static_cast<const LabeledStmt*>(s)->stmt, target);
        case Kind::IfStmt: {
            const auto* i = static_cast<const IfStmt*>(s);
            return has_break(i->then, target) || has_break(i->otherwise, target);
        }
        case Kind::ForStmt: return has_break(static_cast<const ForStmt*>(s)->body, target);
        case Kind::RangeStmt: return has_break(static_cast<const RangeStmt*>(s)->body, target);
        case Kind::SyncStmt: return has_break(static_cast<const SyncStmt*>(s)->body, target);
        case Kind::SwitchStmt:
            for (const CaseClause* clause : static_cast<const SwitchStmt*>(s)->clauses)
                if (has_break(clause->body, target)) return true;
            return false;
        case Kind::TypeSwitchStmt:
            for (const CaseClause* clause : static_cast<const TypeSwitchStmt*>(s)->clauses)
                if (has_break(clause->body, target)) return true;
            return false;
        case Kind::SelectStmt:
            for (const CommClause* clause : static_cast<const SelectStmt*>(s)->clauses)
                if (has_break(clause->body, target)) return true;
            return false;
        default: return false;
    }
}

}  // namespace csp::check
