#pragma once

// Questions about types, after go/types' predicates.go, lookup.go, subst.go and typestring.go.

#include <string>
#include <vector>

#include "interpreter/types/object.h"
#include "interpreter/types/types.h"
#include "interpreter/types/universe.h"

namespace csp::types {

bool identical(const Type* x, const Type* y);
/// As identical(), with the tags of structs ignored wherever they occur.
bool identical_but_for_tags(const Type* x, const Type* y);
/// Equal for identical types.
std::size_t hash(const Type* type);

/// Underlying type is a Basic with any of `info`; of a type parameter, those of its whole type set.
bool is_basic(Type* type, std::uint16_t info);
bool is_boolean(Type*);
bool is_integer(Type*);
bool is_unsigned(Type*);
bool is_float(Type*);
bool is_complex(Type*);
bool is_numeric(Type*);
bool is_string(Type*);
bool is_untyped(Type*);
bool is_typed(Type*);
bool is_interface(Type*);   ///< Underlying type is an interface; false for a TypeParam.
bool is_type_param(Type*);
bool has_nil(Type*);
bool comparable(Type*, bool dynamic = true);  ///< `dynamic`: interfaces count as comparable.
/// "slice", "func", …: how messages call the kind of a composite type; empty for basic types.
std::string kind_word(Type*);
/// Why values of the type cannot be compared ("struct containing []int cannot be compared"); empty
/// when they can, or when the type's own kind says it all.
std::string incomparable_cause(Type*, const Package* relative_to);
/// Tells whether `object` is what `name` means in `package`: unexported names of different packages
/// are different. Source: Go spec, "Uniqueness of identifiers".
bool same_name(const Object* object, const Package* package, std::string_view name);
bool contains_type_param(const Type*);
Type* default_type(Universe&, Type*);  ///< The type an untyped constant takes; others unchanged.

/// Computes the type set of `interface` (idempotent).
void complete_interface(Universe&, Interface* interface);

struct LookupResult {
    Object* object = nullptr;  ///< Field or method; null when there is none.
    std::vector<int> path;     ///< As in Selection.
    bool indirect = false;
    bool ambiguous = false;            ///< Several at the same depth.
    bool needs_pointer_receiver = false;  ///< Found, but the method set of the type has it not.
};
/// Finds field or method `name` in `type` (or what it points to). `addressable`: pointer methods
/// count. `fold_case`: a name that differs in case only (or in its package) will do, for
/// suggestions.
LookupResult lookup_field_or_method(Universe&, Type* type, bool addressable, const Package* from,
                                    std::string_view name, bool fold_case = false);

/// One method of a type's method set, with the way to its receiver.
struct MethodEntry {
    Func* method;
    std::vector<int> path;  ///< Embedded fields to go through; empty for the type's own.
    bool indirect;
};
/// The method set of `type`, sorted by name. For an interface: its methods, with empty paths.
std::vector<MethodEntry> method_set(Universe&, Type* type);

struct MissingMethod {
    Func* method = nullptr;  ///< Null: nothing is missing.
    bool wrong_type = false;
    bool pointer_receiver = false;
    Func* found = nullptr;  ///< A method of that name with another signature or another case.
    bool wrong_name = false;  ///< `found` differs in case.
    bool unexported = false;  ///< `found` has the name, but is another package's.
    bool ambiguous = false;
    bool is_field = false;    ///< A field has the name.
};
/// The first method of `interface` that `type` lacks. Not `is_static`: for an assertion from an
/// interface `type`, which may lack methods, but may not have them with another signature.
MissingMethod missing_method(Universe&, Type* type, Interface* interface, bool is_static = true);
/// The reason in Go's words, in parentheses: "(missing method M)".
std::string missing_method_cause(Type* type, Type* interface, const MissingMethod& missing,
                                 const Package* relative_to);
bool implements(Universe&, Type* type, Interface* interface);
/// Whether `type` implements (for a `constraint`: satisfies) `target`, any type; when not, `cause`
/// (if given) gets the reason: "T does not implement I (missing method M)".
bool implements(Universe&, Type* type, Type* target, bool constraint, const Package* relative_to,
                std::string* cause);

/// The type with `params` replaced by `args`; the same object when nothing changes.
Type* substitute(Universe&, Type* type, const std::vector<TypeParam*>& params,
                 const std::vector<Type*>& args);

/// As Go prints it in messages: names qualified by their packages' names, `relative_to`'s bare.
std::string to_string(const Type* type, const Package* relative_to = nullptr);
/// Name and signature as in messages about methods, without names of parameters: "M(int) string".
std::string method_string(const Func* method, const Package* relative_to);
/// As reflect.Type.String and %T print it: every name qualified by its package's name.
std::string runtime_string(const Type* type);

}  // namespace csp::types
