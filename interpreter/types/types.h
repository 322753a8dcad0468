#pragma once

// The checker's types, after Go's go/types package. Types are compared with identical(), never by
// address, except that a Named type (and an instance of a generic one, which Universe keeps unique)
// and a TypeParam are each one object. Owned by a Universe.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/ast/nodes.h"

namespace csp::types {

class Universe;
class Package;
class TypeName;
class Interface;
class Named;

enum class TypeKind : std::uint8_t {
    Basic, Named, Pointer, Slice, Array, Map, Chan, Struct, Tuple, Signature, Interface, TypeParam,
    Union,
};

/// Base of all types. Aliases are transparent: an alias is the type it denotes.
class Type {
  public:
    virtual ~Type() = default;
    Type(const Type&) = delete;
    Type& operator=(const Type&) = delete;

    const TypeKind kind;

  protected:
    explicit Type(TypeKind k) : kind(k) {}
};

enum class BasicKind : std::uint8_t {
    Invalid,
    Bool,
    Int, Int8, Int16, Int32, Int64,
    Uint, Uint8, Uint16, Uint32, Uint64, Uintptr,
    Float32, Float64, Complex64, Complex128,
    String,
    UnsafePointer,
    UntypedBool, UntypedInt, UntypedRune, UntypedFloat, UntypedComplex, UntypedString, UntypedNil,
};

enum BasicInfo : std::uint16_t {
    kIsBoolean = 1, kIsInteger = 2, kIsUnsigned = 4, kIsFloat = 8, kIsComplex = 16, kIsString = 32,
    kIsUntyped = 64,
    kIsOrdered = kIsInteger | kIsFloat | kIsString,
    kIsNumeric = kIsInteger | kIsFloat | kIsComplex,
    kIsConstType = kIsBoolean | kIsNumeric | kIsString,
};

class Basic : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Basic;
    Basic(BasicKind b, std::uint16_t i, std::string_view n)
        : Type(kKind), basic(b), info(i), name(n) {}
    BasicKind basic;
    std::uint16_t info;
    /// "byte" and "rune" are objects of their own, identical to uint8 and int32.
    std::string_view name;
};

class Pointer : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Pointer;
    explicit Pointer(Type* e) : Type(kKind), elem(e) {}
    Type* elem;
};

class Slice : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Slice;
    explicit Slice(Type* e) : Type(kKind), elem(e) {}
    Type* elem;
};

class Array : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Array;
    Array(Type* e, std::int64_t n) : Type(kKind), elem(e), length(n) {}
    Type* elem;
    std::int64_t length;  ///< Negative while unknown ([...]T) or invalid.
};

class Map : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Map;
    Map(Type* k, Type* e) : Type(kKind), key(k), elem(e) {}
    Type* key;
    Type* elem;
};

class Chan : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Chan;
    Chan(Type* e, ast::ChanDir d) : Type(kKind), elem(e), dir(d) {}
    Type* elem;
    ast::ChanDir dir;
};

class Struct : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Struct;
    Struct() : Type(kKind) {}
    std::vector<Var*> fields;
    std::vector<std::string> tags;  ///< Empty, or one a field (decoded).
};

/// A list of variables: parameters, results, the value of a multi-value call.
class Tuple : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Tuple;
    Tuple() : Type(kKind) {}
    std::vector<Var*> vars;
    std::size_t size() const { return vars.size(); }
};

class TypeParam;

class Signature : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Signature;
    Signature() : Type(kKind) {}
    Var* recv = nullptr;  ///< Not part of the type's identity.
    Tuple* params = nullptr;   ///< Never null once checked. A variadic's last has a Slice type.
    Tuple* results = nullptr;  ///< Never null once checked.
    bool variadic = false;
    std::vector<TypeParam*> type_params;
    std::vector<TypeParam*> recv_type_params;
    Scope* scope = nullptr;
};

/// All methods and embedded elements. `complete()` computes the type set.
class Interface : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Interface;
    Interface() : Type(kKind) {}
    std::vector<Func*> methods;    ///< Explicitly declared.
    std::vector<Type*> embeddeds;  ///< Interfaces, unions, other types.
    std::vector<source::Pos> embed_positions;
    bool implicit = false;  ///< The interface wrapped around a constraint literal such as ~int.
    std::string_view spelling;  ///< "any" for the predeclared one, which messages call so.

    // The type set, set by complete_interface().
    bool completed = false;
    std::vector<Func*> all_methods;  ///< Sorted by name (unique id).
    bool comparable = false;         ///< Embeds `comparable`.
    bool has_terms = false;          ///< Restricted to `terms`; otherwise all types.
    struct Term {
        bool tilde;
        Type* type;
    };
    std::vector<Term> terms;
};

/// T1 | ~T2 | … in a constraint.
class Union : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Union;
    Union() : Type(kKind) {}
    std::vector<Interface::Term> terms;
};

/// A defined type, or an instance of a generic one.
class Named : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::Named;
    explicit Named(TypeName* o) : Type(kKind), object(o) {}
    TypeName* object;
    Type* underlying = nullptr;    ///< Never Named once resolved. Use under() to read it.
    std::vector<Func*> methods;    ///< Declared methods, in source order. Empty for an instance,
                                   ///< whose methods are made on demand: see method_at().
    std::vector<TypeParam*> type_params;
    std::vector<Type*> type_args;  ///< Of an instance.
    Named* origin = nullptr;       ///< The generic type an instance comes from; else null.

    // Of an instance: what is needed to expand it lazily, as recursive generic types demand.
    Universe* universe = nullptr;
    std::vector<Func*> expanded_methods;  ///< Parallel to the origin's; null until asked for.
    /// Of a type declared in a generic function: that function's type parameters. See
    /// outer_params().
    std::vector<TypeParam*> outer_params;
    bool outer_params_known = false;
    bool embedding = false;  ///< Of a generic interface: its type set is being computed as a part of another.
};

class TypeParam : public Type {
  public:
    static constexpr TypeKind kKind = TypeKind::TypeParam;
    TypeParam(TypeName* o, int i) : Type(kKind), object(o), index(i) {}
    TypeName* object;
    int index;
    Type* constraint = nullptr;  ///< Any type; its underlying type is an Interface.
};

template <class T>
T* as(Type* type) {
    return type != nullptr && type->kind == T::kKind ? static_cast<T*>(type) : nullptr;
}
template <class T>
const T* as(const Type* type) {
    return type != nullptr && type->kind == T::kKind ? static_cast<const T*>(type) : nullptr;
}

/// The underlying type (of a TypeParam: its constraint's interface). Expands an instance. A Named
/// whose declaration has not been resolved yet is returned itself.
Type* under(Type* type);
template <class T>
T* under_as(Type* type) {
    return type == nullptr ? nullptr : as<T>(under(type));
}

}  // namespace csp::types
