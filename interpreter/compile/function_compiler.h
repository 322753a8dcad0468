#pragma once

// The code of one function. A method a construct; the bodies are in files named after the construct.
//
// Values live in slots. expr() answers where a value is: a variable's own slot, or a temporary.
// Temporaries are allocated like a stack and given back at the end of the statement (Temps).

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "interpreter/bytecode/builder.h"
#include "interpreter/compile/compiler.h"

namespace csp::compile {

using bytecode::Label;
using bytecode::Opcode;

/// How a value of a type moves between memory and slots.
enum class Access : std::uint8_t { U8, S8, U16, S16, U32, S32, W64, P128, Pair, N, Nothing };
Access access_of(const runtime::Type& type);

/// Where an assignable (or just readable) thing is.
struct Place {
    enum class Kind : std::uint8_t {
        Blank,
        Frame,      ///< Frame slot `slot`, plus `offset` bytes.
        Memory,     ///< At the address in slot `slot`, plus `offset` bytes.
        Global,     ///< `offset` bytes into the globals.
        Element,    ///< Element `index` of the slice in slot `slot`.
        MapElement, ///< Entry with key at `index` of the map in slot `slot`.
    };
    Kind kind = Kind::Blank;
    std::uint32_t slot = 0;
    std::uint32_t index = 0;
    std::uint64_t offset = 0;
    const runtime::Type* type = nullptr;      ///< Of the thing.
    const runtime::Type* map_type = nullptr;  ///< MapElement.
};

/// Whether the frame of a function with `s` in its body needs deferred calls run at its end.
bool has_defer(const ast::Stmt* s);

class FunctionCompiler {
  public:
    /// `wide_jumps`: see bytecode::Builder; a second attempt after finish() said false.
    FunctionCompiler(Compiler& compiler, bytecode::Function& function, const Substitution& substitution,
                     FunctionCompiler* outer, bool wide_jumps);

    void declared(const ast::FuncDecl& decl, types::Signature* signature);
    void literal(const ast::FuncLit& literal);
    /// The top-level statements of a script, as the body of main.
    void script(ast::List<ast::Stmt*> list);
    /// A function whose body is made by `body`; the frame has the given result and parameter slots.
    void synthetic(std::uint32_t results, std::uint32_t params, const std::function<void()>& body);
    /// Moves the code into the function. False: a jump did not fit; compile again with wide jumps.
    bool finish();

    // ---- slots ----
    std::uint32_t temp(std::uint32_t slots = 1);
    std::uint32_t top() const { return top_; }
    void release(std::uint32_t to) { top_ = to; }

    bytecode::Builder code;

    // ---- expressions (expr.cpp and others) ----
    std::uint32_t expr(ast::Expr* x);
    void expr_to(ast::Expr* x, std::uint32_t to);
    /// The value converted implicitly to `target` (a concrete value to an interface).
    std::uint32_t expr_as(ast::Expr* x, types::Type* target);
    void expr_as_to(ast::Expr* x, types::Type* target, std::uint32_t to);
    void discard(ast::Expr* x);
    void jump_if(ast::Expr* x, bool when, Label to);
    /// As jump_if(x, true, to), where `to` is behind: counts the budget.
    void loop_if(ast::Expr* x, Label to);

    // ---- package level ----
    void initialize(const types::Initializer& init);
    void call_function(bytecode::Function* function);
    void statements(ast::List<ast::Stmt*> list);
    void emit_return();
    void move(std::uint32_t to, std::uint32_t from, std::uint32_t slots);
    void to_interface(std::uint32_t to, std::uint32_t from, types::Type* from_type, types::Type* target);
    void follow_path(Place& place, types::Type*& type, const std::vector<int>& path, std::size_t count,
                     source::Pos pos);
    void load(const Place& place, std::uint32_t to);
    void store(const Place& place, std::uint32_t from);
    std::uint32_t address(const Place& place);
    std::uint32_t call_area(std::uint32_t slots);
    void emit_call(bytecode::Function* callee, std::uint32_t area);
    std::uint32_t results_of(types::Signature* signature);
    std::uint32_t params_of(types::Signature* signature);
    std::uint32_t slots_of(types::Type* type);
    const runtime::Type* rt(types::Type* type);
    Compiler& compiler() { return compiler_; }

