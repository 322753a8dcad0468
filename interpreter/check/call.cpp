// Calls and composite literals.

#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;

void Checker::Impl::call(CallExpr* x) {
    if (!generic(x->fun) || (x->fun->mode == Mode::TypeExpr && !require_instance(x->fun, nullptr))) {
        for (Expr* arg : x->args) generic(arg);
        fail(x);
        return;
    }
    if (x->fun->mode == Mode::TypeExpr) {
        conversion(x, x->fun->type);
        return;
    }
    if (x->fun->mode == Mode::Builtin) {
        auto* name = as<Ident>(unparen(x->fun));
        builtin(x, static_cast<types::BuiltinObject*>(name->object)->id);
        return;
    }
    if (!single_value(x->fun)) {
        for (Expr* arg : x->args) raw(arg);
        fail(x);
        return;
    }
    auto* signature = types::core_as<Signature>(x->fun->type);
    if (signature == nullptr) {
        for (Expr* arg : x->args) raw(arg);
        error(Code::InvalidCall, x->pos, "invalid operation: cannot call non-function " + describe(x->fun));
        fail(x);
        return;
    }
    x->call = CallKind::Call;
    signature = arguments(x, signature, ast::to_string(x->fun));
    if (signature == nullptr) {
        fail(x);
        return;
    }
    x->signature = signature;
    const std::size_t results = signature->results->size();
    if (results == 0)
        set(x, Mode::NoValue, signature->results);
    else if (results == 1)
        set(x, Mode::Value, signature->results->vars[0]->type);
    else
        set(x, Mode::Value, signature->results);
    if (x->type == invalid()) fail(x);
}

