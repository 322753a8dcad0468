// sync mu { } and sync { }.
//
// What ends a block is called by code on every way out, and for a panic by the VM, which finds it in a table
// (bytecode::SyncBlock): so a block costs nothing but its calls. Lock and Unlock are called as a program would call them,
// on a hidden variable that the checker has made. What a scope does is written in Csp, in the runtime package
// (engine/runtime.csp, type scope).

#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

using namespace ast;

void FunctionCompiler::sync_stmt(SyncStmt* stmt) {
    if (stmt->lock != nullptr)
        sync_lock(stmt);
    else
        sync_scope(stmt);
}

void FunctionCompiler::guarded(BlockStmt* body, bytecode::SyncBlock block, const std::function<void()>& leave) {
    block.outer = code.sync_block();
    sync_blocks_.push_back(block);
    cleanups_.push_back({leave, block.outer});
    code.set_sync_block(static_cast<std::uint32_t>(sync_blocks_.size()));
    this->block(body);
    code.set_sync_block(block.outer);
    cleanups_.pop_back();
    code.set_pos(body->rbrace);
    leave();
}

void FunctionCompiler::sync_lock(SyncStmt* stmt) {
    declare_with(static_cast<types::Var*>(stmt->held->object), stmt->lock);
    const bytecode::SyncBlock block = unlocking(stmt->held);
    code.set_pos(stmt->lock->pos);
    discard(stmt->enter);
    guarded(stmt->body, block, [this, stmt] { discard(stmt->leave); });
}

/// How a panic unlocks it: one word, or as an interface.
bytecode::SyncBlock FunctionCompiler::unlocking(Ident* held) {
    types::Type* type = type_of(held);
    const runtime::Type& lowered = *rt(type);
    const std::uint32_t slot = expr(held);
    if (types::is_interface(type)) return {slot, nullptr, compiler_.unlock_method()};
    if (lowered.inline_in_interface && lowered.slots == 1) return {slot, compiler_.method_wrapper(type, "Unlock")};
    const std::uint32_t boxed = temp(2);
    code.emit(lowered.inline_in_interface ? Opcode::MakeIface : Opcode::BoxIface, boxed, slot, index_of(type));
    return {boxed, nullptr, compiler_.unlock_method()};
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
    guarded(stmt->body, {scope, compiler_.runtime_function("waitScope")}, [this, scope] {
        Temps temps(*this);
        const std::uint32_t area = call_area(1);
        move(area, scope, 1);
        emit_call(compiler_.runtime_function("leaveScope"), area);
    });
}

/// A go statement inside `sync { }`.
void FunctionCompiler::go_in_scope(GoStmt* stmt, const Prepared& prepared) {
    const FunctionCompiler* holder = this;  // of a loop body, perhaps a function further out
    while (holder != nullptr && !holder->scopes_.contains(stmt->scope)) holder = holder->outer_;
    if (holder == nullptr) {
        compiler_.report(stmt->pos, "internal: go statement without its scope");
        return;
    }
    bytecode::Word scope;
    scope.all = 0;
    scope.x[0] = static_cast<std::uint16_t>(load_hidden(*holder->scopes_.at(stmt->scope)));
    code.emit(Opcode::GoScoped, prepared.area, prepared.closure, prepared.slots);
    code.word(scope);
}

}  // namespace csp::compile
