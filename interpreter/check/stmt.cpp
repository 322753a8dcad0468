// Statements.

#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;

void Checker::Impl::statements(List<Stmt*> list) {
    const Fallthrough at_end = cx_.fallthrough;
    for (std::size_t i = 0; i < list.size(); ++i) {
        cx_.fallthrough = i + 1 == list.size() ? at_end : Fallthrough::OutOfPlace;
        statement(list[i]);
    }
    cx_.fallthrough = Fallthrough::OutOfPlace;
}

void Checker::Impl::block(BlockStmt* s) {
    ScopeGuard guard(*this, s->pos);
    statements(s->stmts);
}

void Checker::Impl::statement(Stmt* s) {
    if (s == nullptr) return;
    const bool script_level = cx_.script_level;
    const Fallthrough at_end = cx_.fallthrough;
    const bool plain = s->kind == Kind::DeclStmt || s->kind == Kind::AssignStmt || s->kind == Kind::ExprStmt ||
                       s->kind == Kind::IncDecStmt || s->kind == Kind::SendStmt;
    if (!plain && s->kind != Kind::LabeledStmt) cx_.script_level = false;
    if (s->kind != Kind::BranchStmt && s->kind != Kind::LabeledStmt) cx_.fallthrough = Fallthrough::OutOfPlace;
    switch (s->kind) {
        case Kind::DeclStmt: decl_stmt(static_cast<DeclStmt*>(s)->decl); break;
        case Kind::LabeledStmt: {
            auto* labelled = static_cast<LabeledStmt*>(s);
            const std::string name(labelled->label->name);
            if (name != "_") {
                const auto [at, fresh] = cx_.labels.try_emplace(name, Context::LabelInfo{labelled, cx_.block, false});
                if (!fresh) {
                    error(Code::Redeclared, labelled->label->pos,
                          "label " + name + " already defined at " + place(at->second.stmt->pos));
                }
            }
            cx_.labels_of[labelled->stmt] = labelled->label->name;
            cx_.fallthrough = at_end;
            statement(labelled->stmt);
            break;
        }
        case Kind::ExprStmt: simple_expr(static_cast<ExprStmt*>(s)); break;
        case Kind::SendStmt: send(static_cast<SendStmt*>(s)); break;
        case Kind::IncDecStmt: {
            auto* inc = static_cast<IncDecStmt*>(s);
            if (expr(inc->x)) {
                if (!types::is_numeric(inc->x->type))
                    error(Code::InvalidOperation, inc->x->pos,
                          "invalid operation: " + ast::to_string(inc->x) + (inc->increment ? "++" : "--") +
                              " (non-numeric type " + str(inc->x->type) + ")");
                else if (inc->x->mode != Mode::Variable && inc->x->mode != Mode::MapIndex)
                    lhs(inc->x);
            }
            break;
        }
        case Kind::AssignStmt: assign(static_cast<AssignStmt*>(s)); break;
        case Kind::GoStmt: {
            auto* go = static_cast<GoStmt*>(s);
            call_stmt(go->call, "go");
            if (!cx_.scopes.empty()) go->scope = cx_.scopes.back();
            break;
        }
        case Kind::DeferStmt: call_stmt(static_cast<DeferStmt*>(s)->call, "defer"); break;
        case Kind::ReturnStmt: return_stmt(static_cast<ReturnStmt*>(s)); break;
        case Kind::BranchStmt: branch(static_cast<BranchStmt*>(s)); break;
        case Kind::BlockStmt: block(static_cast<BlockStmt*>(s)); break;
        case Kind::IfStmt: if_stmt(static_cast<IfStmt*>(s)); break;
        case Kind::SwitchStmt: switch_stmt(static_cast<SwitchStmt*>(s)); break;
        case Kind::TypeSwitchStmt: type_switch(static_cast<TypeSwitchStmt*>(s)); break;
        case Kind::SelectStmt: select_stmt(static_cast<SelectStmt*>(s)); break;
        case Kind::ForStmt: for_stmt(static_cast<ForStmt*>(s)); break;
        case Kind::RangeStmt: range_stmt(static_cast<RangeStmt*>(s)); break;
        case Kind::SyncStmt: sync_stmt(static_cast<SyncStmt*>(s)); break;
        default: break;
    }
    cx_.script_level = script_level;
}