/// Checks the arguments and finds the instance of a generic callee. Null when there is none.
Signature* Checker::Impl::arguments(CallExpr* x, Signature* signature, const std::string& name) {
    const bool generic_callee = !signature->type_params.empty();
    Signature* const failed = generic_callee ? nullptr : signature;
    const auto& params = signature->params->vars;
    const bool spread = x->ellipsis.known();
    const auto param_type = [&](std::size_t i) -> Type* {
        if (signature->variadic && i + 1 >= params.size()) {
            Type* last = params.back()->type;
            if (spread) return last;
            auto* slice = types::under_as<types::Slice>(last);
            return slice == nullptr ? invalid() : slice->elem;
        }
        return i < params.size() ? params[i]->type : nullptr;
    };
    // What an argument must be says nothing of one that is generic itself, where the callee is generic too.
    const auto argument = [&](Expr* arg, Type* hint) {
        return generic_callee ? generic(arg) && (arg->mode != Mode::TypeExpr || require_instance(arg, nullptr)) : raw(arg, hint);
    };
    std::vector<Type*> have;
    bool ok = true;
    const Tuple* tuple = nullptr;
    if (x->args.size() == 1 && unparen(x->args[0])->kind == Kind::CallExpr) {
        Expr* arg = x->args[0];
        Type* hint = params.empty() ? nullptr : param_type(0);
        ok = argument(arg, hint);
        if (ok) {
            tuple = types::as<Tuple>(arg->type);
            if (tuple != nullptr && arg->mode == Mode::NoValue) tuple = nullptr;
            if (tuple == nullptr) {
                if (arg->mode == Mode::NoValue || arg->mode == Mode::TypeExpr) {
                    error(Code::TypeMismatch, arg->pos, ast::to_string(arg) + " (no value) used as value");
                    ok = false;
                } else {
                    have.push_back(arg->type);
                }
            } else {
                for (Var* var : tuple->vars) have.push_back(var->type);
            }
        }
    } else {
        for (std::size_t i = 0; i < x->args.size(); ++i) {
            ok = argument(x->args[i], param_type(i)) && single_value(x->args[i]) && ok;
            have.push_back(x->args[i]->type);
        }
    }
    if (spread && !signature->variadic) {
        error(Code::InvalidCall, x->args.back()->pos, "have (...) but function is not variadic: cannot use ... in call to non-variadic " + name);
        return failed;
    }
    if (!ok && have.size() != x->args.size()) return failed;
    const std::size_t least = signature->variadic && !spread ? params.size() - 1 : params.size();
    const bool too_many = have.size() > params.size() && !(signature->variadic && !spread);
    if (have.size() < least || too_many) {
        if (!ok) return failed;
        const auto list = [&](const std::vector<Type*>& all) {
            std::string out = "(";
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (i > 0) out += ", ";
                if (all[i] == nullptr) out += "nil";
                else if (all[i] == invalid()) out += "unknown type";
                else if (types::is_untyped(all[i]) && types::is_numeric(all[i])) out += "number";
                else if (types::is_untyped(all[i]) && types::is_string(all[i])) out += "string";
                else if (types::is_untyped(all[i]) && types::is_boolean(all[i])) out += "bool";
                else if (types::is_untyped(all[i])) out += "nil";
                else out += str(all[i]);
            }
            return out + ")";
        };
        std::vector<Type*> want;
        for (Var* param : params) want.push_back(param->type);
        std::string wanted = list(want);
        if (signature->variadic) {
            wanted = "(";
            for (std::size_t i = 0; i < want.size(); ++i) {
                if (i > 0) wanted += ", ";
                if (i + 1 == want.size()) {
                    auto* slice = types::under_as<types::Slice>(want[i]);
                    wanted += "..." + (slice == nullptr ? "" : str(slice->elem));
                } else {
                    wanted += want[i] == invalid() ? "unknown type" : str(want[i]);
                }
            }
            wanted += ")";
        }
        source::Pos pos = x->rparen;
        if (too_many) pos = tuple != nullptr ? x->args[0]->pos : x->args[params.size()]->pos;
        error(Code::InvalidCall, pos,
              std::string(too_many ? "too many" : "not enough") + " arguments in call to " + name + "\n\thave " +
                  list(have) + "\n\twant " + wanted);
        return failed;
    }
    if (generic_callee) {
        if (!ok) return nullptr;
        std::vector<Type*> types;
        for (std::size_t i = 0; i < have.size(); ++i) types.push_back(param_type(i));
        Signature* instance = infer_call(x, signature, have, types);
        return instance == nullptr ? nullptr : assign_arguments(x, instance, tuple, name);
    }
    return assign_arguments(x, signature, tuple, name);
}

/// The arguments, which are as many as need be, become values of the parameters' types. `tuple`: the results of the
/// call that is the only argument, or null.
Signature* Checker::Impl::assign_arguments(CallExpr* x, Signature* signature, const Tuple* tuple, const std::string& name) {
    const auto& params = signature->params->vars;
    const auto param_type = [&](std::size_t i) -> Type* {
        if (!signature->variadic || i + 1 < params.size()) return params[i]->type;
        auto* slice = types::under_as<types::Slice>(params.back()->type);
        if (x->ellipsis.known()) return params.back()->type;
        return slice == nullptr ? invalid() : slice->elem;
    };
    if (tuple != nullptr) {
        for (std::size_t i = 0; i < tuple->size(); ++i) {
            Type* have = tuple->vars[i]->type;
            // A stand-in for the i-th value.
            Ident stand_in;
            stand_in.pos = x->args[0]->pos;
            stand_in.name = "";
            stand_in.mode = Mode::Value;
            stand_in.type = have;
            std::string cause;
            if (!assignable(&stand_in, param_type(i), &cause))
                error(Code::TypeMismatch, x->args[0]->pos,
                      "cannot use " + ast::to_string(x->args[0]) + " (value of type " + str(have) + ") as " +
                          str(param_type(i)) + " value in argument to " + name + (cause.empty() ? "" : ": " + cause));
        }
        return signature;
    }
    for (std::size_t i = 0; i < x->args.size(); ++i)
        if (x->args[i]->mode != Mode::Invalid) assign_to(x->args[i], param_type(i), "argument to " + name);
    return signature;
}

