// Statements: dispatch, blocks, if, for, jumps, return, go and defer.

#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

using namespace ast;
using types::Var;

void FunctionCompiler::statements(List<Stmt*> list) {
    // A goto may lead forward, so the labels of the list are known before its statements.
    for (Stmt* stmt : list)
        if (auto* labelled = as<LabeledStmt>(stmt)) {
            if (!labels_.contains(labelled)) labels_[labelled] = code.new_label();
            label_cleanups_[labelled] = cleanups_.size();
        }
    for (Stmt* stmt : list) statement(stmt);
}

void FunctionCompiler::block(BlockStmt* body) {
    Temps temps(*this);
    statements(body->stmts);
}

void FunctionCompiler::statement(Stmt* stmt) {
    if (stmt == nullptr) return;
    code.set_pos(stmt->pos);
    switch (stmt->kind) {
        // These may declare variables, which live until the end of the block.
        case ast::Kind::DeclStmt: {
            GenDecl* decl = static_cast<DeclStmt*>(stmt)->decl;
            if (decl->decl == DeclKind::Var)
                for (Decl* spec : decl->specs) var_decl(static_cast<ValueSpec*>(spec));
            return;
        }
        case ast::Kind::AssignStmt: {
            auto* assignment = static_cast<AssignStmt*>(stmt);
            if (assignment->define) {
                assign(assignment);
                return;
            }
            Temps temps(*this);
            assign(assignment);
            return;
        }
        case ast::Kind::LabeledStmt: {
            auto* labelled = static_cast<LabeledStmt*>(stmt);
            if (!labels_.contains(labelled)) labels_[labelled] = code.new_label();
            code.bind(labels_[labelled]);
            statement(labelled->stmt);
            return;
        }
        default: break;
    }
    Temps temps(*this);
    switch (stmt->kind) {
        case ast::Kind::ExprStmt: discard(static_cast<ExprStmt*>(stmt)->x); break;
        case ast::Kind::SendStmt: {
            auto* send = static_cast<SendStmt*>(stmt);
            const std::uint32_t channel = expr(send->chan);
            types::Type* elem = subst(types::under_as<types::Chan>(type_of(send->chan))->elem);
            // Its own slot: the value must not change while the goroutine waits.
            const std::uint32_t value = temp(slots_of(elem));
            expr_as_to(send->value, elem, value);
            code.set_pos(send->pos);
            code.emit(Opcode::Send, channel, value);
            break;
        }
        case ast::Kind::IncDecStmt: inc_dec(static_cast<IncDecStmt*>(stmt)); break;
        case ast::Kind::GoStmt: go_stmt(static_cast<GoStmt*>(stmt)); break;
        case ast::Kind::DeferStmt: defer_stmt(static_cast<DeferStmt*>(stmt)); break;
        case ast::Kind::ReturnStmt: return_stmt(static_cast<ReturnStmt*>(stmt)); break;
        case ast::Kind::BranchStmt: branch(*static_cast<BranchStmt*>(stmt)); break;
        case ast::Kind::BlockStmt: block(static_cast<BlockStmt*>(stmt)); break;
        case ast::Kind::IfStmt: if_stmt(static_cast<IfStmt*>(stmt)); break;
        case ast::Kind::SwitchStmt: switch_stmt(static_cast<SwitchStmt*>(stmt)); break;
        case ast::Kind::TypeSwitchStmt: type_switch(static_cast<TypeSwitchStmt*>(stmt)); break;
        case ast::Kind::SelectStmt: select_stmt(static_cast<SelectStmt*>(stmt)); break;
        case ast::Kind::ForStmt: for_stmt(static_cast<ForStmt*>(stmt)); break;
        case ast::Kind::RangeStmt: range_stmt(static_cast<RangeStmt*>(stmt)); break;
        case ast::Kind::SyncStmt: sync_stmt(static_cast<SyncStmt*>(stmt)); break;
        default: break;
    }
}

void FunctionCompiler::if_stmt(IfStmt* stmt) {
    if (stmt->init != nullptr) statement(stmt->init);
    const Label otherwise = code.new_label();
    jump_if(stmt->cond, false, otherwise);
    block(stmt->then);
    if (stmt->otherwise == nullptr) {
        code.bind(otherwise);
        return;
    }
    const Label end = code.new_label();
    code.jump(end);
    code.bind(otherwise);
    statement(stmt->otherwise);
    code.bind(end);
}

void FunctionCompiler::loop_body(Stmt* stmt, BlockStmt* body, Label next, Label end) {
    targets_.push_back({stmt, end, next, cleanups_.size()});
    block(body);
    targets_.pop_back();
}