void Checker::Impl::decl_stmt(GenDecl* decl) {
    ValueSpec* inherited = nullptr;
    for (Decl* spec : decl->specs) {
        if (auto* type = as<TypeSpec>(spec)) {
            local_type(type);
            continue;
        }
        auto* value_spec = as<ValueSpec>(spec);
        if (value_spec == nullptr) continue;
        if (cx_.script_level) {
            // Package-level names of a script: resolved like other package variables.
            for (Ident* name : value_spec->names)
                if (name->object != nullptr) resolve(name->object);
            continue;
        }
        if (decl->decl == DeclKind::Const) {
            if (value_spec->type_expr != nullptr || !value_spec->values.empty()) inherited = value_spec;
            local_const(value_spec, inherited);
        } else {
            local_var(value_spec);
        }
    }
}

void Checker::Impl::local_const(ValueSpec* spec, ValueSpec* inherited) {
    std::vector<std::pair<Ident*, types::Const*>> made;
    const constant::Value* outer = std::exchange(cx_.iota, constant::make_int64(arena_, spec->iota));
    if (inherited != spec) cx_.repeated_at = spec->pos;
    for (std::size_t i = 0; i < spec->names.size(); ++i) {
        Ident* name = spec->names[i];
        auto* object = universe_.make_object<types::Const>(name->pos, cx_.package, name->name, invalid(), nullptr);
        object->color = types::Color::Black;
        made.push_back({name, object});
        if (inherited == nullptr || i >= inherited->values.size()) {
            error(Code::ConstantError, name->pos, "missing init expr for const declaration");
            continue;
        }
        Type* type = inherited->type_expr == nullptr ? nullptr : type_of(inherited->type_expr);
        Expr* init = inherited->values[i];
        if (!expr(init, type)) continue;
        if (init->mode != Mode::Constant) {
            error(Code::ConstantError, init->pos, describe(init) + " is not constant");
            continue;
        }
        if (type != nullptr && !assign_to(init, type, "constant declaration")) continue;
        object->type = init->type;
        object->value = init->value;
    }
    if (inherited == spec && spec->values.size() > spec->names.size())
        error(Code::ConstantError, spec->values[spec->names.size()]->pos, "extra init expr");
    cx_.iota = outer;
    cx_.repeated_at = {};
    for (const auto& [name, object] : made) declare(name, object, spec->end);
}

void Checker::Impl::local_var(ValueSpec* spec) {
    Type* type = spec->type_expr == nullptr ? nullptr : variable_type(spec->type_expr);
    std::vector<Var*> vars;
    for (Ident* name : spec->names) {
        Var* var = new_var(name, type);
        if (name->name == "_") var->used = true;
        vars.push_back(var);
    }
    if (!spec->values.empty()) {
        std::vector<Var*> targets = vars;
        if (spec->values.size() != vars.size() && spec->values.size() > 1) {
            const bool extra = spec->values.size() > vars.size();
            for (Expr* x : spec->values) raw(x);
            if (extra)
                error(Code::TypeMismatch, spec->values[vars.size()]->pos, "assignment mismatch: " + std::to_string(vars.size()) + " variable" + (vars.size() == 1 ? "" : "s") + " but " + std::to_string(spec->values.size()) + " values");
            else
                error(Code::TypeMismatch, spec->names[0]->pos, "assignment mismatch: " + std::to_string(vars.size()) + " variable" + (vars.size() == 1 ? "" : "s") + " but " + std::to_string(spec->values.size()) + " value" + (spec->values.size() == 1 ? "" : "s"));
            for (Var* var : vars) {
                if (var->type == nullptr) var->type = invalid();
                var->used = true;
            }
        } else {
            init_vars(targets, spec->values, spec->names[0]->pos);
        }
    }
    for (std::size_t i = 0; i < vars.size(); ++i) {
        declare(spec->names[i], vars[i], spec->end);
        spec->names[i]->type = vars[i]->type;
        spec->names[i]->mode = Mode::Variable;
    }
}

