#pragma once

// The syntax tree. Node names follow Go's own go/ast package, which readers of Go tools know.
// Nodes live in an arena and die with it; lists are spans into the same arena; names and literal
// texts are views of the source text (or of a package image) and live as long as its owner.
//
// The checker writes its findings into the nodes (the members under "set by the checker"), and the
// compiler reads them there.

#include <cstdint>
#include <span>
#include <string_view>

#include "interpreter/source/source.h"

namespace csp::types {
class Type;
class Object;
class Var;
class Func;
class Signature;
class Scope;
struct Selection;
}  // namespace csp::types

namespace csp::constant {
class Value;
}

namespace csp::ast {

using source::Pos;

enum class Kind : std::uint8_t {
    // expressions
    BadExpr, Ident, BasicLit, CompositeLit, FuncLit, ParenExpr, SelectorExpr, IndexExpr, SliceExpr,
    TypeAssertExpr, CallExpr, StarExpr, UnaryExpr, BinaryExpr, KeyValueExpr,
    // types
    ArrayType, StructType, FuncType, InterfaceType, MapType, ChanType, Ellipsis,
    // statements
    BadStmt, DeclStmt, EmptyStmt, LabeledStmt, ExprStmt, SendStmt, IncDecStmt, AssignStmt, GoStmt,
    DeferStmt, ReturnStmt, BranchStmt, BlockStmt, IfStmt, CaseClause, SwitchStmt, TypeSwitchStmt,
    CommClause, SelectStmt, ForStmt, RangeStmt, SyncStmt,
    // declarations
    ImportSpec, ValueSpec, TypeSpec, GenDecl, FuncDecl,
};

/// Operators, for UnaryExpr, BinaryExpr, AssignStmt and IncDecStmt.
enum class Op : std::uint8_t {
    None,
    Add, Sub, Mul, Quo, Rem, And, Or, Xor, Shl, Shr, AndNot,  // + - * / % & | ^ << >> &^
    LAnd, LOr,                                                // && ||
    Eq, Ne, Lt, Le, Gt, Ge,
    Not,    // !x
    Arrow,  // <-x
    Tilde,  // ~T, in constraints only
};

/// The spelling of `op`, as in "<<".
std::string_view spelling(Op op);

struct Node {
    Kind kind;
    Pos pos;  ///< First byte.
    Pos end;  ///< One past the last byte.

  protected:
    explicit Node(Kind k) : kind(k) {}
};

/// What the checker found an expression to be.
enum class Mode : std::uint8_t {
    Unchecked, Invalid, NoValue, Builtin, TypeExpr, Constant,
    Variable,   ///< Addressable.
    MapIndex,   ///< Not addressable, but may be assigned to.
    Value,
    CommaOk,    ///< A value that may also be used in a two-value context.
    NilValue,
};

struct Expr : Node {
    // set by the checker
    Mode mode = Mode::Unchecked;
    /// The type, final (no untyped type is left except for nil and for unused constants). For a
    /// TypeExpr the type it denotes. For a comma-ok use still the single value's type.
    types::Type* type = nullptr;
    const constant::Value* value = nullptr;  ///< For Mode::Constant, converted to `type`.

