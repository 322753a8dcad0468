#include "interpreter/types/infer.h"

#include <algorithm>

#include "interpreter/types/predicates.h"
#include "interpreter/types/typeset.h"
#include "interpreter/types/unify.h"

namespace csp::types {

namespace {

/// Whether a type mentions one of some type parameters, or comes back to one through the types
/// inferred for them.
class ParamWalker {
  public:
    explicit ParamWalker(const std::vector<TypeParam*>& params) : params_(params) {}

    bool mentions(const Type* type) {
        if (type == nullptr) return false;
        switch (type->kind) {
            case TypeKind::Basic: return false;
            case TypeKind::TypeParam:
                return std::find(params_.begin(), params_.end(), type) != params_.end();
            case TypeKind::Pointer: return mentions(as<Pointer>(type)->elem);
            case TypeKind::Slice: return mentions(as<Slice>(type)->elem);
            case TypeKind::Array: return mentions(as<Array>(type)->elem);
            case TypeKind::Chan: return mentions(as<Chan>(type)->elem);
            case TypeKind::Map:
                return mentions(as<Map>(type)->key) || mentions(as<Map>(type)->elem);
            case TypeKind::Struct: return any(as<Struct>(type)->fields);
            case TypeKind::Tuple: return any(as<Tuple>(type)->vars);
            case TypeKind::Signature:
                return mentions(as<Signature>(type)->params) ||
                       mentions(as<Signature>(type)->results);
            case TypeKind::Interface: {
                if (std::find(open_.begin(), open_.end(), type) != open_.end()) return false;
                open_.push_back(type);
                const bool found = any(as<Interface>(type)->methods) ||
                                   any_type(as<Interface>(type)->embeddeds);
                open_.pop_back();
                return found;
            }
            case TypeKind::Union: {
                const auto& terms = as<Union>(type)->terms;
                return std::any_of(terms.begin(), terms.end(),
                                   [&](const Term& term) { return mentions(term.type); });
            }
            case TypeKind::Named: return any_type(as<Named>(type)->type_args);
        }
        return false;
    }

  private:
    template <class T>
    bool any(const std::vector<T*>& objects) {
        return std::any_of(objects.begin(), objects.end(),
                           [&](const T* object) { return mentions(object->type); });
    }
    bool any_type(const std::vector<Type*>& types) {
        return std::any_of(types.begin(), types.end(), [&](const Type* t) { return mentions(t); });
    }

    const std::vector<TypeParam*>& params_;
    std::vector<const Type*> open_;
};

/// What a constraint says of its type arguments' structure.
struct Core {
    Type* type = nullptr;
    bool tilde = false;
    bool single = false;  ///< The constraint has but one term.
};

Core core_of(TypeParam* param) {
    auto* constraint = under_as<Interface>(param);
    if (constraint == nullptr) return {};
    const TermList list = terms_of(constraint);
    if (list.all || list.terms.empty()) return {};
    if (list.terms.size() == 1) return {list.terms[0].type, list.terms[0].tilde, true};
    const bool tilde = std::any_of(list.terms.begin(), list.terms.end(),
                                   [](const Term& term) { return term.tilde; });
    return {common_under(param), tilde, false};
}

std::string names_of(const std::vector<TypeParam*>& params) {
    std::string out;
    for (std::size_t i = 0; i < params.size(); ++i) {
        if (i > 0) {
            const bool last = i + 1 == params.size();
            out += params.size() == 2 ? " and " : last ? ", and " : ", ";
        }
        out += params[i]->object->name;
    }
    return out;
}

class Inference {
  public:
    Inference(Universe& universe, const std::vector<TypeParam*>& params, std::vector<Type*> given,
              const Package* relative_to, InferError* error)
        : universe_(universe), params_(params), given_(std::move(given)),
          relative_to_(relative_to), error_(error), unifier_(universe, params, given_) {}

    std::optional<std::vector<Type*>> run(const Tuple* callee, const std::vector<InferArg>& args) {
        if (!use_arguments(callee, args) || !use_constraints() || !use_untyped(args)) {
            return std::nullopt;
        }
        std::vector<Type*> out = simplified();
        for (std::size_t i = 0; i < params_.size(); ++i) {
            if (out[i] != nullptr && !is_parameterized(out[i])) continue;
            error_->not_inferred = params_[i];
            fail("cannot infer " + std::string(params_[i]->object->name));
            return std::nullopt;
        }
        return out;
    }

