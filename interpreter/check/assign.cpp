// Assignments and variable declarations.

#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;

namespace {
std::string plural(std::size_t n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }
}  // namespace

/// The types of the right sides for `count` left sides. A two-value form (map index, assertion, receive) counts
/// as two. `hints` are the types of the left sides where they are known.
bool Checker::Impl::unpack(List<Expr*> rhs, std::size_t count, std::vector<Type*>& out, source::Pos at,
                           const char* what, const std::vector<Type*>& hints, bool returning) {
    const auto mismatch = [&](std::size_t values) {
        if (returning) return;
        std::string text = "assignment mismatch: " + plural(count, "variable") + " but ";
        if (auto* call = rhs.size() == 1 ? as<CallExpr>(unparen(rhs[0])) : nullptr)
            text += ast::to_string(call->fun) + " returns ";
        text += plural(values, "value");
        error(Code::TypeMismatch, rhs.size() == 1 ? rhs[0]->pos : at, text);
    };
    static_cast<void>(what);
    if (rhs.size() == count) {
        bool ok = true;
        for (std::size_t i = 0; i < count; ++i) {
            Type* hint = i < hints.size() ? hints[i] : nullptr;
            if (count == 1 && raw(rhs[i], hint) && types::as<Tuple>(rhs[i]->type) != nullptr &&
                rhs[i]->mode == Mode::Value) {
                mismatch(types::as<Tuple>(rhs[i]->type)->size());
                return false;
            }
            if (count == 1 ? rhs[i]->mode == Mode::Invalid : false) {
                ok = false;
                out.push_back(invalid());
                continue;
            }
            if (count == 1) {
                // Already evaluated: only its use as a value is left to check.
                ok = single_value(rhs[i]);
            } else {
                ok = expr(rhs[i], hint) && ok;
            }
            out.push_back(rhs[i]->type);
        }
        return ok;
    }
    if (rhs.size() == 1) {
        Expr* x = rhs[0];
        if (!raw(x)) return false;
        if (auto* tuple = types::as<Tuple>(x->type); tuple != nullptr && x->mode == Mode::Value) {
            if (tuple->size() != count) {
                mismatch(tuple->size());
                return false;
            }
            for (Var* var : tuple->vars) out.push_back(var->type);
            return true;
        }
        if (count == 2 && (x->mode == Mode::CommaOk || x->mode == Mode::MapIndex)) {
            out.push_back(x->type);
            out.push_back(universe_.basic(BasicKind::UntypedBool));
            return true;
        }
        if (x->mode == Mode::NoValue) {
            error(Code::TypeMismatch, x->pos, ast::to_string(x) + " (no value) used as value");
            return false;
        }
        mismatch(1);
        return false;
    }
    bool ok = true;
    for (Expr* x : rhs) ok = raw(x) && ok;
    if (ok) mismatch(rhs.size());
    return false;
}

void Checker::Impl::init_vars(const std::vector<Var*>& vars, List<Expr*> values, source::Pos at) {
    std::vector<Type*> hints;
    for (Var* var : vars) hints.push_back(var == nullptr ? nullptr : var->type);
    std::vector<Type*> types;
    const bool single = values.size() == vars.size();
    if (!unpack(values, vars.size(), types, at, "assignment", hints, false)) {
        for (Var* var : vars)
            if (var != nullptr && var->type == nullptr) var->type = invalid();
        for (Var* var : vars)
            if (var != nullptr) var->used = true;  // no second error about the same line
        if (single)
            for (std::size_t i = 0; i < vars.size() && i < types.size(); ++i)
                if (vars[i] != nullptr && vars[i]->type == invalid() && types[i] != invalid() &&
                    values[i]->mode != Mode::Invalid && values[i]->mode != Mode::NilValue) {
                    use_default(values[i]);
                    vars[i]->type = values[i]->type;
                }
        return;
    }
    for (std::size_t i = 0; i < vars.size(); ++i) {
        Var* var = vars[i];
        Expr* value_expr = single ? values[i] : nullptr;
        if (var == nullptr) {
            if (value_expr != nullptr) {
                if (value_expr->mode == Mode::NilValue)
                    error(Code::TypeMismatch, value_expr->pos, "use of untyped nil in assignment");
                else
                    use_default(value_expr);
            }
            continue;
        }
        if (var->type == nullptr) {
            if (value_expr != nullptr) {
                if (value_expr->mode == Mode::NilValue) {
                    error(Code::TypeMismatch, value_expr->pos, "use of untyped nil in variable declaration");
                    var->type = invalid();
                    continue;
                }
                use_default(value_expr);
                var->type = value_expr->mode == Mode::Invalid ? invalid() : value_expr->type;
            } else {
                var->type = types::default_type(universe_, types[i]);
            }
            continue;
        }
        if (value_expr != nullptr) {
            assign_to(value_expr, var->type, "variable declaration");
            continue;
        }
        Ident stand_in;
        stand_in.mode = Mode::Value;
        stand_in.type = types[i];
        std::string cause;
        if (!assignable(&stand_in, var->type, &cause))
            error(Code::TypeMismatch, values[0]->pos,
                  "cannot use " + ast::to_string(values[0]) + " (value of type " + str(types[i]) + ") as " + str(var->type) + " value in assignment" +
                      (cause.empty() ? "" : ": " + cause));
    }
}