  protected:
    using Node::Node;
};

struct Stmt : Node {
  protected:
    using Node::Node;
};

struct Decl : Node {
  protected:
    using Node::Node;
};

template <class T>
using List = std::span<T>;

struct BlockStmt;
struct FuncType;

// ---- expressions ----

struct BadExpr : Expr {
    static constexpr Kind kKind = Kind::BadExpr;
    BadExpr() : Expr(kKind) {}
};

struct Ident : Expr {
    static constexpr Kind kKind = Kind::Ident;
    Ident() : Expr(kKind) {}
    std::string_view name;
    // set by the checker
    types::Object* object = nullptr;  ///< What it declares or uses; null for the blank identifier.
    bool is_hidden = false;           ///< Made by the checker: names `object`, whatever is in scope.
    /// Where it uses a generic function: the type arguments, written or inferred. (See go/types' Instances.)
    List<types::Type*> type_args;
};

enum class LitKind : std::uint8_t { Int, Float, Imag, Char, String };

struct BasicLit : Expr {
    static constexpr Kind kKind = Kind::BasicLit;
    BasicLit() : Expr(kKind) {}
    LitKind lit = LitKind::Int;
    std::string_view text;  ///< As written, with quotes and prefixes.
};

struct CompositeLit : Expr {
    static constexpr Kind kKind = Kind::CompositeLit;
    CompositeLit() : Expr(kKind) {}
    Expr* type_expr = nullptr;  ///< Null where the type is elided.
    List<Expr*> elements;       ///< KeyValueExpr or values.
    Pos rbrace;
};

struct FuncLit : Expr {
    static constexpr Kind kKind = Kind::FuncLit;
    FuncLit() : Expr(kKind) {}
    FuncType* func_type = nullptr;
    BlockStmt* body = nullptr;
};

struct ParenExpr : Expr {
    static constexpr Kind kKind = Kind::ParenExpr;
    ParenExpr() : Expr(kKind) {}
    Expr* x = nullptr;
};

struct SelectorExpr : Expr {
    static constexpr Kind kKind = Kind::SelectorExpr;
    SelectorExpr() : Expr(kKind) {}
    Expr* x = nullptr;
    Ident* sel = nullptr;
    // set by the checker
    types::Selection* selection = nullptr;  ///< Null for package.Name (then sel->object is it).
};

/// x[i], and also x[T], x[T1, T2]: which it is, the checker decides.
struct IndexExpr : Expr {
    static constexpr Kind kKind = Kind::IndexExpr;
    IndexExpr() : Expr(kKind) {}
    Expr* x = nullptr;
    List<Expr*> indices;  ///< At least one.
};

struct SliceExpr : Expr {
    static constexpr Kind kKind = Kind::SliceExpr;
    SliceExpr() : Expr(kKind) {}
    Expr* x = nullptr;
    Expr* low = nullptr;
    Expr* high = nullptr;
    Expr* max = nullptr;
    bool three = false;
    Pos second_colon;  ///< Of x[a:b:c], in which b and c may be missing.
};

struct TypeAssertExpr : Expr {
    static constexpr Kind kKind = Kind::TypeAssertExpr;
    TypeAssertExpr() : Expr(kKind) {}
    Expr* x = nullptr;
    Expr* type_expr = nullptr;  ///< Null for x.(type).
};

/// What a call turned out to be.
enum class CallKind : std::uint8_t { Unknown, Call, Conversion, Builtin };

struct CallExpr : Expr {
    static constexpr Kind kKind = Kind::CallExpr;
    CallExpr() : Expr(kKind) {}
    Expr* fun = nullptr;
    List<Expr*> args;  ///< The first may be a type (make, new).
    Pos ellipsis;      ///< Known when the last argument is followed by "...".
    Pos rparen;
    // set by the checker
    CallKind call = CallKind::Unknown;
    std::uint8_t builtin = 0;               ///< types::Builtin, when call == Builtin.
    types::Signature* signature = nullptr;  ///< The callee's (instantiated) signature, when call == Call.
    /// builtin(f()) with several results: the call; `args` are then names of hidden variables for its results.
    CallExpr* spread = nullptr;
};

/// *x: a dereference or a pointer type.
struct StarExpr : Expr {
    static constexpr Kind kKind = Kind::StarExpr;
    StarExpr() : Expr(kKind) {}
    Expr* x = nullptr;
};

/// + - ! ^ & <- and, in constraints, ~.
struct UnaryExpr : Expr {
    static constexpr Kind kKind = Kind::UnaryExpr;
    UnaryExpr() : Expr(kKind) {}
    Op op = Op::None;  ///< Add Sub Not Xor And(&x) Arrow Tilde
    Expr* x = nullptr;
};

struct BinaryExpr : Expr {
    static constexpr Kind kKind = Kind::BinaryExpr;
    BinaryExpr() : Expr(kKind) {}
    Op op = Op::None;
    Pos op_pos;
    Expr* x = nullptr;
    Expr* y = nullptr;
    bool assigns = false;  ///< Stands for x op= y; set by the checker.
};

struct KeyValueExpr : Expr {
    static constexpr Kind kKind = Kind::KeyValueExpr;
    KeyValueExpr() : Expr(kKind) {}
    Expr* key = nullptr;
    Expr* value_expr = nullptr;
};

// ---- types ----

/// [n]T, [...]T or []T.
struct ArrayType : Expr {
    static constexpr Kind kKind = Kind::ArrayType;
    ArrayType() : Expr(kKind) {}
    Expr* length = nullptr;  ///< Null: a slice type; an Ellipsis: [...]T.
    Expr* elem = nullptr;
};

/// Parameters, results, struct fields, interface elements. `names` empty: unnamed or embedded.
struct Field {
    List<Ident*> names;
    Expr* type = nullptr;      ///< An Ellipsis for a variadic parameter.
    BasicLit* tag = nullptr;   ///< Struct fields only.
    Pos pos;
};

struct StructType : Expr {
    static constexpr Kind kKind = Kind::StructType;
    StructType() : Expr(kKind) {}
    List<Field*> fields;
};

struct FuncType : Expr {
    static constexpr Kind kKind = Kind::FuncType;
    FuncType() : Expr(kKind) {}
    List<Field*> type_params;
    List<Field*> params;
    List<Field*> results;
};

/// Methods have one name and a FuncType; embedded elements have no name and any type expression
/// (unions are BinaryExpr with Op::Or, approximations UnaryExpr with Op::Tilde).
struct InterfaceType : Expr {
    static constexpr Kind kKind = Kind::InterfaceType;
    InterfaceType() : Expr(kKind) {}
    List<Field*> elements;
};

struct MapType : Expr {
    static constexpr Kind kKind = Kind::MapType;
    MapType() : Expr(kKind) {}
    Expr* key = nullptr;
    Expr* elem = nullptr;
};

enum class ChanDir : std::uint8_t { Both, Send, Recv };

struct ChanType : Expr {
    static constexpr Kind kKind = Kind::ChanType;
    ChanType() : Expr(kKind) {}
    ChanDir dir = ChanDir::Both;
    Expr* elem = nullptr;
};

/// ...T in a parameter list, or the "..." of [...]T (elem null).
struct Ellipsis : Expr {
    static constexpr Kind kKind = Kind::Ellipsis;
    Ellipsis() : Expr(kKind) {}
    Expr* elem = nullptr;
};

// ---- statements ----

struct BadStmt : Stmt {
    static constexpr Kind kKind = Kind::BadStmt;
    BadStmt() : Stmt(kKind) {}
};

struct GenDecl;

struct DeclStmt : Stmt {
    static constexpr Kind kKind = Kind::DeclStmt;
    DeclStmt() : Stmt(kKind) {}
    GenDecl* decl = nullptr;
};

struct EmptyStmt : Stmt {
    static constexpr Kind kKind = Kind::EmptyStmt;
    EmptyStmt() : Stmt(kKind) {}
};

struct LabeledStmt : Stmt {
    static constexpr Kind kKind = Kind::LabeledStmt;
    LabeledStmt() : Stmt(kKind) {}
    Ident* label = nullptr;
    Stmt* stmt = nullptr;
};

struct ExprStmt : Stmt {
    static constexpr Kind kKind = Kind::ExprStmt;
    ExprStmt() : Stmt(kKind) {}
    Expr* x = nullptr;
};

struct SendStmt : Stmt {
    static constexpr Kind kKind = Kind::SendStmt;
    SendStmt() : Stmt(kKind) {}
    Expr* chan = nullptr;
    Expr* value = nullptr;
    Pos arrow;
};

struct IncDecStmt : Stmt {
    static constexpr Kind kKind = Kind::IncDecStmt;
    IncDecStmt() : Stmt(kKind) {}
    Expr* x = nullptr;
    bool increment = true;
};

/// lhs = rhs, lhs := rhs, lhs op= rhs.
struct AssignStmt : Stmt {
    static constexpr Kind kKind = Kind::AssignStmt;
    AssignStmt() : Stmt(kKind) {}
    List<Expr*> lhs;
    List<Expr*> rhs;
    Pos op_pos;
    Op op = Op::None;     ///< For op=.
    bool define = false;  ///< For :=. A new variable's Ident has object->pos() == ident->pos.
};

/// The checker reports a call that is none; `call` may therefore be any expression before checking.
struct GoStmt : Stmt {
    static constexpr Kind kKind = Kind::GoStmt;
    GoStmt() : Stmt(kKind) {}
    Expr* call = nullptr;
    // set by the checker
    struct SyncStmt* scope = nullptr;  ///< The innermost `sync { }` it is written in, in the same function.
};

struct DeferStmt : Stmt {
    static constexpr Kind kKind = Kind::DeferStmt;
    DeferStmt() : Stmt(kKind) {}
    Expr* call = nullptr;
};

struct ReturnStmt : Stmt {
    static constexpr Kind kKind = Kind::ReturnStmt;
    ReturnStmt() : Stmt(kKind) {}
    List<Expr*> results;
};

enum class Branch : std::uint8_t { Break, Continue, Goto, Fallthrough };

struct BranchStmt : Stmt {
    static constexpr Kind kKind = Kind::BranchStmt;
    BranchStmt() : Stmt(kKind) {}
    Branch branch = Branch::Break;
    Ident* label = nullptr;
    // set by the checker
    Stmt* target = nullptr;  ///< The statement left or continued (For, Range, Switch, TypeSwitch,
                             ///< Select), or for goto the LabeledStmt. Null for fallthrough.
};

struct BlockStmt : Stmt {
    static constexpr Kind kKind = Kind::BlockStmt;
    BlockStmt() : Stmt(kKind) {}
    List<Stmt*> stmts;
    Pos rbrace;
};

struct IfStmt : Stmt {
    static constexpr Kind kKind = Kind::IfStmt;
    IfStmt() : Stmt(kKind) {}
    Stmt* init = nullptr;
    Expr* cond = nullptr;
    BlockStmt* then = nullptr;
    Stmt* otherwise = nullptr;  ///< IfStmt, BlockStmt or null.
};

/// A clause of a switch or type switch.
struct CaseClause : Stmt {
    static constexpr Kind kKind = Kind::CaseClause;
    CaseClause() : Stmt(kKind) {}
    bool is_default = false;
    List<Expr*> values;  ///< Expressions, or types (and nil).
    List<Stmt*> body;
    // set by the checker
    types::Var* object = nullptr;  ///< The clause's own variable in `switch x := y.(type)`.
};

struct SwitchStmt : Stmt {
    static constexpr Kind kKind = Kind::SwitchStmt;
    SwitchStmt() : Stmt(kKind) {}
    Stmt* init = nullptr;
    Expr* tag = nullptr;  ///< Null: switch true.
    List<CaseClause*> clauses;
};

/// switch init; name := x.(type) { }
struct TypeSwitchStmt : Stmt {
    static constexpr Kind kKind = Kind::TypeSwitchStmt;
    TypeSwitchStmt() : Stmt(kKind) {}
    Stmt* init = nullptr;
    Ident* name = nullptr;  ///< Null without `name :=`.
    Expr* x = nullptr;      ///< The operand, without `.(type)`.
    List<CaseClause*> clauses;
};

/// A clause of a select: `comm` is a SendStmt, an ExprStmt or AssignStmt with a receive, or null
/// for default.
struct CommClause : Stmt {
    static constexpr Kind kKind = Kind::CommClause;
    CommClause() : Stmt(kKind) {}
    Stmt* comm = nullptr;
    List<Stmt*> body;
};

struct SelectStmt : Stmt {
    static constexpr Kind kKind = Kind::SelectStmt;
    SelectStmt() : Stmt(kKind) {}
    List<CommClause*> clauses;
};

struct ForStmt : Stmt {
    static constexpr Kind kKind = Kind::ForStmt;
    ForStmt() : Stmt(kKind) {}
    Stmt* init = nullptr;
    Expr* cond = nullptr;
    Stmt* post = nullptr;
    BlockStmt* body = nullptr;
};

struct RangeStmt : Stmt {
    static constexpr Kind kKind = Kind::RangeStmt;
    RangeStmt() : Stmt(kKind) {}
    Expr* key = nullptr;
    Expr* value = nullptr;
    Expr* surplus = nullptr;  ///< The third variable, which the checker reports.
    bool define = false;
    Expr* x = nullptr;
    BlockStmt* body = nullptr;
};

/// sync mu { } with a lock, or sync { } without.
struct SyncStmt : Stmt {
    static constexpr Kind kKind = Kind::SyncStmt;
    SyncStmt() : Stmt(kKind) {}
    Expr* lock = nullptr;
    BlockStmt* body = nullptr;
    // set by the checker, where there is a lock
    Ident* held = nullptr;      ///< Names a hidden variable that holds what is locked.
    CallExpr* enter = nullptr;  ///< held.Lock()
    CallExpr* leave = nullptr;  ///< held.Unlock()
};

// ---- declarations ----

struct ImportSpec : Decl {
    static constexpr Kind kKind = Kind::ImportSpec;
    ImportSpec() : Decl(kKind) {}
    Ident* name = nullptr;  ///< May be "_" or ".".
    BasicLit* path = nullptr;
};

/// One line of a const or var declaration.
struct ValueSpec : Decl {
    static constexpr Kind kKind = Kind::ValueSpec;
    ValueSpec() : Decl(kKind) {}
    List<Ident*> names;
    Expr* type_expr = nullptr;
    List<Expr*> values;
    std::int64_t iota = 0;  ///< Index in the const group.
};

struct TypeSpec : Decl {
    static constexpr Kind kKind = Kind::TypeSpec;
    TypeSpec() : Decl(kKind) {}
    Ident* name = nullptr;
    List<Field*> type_params;
    bool is_alias = false;
    Expr* type_expr = nullptr;
};

enum class DeclKind : std::uint8_t { Import, Const, Type, Var };

struct GenDecl : Decl {
    static constexpr Kind kKind = Kind::GenDecl;
    GenDecl() : Decl(kKind) {}
    DeclKind decl = DeclKind::Var;
    List<Decl*> specs;  ///< ImportSpec, ValueSpec or TypeSpec.
};

struct FuncDecl : Decl {
    static constexpr Kind kKind = Kind::FuncDecl;
    FuncDecl() : Decl(kKind) {}
    Field* receiver = nullptr;  ///< Null for a function. One name or none.
    Ident* name = nullptr;
    FuncType* func_type = nullptr;
    BlockStmt* body = nullptr;  ///< Null: implemented natively.
    // set by the checker
    types::Func* object = nullptr;
};

/// One source file.
struct File {
    Ident* package = nullptr;  ///< Null in script mode.
    List<ImportSpec*> imports;
    List<Decl*> decls;  ///< In source order, imports included.
    /// Script mode: the top-level statements, in order. Top-level `func` and `type` declarations and
    /// imports go to `decls`; everything else, `var`, `const` and `:=` included, stands here, and
    /// runs as the body of main.
    List<Stmt*> script;
    Pos pos;
    Pos end;
    bool is_script() const { return package == nullptr; }
};

/// `node` as a T, or null when it is of another kind.
template <class T>
T* as(Node* node) {
    return node != nullptr && node->kind == T::kKind ? static_cast<T*>(node) : nullptr;
}
template <class T>
const T* as(const Node* node) {
    return node != nullptr && node->kind == T::kKind ? static_cast<const T*>(node) : nullptr;
}

/// `x` without the parentheses around it.
inline Expr* unparen(Expr* x) {
    while (auto* paren = as<ParenExpr>(x)) x = paren->x;
    return x;
}

}  // namespace csp::ast
