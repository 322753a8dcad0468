// switch, type switch, select.

#include "interpreter/check/checker.h"

#include <algorithm>

namespace csp::check {

using diag::Code;

void Checker::Impl::switch_stmt(SwitchStmt* s) {
    ScopeGuard guard(*this, s->pos);
    if (s->init != nullptr) statement(s->init);
    Type* tag_type = universe_.basic(BasicKind::Bool);
    bool ok = true;
    if (s->tag != nullptr) {
        ok = expr(s->tag);
        if (ok) {
            if (s->tag->mode == Mode::NilValue) {
                error(Code::InvalidStatement, s->tag->pos, "use of untyped nil in switch expression");
                ok = false;
            } else {
                use_default(s->tag);
                tag_type = s->tag->type;
                ok = s->tag->mode != Mode::Invalid;
                if (ok && !types::comparable(tag_type) && !types::has_nil(tag_type)) {
                    error(Code::InvalidStatement, s->tag->pos, "cannot switch on " + describe(s->tag));
                    ok = false;
                }
            }
        }
    }
    cx_.breakable.push_back(s);
    CaseClause* fallback = nullptr;
    std::map<std::string, std::vector<Expr*>> seen;  // by value
    for (std::size_t i = 0; i < s->clauses.size(); ++i) {
        CaseClause* clause = s->clauses[i];
        if (clause->is_default) {
            if (fallback != nullptr) {
                error(Code::InvalidStatement, clause->pos, "multiple defaults (first at " + place(fallback->pos) + ")");
            }
            fallback = clause;
        }
        for (Expr* x : clause->values) {
            if (!expr(x) || !ok) continue;
            BinaryExpr pair;
            pair.pos = x->pos;
            pair.op = Op::Eq;
            pair.x = x;
            if (s->tag == nullptr) {
                const bool empty_interface = types::is_interface(x->type) && types::identical(types::under(x->type), universe_.empty_interface());
                if (!types::is_boolean(x->type) && !empty_interface) {
                    error(Code::TypeMismatch, x->pos, "invalid case " + ast::to_string(x) + " in switch (mismatched types " + str(x->type) + " and bool)");
                    continue;
                }
                use_default(x);
            } else {
                Ident stand_in;
                stand_in.pos = s->tag->pos;
                stand_in.mode = Mode::Value;
                stand_in.type = tag_type;
                stand_in.name = "tag";
                if (x->mode == Mode::NilValue) {
                    if (!types::has_nil(tag_type)) {
                        error(Code::TypeMismatch, x->pos, "invalid case " + ast::to_string(x) + " in switch on " + ast::to_string(s->tag) + " (mismatched types untyped nil and " + str(tag_type) + ")");
                        continue;
                    }
                    x->type = tag_type;
                    continue;
                }
                if (types::is_untyped(x->type) && !types::is_interface(tag_type)) {
                    const constant::Value* rounded = nullptr;
                    const bool same_class = (types::is_numeric(x->type) && types::is_numeric(tag_type)) ||
                                            (types::is_string(x->type) && types::is_string(tag_type)) ||
                                            (types::is_boolean(x->type) && types::is_boolean(tag_type));
                    if (!same_class) {
                        error(Code::TypeMismatch, x->pos, "invalid case " + ast::to_string(x) + " in switch on " + ast::to_string(s->tag) + " (mismatched types " + str(x->type) + " and " + str(tag_type) + ")");
                        continue;
                    }
                    if (x->mode == Mode::Constant && !representable(x->value, tag_type, &rounded)) {
                        error(Code::ConstantError, x->pos, "cannot use " + describe(x) + " as " + str(tag_type) + " value in switch case" +
                                                               (types::is_integer(tag_type) && !types::is_integer(x->type) ? " (truncated)" : " (overflows)"));
                        continue;
                    }
                    finalize(x, tag_type);
                } else if (types::is_untyped(x->type)) {
                    use_default(x);
                }
                if (!assignable(x, tag_type, nullptr) && !assignable(&stand_in, x->type, nullptr)) {
                    error(Code::TypeMismatch, x->pos, "invalid case " + ast::to_string(x) + " in switch on " + ast::to_string(s->tag) + " (mismatched types " + str(x->type) + " and " + str(tag_type) + ")");
                    continue;
                }
                if (!types::comparable(x->type)) {
                    error(Code::InvalidOperation, x->pos, "invalid case " + ast::to_string(x) + " in switch on " + ast::to_string(s->tag) + " (" + types::kind_word(x->type) + " can only be compared to nil)");
                    continue;
                }
            }
            if (x->mode == Mode::Constant && x->value != nullptr) {
                std::vector<Expr*>& equal = seen[constant::exact_string(x->value)];
                const auto other = std::find_if(equal.begin(), equal.end(),
                                                [&](Expr* e) { return types::identical(e->type, x->type); });
                if (other != equal.end() && s->tag != nullptr)
                    error(Code::Redeclared, x->pos,
                          "duplicate case " + ast::to_string(x) + " in expression switch\n\t" + place((*other)->pos) + ": previous case");
                equal.push_back(x);
            }
        }
        ScopeGuard clause_guard(*this, clause->pos);
        cx_.fallthrough = i + 1 < s->clauses.size() ? Fallthrough::Allowed : Fallthrough::FinalCase;
        statements(clause->body);
        cx_.fallthrough = Fallthrough::OutOfPlace;
    }
    cx_.breakable.pop_back();
}

void Checker::Impl::type_switch(TypeSwitchStmt* s) {
    ScopeGuard guard(*this, s->pos);
    if (s->init != nullptr) statement(s->init);
    bool ok = expr(s->x);
    if (ok && types::is_type_param(s->x->type)) {
        error(Code::InvalidStatement, s->x->pos, "cannot use type switch on type parameter value " + describe(s->x));
        ok = false;
    } else if (ok && !types::is_interface(s->x->type)) {
        error(Code::InvalidStatement, s->x->pos, describe(s->x) + " is not an interface");
        ok = false;
    }
    if (s->name != nullptr && s->name->name == "_")
        error(Code::InvalidStatement, s->name->pos, "no new variable on left side of :=");
    cx_.breakable.push_back(s);
    std::vector<Var*> vars;
    CaseClause* fallback = nullptr;
    std::vector<std::pair<Type*, source::Pos>> seen;
    source::Pos nil_case;
    for (CaseClause* clause : s->clauses) {
        if (clause->is_default) {
            if (fallback != nullptr) {
                error(Code::InvalidStatement, clause->pos, "multiple defaults (first at " + place(fallback->pos) + ")");
            }
            fallback = clause;
        }
        Type* only = nullptr;
        for (Expr* x : clause->values) {
            auto* name = as<Ident>(unparen(x));
            if (name != nullptr && types::as<types::Nil>(lookup(name->name, name->pos)) != nullptr) {
                set(x, Mode::NilValue, universe_.basic(BasicKind::UntypedNil));
                only = nullptr;
                if (nil_case.known())
                    error(Code::Redeclared, x->pos, "duplicate case nil in type switch\n\t" + place(nil_case) + ": previous case");
                nil_case = x->pos;
                continue;
            }
            Type* type = variable_type(x);
            only = type;
            if (!ok || type == invalid()) continue;
            for (const auto& [other, at] : seen)
                if (types::identical(other, type)) {
                    error(Code::Redeclared, x->pos, "duplicate case " + str(type) + " in type switch\n\t" + place(at) + ": previous case");
                }
            seen.push_back({type, x->pos});
            assert_possible(s->x->type, type, x, true, s->x);
        }
        ScopeGuard clause_guard(*this, clause->pos);
        if (s->name != nullptr && s->name->name != "_") {
            Type* type = clause->values.size() == 1 && only != nullptr ? only : (ok ? s->x->type : invalid());
            auto* var = universe_.make_object<Var>(s->name->pos, cx_.package, s->name->name, type);
            var->color = types::Color::Black;
            var->scope_pos = source::Pos();
            var->parent = cx_.scope;
            cx_.scope->insert(var);
            clause->object = var;
            vars.push_back(var);
        }
        statements(clause->body);
    }
    cx_.breakable.pop_back();
    if (s->name != nullptr && s->name->name != "_" && !cx_.package->lazy_bodies) {
        bool used = false;
        for (Var* var : vars) used = used || var->used;
        if (!used) error(Code::Unused, s->name->pos, "declared and not used: " + std::string(s->name->name));
    }
}

void Checker::Impl::select_stmt(SelectStmt* s) {
    cx_.breakable.push_back(s);
    CommClause* fallback = nullptr;
    for (CommClause* clause : s->clauses) {
        ScopeGuard guard(*this, clause->pos);
        if (clause->comm == nullptr) {
            if (fallback != nullptr) {
                error(Code::InvalidStatement, clause->pos, "multiple defaults in select (first at " + place(fallback->pos) + ")");
            }
            fallback = clause;
        } else {
            Expr* received = nullptr;
            if (auto* x = as<ExprStmt>(clause->comm)) received = x->x;
            if (auto* assignment = as<AssignStmt>(clause->comm); assignment != nullptr && assignment->rhs.size() == 1 && assignment->op == Op::None)
                received = assignment->rhs[0];
            auto* u = received == nullptr ? nullptr : as<UnaryExpr>(unparen(received));
            if (clause->comm->kind != Kind::SendStmt && (u == nullptr || u->op != Op::Arrow))
                error(Code::InvalidStatement, clause->comm->pos, "select case must be receive, send or assign recv");
            else
                statement(clause->comm);
        }
        statements(clause->body);
    }
    cx_.breakable.pop_back();
}

}  // namespace csp::check