/// The type of an assignable left side; null for the blank identifier, invalid after an error.
Type* Checker::Impl::lhs(Expr* x) {
    if (auto* name = as<Ident>(unparen(x))) {
        if (name->name == "_") {
            name->object = nullptr;
            set(x, Mode::Variable, nullptr);
            return nullptr;
        }
        // Assigning is not using.
        Object* object = lookup(name->name, name->pos);
        if (object == nullptr) {
            error(Code::Undefined, x->pos, "undefined: " + std::string(name->name), "to declare a variable use :=");
            fail(x);
            return invalid();
        }
        auto* var = types::as<Var>(object);
        const bool used = var != nullptr && var->used;
        if (!expr(x)) return invalid();
        if (var != nullptr && !var->package_level) var->used = used;
    } else if (!expr(x)) {
        return invalid();
    }
    switch (x->mode) {
        case Mode::Variable:
        case Mode::MapIndex: return x->type;
        default: break;
    }
    if (auto* selector_expr = as<SelectorExpr>(unparen(x)))
        if (unparen(selector_expr->x)->mode == Mode::MapIndex) {
            error(Code::InvalidOperation, x->pos, "cannot assign to struct field " + ast::to_string(x) + " in map");
            return invalid();
        }
    const bool is_value = x->mode == Mode::Value || x->mode == Mode::Constant || x->mode == Mode::NilValue;
    error(Code::InvalidOperation, x->pos,
          "cannot assign to " + (is_value ? ast::to_string(x) + " (neither addressable nor a map index expression)" : describe(x)));
    return invalid();
}

void Checker::Impl::assign_operation(AssignStmt* s) {
    Expr* left = s->lhs[0];
    if (s->lhs.size() != 1 || s->rhs.size() != 1) {
        error(Code::InvalidStatement, s->op_pos, "assignment operation " + std::string(spelling(s->op)) + "= requires single-valued expressions");
        return;
    }
    BinaryExpr whole;
    whole.pos = s->pos;
    whole.end = s->end;
    whole.op = s->op;
    whole.op_pos = s->op_pos;
    whole.x = left;
    whole.y = s->rhs[0];
    whole.assigns = true;
    if (auto* name = as<Ident>(unparen(left)); name != nullptr && name->name == "_") {
        error(Code::InvalidOperation, left->pos, "cannot use _ as value");
        return;
    }
    binary(&whole, nullptr);
    if (whole.mode == Mode::Invalid) return;
    if (left->mode != Mode::Variable && left->mode != Mode::MapIndex) {
        lhs(left);
        return;
    }
    if (whole.type != nullptr && types::is_untyped(whole.type) && whole.mode != Mode::Constant) finalize(&whole, left->type);
    std::string cause;
    if (!assignable(&whole, left->type, &cause))
        error(Code::TypeMismatch, s->pos, "cannot use " + ast::to_string(&whole) + " (value of type " + str(whole.type) + ") as " + str(left->type) + " value in assignment");
}

