#pragma once

// The checker's working parts. A method a construct; the bodies are in files named after the construct.
// Each expression gets its findings written into the node: mode, type, constant value. After an error
// the mode is Invalid, and whoever meets it says nothing more.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "interpreter/ast/print_expr.h"
#include "interpreter/check/check.h"
#include "interpreter/constant/value.h"
#include "interpreter/types/predicates.h"
#include "interpreter/types/typeset.h"

namespace csp::check {

using namespace ast;
using types::BasicKind;
using types::Object;
using types::Package;
using types::Scope;
using types::Signature;
using types::Tuple;
using types::Type;
using types::Var;

/// How many declarations may depend on one another in a row, and how deep types may be nested.
constexpr std::size_t kMaxNesting = 500;

/// What a fallthrough statement would be at a place.
enum class Fallthrough : std::uint8_t { OutOfPlace, FinalCase, Allowed };

/// How a package-level object was declared.
struct DeclInfo {
    Package* package = nullptr;
    Scope* file_scope = nullptr;
    ast::ValueSpec* spec = nullptr;      ///< Const or Var.
    ast::ValueSpec* inherited = nullptr; ///< Const: whose type and values count (implicit repetition).
    std::size_t index = 0;
    ast::TypeSpec* type_spec = nullptr;
    ast::FuncDecl* func = nullptr;
    AssignStmt* script = nullptr;        ///< Script mode: the := that declares it.
    std::size_t order = 0;
    std::set<Object*> uses;              ///< Package-level objects it refers to.
};

/// A block of a function, for labels and goto.
struct BlockInfo {
    int parent = -1;
    std::vector<const Var*> variables;
};

/// What surrounds the code being checked.
struct Context {
    Package* package = nullptr;
    Scope* scope = nullptr;
    Signature* signature = nullptr;       ///< Of the function; null outside.
    const constant::Value* iota = nullptr;
    source::Pos repeated_at;              ///< Of an implicit repetition in a const group: names are looked up from here.
    DeclInfo* declaration = nullptr;      ///< Collects what is referred to.
    std::vector<SyncStmt*> scopes;        ///< Innermost sync { } last.
    bool script_level = false;            ///< A top-level statement of a script.
    bool named_results = false;
    std::vector<Stmt*> breakable;
    std::vector<Stmt*> continuable;
    std::map<Stmt*, std::string_view> labels_of;  ///< Label of a breakable statement.
    struct LabelUse {
        BranchStmt* stmt;
        int block;
    };
    struct LabelInfo {
        LabeledStmt* stmt;
        int block;
        bool used;
    };
    std::map<std::string, LabelInfo, std::less<>> labels;
    std::vector<LabelUse> gotos;
    std::vector<BlockInfo> blocks;
    int block = -1;
    std::vector<Var*> locals;
    Fallthrough fallthrough = Fallthrough::OutOfPlace;
};

class Checker::Impl {
  public:
    Impl(types::Universe& universe, base::Arena& arena, const source::SourceSet& sources, PackageLoader& loader,
         diag::Sink& sink);

    Package* check(const PackageSource& source);
    bool check_body(types::Func& func);
    std::vector<Package*> packages;

  private:
    // ---- errors ----
    void error(diag::Code code, source::Pos pos, std::string message, std::string hint = {});
    std::string str(const Type* type) const { return types::to_string(type, cx_.package); }
    std::string describe(const Expr* x) const;  ///< "x (variable of type int)"
    using NameVisitor = std::function<void(std::string_view)>;
    static std::string closest(std::string_view name, const std::function<void(const NameVisitor&)>& each);
    std::string suggest(std::string_view name) const;
    std::string suggest_member(Type* type, std::string_view name) const;
    std::string_view why_not_granted(const Object& object) const;
    /// False, with an error at `at`: the host has not granted what the object needs.
    [[nodiscard]] bool granted(source::Pos at, const Object& object, const std::function<std::string()>& name);
    std::string place(source::Pos pos) const { return source::to_string(sources_.position(pos)); }
    /// "\n\tfile:line:col: other declaration of x", the second line of messages about redeclarations.
    std::string other_declaration(const Object& other) const;