void Checker::Impl::local_type(TypeSpec* spec) {
    auto* object = universe_.make_object<types::TypeName>(spec->name->pos, cx_.package, spec->name->name, nullptr);
    object->color = types::Color::Black;
    if (spec->is_alias) {
        declare_alias(object, spec);
        declare(spec->name, object, spec->name->pos);
        return;
    }
    auto* named = universe_.make_type<types::Named>(object);
    object->type = named;
    declare(spec->name, object, spec->name->pos);
    declare_type(named, spec);
    check_recursive(named);
}

void Checker::Impl::simple_expr(ExprStmt* s) {
    Expr* x = s->x;
    if (!raw(x)) return;
    Expr* inner = unparen(x);
    switch (x->mode) {
        case Mode::Builtin:
            error(Code::InvalidCall, x->pos, ast::to_string(x) + " (built-in) must be called");
            return;
        case Mode::TypeExpr:
            error(Code::InvalidStatement, x->pos, ast::to_string(x) + " (type) is not an expression");
            return;
        default: break;
    }
    if (auto* c = as<CallExpr>(inner)) {
        if (c->call == CallKind::Conversion) {
            error(Code::InvalidStatement, x->pos, describe(x) + " is not used");
            return;
        }
        if (c->call == CallKind::Builtin && x->mode != Mode::NoValue &&
            static_cast<types::Builtin>(c->builtin) != types::Builtin::Copy &&
            static_cast<types::Builtin>(c->builtin) != types::Builtin::Recover)
            error(Code::InvalidStatement, x->pos, describe(x) + " is not used");
        return;
    }
    if (auto* u = as<UnaryExpr>(inner); u != nullptr && u->op == Op::Arrow) return;
    if (x->mode == Mode::NilValue) {
        error(Code::InvalidStatement, x->pos, "nil is not used");
        return;
    }
    std::string hint;
    if (auto* b = as<BinaryExpr>(inner); b != nullptr && b->op == Op::Eq) hint = "use = to assign";
    error(Code::InvalidStatement, x->pos, describe(x) + " is not used", hint);
    use_default(x);
}

void Checker::Impl::send(SendStmt* s) {
    const bool ok = expr(s->chan);
    Type* elem = nullptr;
    auto* chan = ok ? types::core_as<types::Chan>(s->chan->type) : nullptr;
    if (chan != nullptr) elem = chan->elem;
    const bool value_ok = expr(s->value, elem);
    if (!ok || !value_ok) return;
    if (chan == nullptr) {
        error(Code::InvalidOperation, s->arrow, "invalid operation: cannot send to non-channel " + describe(s->chan));
        return;
    }
    if (chan->dir == ChanDir::Recv) {
        error(Code::InvalidOperation, s->arrow, "invalid operation: cannot send to receive-only channel " + describe(s->chan));
        return;
    }
    assign_to(s->value, chan->elem, "send");
}

void Checker::Impl::call_stmt(Expr* x, const char* keyword) {
    if (!raw(x)) return;
    auto* c = as<CallExpr>(unparen(x));
    if (c == nullptr) {
        error(Code::InvalidStatement, x->pos, "expression in " + std::string(keyword) + " must be function call",
              types::core_as<Signature>(x->type) != nullptr ? "add (): " + ast::to_string(x) + "()" : "");
        return;
    }
    if (c->call == CallKind::Conversion) {
        error(Code::InvalidStatement, x->pos, std::string(keyword) + " requires function call, not conversion");
        return;
    }
    if (c->call != CallKind::Builtin) return;
    switch (static_cast<types::Builtin>(c->builtin)) {
        case types::Builtin::Append: case types::Builtin::Cap: case types::Builtin::Complex: case types::Builtin::Imag:
        case types::Builtin::Len: case types::Builtin::Make: case types::Builtin::Max: case types::Builtin::Min:
        case types::Builtin::New: case types::Builtin::Real:
            error(Code::InvalidStatement, x->pos, std::string(keyword) + " discards result of " + ast::to_string(x));
            break;
        default: break;
    }
}