// ---- composite literals ----

void Checker::Impl::composite(CompositeLit* x, Type* hint) {
    Type* type = nullptr;
    Type* own = nullptr;  // what the node's type is
    if (x->type_expr != nullptr) {
        // [...]T gets its length from the elements.
        auto* array = as<ArrayType>(x->type_expr);
        if (array != nullptr && array->length != nullptr && array->length->kind == Kind::Ellipsis) {
            Type* elem = variable_type(array->elem);
            std::int64_t length = 0;
            elements(x, elem, &length);
            type = universe_.make_type<types::Array>(elem, length);
            set_type(x->type_expr, type);
            set(x, Mode::Value, type);
            return;
        }
        type = type_of(x->type_expr);
        own = type;
    } else if (hint != nullptr) {
        type = hint;
        own = hint;
        if (auto* pointer = types::core_as<types::Pointer>(hint)) type = pointer->elem;
    } else {
        error(Code::InvalidType, x->pos, "missing type in composite literal");
        for (Expr* e : x->elements) raw(e->kind == Kind::KeyValueExpr ? static_cast<KeyValueExpr*>(e)->value_expr : e);
        fail(x);
        return;
    }
    if (type == invalid()) {
        for (Expr* e : x->elements)
            if (e->kind != Kind::KeyValueExpr && e->kind != Kind::CompositeLit) raw(e);
        fail(x);
        return;
    }
    Type* under = types::core(type);
    if (auto* structure = types::as<types::Struct>(under)) {
        struct_elements(x, structure, type);
    } else if (auto* array = types::as<types::Array>(under)) {
        std::int64_t length = array->length;
        elements(x, array->elem, &length);
        if (length > array->length) {
            // Reported at the element.
        }
    } else if (auto* slice_type = types::as<types::Slice>(under)) {
        elements(x, slice_type->elem, nullptr);
    } else if (auto* map = types::as<types::Map>(under)) {
        std::set<std::string> seen;
        for (Expr* e : x->elements) {
            auto* pair = as<KeyValueExpr>(e);
            if (pair == nullptr) {
                error(Code::InvalidOperation, e->pos, "missing key in map literal");
                raw(e);
                continue;
            }
            if (expr(pair->key, map->key) && assign_to(pair->key, map->key, "map literal") &&
                pair->key->mode == Mode::Constant) {
                const std::string key = str(pair->key->type) + ":" + constant::exact_string(pair->key->value);
                if (!seen.insert(key).second)
                    error(Code::Redeclared, pair->key->pos, "duplicate key " + ast::to_string(pair->key) + " in map literal");
            }
            if (expr(pair->value_expr, map->elem)) assign_to(pair->value_expr, map->elem, "map literal");
        }
    } else {
        error(Code::InvalidType, x->pos, "invalid composite literal type " + str(type));
        fail(x);
        return;
    }
    set(x, Mode::Value, own);
}