    // ---- packages and declarations (resolve.cpp, decl.cpp) ----
    Package* import(std::string_view path, source::Pos pos);
    void collect(Package* package, const PackageSource& source);
    void collect_decl(Package* package, Scope* file_scope, Decl* decl);
    void collect_imports(Package* package, Scope* file_scope, File* file);
    void collect_script(Package* package, Scope* file_scope, File* file);
    void declare_package_object(Object* object, DeclInfo info, source::Pos pos);
    void collect_method(Package* package, Scope* file_scope, FuncDecl* decl);
    void bind_methods(Package* package);
    void resolve(Object* object);
    void resolve_const(types::Const* object, DeclInfo& info);
    void resolve_var(Var* object, DeclInfo& info);
    void resolve_type(types::TypeName* object, DeclInfo& info);
    bool postpone(types::TypeName& object);
    void declare_alias(types::TypeName* object, TypeSpec* spec);
    void alias_type(types::TypeName* object, TypeSpec* spec);
    void declare_type(types::Named* named, TypeSpec* spec);
    void resolve_func(types::Func* object, DeclInfo& info);
    void report_cycle(Object* object);
    void check_recursive(types::Named* named);
    int depth_of(const Type* type);
    bool nested_too_deeply(types::TypeName* object);
    void release_waiting(types::Named* named);
    void report_waiting(types::Named* named);
    void report_recursive(const std::vector<types::Named*>& cycle);
    void function_body(types::Func& func);
    void body(Signature* signature, FuncType* type, const Field* receiver, BlockStmt* block);
    void script_body(Package* package, Scope* file_scope, File* file);
    void unused_imports();
    void init_order(Package* package);
    bool report_init_cycle(Var* var);
    void report_init_cycle(const std::vector<Object*>& cycle);
    std::set<Object*> variables_needed(const DeclInfo& info) const;

    // ---- scopes ----
    Object* lookup(std::string_view name, source::Pos pos) const;
    void declare(Ident* name, Object* object, source::Pos from);
    void open_scope(source::Pos pos);
    void close_scope();
    struct ScopeGuard;

    // ---- types (type_expr.cpp) ----
    Type* type_of(Expr* x);               ///< The type that `x` denotes; reports when it denotes none.
    Type* type_or_null(Expr* x);          ///< Null when `x` is not a type expression.
    Type* invalid() { return universe_.basic(BasicKind::Invalid); }
    Type* array_type(ArrayType* x);
    Type* struct_type(StructType* x);
    Type* interface_type(InterfaceType* x);
    void check_interface(types::Interface* type, source::Pos pos);
    bool leads_back(const types::Interface* target, const Type* type, std::vector<const types::Interface*>& open);
    Signature* signature_type(FuncType* x, const Field* receiver);
    Tuple* tuple_type(List<Field*> fields, bool* variadic, std::vector<std::pair<Ident*, Var*>>& named);
    Type* set_type(Expr* x, Type* type);
    Type* pointer_to(Type* elem);
    Type* type_syntax(Expr* x);           ///< As type_or_null(), but a generic type may stay without arguments.
    Type* variable_type(Expr* x);         ///< A type that variables may have: not a constraint.
    void require_variable_type(Type* type, source::Pos pos);

    // ---- generics (type_params.cpp, instantiate.cpp, instance_cycle.cpp) ----
    void declare_type_params(List<Field*> fields, std::vector<types::TypeParam*>& params);
    types::TypeParam* declare_type_param(Ident* name, std::size_t index);
    Type* constraint(Expr* x);
    Type* union_type(Expr* x);
    void check_union(const types::Union* type, const std::vector<source::Pos>& positions);
    Type* receiver_type(Expr* x, Signature* signature);
    static bool is_generic(const Type* type);
    bool is_generic_name(Expr* x) { return generic_type_name(x) != nullptr; }
    types::TypeName* generic_type_name(Expr* x);
    std::string generic_name(Expr* x);
    bool require_instance(Expr* x, Type* hint);
    Type* instance_type(IndexExpr* x);
    bool count_matches(IndexExpr* x, std::size_t want, std::size_t have, const std::string& what);
    void verify_instance(source::Pos pos, List<Expr*> at, const std::vector<types::TypeParam*>& params,
                         const std::vector<Type*>& args);
    void instantiate_function(IndexExpr* x);
    void set_instance(Expr* x, Signature* generic, const std::vector<Type*>& args);
    bool infer_from_target(Expr* x, Type* target);
    bool infer_from_constraints(Expr* x);
    Signature* infer_call(CallExpr* x, Signature* callee, const std::vector<Type*>& have,
                          const std::vector<Type*>& params);
    std::string names_of(const std::vector<types::TypeParam*>& params) const;
    void record_instance(source::Pos pos, const std::vector<types::TypeParam*>& params,
                         const std::vector<Type*>& args);
    types::TypeParam* canonical_param(types::TypeParam* param) const;
    void instance_cycles();

