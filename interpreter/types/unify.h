#pragma once

// Unification: finds types for type parameters that make two types match. Source: Go spec, "Type
// unification". Private to inference.

#include <vector>

#include "interpreter/types/object.h"
#include "interpreter/types/universe.h"

namespace csp::types {

/// How closely two types must match.
struct UnifyMode {
    bool assign = false;  ///< At the top as in an assignment; elements must be identical.
    bool exact = false;   ///< Identical; else a defined type matches a literal of its structure,
                          ///< directions of channels do not count, and a type matches an interface
                          ///< that it implements.
};

class Unifier {
  public:
    /// `args`: what is known already, parallel to `params`; null for what is not.
    Unifier(Universe& universe, const std::vector<TypeParam*>& params,
            const std::vector<Type*>& args);

    /// Tells whether the types match; as a side effect parameters get their types.
    [[nodiscard]] bool unify(Type* x, Type* y, UnifyMode mode);
    Type* at(const TypeParam* param) const;  ///< Null while unknown.
    void set(const TypeParam* param, Type* type);
    std::size_t unknowns() const;
    std::vector<Type*> inferred() const;

  private:
    struct InterfacePair {
        Interface *x, *y;
    };

    int index_of(const Type* type) const;
    bool match(Type* x, Type* y, UnifyMode mode);
    bool join(std::size_t x, std::size_t y);
    bool match_bound(std::size_t param, Type* y, UnifyMode mode);
    bool keep_better(std::size_t param, Type* x, Type* y, UnifyMode mode);
    bool match_interfaces(Interface* x, Interface* y);
    bool match_methods(Interface* x, Type* y);
    bool match_structure(Type* x, Type* y, UnifyMode mode);
    bool match_structs(const Struct* x, const Struct* y, UnifyMode mode);
    bool match_tuples(const Tuple* x, const Tuple* y, UnifyMode mode);
    bool match_exact_interfaces(Interface* x, Interface* y);
    bool match_named(const Named* x, const Named* y, UnifyMode mode);

    Universe& universe_;
    const std::vector<TypeParam*>& params_;
    std::vector<std::size_t> group_;  ///< Parameters joined with each other share a slot.
    std::vector<Type*> slots_;
    std::vector<InterfacePair> pairs_;
    int depth_ = 0;
};

}  // namespace csp::types