void Checker::Impl::return_stmt(ReturnStmt* s) {
    const auto& results = cx_.signature->results->vars;
    if (s->results.empty()) {
        if (results.empty()) return;
        if (cx_.named_results) {
            for (Var* result : results) {
                Object* seen = lookup(result->name, s->pos);
                if (seen != nullptr && seen != result && result->name != "_" && !result->name.empty()) {
                    error(Code::InvalidStatement, s->pos,
                          "result parameter " + std::string(result->name) + " not in scope at return\n\t" + place(seen->pos) + ": inner declaration of var " + std::string(result->name));
                }
            }
            return;
        }
        std::string want = "(";
        for (std::size_t i = 0; i < results.size(); ++i) want += (i > 0 ? ", " : "") + str(results[i]->type);
        error(Code::InvalidStatement, s->pos, "not enough return values\n\thave ()\n\twant " + want + ")");
        return;
    }
    if (results.empty()) {
        bool ok = true;
        for (Expr* x : s->results) ok = raw(x) && ok;
        if (ok) {
            std::string have = "(";
            for (std::size_t i = 0; i < s->results.size(); ++i) {
                Expr* x = s->results[i];
                have += (i > 0 ? ", " : "") +
                        (x->type != nullptr && types::is_untyped(x->type) && types::is_numeric(x->type) ? "number"
                         : x->type == nullptr ? "" : x->mode == Mode::NilValue ? "nil" : types::is_untyped(x->type) ? (types::is_string(x->type) ? "string" : "bool") : str(x->type));
            }
            error(Code::InvalidStatement, s->results[0]->pos, "too many return values\n\thave " + have + ")\n\twant ()");
        }
        return;
    }
    std::vector<Type*> hints;
    for (Var* result : results) hints.push_back(result->type);
    std::vector<Type*> types;
    if (!unpack(s->results, results.size(), types, s->results[0]->pos, "return statement", hints, true)) {
        bool ok = true;
        std::vector<Type*> have;
        for (Expr* x : s->results) {
            ok = ok && x->mode != Mode::Invalid && x->mode != Mode::Unchecked;
            if (auto* tuple = types::as<Tuple>(x->type))
                for (Var* var : tuple->vars) have.push_back(var->type);
            else
                have.push_back(x->type);
        }
        if (!ok || have.size() == results.size()) return;
        const auto shown = [&](Type* type) -> std::string {
            if (type == nullptr) return "nil";
            if (!types::is_untyped(type)) return str(type);
            return types::is_numeric(type) ? "number" : types::is_string(type) ? "string" : types::is_boolean(type) ? "bool" : "nil";
        };
        std::string have_text = "(";
        for (std::size_t i = 0; i < have.size(); ++i) have_text += (i > 0 ? ", " : "") + shown(have[i]);
        std::string want = "(";
        for (std::size_t i = 0; i < results.size(); ++i) want += (i > 0 ? ", " : "") + str(results[i]->type);
        const bool many = have.size() > results.size();
        error(Code::InvalidStatement, many ? (s->results.size() > results.size() ? s->results[results.size()]->pos : s->results[0]->pos) : s->results.back()->pos,
              std::string(many ? "too many" : "not enough") + " return values\n\thave " + have_text + ")\n\twant " + want + ")");
        return;
    }
    const bool single = s->results.size() == results.size();
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (single) {
            assign_to(s->results[i], results[i]->type, "return statement");
            continue;
        }
        Ident stand_in;
        stand_in.mode = Mode::Value;
        stand_in.type = types[i];
        std::string cause;
        if (!assignable(&stand_in, results[i]->type, &cause))
            error(Code::TypeMismatch, s->results[0]->pos,
                  "cannot use " + ast::to_string(s->results[0]) + " (value of type " + str(types[i]) + ") as " + str(results[i]->type) +
                      " value in return statement" + (cause.empty() ? "" : ": " + cause));
    }
}

void Checker::Impl::if_stmt(IfStmt* s) {
    ScopeGuard guard(*this, s->pos);
    if (s->init != nullptr) statement(s->init);
    if (expr(s->cond)) {
        if (!types::is_boolean(s->cond->type))
            error(Code::InvalidStatement, s->cond->pos, "non-boolean condition in if statement");
        else
            use_default(s->cond);
    }
    block(s->then);
    if (s->otherwise != nullptr) statement(s->otherwise);
}