  private:
    struct Temps;  // gives temporaries back at the end of a scope

    // ---- types ----
    types::Type* subst(types::Type* type);
    types::Type* type_of(const ast::Expr* x) { return subst(x->type); }
    std::uint32_t slots_of(const ast::Expr* x) { return slots_of(x->type); }
    std::uint16_t index_of(types::Type* type);

    // ---- variables (variable.cpp) ----
    struct VarPlace {
        enum class Kind : std::uint8_t { Slot, Box, CapturedValue, CapturedBox } kind;
        std::uint32_t index;
    };
    bool must_be_boxed(const types::Var& var, const runtime::Type& type) const;
    /// Declares a local variable with the zero value, or with the value at `init`.
    void declare(types::Var* var, std::optional<std::uint32_t> init);
    /// Gives it a slot of its own, with no value yet.
    void declare_slot(types::Var* var);
    ast::CompositeLit* large_literal(ast::Expr* x, const runtime::Type& type);
    /// Declares it and evaluates `x` straight into it.
    void declare_with(types::Var* var, ast::Expr* x);
    Place var_place(types::Var& var);
    VarPlace find_var(types::Var& var);
    std::uint32_t capture(types::Var& var);

    // ---- places (place.cpp) ----
    Place place(ast::Expr* x);
    Place selector_place(ast::SelectorExpr* x);
    Place index_place(ast::IndexExpr* x);
    Place deref(std::uint32_t pointer, types::Type* elem);
    Place value_place(ast::Expr* x);  ///< Of any expression: evaluated to slots if not addressable.
    std::uint32_t address_of(ast::Expr* x);
    std::optional<std::uint32_t> as_slot(const Place& place);
    void load_memory(const runtime::Type& type, std::uint32_t to, std::uint32_t pointer, std::uint64_t offset);
    void store_memory(const runtime::Type& type, std::uint32_t from, std::uint32_t pointer,
                      std::uint64_t offset);

    // ---- expressions ----
    void constant_to(types::Type* type, const constant::Value* value, std::uint32_t to);
    std::optional<std::int64_t> small_constant(const ast::Expr* x);
    std::optional<std::uint32_t> expr_in_place(ast::Expr* x);
    void unary_to(ast::UnaryExpr* x, std::uint32_t to);
    void binary_to(ast::BinaryExpr* x, std::uint32_t to);
    void arithmetic(ast::Op op, types::Type* type, std::uint32_t to, std::uint32_t a, std::uint32_t b,
                    const ast::Expr* b_expr);
    void shift(ast::Op op, types::Type* type, std::uint32_t to, std::uint32_t a, ast::Expr* count);
    void canonical(types::Type* type, std::uint32_t slot);
    void comparison_to(ast::BinaryExpr* x, std::uint32_t to);
    void equal_to(types::Type* type, std::uint32_t to, std::uint32_t a, std::uint32_t b);
    bool compare_jump(ast::BinaryExpr* x, bool when, Label to, bool back);
    void concat_to(ast::BinaryExpr* x, std::uint32_t to);
    void receive(ast::UnaryExpr* x, std::uint32_t to, std::uint32_t ok);
    void index_to(ast::IndexExpr* x, std::uint32_t to);
    void slice_to(ast::SliceExpr* x, std::uint32_t to);
    void composite_to(ast::CompositeLit* x, std::uint32_t to);
    void fill_literal(ast::CompositeLit* x, types::Type* type, const Place& to);
    void element_to(ast::Expr* x, types::Type* type, const Place& to);
    types::Type* literal_type(ast::CompositeLit* x);
    void map_literal(ast::CompositeLit* x, types::Map* type, std::uint32_t to);
    void slice_literal(ast::CompositeLit* x, types::Type* elem, std::uint32_t to);
    void closure_to(ast::FuncLit* x, std::uint32_t to);
    void make_closure(bytecode::Function* function, const std::vector<types::Var*>& captured,
                      std::uint32_t to);
    void method_value_to(ast::SelectorExpr* x, std::uint32_t to);
    void method_expression_to(ast::SelectorExpr* x, std::uint32_t to);
    void function_value_to(bytecode::Function* function, std::uint32_t to);
    void function_name_to(ast::Expr* x, std::uint32_t to);
    bytecode::Function* named_function(const ast::Ident& name);
    types::Selection selection_of(const ast::SelectorExpr& x);
    void assertion(ast::Expr* x, types::Type* target, std::uint32_t to, std::uint32_t ok);
    void convert_to(ast::Expr* x, types::Type* target, std::uint32_t to);
    void convert_number(types::Type* from, types::Type* to_type, std::uint32_t from_slot, std::uint32_t to);

