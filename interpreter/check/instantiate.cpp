// Instances of generic types and functions. Source: Go spec, "Instantiations", "Type inference".

#include "interpreter/check/checker.h"

#include "interpreter/types/infer.h"

namespace csp::check {

using diag::Code;
using types::TypeParam;

namespace {

Signature* generic_signature(const Expr* x) {
    auto* signature = x->mode == Mode::Value ? types::as<Signature>(x->type) : nullptr;
    return signature != nullptr && !signature->type_params.empty() ? signature : nullptr;
}

/// The identifier by which `x` names a function: f, pkg.f, (f), f[T].
Ident* function_name(Expr* x) {
    x = unparen(x);
    if (auto* index = as<IndexExpr>(x)) x = unparen(index->x);
    if (auto* selector = as<SelectorExpr>(x)) return selector->sel;
    return as<Ident>(x);
}

std::vector<Type*> given(Expr* x) {
    const List<Type*> args = function_name(x)->type_args;
    return {args.begin(), args.end()};
}

}  // namespace

bool Checker::Impl::is_generic(const Type* type) {
    const auto* named = types::as<types::Named>(type);
    return named != nullptr && named->origin == nullptr && !named->type_params.empty();
}

/// A generic type or function stands where a type or value is needed; `hint` may give its arguments.
bool Checker::Impl::require_instance(Expr* x, Type* hint) {
    if (x->mode == Mode::TypeExpr && is_generic_name(x)) {
        error(Code::InvalidType, x->pos, "cannot use generic type " + generic_name(x) + " without instantiation");
        fail(x);
        return false;
    }
    if (generic_signature(x) == nullptr) return true;
    if (hint != nullptr && types::under_as<Signature>(hint) != nullptr) return infer_from_target(x, hint);
    if (unparen(x)->kind == Kind::IndexExpr && infer_from_constraints(x)) return true;
    error(Code::InvalidOperation, x->pos, "cannot use generic function " + ast::to_string(x) + " without instantiation");
    fail(x);
    return false;
}

/// The alias or type that `x` names, when it is generic and not instantiated.
types::TypeName* Checker::Impl::generic_type_name(Expr* x) {
    x = unparen(x);
    auto* selector = as<SelectorExpr>(x);
    auto* name = selector != nullptr ? selector->sel : as<Ident>(x);
    auto* object = name == nullptr ? nullptr : types::as<types::TypeName>(name->object);
    if (object == nullptr) return nullptr;
    return !object->alias_params.empty() || (!object->is_alias && is_generic(object->type)) ? object : nullptr;
}

/// "List[T any]", as messages call a generic type.
std::string Checker::Impl::generic_name(Expr* x) {
    const types::TypeName* object = generic_type_name(x);
    const auto* named = types::as<types::Named>(object->type);
    if (named != nullptr && object->alias_params.empty()) return str(named);
    return std::string(object->name);
}

/// The type that G[T1, T2] denotes; null when G is no type.
Type* Checker::Impl::instance_type(IndexExpr* x) {
    Type* generic = type_syntax(x->x);
    if (generic == nullptr) return nullptr;
    std::vector<Type*> args;
    bool ok = generic != invalid();
    for (Expr* index : x->indices) {
        args.push_back(variable_type(index));
        ok = ok && args.back() != invalid();
    }
    if (!ok) return set_type(x, invalid());
    const types::TypeName* object = generic_type_name(x->x);
    if (object == nullptr) {
        error(Code::InvalidType, x->pos, ast::to_string(x->x) + " is not a generic type");
        return set_type(x, invalid());
    }
    auto* named = types::as<types::Named>(object->type);
    const auto& params = object->alias_params.empty() ? named->type_params : object->alias_params;
    if (!count_matches(x, params.size(), args.size(), "type " + std::string(object->name)))
        return set_type(x, invalid());
    verify_instance(x->pos, x->indices, params, args);
    record_instance(x->pos, params, args);
    if (!object->alias_params.empty()) return set_type(x, types::substitute(universe_, object->type, params, args));
    return set_type(x, universe_.instantiate(named, args));
}

bool Checker::Impl::count_matches(IndexExpr* x, std::size_t want, std::size_t have, const std::string& what) {
    if (have == want) return true;
    const bool few = have < want;
    error(Code::InvalidType, few ? x->pos : x->indices[want]->pos,
          std::string(few ? "not enough" : "too many") + " type arguments for " + what + ": have " +
              std::to_string(have) + ", want " + std::to_string(want));
    return false;
}

/// Reports arguments that do not satisfy their constraints, once all types are known. `at` may be shorter.
void Checker::Impl::verify_instance(source::Pos pos, List<Expr*> at, const std::vector<TypeParam*>& params,
                                    const std::vector<Type*>& args) {
    std::vector<source::Pos> places;
    for (std::size_t i = 0; i < args.size(); ++i) places.push_back(i < at.size() ? at[i]->pos : pos);
    later_.push_back([this, places, params, args, package = cx_.package] {
        for (std::size_t i = 0; i < args.size(); ++i) {
            Type* bound = types::substitute(universe_, params[i]->constraint, params, args);
            std::string cause;
            if (types::implements(universe_, args[i], bound, true, package, &cause)) continue;
            error(Code::TypeMismatch, places[i], cause);
            return;
        }
    });
}

// ---- functions ----

/// `x` names a generic function, whose type arguments are known now.
void Checker::Impl::set_instance(Expr* x, Signature* generic, const std::vector<Type*>& args) {
    Ident* name = function_name(x);
    name->type_args = arena_.copy(args);
    Type* type = types::substitute(universe_, generic, generic->type_params, args);
    for (;;) {
        x->type = type;
        if (auto* paren = as<ParenExpr>(x)) {
            x = paren->x;
        } else {
            return;
        }
    }
}

/// f[T1, T2]: all type arguments, or the first ones.
void Checker::Impl::instantiate_function(IndexExpr* x) {
    Signature* generic = generic_signature(x->x);
    std::vector<Type*> args;
    bool ok = true;
    for (Expr* index : x->indices) {
        args.push_back(variable_type(index));
        ok = ok && args.back() != invalid();
    }
    if (!ok) {
        fail(x);
        return;
    }
    const std::size_t want = generic->type_params.size();
    if (args.size() > want) {
        error(Code::InvalidType, x->indices[want]->pos,
              "got " + std::to_string(args.size()) + " type arguments but want " + std::to_string(want));
        fail(x);
        return;
    }
    set(x, Mode::Value, generic);
    if (args.size() < want) {
        function_name(x)->type_args = arena_.copy(args);
        return;
    }
    verify_instance(x->pos, x->indices, generic->type_params, args);
    record_instance(x->pos, generic->type_params, args);
    set_instance(x, generic, args);
}

/// f[T1]: the other arguments may follow from the constraints alone.
bool Checker::Impl::infer_from_constraints(Expr* x) {
    Signature* generic = generic_signature(x);
    const types::RenamedParams renamed = types::rename_type_params(universe_, generic->type_params, nullptr);
    const auto args = types::infer(universe_, renamed.params, given(x), universe_.make_type<Tuple>(), {}, cx_.package, nullptr);
    if (!args) return false;
    verify_instance(x->pos, as<IndexExpr>(unparen(x))->indices, generic->type_params, *args);
    record_instance(x->pos, generic->type_params, *args);
    set_instance(x, generic, *args);
    return true;
}

/// var f func(int) = g: the arguments of g follow from f's type.
bool Checker::Impl::infer_from_target(Expr* x, Type* target) {
    Signature* generic = generic_signature(x);
    auto* plain = universe_.make_type<Signature>();
    plain->params = generic->params;
    plain->results = generic->results;
    plain->variadic = generic->variadic;
    const types::RenamedParams renamed = types::rename_type_params(universe_, generic->type_params, plain);
    auto* params = universe_.make_type<Tuple>();
    params->vars.push_back(universe_.make_object<Var>(x->pos, cx_.package, "", renamed.type));
    types::InferError why;
    const std::string text = ast::to_string(x);
    const auto args =
        types::infer(universe_, renamed.params, given(x), params, {{target, text}}, cx_.package, &why);
    if (!args) {
        if (!why.message.empty()) {
            error(Code::TypeMismatch, x->pos,
                  why.not_inferred != nullptr
                      ? "cannot use generic function " + text + " without instantiation"
                      : "type " + str(generic) + " of " + text + " does not match " + str(target) +
                            (why.not_inferred != nullptr ? "" : " (cannot infer " + names_of(generic->type_params) + ")"));
        }
        fail(x);
        return false;
    }
    verify_instance(x->pos, {}, generic->type_params, *args);
    record_instance(x->pos, generic->type_params, *args);
    set_instance(x, generic, *args);
    return true;
}

std::string Checker::Impl::names_of(const std::vector<TypeParam*>& params) const {
    std::string out;
    for (std::size_t i = 0; i < params.size(); ++i) {
        if (i > 0) out += i + 1 == params.size() ? (params.size() == 2 ? " and " : ", and ") : ", ";
        out += params[i]->object->name;
    }
    return out;
}

/// The instance of the callee of `x` that its arguments (of types `have`) ask for, together with the instances of
/// arguments that are generic functions themselves. `params`: a type for each argument. Null after an error.
Signature* Checker::Impl::infer_call(CallExpr* x, Signature* callee, const std::vector<Type*>& have,
                                     const std::vector<Type*>& params) {
    struct GenericArg {
        Expr* x;
        Signature* signature;
        std::size_t first;  ///< Of its parameters among all.
    };
    auto* tuple = universe_.make_type<Tuple>();
    for (Type* type : params) tuple->vars.push_back(universe_.make_object<Var>(x->pos, cx_.package, "", type));
    const types::RenamedParams renamed = types::rename_type_params(universe_, callee->type_params, tuple);
    std::vector<TypeParam*> all = renamed.params;
    std::vector<Type*> known = callee->type_params.empty() ? std::vector<Type*>{} : given(x->fun);
    known.resize(all.size());
    std::vector<GenericArg> generic_args;
    std::vector<std::string> texts;
    std::vector<Type*> arg_types = have;
    for (std::size_t i = 0; i < have.size(); ++i) {
        Expr* arg = x->args[x->args.size() == have.size() ? i : 0];
        texts.push_back(ast::to_string(arg));
        Signature* signature = x->args.size() == have.size() ? generic_signature(arg) : nullptr;
        if (signature == nullptr) continue;
        const types::RenamedParams own = types::rename_type_params(universe_, signature->type_params, signature);
        generic_args.push_back({arg, signature, all.size()});
        arg_types[i] = own.type;
        all.insert(all.end(), own.params.begin(), own.params.end());
        const std::vector<Type*> partial = given(arg);
        known.insert(known.end(), partial.begin(), partial.end());
        known.resize(all.size());
    }
    std::vector<types::InferArg> args;
    for (std::size_t i = 0; i < have.size(); ++i) args.push_back({arg_types[i], texts[i]});
    types::InferError why;
    const auto found =
        types::infer(universe_, all, known, types::as<Tuple>(renamed.type), args, cx_.package, &why);
    if (!found) {
        if (why.message.empty()) return nullptr;
        std::string text = "in call to " + ast::to_string(x->fun) + ", " + why.message;
        if (why.not_inferred != nullptr) text += " (declared at " + place(why.not_inferred->object->pos) + ")";
        const bool at_arg = why.arg >= 0 && static_cast<std::size_t>(why.arg) < x->args.size();
        error(Code::TypeMismatch, at_arg ? x->args[static_cast<std::size_t>(why.arg)]->pos : x->fun->end, text);
        return nullptr;
    }
    for (const GenericArg& arg : generic_args) {
        const auto first = found->begin() + static_cast<std::ptrdiff_t>(arg.first);
        const std::vector<Type*> own(first, first + static_cast<std::ptrdiff_t>(arg.signature->type_params.size()));
        verify_instance(arg.x->pos, {}, arg.signature->type_params, own);
        record_instance(arg.x->pos, arg.signature->type_params, own);
        set_instance(arg.x, arg.signature, own);
    }
    if (callee->type_params.empty()) return callee;
    const std::vector<Type*> own(found->begin(),
                                 found->begin() + static_cast<std::ptrdiff_t>(callee->type_params.size()));
    auto* index = as<IndexExpr>(unparen(x->fun));
    verify_instance(x->pos, index != nullptr ? index->indices : List<Expr*>{}, callee->type_params, own);
    record_instance(x->pos, callee->type_params, own);
    set_instance(x->fun, callee, own);
    return types::as<Signature>(x->fun->type);
}

}  // namespace csp::check