  private:
    struct UntypedArg {
        TypeParam* param;
        std::size_t arg;
    };

    bool fail(std::string message, int arg = -1) {
        error_->message = std::move(message);
        error_->arg = arg;
        return false;
    }
    std::string name(const Type* type) const { return to_string(type, relative_to_); }
    bool is_parameterized(const Type* type) const { return ParamWalker(params_).mentions(type); }

    bool use_arguments(const Tuple* callee, const std::vector<InferArg>& args) {
        for (std::size_t i = 0; i < args.size(); ++i) {
            // What is known already is put in, lest it be matched by identity where assignability
            // is enough.
            Type* param = substitute(universe_, callee->vars[i]->type, params_, given_);
            Type* arg = args[i].type;
            if (!is_parameterized(param) && !is_parameterized(arg)) continue;
            if (is_typed(arg)) {
                if (!unifier_.unify(param, arg, {true, false})) {
                    return mismatch(param, args[i], static_cast<int>(i));
                }
            } else if (as<TypeParam>(param) != nullptr &&
                       as<Basic>(arg)->basic != BasicKind::UntypedNil) {
                untyped_.push_back({as<TypeParam>(param), i});
            }
        }
        return true;
    }

    bool mismatch(Type* param, const InferArg& arg, int index) {
        const std::vector<Type*> known = unifier_.inferred();
        const std::string what = "type " + name(arg.type) + " of " + std::string(arg.text);
        if (std::all_of(known.begin(), known.end(), [](Type* t) { return t == nullptr; })) {
            return fail(what + " does not match " + name(param) + " (cannot infer " +
                            names_of(params_) + ")",
                        index);
        }
        Type* inferred = substitute(universe_, param, params_, known);
        if (inferred == param) return fail(what + " does not match " + name(param), index);
        return fail(what + " does not match inferred type " + name(inferred) + " for " +
                        name(param),
                    index);
    }

    /// As long as one constraint's core type or methods tell more, goes over all of them.
    bool use_constraints() {
        std::size_t before = 0;
        do {
            before = unifier_.unknowns();
            for (TypeParam* param : params_) {
                if (!use_constraint(param)) return false;
            }
        } while (unifier_.unknowns() != before);
        return true;
    }

    bool use_constraint(TypeParam* param) {
        Type* arg = unifier_.at(param);
        const Core core = core_of(param);
        if (core.type != nullptr) {
            if (arg != nullptr) {
                if (!unifier_.unify(arg, core.type, {})) return unsatisfied(param, arg, "");
            } else if (core.single && !core.tilde) {
                unifier_.set(param, core.type);
            }
        }
        if (arg == nullptr || is_parameterized(arg)) return true;
        return use_methods(param, arg);
    }

    /// The argument's methods must match the constraint's, which may tell more.
    bool use_methods(TypeParam* param, Type* arg) {
        auto* constraint = under_as<Interface>(param);
        if (constraint == nullptr) return true;
        complete(constraint);
        for (Func* method : constraint->all_methods) {
            auto* found = as<Func>(
                lookup_field_or_method(universe_, arg, false, method->package, method->name)
                    .object);
            if (found != nullptr && unifier_.unify(universe_.signature_of(found),
                                                   universe_.signature_of(method), {false, true})) {
                continue;
            }
            const MissingMethod missing = missing_method(universe_, arg, constraint);
            if (missing.method == nullptr) continue;
            return unsatisfied(
                param, arg, " " + missing_method_cause(arg, constraint, missing, relative_to_));
        }
        return true;
    }

    bool unsatisfied(const TypeParam* param, const Type* arg, const std::string& cause) {
        return fail(name(param) + " (type " + name(arg) + ") does not satisfy " +
                    name(param->constraint) + cause);
    }

