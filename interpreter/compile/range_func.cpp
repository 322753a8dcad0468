// for … range over a function: the loop body becomes a function that the iterator calls.
//
// What leaves the body for somewhere else than the loop's own end is noted in a hidden variable of the enclosing
// function, its exit code; the body returns false, and the enclosing function goes on from there after the iterator
// has returned. A second hidden variable, one a loop, tells an iterator that calls the body when it must not.
// Source: Go spec, "For statements with range clause"; the states are those of Go's rewrite of such loops.

#include <set>

#include "interpreter/ast/walk.h"
#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

using namespace ast;
using types::Var;

namespace {

// States of a loop. runtime.badRange (engine/runtime.csp) knows them too.
constexpr std::int32_t kReady = 0;      ///< The body may be called.
constexpr std::int32_t kRunning = 1;    ///< The body is running, or has ended by a panic.
constexpr std::int32_t kDone = 2;       ///< The body has returned false.
constexpr std::int32_t kExhausted = 3;  ///< The iterator has returned.
constexpr std::int32_t kLostPanic = 4;  ///< Not a state: the iterator swallowed a panic of the body.

// Exit codes. From kFirstJump on: the jumps that lead out of a loop, in the order of RangeFunc::jumps.
constexpr std::int32_t kNoExit = 0;
constexpr std::int32_t kReturn = 1;
constexpr std::int32_t kFirstJump = 2;

/// What a body does that leaves it.
class Exits {
  public:
    explicit Exits(const RangeStmt& loop) {
        inside_.insert(&loop);
        visit(loop.body);
        std::erase_if(jumps, [&](const BranchStmt* jump) { return inside_.contains(jump->target); });
    }
    bool returns = false;
    bool nested = false;  ///< There are loops in it, which may be left for this one.
    std::vector<const BranchStmt*> jumps;  ///< To statements outside the loop.

  private:
    void visit(const Stmt* s) {
        inside_.insert(s);
        if (s->kind == ast::Kind::ReturnStmt) returns = true;
        if (s->kind == ast::Kind::RangeStmt) nested = true;
        if (const auto* branch = as<BranchStmt>(s); branch != nullptr && branch->branch != Branch::Fallthrough)
            jumps.push_back(branch);
        each_substatement(s, [this](const Stmt* part) { visit(part); });
    }
    std::set<const Stmt*> inside_;
};

}  // namespace

Var* FunctionCompiler::hidden_variable(types::Type* type, bool shared) {
    auto* var = compiler_.universe().make_object<Var>(source::Pos(), nullptr, "", type);
    var->captured = shared;
    var->reassigned = shared;
    return var;
}

void FunctionCompiler::set_hidden(Var& var, std::int32_t value) {
    Temps temps(*this);
    const std::uint32_t slot = temp();
    code.emit_wide(Opcode::LoadI, slot, value);
    store(var_place(var), slot);
}

std::uint32_t FunctionCompiler::load_hidden(Var& var) {
    const std::uint32_t slot = temp();
    load(var_place(var), slot);
    return slot;
}

void FunctionCompiler::bad_range(std::uint32_t state) {
    Temps temps(*this);
    bytecode::Function* panics = compiler_.runtime_function("badRange");
    const std::uint32_t area = call_area(1);
    move(area, state, 1);
    emit_call(panics, area);
}

void FunctionCompiler::range_func(RangeStmt* stmt) {
    types::Universe& universe = compiler_.universe();
    types::Type* int_type = universe.basic(types::BasicKind::Int);
    const Exits exits(*stmt);
    const bool leaves = exits.returns || !exits.jumps.empty();
    if (root_ == this) {
        range_ = {};
        range_.frame = hidden_variable(int_type, false);
        declare_slot(range_.frame);
        code.emit(Opcode::FrameId, places_[range_.frame].index);
        if (leaves || exits.nested) {
            range_.exit = hidden_variable(int_type, true);
            declare(range_.exit, std::nullopt);
        }
        if (exits.returns && signature_ != nullptr)
            for (const Var* result : signature_->results->vars) {
                range_.results.push_back(hidden_variable(result->type, true));
                declare(range_.results.back(), std::nullopt);
            }
    }
    Var* state = hidden_variable(int_type, true);
    declare(state, std::nullopt);
    const std::uint32_t iterator = temp();
    expr_to(stmt->x, iterator);
    const std::uint32_t area = call_area(1);
    range_body_to(stmt, state, area);
    code.set_pos(stmt->x->pos);
    code.emit(Opcode::CallClosure, area, iterator, 1);

    // An iterator must not swallow a panic of the body.
    const Label fine = code.new_label();
    const std::uint32_t ended = load_hidden(*state);
    code.compare_jump(Opcode::NeI64KJmp, ended, kRunning, fine);
    code.emit_wide(Opcode::LoadI, ended, kLostPanic);
    bad_range(ended);
    code.bind(fine);
    set_hidden(*state, kExhausted);
    if (leaves) leave_range(exits.returns, exits.jumps);
}

