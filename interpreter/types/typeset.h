#pragma once

// Type sets: what an interface or a constraint admits. Source: Go spec, "Interface types".

#include <functional>
#include <string>
#include <vector>

#include "interpreter/types/object.h"
#include "interpreter/types/types.h"

namespace csp::types {

using Term = Interface::Term;

/// A union of terms; `all` is the set of all types, no terms without `all` the empty set.
struct TermList {
    bool all = true;
    std::vector<Term> terms;
};

bool term_includes(const Term& term, Type* type);
/// Drops terms that others include.
TermList normalized(TermList list);
TermList intersection(const TermList& x, const TermList& y);
bool is_subset(const TermList& x, const TermList& y);
bool equal(const TermList& x, const TermList& y);
/// As messages spell it: "~int | string", "𝓤" for all types and "∅" for none.
std::string to_string(const TermList& list, const Package* relative_to);

/// Computes the type set of `interface`. While an embedded type is not declared yet the result is
/// provisional and `completed` stays false.
void complete(Interface* interface);
TermList terms_of(Interface* interface);
TermList terms_of(const Union* type);
bool has_empty_type_set(Interface* interface);

/// The order of methods in type sets and method sets: exported ones first, then by name, then by
/// package (reflect numbers methods in this order).
bool method_less(const Func* x, const Func* y);

/// Calls `f(type, underlying type)` for each term of the type set while it returns true, and tells
/// whether it always did; `f(null, null)` for a type parameter without specific types. For any type
/// but a type parameter, calls it once with that type. A type parameter whose type set is empty has none either.
bool for_all_types(Type* type, const std::function<bool(Type*, Type*)>& f);

/// The underlying type that all types of the type set share (of channels, the most restricted one);
/// null when there is none, and then `cause`, if given, tells why.
Type* common_under(Type* type, const Package* relative_to = nullptr, std::string* cause = nullptr);

/// What operations on values of `type` go by: its underlying type, for a type parameter common_under().
inline Type* core(Type* type) {
    return type != nullptr && type->kind == TypeKind::TypeParam ? common_under(type) : under(type);
}
template <class T>
T* core_as(Type* type) {
    return as<T>(core(type));
}
/// As core(), but where strings and byte slices occur together they count as strings.
Type* core_or_string(Universe&, Type* type);

}  // namespace csp::types