void Checker::Impl::elements(CompositeLit* x, Type* elem, std::int64_t* length) {
    std::int64_t at = 0;
    std::int64_t most = 0;
    const std::int64_t limit = length != nullptr && *length > 0 ? *length : -1;
    const bool counting = length != nullptr && *length == 0 && x->type_expr != nullptr &&
                          as<ArrayType>(x->type_expr) != nullptr &&
                          as<ArrayType>(x->type_expr)->length != nullptr &&
                          as<ArrayType>(x->type_expr)->length->kind == Kind::Ellipsis;
    const bool fixed_zero = length != nullptr && *length == 0 && !counting;
    std::set<std::int64_t> seen;
    for (Expr* e : x->elements) {
        Expr* value_expr = e;
        if (auto* pair = as<KeyValueExpr>(e)) {
            value_expr = pair->value_expr;
            if (expr(pair->key)) {
                const constant::Value* whole =
                    pair->key->mode == Mode::Constant ? constant::to_int(arena_, pair->key->value) : nullptr;
                const auto k = whole == nullptr ? std::nullopt : constant::int64_value(whole);
                if (!k || *k < 0) {
                    if (pair->key->mode == Mode::Constant && k)
                        error(Code::InvalidOperation, pair->key->pos, "invalid argument: index " + ast::to_string(pair->key) + " (constant of type int) must not be negative");
                    else
                        error(Code::InvalidOperation, pair->key->pos, "index " + ast::to_string(pair->key) + " must be integer constant");
                } else {
                    at = *k;
                    finalize(pair->key, universe_.basic(BasicKind::Int));
                    pair->key->value = whole;
                }
            }
        }
        if ((limit >= 0 && at >= limit) || fixed_zero)
            error(Code::InvalidOperation, value_expr->pos,
                  "invalid argument: index " + std::to_string(at) + " out of bounds [0:" + std::to_string(limit < 0 ? 0 : limit) + "]");
        if (!seen.insert(at).second)
            error(Code::Redeclared, e->pos, "duplicate index " + std::to_string(at) + " in array or slice literal");
        if (expr(value_expr, elem)) assign_to(value_expr, elem, "array or slice literal");
        if (++at > most) most = at;
    }
    if (length != nullptr && counting) *length = most;
}

void Checker::Impl::field_value(Expr* x, const Var* field) {
    // Only elements of arrays, slices and maps may leave out the type of a literal.
    auto* literal = as<CompositeLit>(x);
    const bool untyped = literal != nullptr && literal->type_expr == nullptr;
    if (expr(x, untyped ? nullptr : field->type)) assign_to(x, field->type, "struct literal");
}

void Checker::Impl::struct_elements(CompositeLit* x, types::Struct* type, Type* named) {
    if (x->elements.empty()) return;
    if (x->elements[0]->kind == Kind::KeyValueExpr) {
        std::set<std::string_view> seen;
        for (Expr* e : x->elements) {
            auto* pair = as<KeyValueExpr>(e);
            if (pair == nullptr) {
                error(Code::InvalidOperation, e->pos, "mixture of field:value and value elements in struct literal");
                raw(e);
                continue;
            }
            auto* key = as<Ident>(pair->key);
            Var* field = nullptr;
            if (key == nullptr) {
                error(Code::InvalidOperation, pair->key->pos, "invalid field name " + ast::to_string(pair->key) + " in struct literal");
                raw(pair->value_expr);
                continue;
            }
            for (Var* f : type->fields)
                if (f->name == key->name && f->name != "_" && types::same_name(f, cx_.package, key->name)) field = f;
            if (field == nullptr) {
                error(Code::Undefined, key->pos, "unknown field " + std::string(key->name) + " in struct literal of type " + str(named));
                raw(pair->value_expr);
                continue;
            }
            key->object = field;
            key->mode = Mode::Value;
            key->type = field->type;
            if (!seen.insert(key->name).second)
                error(Code::Redeclared, key->pos, "duplicate field name " + std::string(key->name) + " in struct literal");
            field_value(pair->value_expr, field);
        }
        return;
    }
    for (std::size_t i = 0; i < x->elements.size(); ++i) {
        Expr* e = x->elements[i];
        if (e->kind == Kind::KeyValueExpr) {
            error(Code::InvalidOperation, e->pos, "mixture of field:value and value elements in struct literal");
            raw(static_cast<KeyValueExpr*>(e)->value_expr);
            continue;
        }
        if (i >= type->fields.size()) {
            raw(e);
            error(Code::InvalidOperation, e->pos, "too many values in struct literal of type " + str(named));
            return;
        }
        Var* field = type->fields[i];
        if (!field->exported() && field->package != cx_.package)
            error(Code::InvalidOperation, e->pos,
                  "implicit assignment to unexported field " + std::string(field->name) + " in struct literal of type " + str(named));
        field_value(e, field);
    }
    if (x->elements.size() < type->fields.size())
        error(Code::InvalidOperation, x->rbrace, "too few values in struct literal of type " + str(named));
}

}  // namespace csp::check