/// After the loop: goes on where a jump or return in the body leads.
void FunctionCompiler::leave_range(bool returns, const std::vector<const BranchStmt*>& jumps) {
    RangeFunc& range = root_->range_;
    const Label end = code.new_label();
    const std::uint32_t exit = load_hidden(*range.exit);
    code.compare_jump(Opcode::EqI64KJmp, exit, kNoExit, end);
    for (const BranchStmt* jump : jumps) {
        if (!has_target(*jump)) continue;
        const Label other = code.new_label();
        code.compare_jump(Opcode::NeI64KJmp, exit, static_cast<unsigned>(exit_code(*jump)), other);
        set_hidden(*range.exit, kNoExit);
        branch(*jump);
        code.bind(other);
    }
    if (root_ != this) {
        // Not this loop's business either: on to the loop around it.
        leave_blocks(0, [this] { code.jump(range_break_); });
    } else if (returns) {
        std::uint32_t slot = 0;
        for (std::size_t i = 0; i < range.results.size(); ++i) {
            Temps temps(*this);
            const std::uint32_t slots = slots_of(range.results[i]->type);
            const std::uint32_t value = temp(slots);
            load(var_place(*range.results[i]), value);
            store(result_place(i, slot), value);
            slot += slots;
        }
        leave_blocks(0, [this] { emit_return(); });
    }
    code.bind(end);
}

std::int32_t FunctionCompiler::exit_code(const BranchStmt& jump) {
    auto& jumps = root_->range_.jumps;
    std::size_t at = 0;
    while (at < jumps.size() && (jumps[at].first != jump.branch || jumps[at].second != jump.target)) ++at;
    if (at == jumps.size()) jumps.push_back({jump.branch, jump.target});
    return kFirstJump + static_cast<std::int32_t>(at);
}

/// Does the jump lead to a place in this very function?
bool FunctionCompiler::has_target(const BranchStmt& jump) const {
    if (jump.branch == Branch::Goto) return labels_.contains(jump.target);
    return std::any_of(targets_.begin(), targets_.end(), [&](const Target& t) { return t.stmt == jump.target; });
}

/// A jump in a loop body whose target is outside the loop.
void FunctionCompiler::exit_range(std::int32_t exit) {
    set_hidden(*root_->range_.exit, exit);
    leave_blocks(0, [this] { code.jump(range_break_); });
}

void FunctionCompiler::exit_by_return() { exit_range(kReturn); }

void FunctionCompiler::range_body_to(RangeStmt* stmt, Var* state, std::uint32_t to) {
    const std::string name = function_.name + "-range" + std::to_string(++range_bodies_);
    bytecode::Function* function = nullptr;
    std::vector<Var*> captured;
    for (const bool wide : {false, true}) {
        function = compiler_.new_function(name, stmt->body->pos);
        FunctionCompiler inner(compiler_, *function, substitution_, this, wide);
        inner.root_ = root_;
        inner.range_body(stmt, state);
        if (inner.finish()) {
            captured = inner.captured_;
            break;
        }
    }
    make_closure(function, captured, to);
}

void FunctionCompiler::range_body(RangeStmt* stmt, Var* state) {
    auto* iterator = types::under_as<types::Signature>(type_of(stmt->x));
    auto* yield = types::under_as<types::Signature>(subst(iterator->params->vars[0]->type));
    signature_ = root_->signature_;
    code.set_pos(stmt->pos);
    has_defers_ = has_defer(stmt->body);
    const std::uint32_t more = temp();
    function_.result_slots = 1;
    std::vector<std::uint32_t> params;
    for (const Var* param : yield->params->vars) {
        const runtime::Type* type = rt(param->type);
        params.push_back(temp(type->slots));
        mark_pointers(params.back(), *type);
        function_.param_slots = static_cast<std::uint16_t>(function_.param_slots + type->slots);
    }
    epilogue_ = code.new_label();
    range_break_ = code.new_label();
    const Label next = code.new_label();
    const Label ready = code.new_label();
    {
        Temps temps(*this);
        const std::uint32_t before = load_hidden(*state);
        code.compare_jump(Opcode::EqI64KJmp, before, kReady, ready);
        bad_range(before);
        code.bind(ready);
    }
    set_hidden(*state, kRunning);
    {
        Temps temps(*this);
        Expr* const variables[2] = {stmt->key, stmt->value};
        for (std::size_t i = 0; i < params.size() && i < 2; ++i) {
            auto* name = as<Ident>(variables[i]);
            if (variables[i] == nullptr || (name != nullptr && name->name == "_")) continue;
            assign_value(variables[i], stmt->define, params[i], yield->params->vars[i]->type);
        }
        targets_.push_back({stmt, range_break_, next, 0});
        block(stmt->body);
        targets_.pop_back();
    }
    code.set_pos(stmt->body->rbrace);
    code.bind(next);
    set_hidden(*state, kReady);
    code.emit_wide(Opcode::LoadI, more, 1);
    emit_return();
    code.bind(range_break_);
    set_hidden(*state, kDone);
    code.emit_wide(Opcode::LoadI, more, 0);
    end_body();
}

}  // namespace csp::compile