void Checker::Impl::for_stmt(ForStmt* s) {
    ScopeGuard guard(*this, s->pos);
    if (s->init != nullptr) statement(s->init);
    if (s->cond != nullptr && expr(s->cond)) {
        if (!types::is_boolean(s->cond->type))
            error(Code::InvalidStatement, s->cond->pos, "non-boolean condition in for statement");
        else
            use_default(s->cond);
    }
    if (s->post != nullptr) statement(s->post);
    cx_.breakable.push_back(s);
    cx_.continuable.push_back(s);
    block(s->body);
    cx_.breakable.pop_back();
    cx_.continuable.pop_back();
}

void Checker::Impl::range_stmt(RangeStmt* s) {
    ScopeGuard guard(*this, s->pos);
    Type* key = nullptr;
    Type* value_type = nullptr;
    bool ok = expr(s->x);
    const auto bad = [&](const std::string& cause) {
        error(Code::InvalidStatement, s->x->pos, "cannot range over " + describe(s->x) + (cause.empty() ? "" : ": " + cause));
        ok = false;
    };
    int most = 2;
    if (ok) {
        Type* type = s->x->type;
        Type* int_type = universe_.basic(BasicKind::Int);
        Type* under = types::core(type);
        if (s->x->mode == Mode::NilValue) {
            bad("");
        } else if (under == nullptr) {
            bad("no core type");
        } else if (types::is_string(type)) {
            use_default(s->x);
            key = int_type;
            value_type = universe_.rune_type();
        } else if (types::is_integer(type)) {
            most = 1;
            if (types::is_untyped(type)) {
                // Takes the key's type when that is given.
                Type* target = types::default_type(universe_, type);
                if (!s->define && s->key != nullptr) {
                    Type* given = lhs(s->key);
                    if (given != nullptr && given != invalid()) target = given;
                }
                if (s->x->mode == Mode::Constant && constant::kind(constant::to_int(arena_, s->x->value)) != constant::Kind::Int) {
                    bad("");
                } else if (s->x->mode == Mode::Constant ? fits(s->x, target) : true) {
                    finalize(s->x, target);
                } else {
                    ok = false;
                }
            }
            key = s->x->type;
        } else if (auto* slice_type = types::as<types::Slice>(under)) {
            key = int_type;
            value_type = slice_type->elem;
        } else if (auto* array = types::as<types::Array>(under)) {
            key = int_type;
            value_type = array->elem;
        } else if (auto* pointer = types::as<types::Pointer>(under); pointer != nullptr && types::under_as<types::Array>(pointer->elem) != nullptr) {
            key = int_type;
            value_type = types::under_as<types::Array>(pointer->elem)->elem;
        } else if (auto* map = types::as<types::Map>(under)) {
            key = map->key;
            value_type = map->elem;
        } else if (auto* chan = types::as<types::Chan>(under)) {
            most = 1;
            key = chan->elem;
            if (chan->dir == ChanDir::Send) bad("receive from send-only channel");
        } else if (auto* signature = types::as<Signature>(under)) {
            auto* yield = signature->params->size() == 1 ? types::under_as<Signature>(signature->params->vars[0]->type) : nullptr;
            if (yield == nullptr || signature->results->size() > 0 || yield->params->size() > 2 || yield->results->size() != 1 ||
                !types::is_boolean(yield->results->vars[0]->type)) {
                bad(signature->params->size() != 1 ? "func must be func(yield func(...) bool): wrong argument count" : "func must be func(yield func(...) bool): argument is not func");
            } else if (!types::identical(yield->results->vars[0]->type, universe_.basic(BasicKind::Bool))) {
                bad("yield func returns user-defined boolean, not bool");
            } else {
                most = static_cast<int>(yield->params->size());
                if (most > 0) key = yield->params->vars[0]->type;
                if (most > 1) value_type = yield->params->vars[1]->type;
            }
        } else {
            bad("");
        }
    }
    if (ok && s->value != nullptr && most < 2)
        error(Code::InvalidStatement, s->value->pos, "range over " + describe(s->x) + " permits " + (most == 0 ? "no" : "only one") + " iteration variable");
    else if (ok && s->key != nullptr && most < 1)
        error(Code::InvalidStatement, s->key->pos, "range over " + describe(s->x) + " permits no iteration variables");
    else if (s->surplus != nullptr)
        error(Code::InvalidStatement, s->surplus->pos, "range clause permits at most two iteration variables");
    Expr* const targets[2] = {s->key, s->value};
    Type* const types_of[2] = {key, value_type};
    std::vector<std::pair<Ident*, Var*>> made;
    for (int i = 0; i < 2; ++i) {
        Expr* x = targets[i];
        if (x == nullptr) continue;
        Type* type = ok && types_of[i] != nullptr ? types_of[i] : invalid();
        if (s->define) {
            auto* name = as<Ident>(x);
            if (name == nullptr) {
                error(Code::InvalidStatement, x->pos, "non-name " + ast::to_string(x) + " on left side of :=");
                continue;
            }
            Var* var = new_var(name, type);
            if (name->name == "_" || type == invalid()) var->used = true;
            made.push_back({name, var});
            set(x, Mode::Variable, type);
            continue;
        }
        Type* target = lhs(x);
        if (target == nullptr) {
            x->type = type;
            continue;
        }
        if (target == invalid() || type == invalid()) continue;
        Ident stand_in;
        stand_in.mode = Mode::Value;
        stand_in.type = type;
        std::string cause;
        if (!assignable(&stand_in, target, &cause))
            error(Code::TypeMismatch, x->pos, "cannot use " + ast::to_string(x) + " (value of type " + str(type) + ") as " + str(target) + " value in range clause" + (cause.empty() ? "" : ": " + cause));
    }
    for (const auto& [name, var] : made) declare(name, var, s->body->pos);
    cx_.breakable.push_back(s);
    cx_.continuable.push_back(s);
    block(s->body);
    cx_.breakable.pop_back();
    cx_.continuable.pop_back();
}