    // ---- expressions (expr.cpp, operator.cpp, call.cpp, builtin.cpp, literal.cpp, select.cpp) ----
    bool expr(Expr* x, Type* hint = nullptr);       ///< A single value; false after an error.
    bool single_value(Expr* x);
    bool raw(Expr* x, Type* hint = nullptr);        ///< Any expression, types and no-values included.
    bool generic(Expr* x, Type* hint = nullptr);    ///< As raw(); generic functions and types may lack arguments.
    bool value(Expr* x, Type* hint = nullptr) { return expr(x, hint); }
    void set(Expr* x, Mode mode, Type* type, const constant::Value* value = nullptr);
    void fail(Expr* x) { set(x, Mode::Invalid, invalid()); }
    void ident(Ident* x);
    void basic_lit(BasicLit* x);
    void func_lit(FuncLit* x);
    void composite(CompositeLit* x, Type* hint);
    void elements(CompositeLit* x, Type* elem, std::int64_t* length);
    void field_value(Expr* x, const Var* field);
    void struct_elements(CompositeLit* x, types::Struct* type, Type* named);
    void selector(SelectorExpr* x);
    void index(IndexExpr* x);
    void index_param(IndexExpr* x);
    bool index_value(Expr* x, std::int64_t length, std::int64_t* constant_value, const char* what = "index");
    void slice(SliceExpr* x);
    void assertion(TypeAssertExpr* x);
    void star(StarExpr* x);
    void unary(UnaryExpr* x, Type* hint);
    void binary(BinaryExpr* x, Type* hint);
    void shift(BinaryExpr* x, Type* hint);
    void comparison(BinaryExpr* x);
    bool match(Expr* x, Expr* y, BinaryExpr* whole);
    void call(CallExpr* x);
    void conversion(CallExpr* x, Type* target);
    bool convertible(Expr* x, Type* target, std::string* cause);
    bool constant_to_param(Expr* arg, Type* target);
    Signature* arguments(CallExpr* x, Signature* signature, const std::string& name);
    Signature* assign_arguments(CallExpr* x, Signature* signature, const Tuple* tuple, const std::string& name);
    void builtin(CallExpr* x, types::Builtin id);
    void spread_results(CallExpr* x, types::Builtin id);
    void make_call(CallExpr* x);
    void append_call(CallExpr* x);
    void copy_call(CallExpr* x);
    void len_call(CallExpr* x, bool cap);
    void min_max(CallExpr* x, bool max);
    void complex_call(CallExpr* x);
    void real_call(CallExpr* x, bool imag);
    void assert_possible(Type* from, Type* target, Expr* at, bool in_switch, Expr* x);

    // ---- conversions of untyped values (convert.cpp) ----
    bool representable(const constant::Value* value, Type* type, const constant::Value** rounded);
    bool fits(Expr* x, Type* type);                 ///< Reports overflow and truncation.
    void finalize(Expr* x, Type* type);             ///< Gives an untyped expression its type, recursively.
    bool convert_untyped(Expr* x, Type* target, const char* context);
    void use_default(Expr* x);
    bool assignable(Expr* x, Type* target, std::string* cause);
    bool assign_to(Expr* x, Type* target, const std::string& context);
    void overflow(Expr* x);

