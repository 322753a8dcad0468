#include "interpreter/ast/print_expr.h"
#include "interpreter/parse/builder.h"

namespace csp::parse {

using namespace ast;

List<Stmt*> Builder::statements(P::StatementListContext* c) {
    std::vector<Stmt*> all;
    for (P::StatementContext* s : c->statement())
        if (Stmt* made = statement(s)) all.push_back(made);
    return list(all);
}

BlockStmt* Builder::block(P::BlockContext* c) {
    auto* made = make<BlockStmt>(c);
    made->stmts = statements(c->statementList());
    made->rbrace = c->RBRACE() != nullptr ? pos(c->RBRACE()) : end(c);
    return made;
}

Stmt* Builder::decl_stmt(GenDecl* decl) {
    auto* made = make<DeclStmt>(decl->pos, decl->end);
    made->decl = decl;
    return made;
}

Stmt* Builder::branch(Branch kind, antlr4::ParserRuleContext* c, antlr4::tree::TerminalNode* label) {
    auto* made = make<BranchStmt>(c);
    made->branch = kind;
    if (label != nullptr) made->label = ident(label);
    return made;
}

Expr* Builder::call_of(P::ExpressionContext* c, const char* keyword) {
    Expr* x = expression(c);
    if (x->kind == Kind::ParenExpr)
        error(x->pos, "expression in " + std::string(keyword) + " must not be parenthesized");
    return x;
}

Stmt* Builder::statement(P::StatementContext* c) {
    if (auto* s = c->constDecl()) return decl_stmt(const_decl(s));
    if (auto* s = c->typeDecl()) return decl_stmt(type_decl(s));
    if (auto* s = c->varDecl()) return decl_stmt(var_decl(s));
    if (auto* s = c->labelledOrSimple()) return labelled(s);
    if (auto* s = c->block()) return block(s);
    if (auto* s = c->ifStmt()) return if_stmt(s);
    if (auto* s = c->switchStmt()) return switch_stmt(s);
    if (auto* s = c->selectStmt()) return select_stmt(s);
    if (auto* s = c->forStmt()) return for_stmt(s);
    if (auto* s = c->goStmt()) {
        auto* made = make<GoStmt>(s);
        made->call = call_of(s->expression(), "go");
        return made;
    }
    if (auto* s = c->deferStmt()) {
        auto* made = make<DeferStmt>(s);
        made->call = call_of(s->expression(), "defer");
        return made;
    }
    if (auto* s = c->returnStmt()) {
        auto* made = make<ReturnStmt>(s);
        if (s->expressionList() != nullptr) made->results = expressions(s->expressionList());
        return made;
    }
    if (auto* s = c->breakStmt()) return branch(Branch::Break, s, s->IDENT());
    if (auto* s = c->continueStmt()) return branch(Branch::Continue, s, s->IDENT());
    if (auto* s = c->gotoStmt()) return branch(Branch::Goto, s, s->IDENT());
    if (auto* s = c->fallthroughStmt()) return branch(Branch::Fallthrough, s, nullptr);
    if (auto* s = c->syncStmt()) {
        auto* made = make<SyncStmt>(s);
        if (s->expression() != nullptr) made->lock = expression(s->expression());
        made->body = block(s->block());
        return made;
    }
    return nullptr;
}

Stmt* Builder::labelled(P::LabelledOrSimpleContext* c) {
    if (c->COLON() == nullptr)
        return simple(c->expressionList(), c->simpleTail(), pos(c), end(c), false);
    const List<Expr*> names = expressions(c->expressionList());
    auto* label = as<Ident>(names[0]);
    if (label == nullptr || names.size() > 1) {
        error(pos(c->COLON()), "unexpected :, expected := or = or comma");
        return make<BadStmt>(c);
    }
    auto* made = make<LabeledStmt>(c);
    made->label = label;
    if (c->statement() != nullptr)
        made->stmt = statement(c->statement());
    else
        made->stmt = make<EmptyStmt>(end(c), end(c));
    return made;
}

Stmt* Builder::simple(P::SimpleStmtContext* c, bool range_allowed) {
    return simple(c->expressionList(), c->simpleTail(), pos(c), end(c), range_allowed);
}

Stmt* Builder::simple(P::ExpressionListContext* list_context, P::SimpleTailContext* tail, Pos from, Pos to,
                      bool range_allowed) {
    const List<Expr*> lhs = expressions(list_context);
    if (tail == nullptr) {
        if (lhs.size() > 1) error(to, "unexpected end of statement, expected := or = or comma");
        auto* made = make<ExprStmt>(from, to);
        made->x = lhs[0];
        return made;
    }
    const auto one = [&](const char* what) {
        if (lhs.size() > 1) error(pos(tail), "unexpected " + std::string(what) + ", expected := or = or comma");
    };
    switch (tail->getStart()->getType()) {
        case P::INC:
        case P::DEC: {
            one(tail->INC() != nullptr ? "++" : "--");
            auto* made = make<IncDecStmt>(from, to);
            made->x = lhs[0];
            made->increment = tail->INC() != nullptr;
            return made;
        }
        case P::ARROW: {
            one("<-");
            auto* made = make<SendStmt>(from, to);
            made->chan = lhs[0];
            made->value = expression(tail->expression());
            made->arrow = pos(tail->ARROW());
            return made;
        }
        case P::OP_ASSIGN: {
            one(std::string(text(tail->OP_ASSIGN())).c_str());
            auto* made = make<AssignStmt>(from, to);
            made->lhs = lhs;
            made->rhs = expressions(tail->expressionList());
            made->op_pos = pos(tail);
            made->op = operator_of(text(tail->OP_ASSIGN()));
            if (made->rhs.size() > 1) error(made->rhs[1]->pos, "unexpected comma at end of statement");
            return made;
        }
        default: break;
    }
    const bool define = tail->DEFINE() != nullptr;
    if (tail->RANGE() != nullptr) {
        if (!range_allowed) error(pos(tail->RANGE()), "unexpected keyword range, expected expression");
        auto* made = make<RangeStmt>(from, to);
        made->define = define;
        if (lhs.size() > 2) made->surplus = lhs[2];
        made->key = lhs[0];
        if (lhs.size() > 1) made->value = lhs[1];
        made->x = expression(tail->expression());
        return made;
    }
    auto* made = make<AssignStmt>(from, to);
    made->lhs = lhs;
    made->rhs = expressions(tail->expressionList());
    made->op_pos = pos(tail);
    made->define = define;
    return made;
}

/// The condition of an if or for, out of what was parsed as a simple statement.
Expr* Builder::condition(Stmt* stmt, const char* keyword, Pos at) {
    if (auto* x = as<ExprStmt>(stmt)) return x->x;
    if (stmt == nullptr) {
        error(at, "missing condition in " + std::string(keyword) + " statement");
        return make<BadExpr>(at, at);
    }
    auto* assign = as<AssignStmt>(stmt);
    const std::string shown(file_.text().substr(file_.offset(stmt->pos), stmt->end.value() - stmt->pos.value()));
    if (assign != nullptr && assign->op == Op::None && !assign->define)
        error(stmt->pos, "cannot use assignment " + shown + " as value", "use == to compare");
    else
        error(stmt->pos, "cannot use " + shown + " as value");
    return make<BadExpr>(stmt->pos, stmt->end);
}

Stmt* Builder::if_stmt(P::IfStmtContext* c) {
    auto* made = make<IfStmt>(c);
    const auto parts = c->simpleStmt();
    if (c->SEMI() != nullptr) {
        const auto semi = c->SEMI()->getSymbol()->getStartIndex();
        Stmt* last = nullptr;
        for (P::SimpleStmtContext* part : parts) {
            Stmt* built = simple(part);
            if (part->getStart()->getStartIndex() < semi)
                made->init = built;
            else
                last = built;
        }
        antlr4::Token* separator = c->SEMI()->getSymbol();
        if (last == nullptr && text(separator).empty())
            error(pos(separator), "unexpected newline, expected { after if clause", "the { stands on the line of the if");
        else
            made->cond = condition(last, "if", pos(c->block(0)));
    } else {
        made->cond = condition(parts.empty() ? nullptr : simple(parts[0]), "if", pos(c->block(0)));
    }
    made->then = block(c->block(0));
    if (c->ifStmt() != nullptr) made->otherwise = if_stmt(c->ifStmt());
    if (c->block().size() > 1) made->otherwise = block(c->block(1));
    return made;
}

Stmt* Builder::switch_stmt(P::SwitchStmtContext* c) {
    Stmt* init = nullptr;
    Stmt* tag = nullptr;
    const auto parts = c->simpleStmt();
    for (P::SimpleStmtContext* part : parts) {
        Stmt* built = simple(part);
        const bool before = c->SEMI() != nullptr &&
                            part->getStart()->getStartIndex() < c->SEMI()->getSymbol()->getStartIndex();
        (before ? init : tag) = built;
    }
    std::vector<CaseClause*> clauses;
    for (P::CaseClauseContext* clause : c->caseClause()) {
        auto* built = make<CaseClause>(clause);
        built->is_default = clause->DEFAULT() != nullptr;
        if (clause->expressionList() != nullptr) built->values = expressions(clause->expressionList());
        built->body = statements(clause->statementList());
        clauses.push_back(built);
    }
    // switch x.(type) and switch name := x.(type)
    const auto guard = [](Expr* x) {
        auto* assertion = as<TypeAssertExpr>(x);
        return assertion != nullptr && assertion->type_expr == nullptr ? assertion : nullptr;
    };
    TypeAssertExpr* asserted = nullptr;
    Ident* name = nullptr;
    if (auto* x = as<ExprStmt>(tag)) asserted = guard(x->x);
    if (auto* assign = as<AssignStmt>(tag); assign != nullptr && assign->define && assign->lhs.size() == 1 &&
                                             assign->rhs.size() == 1) {
        asserted = guard(assign->rhs[0]);
        name = as<Ident>(assign->lhs[0]);
        if (asserted != nullptr && name == nullptr)
            error(assign->lhs[0]->pos, "invalid variable name " + ast::to_string(assign->lhs[0]) + " in type switch");
    }
    if (asserted != nullptr) {
        auto* made = make<TypeSwitchStmt>(c);
        made->init = init;
        made->name = name;
        made->x = asserted->x;
        made->clauses = list(clauses);
        return made;
    }
    auto* made = make<SwitchStmt>(c);
    made->init = init;
    if (tag != nullptr) made->tag = condition(tag, "switch", tag->pos);
    made->clauses = list(clauses);
    return made;
}

Stmt* Builder::select_stmt(P::SelectStmtContext* c) {
    auto* made = make<SelectStmt>(c);
    std::vector<CommClause*> clauses;
    for (P::CommClauseContext* clause : c->commClause()) {
        auto* built = make<CommClause>(clause);
        if (clause->simpleStmt() != nullptr) built->comm = simple(clause->simpleStmt());
        built->body = statements(clause->statementList());
        clauses.push_back(built);
    }
    made->clauses = list(clauses);
    return made;
}

Stmt* Builder::for_stmt(P::ForStmtContext* c) {
    BlockStmt* body = block(c->block());
    if (c->RANGE() != nullptr) {
        auto* made = make<RangeStmt>(c);
        made->x = expression(c->expression());
        made->body = body;
        return made;
    }
    const auto parts = c->simpleStmt();
    const auto semis = c->SEMI();
    if (semis.empty()) {
        Stmt* only = parts.empty() ? nullptr : simple(parts[0], true);
        if (auto* range = as<RangeStmt>(only)) {
            range->pos = pos(c);
            range->end = end(c);
            range->body = body;
            return range;
        }
        auto* made = make<ForStmt>(c);
        if (only != nullptr) made->cond = condition(only, "for", only->pos);
        made->body = body;
        return made;
    }
    auto* made = make<ForStmt>(c);
    for (P::SimpleStmtContext* part : parts) {
        const auto at = part->getStart()->getStartIndex();
        Stmt* built = simple(part);
        if (at < semis[0]->getSymbol()->getStartIndex())
            made->init = built;
        else if (semis.size() < 2 || at < semis[1]->getSymbol()->getStartIndex())
            made->cond = condition(built, "for", built->pos);
        else
            made->post = built;
    }
    if (auto* post = as<AssignStmt>(made->post); post != nullptr && post->define)
        error(post->pos, "cannot declare in post statement of for loop");
    made->body = body;
    return made;
}

}  // namespace csp::parse