Ident* Checker::Impl::hidden_variable(source::Pos pos, std::string_view name, Type* type) {
    auto* var = universe_.make_object<Var>(pos, cx_.package, name, type);
    var->color = types::Color::Black;
    var->used = true;
    auto* ident = arena_.make<Ident>();
    ident->pos = pos;
    ident->name = name;
    ident->object = var;
    ident->is_hidden = true;
    return ident;
}

/// It has no place in the source: traces show the one of what it is compiled for.
CallExpr* Checker::Impl::method_call(Ident* on, std::string_view method) {
    auto* selector = arena_.make<SelectorExpr>();
    selector->x = on;
    selector->sel = arena_.make<Ident>();
    selector->sel->name = method;
    auto* call = arena_.make<CallExpr>();
    call->fun = selector;
    raw(call);
    return call;
}

void Checker::Impl::sync_stmt(SyncStmt* s) {
    if (s->lock != nullptr && expr(s->lock)) {
        Package* sync = import("sync", s->pos);
        auto* locker = sync == nullptr ? nullptr : types::as<types::TypeName>(sync->scope->lookup("Locker"));
        if (locker != nullptr) {
            resolve(locker);
            // As in a method call, x stands for &x where only that has Lock and Unlock.
            if (s->lock->mode == Mode::Variable && !assignable(s->lock, locker->type, nullptr)) {
                auto* address = arena_.make<UnaryExpr>();
                address->pos = s->lock->pos;
                address->end = s->lock->end;
                address->op = Op::And;
                address->x = s->lock;
                set(address, Mode::Value, pointer_to(s->lock->type));
                if (assignable(address, locker->type, nullptr)) s->lock = address;
            }
            if (s->lock->mode == Mode::NilValue)
                error(Code::TypeMismatch, s->lock->pos, "use of untyped nil in sync statement");
            else if (assign_to(s->lock, locker->type, "sync statement")) {
                s->held = hidden_variable({}, "", s->lock->type);
                s->enter = method_call(s->held, "Lock");
                s->leave = method_call(s->held, "Unlock");
            }
        }
    }
    if (s->lock == nullptr) cx_.scopes.push_back(s);
    block(s->body);
    if (s->lock == nullptr) cx_.scopes.pop_back();
}

}  // namespace csp::check