    // ---- statements (stmt.cpp, assign.cpp, switch.cpp, label.cpp, flow.cpp) ----
    void statements(List<Stmt*> list);
    void statement(Stmt* s);
    void block(BlockStmt* s);
    void decl_stmt(GenDecl* decl);
    void local_const(ValueSpec* spec, ValueSpec* inherited);
    void local_var(ValueSpec* spec);
    void local_type(TypeSpec* spec);
    void simple_expr(ExprStmt* s);
    void assign(AssignStmt* s);
    void define(AssignStmt* s);
    void assign_operation(AssignStmt* s);
    Type* lhs(Expr* x);
    /// Types for `count` left sides out of the right sides; empty after an error.
    bool unpack(List<Expr*> rhs, std::size_t count, std::vector<Type*>& out, source::Pos at, const char* what,
                const std::vector<Type*>& hints, bool returning);
    void init_vars(const std::vector<Var*>& vars, List<Expr*> values, source::Pos at);
    void return_stmt(ReturnStmt* s);
    void branch(BranchStmt* s);
    void if_stmt(IfStmt* s);
    void for_stmt(ForStmt* s);
    void range_stmt(RangeStmt* s);
    void switch_stmt(SwitchStmt* s);
    void type_switch(TypeSwitchStmt* s);
    void select_stmt(SelectStmt* s);
    void call_stmt(Expr* x, const char* keyword);
    void sync_stmt(SyncStmt* s);
    /// A name that the source does not have, of a variable of its own.
    Ident* hidden_variable(source::Pos pos, std::string_view name, Type* type);
    CallExpr* method_call(Ident* on, std::string_view method);
    void send(SendStmt* s);
    void finish_labels();
    void unused_variables();
    bool terminates(const Stmt* s) const;
    bool terminates(List<Stmt*> list) const;
    bool has_break(const Stmt* s, const Stmt* target) const;
    bool has_break(List<Stmt*> list, const Stmt* target) const;

    Var* new_var(Ident* name, Type* type);
    types::Universe& universe_;
    base::Arena& arena_;
    const source::SourceSet& sources_;
    PackageLoader& loader_;
    diag::Sink& sink_;
    Context cx_;
    std::unordered_map<Object*, DeclInfo> infos_;
    std::vector<Object*> path_;  ///< Objects being resolved.
    std::unordered_map<const Type*, int> depths_;  ///< Of declared types and their parts; see nesting.cpp.
    std::map<std::string, Package*, std::less<>> by_path_;
    std::vector<std::string> importing_;  ///< Paths of the packages being checked, each imported by the one before.
    const PackageSource* source_ = nullptr;
    std::unordered_map<Package*, const PackageSource*> package_sources_;
    std::vector<std::pair<types::PkgName*, source::Pos>> imports_;
    std::vector<std::pair<Package*, source::Pos>> dot_imports_;
    std::set<const Package*> dot_used_;
    std::vector<std::pair<FuncDecl*, Scope*>> methods_;
    std::vector<Var*> variables_;  // package level, the blank ones too, in source order
    struct Awaited {
        types::Named* named;
        Type* from;  ///< What the waiting type is declared as: `named` or an instance of it.
    };
    std::unordered_map<types::Named*, Awaited> waits_for_;  // declared as a type still being declared
    int open_aliases_ = 0;                        ///< Being declared.
    std::vector<types::TypeName*> postponed_;     ///< Declared types that wait for them.
    std::vector<types::Named*> recursion_checks_;  ///< Declared types whose check_recursive() is due.
    std::vector<std::function<void()>> later_;
    std::unordered_map<const types::Interface*, source::Pos> interface_positions_;
    std::set<const types::Interface*> cyclic_;  ///< Anonymous interfaces on a reported cycle.
    struct InstanceEdge {
        types::TypeParam* to;
        bool grows;  ///< The argument contains the parameter, and is not it.
        source::Pos pos;
        const Type* arg;
    };
    std::unordered_map<types::TypeParam*, std::vector<InstanceEdge>> instance_edges_;
    /// A method's type parameters, and those of its receiver's type that they stand for.
    std::unordered_map<types::TypeParam*, types::TypeParam*> receiver_params_;
    std::size_t order_ = 0;
};

struct Checker::Impl::ScopeGuard {
    ScopeGuard(Impl& i, source::Pos pos) : impl(i), scope(i.cx_.scope), block(i.cx_.block) { impl.open_scope(pos); }
    /// Not close_scope(): an exception may have come through a change of cx_.
    ~ScopeGuard() {
        impl.cx_.scope = scope;
        impl.cx_.block = block;
    }
    ScopeGuard(const ScopeGuard&) = delete;
    ScopeGuard& operator=(const ScopeGuard&) = delete;
    Impl& impl;
    Scope* const scope;
    const int block;
};

}  // namespace csp::check
