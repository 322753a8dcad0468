// sync mu { } and sync { }.
//
// Both register a deferred call, so that a panic leaves them properly, and forget it again on every
// other way out, where the compiler runs the same action itself. What a scope does is written in Csp,
// in the runtime package (stdlib/runtime/runtime.csp, type scope).

#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

using namespace ast;

void FunctionCompiler::sync_stmt(SyncStmt* stmt) {
    if (stmt->lock != nullptr)
        sync_lock(stmt);
    else
        sync_scope(stmt);
}

void FunctionCompiler::guarded(BlockStmt* body, std::uint32_t closure, std::uint32_t area,
                               std::uint32_t slots, const std::function<void()>& leave) {
    const std::uint32_t token = temp();
    code.emit(Opcode::DeferScoped, token, closure, area);
    code.word(slots);
    cleanups_.push_back({[this, token, leave] {
        code.emit(Opcode::DropDefer, token);
        leave();
    }});
    block(body);
    const Cleanup cleanup = cleanups_.back();
    cleanups_.pop_back();
    code.set_pos(body->rbrace);
    cleanup.run();
}

void FunctionCompiler::sync_lock(SyncStmt* stmt) {
    // The operand is evaluated once; what is locked is what is unlocked.
    types::Type* type = type_of(stmt->lock);
    const std::uint32_t lock = temp(2);
    {
        Temps temps(*this);
        const std::uint32_t value = expr(stmt->lock);
        if (types::is_interface(type))
            move(lock, value, 2);
        else
            code.emit(rt(type)->inline_in_interface ? Opcode::MakeIface : Opcode::BoxIface, lock, value,
                      index_of(type));
    }
    const auto call_method = [this, lock](std::uint32_t id) {
        Temps temps(*this);
        const std::uint32_t area = call_area(1);
        code.emit(Opcode::CallIface, area, lock, 0);
        code.word(id, 1);
    };
    const std::uint32_t lock_id = compiler_.locker_method("Lock");
    const std::uint32_t unlock_id = compiler_.locker_method("Unlock");
    code.set_pos(stmt->lock->pos);
    call_method(lock_id);
    const std::uint32_t closure = temp();
    code.emit(Opcode::IfaceMethod, closure, lock);
    code.word(unlock_id);
    guarded(stmt->body, closure, lock + 1, 1, [call_method, unlock_id] { call_method(unlock_id); });
}

void FunctionCompiler::sync_scope(SyncStmt* stmt) {
    types::Var* hidden = hidden_variable(compiler_.universe().basic(types::BasicKind::UnsafePointer), false);
    declare_slot(hidden);
    scopes_[stmt] = hidden;
    const std::uint32_t scope = places_[hidden].index;
    {
        Temps temps(*this);
        bytecode::Function* make = compiler_.runtime_function("newScope");
        const std::uint32_t area = call_area(1);
        emit_call(make, area);
        move(scope, area, 1);
    }
    const auto call_scope = [this, scope](std::string_view name) {
        Temps temps(*this);
        const std::uint32_t area = call_area(1);
        move(area, scope, 1);
        emit_call(compiler_.runtime_function(name), area);
    };
    const std::uint32_t closure = temp();
    function_value_to(compiler_.runtime_function("waitScope"), closure);
    guarded(stmt->body, closure, scope, 1, [call_scope] { call_scope("leaveScope"); });
}

/// A go statement inside `sync { }`: the goroutine tells the scope when it has ended.
void FunctionCompiler::go_in_scope(GoStmt* stmt, const Prepared& prepared) {
    const FunctionCompiler* holder = this;  // of a loop body, perhaps a function further out
    while (holder != nullptr && !holder->scopes_.contains(stmt->scope)) holder = holder->outer_;
    if (holder == nullptr) {
        compiler_.report(stmt->pos, "internal: go statement without its scope");
        return;
    }
    const std::uint32_t scope_slot = load_hidden(*holder->scopes_.at(stmt->scope));
    // What the new function captures: scope, closure, argument frame.
    const std::uint32_t slots = prepared.slots;
    const std::uint32_t captured = temp(2 + slots);
    move(captured, scope_slot, 1);
    move(captured + 1, prepared.closure, 1);
    move(captured + 2, prepared.area, slots);
    bytecode::Function* function = compiler_.new_function(function_.name + ".go", stmt->pos);
    function->is_wrapper = true;
    FunctionCompiler inner(compiler_, *function, substitution_, nullptr, false);
    inner.has_defers_ = true;
    inner.synthetic(0, 0, [&] {
        const std::uint32_t scope = inner.temp(2 + slots);
        inner.code.emit(Opcode::LdCapN, scope, 0, 2 + slots);
        const std::uint32_t closure = inner.temp();
        inner.function_value_to(compiler_.runtime_function("endInScope"), closure);
        inner.code.emit(Opcode::Defer, scope, closure, 1);
        const std::uint32_t area = inner.call_area(slots);
        inner.move(area, scope + 2, slots);
        inner.code.emit(Opcode::CallClosure, area, scope + 1, slots);
    });
    inner.finish();
    {
        Temps temps(*this);
        const std::uint32_t area = call_area(1);
        move(area, scope_slot, 1);
        emit_call(compiler_.runtime_function("enterScope"), area);
    }
    const std::uint32_t closure = temp();
    code.emit(Opcode::MakeClosure, closure, captured, 2 + slots);
    code.word(function->index);
    const std::uint32_t area = call_area(0);
    code.emit(Opcode::Go, area, closure, 0);
}

}  // namespace csp::compile
