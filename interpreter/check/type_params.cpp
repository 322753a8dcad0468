// Type parameters and their constraints. Source: Go spec, "Type parameter declarations", "General interfaces".

#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;
using types::TypeParam;

TypeParam* Checker::Impl::declare_type_param(Ident* name, std::size_t index) {
    auto* object = universe_.make_object<types::TypeName>(name->pos, cx_.package, name->name, nullptr);
    object->color = types::Color::Black;
    object->parent = cx_.scope;
    auto* param = universe_.make_type<TypeParam>(object, static_cast<int>(index));
    param->constraint = universe_.empty_interface();
    object->type = param;
    declare(name, object, source::Pos());
    return param;
}

/// Declares a list in the present scope and puts it into `params`. Constraints may mention all of its parameters, and
/// what it is the list of.
void Checker::Impl::declare_type_params(List<Field*> fields, std::vector<TypeParam*>& params) {
    params.clear();
    for (const Field* field : fields)
        for (Ident* name : field->names) params.push_back(declare_type_param(name, params.size()));
    std::size_t next = 0;
    for (const Field* field : fields) {
        Type* bound = constraint(field->type);
        for (std::size_t i = 0; i < field->names.size(); ++i) params[next++]->constraint = bound;
    }
}

namespace {
constexpr std::size_t kMaxUnion = 100;  // terms; Go's limit

bool is_constraint_literal(const Expr* x) {
    const auto* binary = as<BinaryExpr>(x);
    const auto* unary = as<UnaryExpr>(x);
    return (binary != nullptr && binary->op == Op::Or) || (unary != nullptr && unary->op == Op::Tilde);
}
}  // namespace

/// The constraint that `x` denotes: an interface, or a type or union that stands for an interface of it alone.
Type* Checker::Impl::constraint(Expr* x) {
    Type* type = is_constraint_literal(unparen(x)) ? union_type(unparen(x)) : type_of(x);
    if (type == invalid()) return universe_.empty_interface();
    if (types::is_type_param(type)) {
        error(Code::InvalidType, x->pos, "cannot use a type parameter as constraint");
        return universe_.empty_interface();
    }
    Type* under = types::under(type);
    // (A declared type that is not known yet can only be an interface, or there is an error elsewhere.)
    if (under->kind == types::TypeKind::Interface || under->kind == types::TypeKind::Named) return type;
    auto* wrapped = universe_.make_type<types::Interface>();
    wrapped->implicit = true;
    wrapped->embeddeds.push_back(type);
    wrapped->embed_positions.push_back(x->pos);
    return wrapped;
}

/// T1 | ~T2 | …; a single type without tilde is that type.
Type* Checker::Impl::union_type(Expr* x) {
    std::vector<Expr*> terms;
    Expr* at = unparen(x);
    while (auto* binary = as<BinaryExpr>(at)) {
        if (binary->op != Op::Or) break;
        terms.push_back(binary->y);
        at = unparen(binary->x);
    }
    terms.push_back(at);
    if (terms.size() > kMaxUnion) {
        error(Code::InvalidType, terms[0]->pos, "cannot handle more than " + std::to_string(kMaxUnion) + " union terms (implementation limitation)");
        return set_type(x, invalid());
    }
    auto* made = universe_.make_type<types::Union>();
    std::vector<source::Pos> positions;
    for (auto term = terms.rbegin(); term != terms.rend(); ++term) {
        auto* unary = as<UnaryExpr>(unparen(*term));
        const bool tilde = unary != nullptr && unary->op == Op::Tilde;
        Type* type = type_of(tilde ? unary->x : *term);
        if (tilde) set_type(unary, type);
        if (type == invalid()) return set_type(x, invalid());
        made->terms.push_back({tilde, type});
        positions.push_back((*term)->pos);
    }
    // What may stand in a union depends on types that may not be declared yet.
    later_.push_back([this, made, positions] { check_union(made, positions); });
    return set_type(x, made);
}

void Checker::Impl::check_union(const types::Union* type, const std::vector<source::Pos>& positions) {
    const auto& terms = type->terms;
    std::vector<types::Term> seen;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        Type* under = types::under(terms[i].type);
        if (types::is_type_param(terms[i].type)) {
            error(Code::InvalidType, positions[i],
                  terms.size() == 1 ? "type in term " + std::string(terms[i].tilde ? "~" : "") + str(terms[i].type) +
                                          " cannot be a type parameter"
                                    : "term cannot represent type parameter " + str(terms[i].type));
            continue;
        }
        auto* interface = types::as<types::Interface>(under);
        if (terms[i].tilde && interface != nullptr) {
            error(Code::InvalidType, positions[i], "invalid use of ~ (" + str(terms[i].type) + " is an interface)");
            continue;
        }
        if (terms[i].tilde && !types::identical(terms[i].type, under)) {
            error(Code::InvalidType, positions[i],
                  "invalid use of ~ (underlying type of " + str(terms[i].type) + " is " + str(under) + ")");
            continue;
        }
        if (interface != nullptr && terms.size() > 1) {
            types::complete(interface);
            if (!interface->all_methods.empty())
                error(Code::InvalidType, positions[i],
                      "cannot use " + str(terms[i].type) + " in union (" + str(terms[i].type) + " contains methods)");
            else if (terms[i].type == universe_.comparable_type())
                error(Code::InvalidType, positions[i], "cannot use comparable in union");
            else if (interface->comparable)
                error(Code::InvalidType, positions[i],
                      "cannot use " + str(terms[i].type) + " in union (" + str(terms[i].type) + " embeds comparable)");
            continue;
        }
        if (interface != nullptr) continue;
        for (const types::Term& other : seen) {
            if (!types::term_includes(other, terms[i].type) && !types::term_includes(terms[i], other.type)) continue;
            const auto shown = [&](const types::Term& term) { return (term.tilde ? "~" : "") + str(term.type); };
            error(Code::InvalidType, positions[i], "overlapping terms " + shown(terms[i]) + " and " + shown(other));
            break;
        }
        seen.push_back(terms[i]);
    }
}

/// A type of variables: reports interfaces that are constraints only. Source: Go spec, "General interfaces".
Type* Checker::Impl::variable_type(Expr* x) {
    Type* type = type_of(x);
    require_variable_type(type, x->pos);
    return type;
}

void Checker::Impl::require_variable_type(Type* type, source::Pos pos) {
    if (type->kind != types::TypeKind::Named && type->kind != types::TypeKind::Interface) return;
    later_.push_back([this, type, pos] {
        auto* interface = types::under_as<types::Interface>(type);
        if (interface == nullptr) return;
        types::complete(interface);
        if (!interface->has_terms && !interface->comparable) return;
        const bool terms = interface->has_terms;
        error(Code::InvalidType, pos,
              "cannot use type " + str(type) + " outside a type constraint: interface " +
                  (terms ? "contains type constraints" : "is (or embeds) comparable"));
    });
}

}  // namespace csp::check
