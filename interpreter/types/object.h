#pragma once

// What names denote, scopes and packages, after go/types. Owned by a Universe.

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "interpreter/types/types.h"

namespace csp::types {

enum class ObjectKind : std::uint8_t { PkgName, Const, TypeName, Var, Func, Label, Builtin, Nil };

/// Where the checker stands with an object (white, grey, black in a depth-first search).
enum class Color : std::uint8_t { White, Grey, Black };

class Object {
  public:
    virtual ~Object() = default;
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;

    const ObjectKind kind;
    Color color = Color::White;
    std::string_view name;
    source::Pos pos;
    Package* package = nullptr;  ///< Null for universe objects.
    Scope* parent = nullptr;
    Type* type = nullptr;
    source::Pos scope_pos;  ///< Local objects are visible from here on.

    /// Begins with an upper case letter (Unicode class Lu).
    bool exported() const;

  protected:
    Object(ObjectKind k, source::Pos p, Package* pkg, std::string_view n, Type* t)
        : kind(k), name(n), pos(p), package(pkg), type(t) {}
};

class PkgName : public Object {
  public:
    static constexpr ObjectKind kKind = ObjectKind::PkgName;
    PkgName(source::Pos p, Package* pkg, std::string_view n, Package* imp)
        : Object(kKind, p, pkg, n, nullptr), imported(imp) {}
    Package* imported;
    bool used = false;
};

class Const : public Object {
  public:
    static constexpr ObjectKind kKind = ObjectKind::Const;
    Const(source::Pos p, Package* pkg, std::string_view n, Type* t, const constant::Value* v)
        : Object(kKind, p, pkg, n, t), value(v) {}
    const constant::Value* value;
};

class TypeName : public Object {
  public:
    static constexpr ObjectKind kKind = ObjectKind::TypeName;
    TypeName(source::Pos p, Package* pkg, std::string_view n, Type* t)
        : Object(kKind, p, pkg, n, t) {}
    bool is_alias = false;
    std::vector<TypeParam*> alias_params;  ///< Of a generic alias, whose `type` mentions them.
};

class Var : public Object {
  public:
    static constexpr ObjectKind kKind = ObjectKind::Var;
    Var(source::Pos p, Package* pkg, std::string_view n, Type* t) : Object(kKind, p, pkg, n, t) {}
    bool embedded = false;       ///< An embedded struct field.
    bool is_field = false;
    bool is_param = false;       ///< A parameter, result or receiver.
    bool used = false;
    /// Lives in the package's globals (script-mode top level included).
    bool package_level = false;
    // set by the compiler's escape analysis
    bool address_taken = false;
    bool captured = false;    ///< Used by a function literal other than the declaring function.
    bool reassigned = false;  ///< Assigned to after its declaration.
    const void* owner = nullptr;  ///< The FuncDecl or FuncLit node that declares it.
    std::int32_t global_offset = -1;  ///< Byte offset in the globals block, once laid out.
};

class Func : public Object {
  public:
    static constexpr ObjectKind kKind = ObjectKind::Func;
    Func(source::Pos p, Package* pkg, std::string_view n, Signature* s)
        : Object(kKind, p, pkg, n, s) {}
    Signature* signature() const { return static_cast<Signature*>(type); }
    /// Null for interface methods and natives without a declaration.
    ast::FuncDecl* decl = nullptr;
    bool pointer_receiver = false;
    bool body_checked = false;
    bool escapes_analysed = false;  ///< Set by the compiler.
    Func* origin = nullptr;  ///< The generic method this is an instance of; else null.
    /// The native's entry, for a function bound without declaration.
    const void* native = nullptr;
};

class Label : public Object {
  public:
    static constexpr ObjectKind kKind = ObjectKind::Label;
    Label(source::Pos p, Package* pkg, std::string_view n) : Object(kKind, p, pkg, n, nullptr) {}
    bool used = false;
    ast::LabeledStmt* stmt = nullptr;
};

enum class Builtin : std::uint8_t {
    Append, Cap, Clear, Close, Complex, Copy, Delete, Imag, Len, Make, Max, Min, New, Panic, Print,
    Println, Real, Recover,
};

class BuiltinObject : public Object {
  public:
    static constexpr ObjectKind kKind = ObjectKind::Builtin;
    BuiltinObject(std::string_view n, Builtin b) : Object(kKind, {}, nullptr, n, nullptr), id(b) {}
    Builtin id;
};

class Nil : public Object {
  public:
    static constexpr ObjectKind kKind = ObjectKind::Nil;
    explicit Nil(Type* t) : Object(kKind, {}, nullptr, "nil", t) {}
};

template <class T>
T* as(Object* object) {
    return object != nullptr && object->kind == T::kKind ? static_cast<T*>(object) : nullptr;
}

class Scope {
  public:
    explicit Scope(Scope* p) : parent(p) {}
    Scope* parent;
    source::Pos pos, end;
    bool is_func = false;
    /// The object of that name declared in this very scope, or null.
    Object* lookup(std::string_view name) const;
    /// Declares `object`; returns the one already there, if any, and then changes nothing.
    Object* insert(Object* object);
    const std::vector<Object*>& objects() const { return order_; }  ///< In order of insertion.

  private:
    std::vector<Object*> order_;
    std::unordered_map<std::string_view, Object*> by_name_;  ///< Used from some size on.
};

/// `lhs = rhs` at package level, in initialisation order. `lhs` is empty for `var _ = f()`'s blank.
struct Initializer {
    std::vector<Var*> lhs;  ///< One, or several for a multi-value call; a blank's entry is null.
    ast::Expr* rhs = nullptr;
};

class Package {
  public:
    Package(std::string_view p, std::string_view n, Scope* s) : path(p), name(n), scope(s) {}
    std::string path;
    std::string name;
    Scope* scope;
    std::vector<Package*> imports;      ///< Direct, in order of appearance.
    std::vector<ast::File*> files;
    std::vector<Initializer> init_order;
    std::vector<ast::FuncDecl*> init_funcs;  ///< func init(), in order.
    /// All other functions and methods with their objects set.
    std::vector<ast::FuncDecl*> funcs;
    bool lazy_bodies = false;  ///< Function bodies are checked on request (standard library).
    bool complete = false;
};

enum class SelectionKind : std::uint8_t { FieldVal, MethodVal, MethodExpr };

/// What x.f means.
struct Selection {
    SelectionKind kind;
    Type* recv;                ///< The type of x (for MethodExpr: the type T in T.f).
    Object* object;            ///< Var (field) or Func (method).
    /// Field indices through embedded fields; the last is the field's own index, or for a method its
    /// index (unused by the compiler).
    std::vector<int> path;
    bool indirect;             ///< A pointer was followed on the way.
};

}  // namespace csp::types
