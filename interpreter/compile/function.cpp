// The frame of a function: results, parameters, prologue and epilogue.

#include <algorithm>

#include "interpreter/ast/walk.h"
#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

using namespace ast;
using types::Var;

FunctionCompiler::FunctionCompiler(Compiler& compiler, bytecode::Function& function,
                                   const Substitution& substitution, FunctionCompiler* outer,
                                   bool wide_jumps)
    : code(wide_jumps), compiler_(compiler), function_(function), substitution_(substitution),
      outer_(outer), root_(this) {}

namespace {
bool any_defers(List<Stmt*> list) {
    return std::any_of(list.begin(), list.end(), [](const Stmt* stmt) { return has_defer(stmt); });
}
}  // namespace

bool has_defer(const Stmt* s) {
    if (s->kind == ast::Kind::DeferStmt) return true;
    bool found = false;
    each_substatement(s, [&](const Stmt* part) { found = found || has_defer(part); });
    return found;
}

/// Marks the slots of a value of `type` at `slot` that may hold heap pointers.
void FunctionCompiler::mark_pointers(std::uint32_t slot, const runtime::Type& type) {
    if (!type.has_pointers) return;
    auto& bits = function_.pointer_slots;
    const std::uint32_t last = slot + type.slots;
    if (bits.size() * 64 < last + 1) bits.resize(last / 64 + 1);
    for (std::uint32_t i = slot; i < last; ++i) bits[i / 64] |= std::uint64_t{1} << (i % 64);
}

void FunctionCompiler::begin(types::Signature* signature, const Field* receiver, const FuncType* type) {
    signature_ = signature;
    function_.result_slots = static_cast<std::uint16_t>(results_of(signature));
    temp(function_.result_slots);
    const std::uint32_t first_param = top_;
    struct Param {
        Var* var;
        std::uint32_t slot;
    };
    std::vector<Param> params;
    if (receiver != nullptr) {
        Var* var = receiver->names.empty() ? nullptr : types::as<Var>(receiver->names[0]->object);
        params.push_back({var, temp(slots_of(signature->recv->type))});
    }
    std::size_t index = 0;
    for (const Field* field : type->params) {
        const std::size_t count = field->names.empty() ? 1 : field->names.size();
        for (std::size_t i = 0; i < count; ++i, ++index) {
            Var* var = field->names.empty() ? nullptr : types::as<Var>(field->names[i]->object);
            const runtime::Type* lowered = rt(signature->params->vars[index]->type);
            params.push_back({var, temp(lowered->slots)});
            mark_pointers(params.back().slot, *lowered);
        }
    }
    function_.param_slots = static_cast<std::uint16_t>(top_ - first_param);
    // All slots of the argument frame are laid out before any box is made.
    for (const Param& param : params) {
        if (param.var == nullptr) continue;
        if (must_be_boxed(*param.var, *rt(param.var->type)))
            declare(param.var, param.slot);
        else
            places_[param.var] = {VarPlace::Kind::Slot, param.slot};
    }
    std::uint32_t slot = 0;
    for (const Field* field : type->results) {
        for (Ident* name : field->names) {
            named_results_ = true;
            Var* var = types::as<Var>(name->object);
            const std::size_t at = result_vars_.size();
            Var* result = signature->results->vars[at];
            const runtime::Type* lowered = rt(result->type);
            result_vars_.push_back(var != nullptr ? var : result);
            if (var != nullptr && must_be_boxed(*var, *lowered)) {
                boxed_results_ = true;
                declare(var, std::nullopt);
            } else if (var != nullptr) {
                places_[var] = {VarPlace::Kind::Slot, slot};
            }
            slot += lowered->slots;
        }
    }
    if (function_.result_slots > 0 && (named_results_ || has_defers_))
        code.emit_wide(Opcode::ZeroN, 0, function_.result_slots);
}

void FunctionCompiler::body(const BlockStmt* block) {
    epilogue_ = code.new_label();
    statements(block->stmts);
    code.set_pos(block->rbrace);
    end_body();
}

void FunctionCompiler::end_body() {
    if (has_defers_) {
        code.bind(epilogue_);
        function_.has_defers = true;
        function_.recover_at = static_cast<std::uint32_t>(code.size());
        code.emit(Opcode::RunDefers);
    }
    leave_function();
}

void FunctionCompiler::declared(const FuncDecl& decl, types::Signature* signature) {
    function_.pos = decl.pos;
    code.set_pos(decl.pos);
    has_defers_ = has_defer(decl.body);
    begin(signature, decl.receiver, decl.func_type);
    body(decl.body);
}

void FunctionCompiler::literal(const FuncLit& literal) {
    code.set_pos(literal.pos);
    has_defers_ = has_defer(literal.body);
    begin(types::under_as<types::Signature>(literal.type), nullptr, literal.func_type);
    body(literal.body);
}

void FunctionCompiler::synthetic(std::uint32_t results, std::uint32_t params,
                                 const std::function<void()>& body) {
    function_.result_slots = static_cast<std::uint16_t>(results);
    function_.param_slots = static_cast<std::uint16_t>(params);
    temp(results + params);
    code.set_pos(function_.pos);
    epilogue_ = code.new_label();
    body();
    end_body();
}

void FunctionCompiler::script(List<Stmt*> list) {
    has_defers_ = any_defers(list);
    epilogue_ = code.new_label();
    auto* empty = compiler_.universe().make_type<types::Signature>();
    empty->params = compiler_.universe().make_type<types::Tuple>();
    empty->results = compiler_.universe().make_type<types::Tuple>();
    signature_ = empty;
    statements(list);
    end_body();
}

bool FunctionCompiler::finish() {
    function_.frame_slots = highest_ + 1;
    if (highest_ >= 0xfff0) compiler_.report(function_.pos, "a function with a frame of over 500 KB");
    function_.sync_blocks = std::move(sync_blocks_);
    code.finish(function_);
    return !code.overflowed();
}

}  // namespace csp::compile
