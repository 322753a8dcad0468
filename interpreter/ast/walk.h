#pragma once

#include "interpreter/ast/nodes.h"

namespace csp::ast {

/// Calls `f` for each statement that is a part of `s` itself; what function literals hold is not.
template <class F>
void each_substatement(const Stmt* s, F&& f) {
    const auto one = [&](const Stmt* part) {
        if (part != nullptr) f(part);
    };
    const auto all = [&](List<Stmt*> list) {
        for (const Stmt* part : list) one(part);
    };
    switch (s->kind) {
        case Kind::LabeledStmt: one(static_cast<const LabeledStmt*>(s)->stmt); break;
        case Kind::BlockStmt: all(static_cast<const BlockStmt*>(s)->stmts); break;
        case Kind::IfStmt: {
            const auto* stmt = static_cast<const IfStmt*>(s);
            one(stmt->init);
            one(stmt->then);
            one(stmt->otherwise);
            break;
        }
        case Kind::ForStmt: {
            const auto* stmt = static_cast<const ForStmt*>(s);
            one(stmt->init);
            one(stmt->post);
            one(stmt->body);
            break;
        }
        case Kind::RangeStmt: one(static_cast<const RangeStmt*>(s)->body); break;
        case Kind::SyncStmt: one(static_cast<const SyncStmt*>(s)->body); break;
        case Kind::SwitchStmt:
            one(static_cast<const SwitchStmt*>(s)->init);
            for (const CaseClause* clause : static_cast<const SwitchStmt*>(s)->clauses) all(clause->body);
            break;
        case Kind::TypeSwitchStmt:
            one(static_cast<const TypeSwitchStmt*>(s)->init);
            for (const CaseClause* clause : static_cast<const TypeSwitchStmt*>(s)->clauses) all(clause->body);
            break;
        case Kind::SelectStmt:
            for (const CommClause* clause : static_cast<const SelectStmt*>(s)->clauses) {
                one(clause->comm);
                all(clause->body);
            }
            break;
        default: break;
    }
}

}  // namespace csp::ast