/// Conditions that may be compiled twice, before the loop and behind its body: then the loop is entered at its top,
/// and what stays the same in it can be computed before it.
static bool is_short(Expr* x) {
    x = unparen(x);
    if (x->mode == Mode::Constant) return true;
    switch (x->kind) {
        case ast::Kind::Ident: return true;
        case ast::Kind::SelectorExpr: return is_short(static_cast<SelectorExpr*>(x)->x);
        case ast::Kind::BinaryExpr: {
            auto* binary = static_cast<BinaryExpr*>(x);
            return is_short(binary->x) && is_short(binary->y);
        }
        case ast::Kind::IndexExpr: {
            auto* index = static_cast<IndexExpr*>(x);
            return is_short(index->x) && is_short(index->indices[0]);
        }
        case ast::Kind::CallExpr: {
            auto* call = static_cast<CallExpr*>(x);
            return call->call == CallKind::Builtin && static_cast<types::Builtin>(call->builtin) == types::Builtin::Len &&
                   is_short(call->args[0]);
        }
        default: return false;
    }
}

void FunctionCompiler::for_stmt(ForStmt* stmt) {
    std::vector<Var*> loop_vars;
    if (stmt->init != nullptr) {
        statement(stmt->init);
        if (auto* init = as<AssignStmt>(stmt->init); init != nullptr && init->define)
            for (Expr* lhs : init->lhs)
                if (defines(true, lhs))
                    loop_vars.push_back(static_cast<Var*>(static_cast<Ident*>(lhs)->object));
    }
    const Label start = code.new_label();
    const Label next = code.new_label();
    const Label test = code.new_label();
    const Label end = code.new_label();
    if (stmt->cond != nullptr && is_short(stmt->cond))
        jump_if(stmt->cond, false, end);
    else if (stmt->cond != nullptr)
        code.jump(test);
    code.bind(start);
    // The condition's operands get slots that the body does not use, so that they may stay there.
    const std::uint32_t mark = top_;
    temp(2);
    loop_body(stmt, stmt->body, next, end);
    code.bind(next);
    copy_loop_variables(loop_vars);
    if (stmt->post != nullptr) statement(stmt->post);
    release(mark);
    code.bind(test);
    if (stmt->cond != nullptr)
        loop_if(stmt->cond, start);
    else
        code.jump(Opcode::Loop, 0, start);
    code.bind(end);
}

void FunctionCompiler::leave_blocks(std::size_t down_to, const std::function<void()>& next) {
    const std::vector<Cleanup> all = cleanups_;
    const std::uint32_t block = code.sync_block();
    while (cleanups_.size() > down_to) {
        // A cleanup's own code is outside its block.
        const Cleanup cleanup = cleanups_.back();
        cleanups_.pop_back();
        code.set_sync_block(cleanup.outside);
        cleanup.run();
    }
    next();
    cleanups_ = all;
    code.set_sync_block(block);
}

void FunctionCompiler::branch(const BranchStmt& stmt) {
    if (stmt.branch == Branch::Fallthrough) {
        code.jump(fallthrough_.back());
        return;
    }
    if (root_ != this && !has_target(stmt)) {
        exit_range(exit_code(stmt));
        return;
    }
    if (stmt.branch == Branch::Goto) {
        if (!labels_.contains(stmt.target)) labels_[stmt.target] = code.new_label();
        const auto depth = label_cleanups_.find(stmt.target);
        // Backward: a loop, which must be interruptible.
        const Label to = labels_[stmt.target];
        leave_blocks(depth == label_cleanups_.end() ? 0 : depth->second,
                     [&] { code.jump(code.bound(to) ? Opcode::Loop : Opcode::Jmp, 0, to); });
        return;
    }
    for (std::size_t i = targets_.size(); i-- > 0;) {
        const Target& target = targets_[i];
        if (target.stmt != stmt.target) continue;
        const Label to = stmt.branch == Branch::Break ? target.on_break : target.on_continue;
        leave_blocks(target.cleanups, [&] { code.jump(to); });
        return;
    }
    compiler_.report(stmt.pos, "internal: jump without target");
}

void FunctionCompiler::emit_return() {
    if (has_defers_) {
        code.jump(epilogue_);
        return;
    }
    leave_function();
}

/// Boxed results to their slots, and Ret.
void FunctionCompiler::leave_function() {
    if (boxed_results_) {
        std::uint32_t slot = 0;
        for (Var* var : result_vars_) {
            const runtime::Type* type = rt(var->type);
            const auto at = places_.find(var);
            if (at != places_.end() && at->second.kind == VarPlace::Kind::Box)
                load_memory(*type, slot, at->second.index, 0);
            slot += type->slots;
        }
    }
    // return a + b
    if (function_.result_slots == 1) {
        if (const auto sum = code.take_last(Opcode::AddI64)) {
            if (sum->a == 0) {
                code.emit(Opcode::RetAddI64, 0, sum->b, sum->c);
                return;
            }
            code.emit(sum->op, sum->a, sum->b, sum->c);
        }
    }
    code.emit(Opcode::Ret);
}