    /// Parameters that only untyped constants tell something about take the default type of the
    /// constant of the largest kind.
    bool use_untyped(const std::vector<InferArg>& args) {
        std::vector<std::pair<TypeParam*, Basic*>> largest;
        for (const UntypedArg& entry : untyped_) {
            if (unifier_.at(entry.param) != nullptr) continue;
            auto* type = as<Basic>(args[entry.arg].type);
            const auto at = std::find_if(largest.begin(), largest.end(),
                                         [&](const auto& e) { return e.first == entry.param; });
            if (at == largest.end()) {
                largest.emplace_back(entry.param, type);
            } else if (at->second != type) {
                const bool numbers = (at->second->info & type->info & kIsNumeric) != 0 ||
                                     (is_numeric(at->second) && is_numeric(type));
                if (!numbers) {
                    return fail("mismatched types " + name(at->second) + " and " + name(type) +
                                    " (cannot infer " + name(entry.param) + ")",
                                static_cast<int>(entry.arg));
                }
                if (type->basic > at->second->basic) at->second = type;
            }
        }
        for (const auto& [param, type] : largest) {
            unifier_.set(param, default_type(universe_, type));
        }
        return true;
    }

    /// The inferred types with the parameters that they mention replaced, until none is left.
    std::vector<Type*> simplified() {
        std::vector<Type*> types = unifier_.inferred();
        kill_cycles(types);
        // Without cycles each round removes at least one parameter from each type.
        for (std::size_t round = 0; round <= params_.size(); ++round) {
            bool changed = false;
            for (Type*& type : types) {
                if (type == nullptr || !is_parameterized(type)) continue;
                Type* next = substitute(universe_, type, params_, types);
                changed = changed || next != type;
                type = next;
            }
            if (!changed) break;
        }
        return types;
    }

    /// [P interface{ *Q }, Q interface{ *P }] leads to infinite types: those count as not inferred.
    void kill_cycles(std::vector<Type*>& types) const {
        for (std::size_t i = 0; i < params_.size(); ++i) {
            std::vector<bool> reached(params_.size());
            reach(types, types[i], reached);
            if (reached[i]) types[i] = nullptr;
        }
    }

    /// Marks the parameters that `type` mentions, directly or through their inferred types.
    void reach(const std::vector<Type*>& types, Type* type, std::vector<bool>& reached) const {
        if (type == nullptr) return;
        for (std::size_t i = 0; i < params_.size(); ++i) {
            if (reached[i] || !ParamWalker({params_[i]}).mentions(type)) continue;
            reached[i] = true;
            reach(types, types[i], reached);
        }
    }

    Universe& universe_;
    const std::vector<TypeParam*>& params_;
    std::vector<Type*> given_;
    const Package* relative_to_;
    InferError* error_;
    Unifier unifier_;
    std::vector<UntypedArg> untyped_;
};

}  // namespace

std::optional<std::vector<Type*>> infer(Universe& universe, const std::vector<TypeParam*>& params,
                                        std::vector<Type*> given, const Tuple* callee_params,
                                        const std::vector<InferArg>& args,
                                        const Package* relative_to, InferError* error) {
    given.resize(params.size());
    if (std::all_of(given.begin(), given.end(), [](Type* t) { return t != nullptr; })) return given;
    const auto invalid = [](const InferArg& arg) {
        const auto* basic = as<Basic>(arg.type);
        return arg.type == nullptr || (basic != nullptr && basic->basic == BasicKind::Invalid);
    };
    if (std::any_of(args.begin(), args.end(), invalid)) return std::nullopt;
    InferError ignored;
    Inference inference(universe, params, std::move(given), relative_to,
                        error != nullptr ? error : &ignored);
    return inference.run(callee_params, args);
}

RenamedParams rename_type_params(Universe& universe, const std::vector<TypeParam*>& params,
                                 Type* type) {
    RenamedParams out{{}, type};
    std::vector<Type*> args;
    for (const TypeParam* param : params) {
        const TypeName* old = param->object;
        auto* object =
            universe.make_object<TypeName>(old->pos, old->package, old->name, nullptr);
        object->parent = old->parent;
        object->color = Color::Black;
        auto* fresh = universe.make_type<TypeParam>(object, param->index);
        object->type = fresh;
        out.params.push_back(fresh);
        args.push_back(fresh);
    }
    for (std::size_t i = 0; i < params.size(); ++i) {
        out.params[i]->constraint = substitute(universe, params[i]->constraint, params, args);
    }
    out.type = substitute(universe, type, params, args);
    auto* signature = as<Signature>(out.type);
    if (signature != nullptr && signature != type) signature->type_params = out.params;
    return out;
}

}  // namespace csp::types