void Checker::Impl::define(AssignStmt* s) {
    std::vector<Var*> fresh;
    std::vector<Var*> vars;
    std::vector<Ident*> declared;
    bool any_new = false;
    bool bad = false;
    std::set<std::string_view> seen;
    for (Expr* x : s->lhs) {
        auto* name = as<Ident>(x);
        if (name == nullptr) {
            error(Code::InvalidStatement, x->pos, "non-name " + ast::to_string(x) + " on left side of :=");
            bad = true;
            vars.push_back(nullptr);
            continue;
        }
        if (name->name != "_" && !seen.insert(name->name).second) {
            error(Code::Redeclared, name->pos, std::string(name->name) + " repeated on left side of :=");
            bad = true;
            vars.push_back(nullptr);
            continue;
        }
        if (cx_.script_level) {
            auto* var = types::as<Var>(name->object);
            vars.push_back(name->name == "_" ? nullptr : var);
            any_new = any_new || (var != nullptr && var->pos == name->pos) || name->name == "_";
            if (var != nullptr && var->type == nullptr) resolve(var);
            continue;
        }
        Object* known = name->name == "_" ? nullptr : cx_.scope->lookup(name->name);
        if (known != nullptr) {
            auto* var = types::as<Var>(known);
            if (var == nullptr) {
                error(Code::InvalidOperation, name->pos, "cannot assign to " + std::string(name->name));
                bad = true;
            }
            name->object = known;
            vars.push_back(var);
            continue;
        }
        any_new = any_new || name->name != "_";
        auto* var = new_var(name, nullptr);
        if (name->name == "_") var->used = true;
        vars.push_back(var);
        declared.push_back(name);
        fresh.push_back(var);
    }
    if (!any_new && !bad) error(Code::InvalidStatement, s->op_pos, "no new variables on left side of :=");
    if (bad) {
        for (Expr* x : s->rhs) raw(x);
        for (std::size_t i = 0; i < fresh.size(); ++i) {
            fresh[i]->type = invalid();
            fresh[i]->used = true;
            declare(declared[i], fresh[i], s->end);
        }
        return;
    }
    // Variables known already are assigned to, with "assignment" in messages.
    std::vector<Type*> hints;
    for (Var* var : vars) hints.push_back(var == nullptr ? nullptr : var->type);
    std::vector<Type*> types;
    const bool single = s->rhs.size() == s->lhs.size();
    const bool ok = unpack(s->rhs, s->lhs.size(), types, s->lhs[0]->pos, "assignment", hints, false);
    for (std::size_t i = 0; i < vars.size(); ++i) {
        Var* var = vars[i];
        Expr* value_expr = single ? s->rhs[i] : nullptr;
        const bool has_type = i < types.size() && types[i] != invalid();
        if (var == nullptr) {
            if (value_expr != nullptr && value_expr->mode != Mode::NilValue && value_expr->mode != Mode::Invalid) use_default(value_expr);
            continue;
        }
        if (var->type == nullptr) {
            if (!has_type || (value_expr != nullptr && value_expr->mode == Mode::Invalid)) {
                var->type = invalid();
                var->used = true;
            } else if (value_expr != nullptr) {
                if (value_expr->mode == Mode::NilValue) {
                    error(Code::TypeMismatch, value_expr->pos, "use of untyped nil in assignment");
                    var->type = invalid();
                } else {
                    use_default(value_expr);
                    var->type = value_expr->mode == Mode::Invalid ? invalid() : value_expr->type;
                }
            } else {
                var->type = types::default_type(universe_, types[i]);
            }
        } else if (ok && has_type) {
            if (value_expr != nullptr) {
                assign_to(value_expr, var->type, "assignment");
            } else {
                Ident stand_in;
                stand_in.mode = Mode::Value;
                stand_in.type = types[i];
                std::string cause;
                if (!assignable(&stand_in, var->type, &cause))
                    error(Code::TypeMismatch, s->lhs[i]->pos,
                          "cannot use " + ast::to_string(s->rhs[0]) + " (value of type " + str(types[i]) + ") as " + str(var->type) +
                              " value in assignment" + (cause.empty() ? "" : ": " + cause));
            }
        }
        s->lhs[i]->mode = Mode::Variable;
        s->lhs[i]->type = var->type;
    }
    for (std::size_t i = 0; i < declared.size(); ++i) {
        declare(declared[i], fresh[i], s->end);
        declared[i]->mode = Mode::Variable;
        declared[i]->type = fresh[i]->type;
    }
}

void Checker::Impl::assign(AssignStmt* s) {
    if (s->define) {
        define(s);
        return;
    }
    if (s->op != Op::None) {
        assign_operation(s);
        return;
    }
    std::vector<Type*> targets;
    bool ok = true;
    for (Expr* x : s->lhs) {
        targets.push_back(lhs(x));
        ok = ok && targets.back() != invalid();
    }
    std::vector<Type*> types;
    const bool single = s->rhs.size() == s->lhs.size();
    if (!unpack(s->rhs, s->lhs.size(), types, s->lhs[0]->pos, "assignment", targets, false)) return;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        Expr* value_expr = single ? s->rhs[i] : nullptr;
        if (targets[i] == invalid()) continue;
        if (targets[i] == nullptr) {  // blank
            if (value_expr != nullptr) {
                if (value_expr->mode == Mode::NilValue)
                    error(Code::TypeMismatch, value_expr->pos, "use of untyped nil in assignment");
                else
                    use_default(value_expr);
                s->lhs[i]->type = value_expr->type;
            } else {
                s->lhs[i]->type = types::default_type(universe_, types[i]);
            }
            continue;
        }
        if (value_expr != nullptr) {
            assign_to(value_expr, targets[i], "assignment");
            continue;
        }
        Ident stand_in;
        stand_in.mode = Mode::Value;
        stand_in.type = types[i];
        std::string cause;
        if (!assignable(&stand_in, targets[i], &cause))
            error(Code::TypeMismatch, s->lhs[i]->pos,
                  "cannot use " + ast::to_string(s->rhs[0]) + " (value of type " + str(types[i]) + ") as " + str(targets[i]) +
                      " value in assignment" + (cause.empty() ? "" : ": " + cause));
    }
}

}  // namespace csp::check