/// Where the i-th result goes when it is returned; `slot` is its place among the result slots.
Place FunctionCompiler::result_place(std::size_t i, std::uint32_t slot) {
    if (root_ != this) return var_place(*root_->range_.results[i]);
    if (named_results_ && i < result_vars_.size() && places_.contains(result_vars_[i]))
        return var_place(*result_vars_[i]);
    Place at;
    at.kind = Place::Kind::Frame;
    at.slot = slot;
    at.type = rt(signature_->results->vars[i]->type);
    return at;
}

void FunctionCompiler::return_stmt(ReturnStmt* stmt) {
    const auto& results = signature_->results->vars;
    if (!stmt->results.empty()) {
        if (stmt->results.size() == 1 && results.size() > 1) {
            auto* tuple = types::as<types::Tuple>(stmt->results[0]->type);
            std::uint32_t from = call(static_cast<CallExpr*>(unparen(stmt->results[0])));
            release(std::max(top_, from + slots_of(tuple)));
            std::uint32_t slot = 0;
            for (std::size_t i = 0; i < results.size(); ++i) {
                const std::uint32_t value = temp(slots_of(results[i]->type));
                to_interface(value, from, tuple->vars[i]->type, results[i]->type);
                store(result_place(i, slot), value);
                from += slots_of(tuple->vars[i]->type);
                slot += slots_of(results[i]->type);
            }
        } else if (results.size() == 1) {
            const Place to = result_place(0, 0);
            if (!named_results_ && to.kind == Place::Kind::Frame) {
                types::Type* type = subst(results[0]->type);
                if (const auto in = expr_in_place(stmt->results[0]);
                    in && function_.result_slots == 1 && !has_defers_ && cleanups_.empty() &&
                    types::identical(type_of(stmt->results[0]), type)) {
                    code.emit(Opcode::RetSlot, *in);
                    return;
                }
                expr_as_to(stmt->results[0], type, to.slot);
            } else {
                const std::uint32_t value = expr_as(stmt->results[0], subst(results[0]->type));
                store(to, value);
            }
        } else {
            // All values first: a named result may occur in them, or a deferred function's panic.
            std::vector<std::uint32_t> values;
            for (std::size_t i = 0; i < results.size(); ++i) {
                types::Type* type = subst(results[i]->type);
                const std::uint32_t value = temp(slots_of(type));
                expr_as_to(stmt->results[i], type, value);
                values.push_back(value);
            }
            std::uint32_t slot = 0;
            for (std::size_t i = 0; i < results.size(); ++i) {
                store(result_place(i, slot), values[i]);
                slot += slots_of(results[i]->type);
            }
        }
    }
    if (root_ != this) {
        if (stmt->results.empty()) keep_named_results();
        exit_by_return();
        return;
    }
    leave_blocks(0, [this] { emit_return(); });
}

/// A plain return in a loop body: the named results are what is returned.
void FunctionCompiler::keep_named_results() {
    for (std::size_t i = 0; i < root_->result_vars_.size(); ++i) {
        Temps temps(*this);
        Var* var = root_->result_vars_[i];
        if (!root_->places_.contains(var)) continue;  // blank, and zero
        const std::uint32_t value = temp(slots_of(var->type));
        load(var_place(*var), value);
        store(result_place(i, 0), value);
    }
}

void FunctionCompiler::defer_stmt(DeferStmt* stmt) {
    auto* x = static_cast<CallExpr*>(unparen(stmt->call));
    const Prepared prepared = prepare(x);
    code.set_pos(stmt->pos);
    if (root_ != this) {
        const std::uint32_t frame = load_hidden(*root_->range_.frame);
        code.emit(Opcode::DeferOuter, prepared.area, prepared.closure, prepared.slots);
        code.word(root_->function_.index, frame);
        return;
    }
    code.emit(Opcode::Defer, prepared.area, prepared.closure, prepared.slots);
}

void FunctionCompiler::go_stmt(GoStmt* stmt) {
    auto* x = static_cast<CallExpr*>(unparen(stmt->call));
    const Prepared prepared = prepare(x);
    code.set_pos(stmt->pos);
    if (stmt->scope != nullptr) {
        go_in_scope(stmt, prepared);
        return;
    }
    code.emit(Opcode::Go, prepared.area, prepared.closure, prepared.slots);
}

}  // namespace csp::compile