    // ---- calls (call.cpp, builtin.cpp) ----
    std::uint32_t call(ast::CallExpr* x);  ///< Answers where the results are.
    void arguments(ast::CallExpr* x, types::Signature* signature, std::uint32_t to);
    void spread_results(ast::CallExpr* x);
    void builtin_to(ast::CallExpr* x, std::optional<std::uint32_t> to);
    void append_to(ast::CallExpr* x, std::uint32_t to);
    void make_to(ast::CallExpr* x, std::uint32_t to);
    void min_max_to(ast::CallExpr* x, std::uint32_t to, bool max);
    void complex_to(ast::CallExpr* x, std::uint32_t to);
    void print(ast::CallExpr* x, bool line);
    /// Evaluates callee and arguments of a go or defer statement.
    struct Prepared {
        std::uint32_t closure;
        std::uint32_t area;
        std::uint32_t slots;
    };
    Prepared prepare(ast::CallExpr* x);
    Prepared prepare_builtin(ast::CallExpr* x);
    bytecode::Function* static_callee(ast::CallExpr* x, ast::Expr** receiver, types::Selection* selection);
    void receiver_to(ast::Expr* x, const types::Selection& selection, std::uint32_t to);

    // ---- statements (stmt.cpp, assign.cpp, switch.cpp, range.cpp, select.cpp, sync.cpp) ----
    void statement(ast::Stmt* stmt);
    void block(ast::BlockStmt* block);
    void assign(ast::AssignStmt* stmt);
    void assign_one(ast::Expr* lhs, ast::Expr* rhs);
    void assign_tuple(ast::AssignStmt* stmt);
    std::vector<Place> places_of(const std::vector<ast::Expr*>& lhs);
    void store_as(const Place& to, ast::Expr* lhs, std::uint32_t from, types::Type* from_type);
    void assign_operation(ast::Expr* lhs, ast::Op op, ast::Expr* rhs);
    void add_in_map(const Place& at, std::uint32_t addend);
    /// Stores the value at `from` of type `from_type` into `lhs`, or declares `lhs` with it.
    void assign_value(ast::Expr* lhs, bool define, std::uint32_t from, types::Type* from_type);
    /// `v, ok = x` for map index, receive and assertion.
    void comma_ok(ast::Expr* x, std::uint32_t to, std::uint32_t ok);
    bool defines(bool define, ast::Expr* lhs);
    void var_decl(ast::ValueSpec* spec);
    void inc_dec(ast::IncDecStmt* stmt);
    void return_stmt(ast::ReturnStmt* stmt);
    void keep_named_results();
    void leave_function();
    void branch(const ast::BranchStmt& stmt);
    Place result_place(std::size_t i, std::uint32_t slot);
    void if_stmt(ast::IfStmt* stmt);
    void for_stmt(ast::ForStmt* stmt);
    void range_stmt(ast::RangeStmt* stmt);
    void assign_pair(ast::RangeStmt* stmt, std::uint32_t key, types::Type* key_type, std::uint32_t value,
                     types::Type* value_type);
    bool counts(ast::RangeStmt* stmt, std::uint32_t counter);
    void range_int(ast::RangeStmt* stmt);
    void range_sequence(ast::RangeStmt* stmt);
    void range_string(ast::RangeStmt* stmt);
    void range_map(ast::RangeStmt* stmt);
    void range_chan(ast::RangeStmt* stmt);
    void range_func(ast::RangeStmt* stmt);
    void range_body_to(ast::RangeStmt* stmt, types::Var* state, std::uint32_t to);
    void range_body(ast::RangeStmt* stmt, types::Var* state);
    void leave_range(bool returns, const std::vector<const ast::BranchStmt*>& jumps);
    std::int32_t exit_code(const ast::BranchStmt& jump);
    bool has_target(const ast::BranchStmt& jump) const;
    void exit_range(std::int32_t exit);
    void exit_by_return();
    void bad_range(std::uint32_t state);
    types::Var* hidden_variable(types::Type* type, bool shared);
    void set_hidden(types::Var& var, std::int32_t value);
    std::uint32_t load_hidden(types::Var& var);
    void loop_body(ast::Stmt* stmt, ast::BlockStmt* body, Label next, Label end);
    void switch_stmt(ast::SwitchStmt* stmt);
    void type_switch(ast::TypeSwitchStmt* stmt);
    void select_stmt(ast::SelectStmt* stmt);
    void go_stmt(ast::GoStmt* stmt);
    void go_in_scope(ast::GoStmt* stmt, const Prepared& prepared);
    void defer_stmt(ast::DeferStmt* stmt);
    void sync_stmt(ast::SyncStmt* stmt);
    /// `body` as a sync block, which panics leave as `block` tells; `leave` emits what the other ways out do.
    void guarded(ast::BlockStmt* body, bytecode::SyncBlock block, const std::function<void()>& leave);
    void sync_lock(ast::SyncStmt* stmt);
    bytecode::SyncBlock unlocking(ast::Ident* held);
    void sync_scope(ast::SyncStmt* stmt);
    void copy_loop_variables(const std::vector<types::Var*>& vars);

    void begin(types::Signature* signature, const ast::Field* receiver, const ast::FuncType* type);
    void end_body();
    void body(const ast::BlockStmt* block);
    void mark_pointers(std::uint32_t slot, const runtime::Type& type);

    struct Target {
        ast::Stmt* stmt;
        Label on_break;
        Label on_continue;
        std::size_t cleanups;  ///< How many were active outside it.
    };
    /// A sync block that a jump out of it must leave properly.
    struct Cleanup {
        std::function<void()> run;
        std::uint32_t outside;  ///< The sync block around it.
    };
    /// Leaves the sync blocks that were entered since there were `down_to`; `next` emits what comes then.
    void leave_blocks(std::size_t down_to, const std::function<void()>& next);

    Compiler& compiler_;
    bytecode::Function& function_;
    Substitution substitution_;
    FunctionCompiler* outer_;
    types::Signature* signature_ = nullptr;
    std::uint32_t top_ = 0;
    std::uint32_t highest_ = 0;
    std::unordered_map<const types::Var*, VarPlace> places_;
    std::vector<types::Var*> captured_;  ///< By captured index (first slot); from the outer function.
    std::unordered_map<const types::Var*, std::uint32_t> captured_at_;
    std::uint32_t captured_slots_ = 0;
    std::vector<types::Var*> result_vars_;
    bool named_results_ = false;
    bool boxed_results_ = false;
    bool has_defers_ = false;
    Label epilogue_;
    std::vector<Target> targets_;
    std::vector<Cleanup> cleanups_;
    std::vector<bytecode::SyncBlock> sync_blocks_;
    std::vector<Label> fallthrough_;
    std::unordered_map<const ast::Stmt*, Label> labels_;
    std::unordered_map<const ast::Stmt*, std::size_t> label_cleanups_;
    std::unordered_map<const ast::SyncStmt*, types::Var*> scopes_;  ///< Hidden variables that hold the scopes.
    std::uint32_t literals_ = 0;

    /// Loops over functions (range_func.cpp).
    struct RangeFunc {
        types::Var* frame = nullptr;        ///< Identifies this function's frame, for defer in a body.
        types::Var* exit = nullptr;         ///< Where a body wants to go; null when none leaves.
        std::vector<types::Var*> results;   ///< What a body returns.
        std::vector<std::pair<ast::Branch, const ast::Stmt*>> jumps;  ///< Those with exit codes.
    };
    FunctionCompiler* root_;   ///< The function that a loop body belongs to; for a function, itself.
    RangeFunc range_;          ///< Of the present outermost loop in this function.
    Label range_break_;        ///< In a body: the end that returns false.
    std::uint32_t range_bodies_ = 0;
};

struct FunctionCompiler::Temps {
    explicit Temps(FunctionCompiler& f) : compiler(f), mark(f.top_) {}
    ~Temps() { compiler.top_ = mark; }
    Temps(const Temps&) = delete;
    Temps& operator=(const Temps&) = delete;
    FunctionCompiler& compiler;
    std::uint32_t mark;
};

}  // namespace csp::compile
