// Local variables: slots, boxes, captures.

#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

using namespace ast;
using types::Var;

namespace {
/// Larger variables live in the heap, so that frames stay small.
constexpr std::uint32_t kMaxFrameVariable = 1024;  // bytes
}  // namespace

bool FunctionCompiler::must_be_boxed(const Var& var, const runtime::Type& type) const {
    return var.address_taken || (var.captured && var.reassigned) || type.size > kMaxFrameVariable;
}

void FunctionCompiler::declare(Var* var, std::optional<std::uint32_t> init) {
    const runtime::Type* type = rt(var->type);
    if (must_be_boxed(*var, *type)) {
        const std::uint32_t box = temp();
        code.emit_wide(Opcode::New, box, compiler_.type_index(type));
        mark_pointers(box, *compiler_.type_table().basic(runtime::Kind::UnsafePointer));
        if (init) store_memory(*type, *init, box, 0);
        places_[var] = {VarPlace::Kind::Box, box};
        return;
    }
    const std::uint32_t slot = temp(type->slots);
    mark_pointers(slot, *type);
    if (init)
        move(slot, *init, type->slots);
    else if (type->slots == 1)
        code.emit(Opcode::Zero, slot);
    else if (type->slots > 0)
        code.emit_wide(Opcode::ZeroN, slot, static_cast<std::int32_t>(type->slots));
    places_[var] = {VarPlace::Kind::Slot, slot};
}

/// `x` as a literal that is built where the variable lives, because a frame is no place for it; or null.
CompositeLit* FunctionCompiler::large_literal(Expr* x, const runtime::Type& type) {
    auto* literal = as<CompositeLit>(unparen(x));
    if (literal == nullptr || type.size <= kMaxFrameVariable) return nullptr;
    return rt(literal->type) == &type ? literal : nullptr;
}

void FunctionCompiler::declare_slot(Var* var) {
    const runtime::Type* type = rt(var->type);
    const std::uint32_t slot = temp(type->slots);
    mark_pointers(slot, *type);
    places_[var] = {VarPlace::Kind::Slot, slot};
}

void FunctionCompiler::declare_with(Var* var, Expr* x) {
    const runtime::Type* type = rt(var->type);
    if (must_be_boxed(*var, *type)) {
        const std::uint32_t box = temp();
        Temps temps(*this);
        if (CompositeLit* literal = large_literal(x, *type)) {
            code.emit_wide(Opcode::New, box, compiler_.type_index(type));
            fill_literal(literal, subst(var->type), deref(box, subst(var->type)));
            places_[var] = {VarPlace::Kind::Box, box};
            return;
        }
        const std::uint32_t value = expr_as(x, subst(var->type));
        code.emit_wide(Opcode::New, box, compiler_.type_index(type));
        store_memory(*type, value, box, 0);
        places_[var] = {VarPlace::Kind::Box, box};
        return;
    }
    const std::uint32_t slot = temp(type->slots);
    mark_pointers(slot, *type);
    {
        Temps temps(*this);
        expr_as_to(x, subst(var->type), slot);
    }
    places_[var] = {VarPlace::Kind::Slot, slot};
}

std::uint32_t FunctionCompiler::capture(Var& var) {
    const auto known = captured_at_.find(&var);
    if (known != captured_at_.end()) return known->second;
    const VarPlace outside = outer_->find_var(var);
    const bool box = outside.kind == VarPlace::Kind::Box || outside.kind == VarPlace::Kind::CapturedBox;
    const std::uint32_t at = captured_slots_;
    captured_slots_ += box ? 1 : rt(var.type)->slots;
    captured_.push_back(&var);
    captured_at_.emplace(&var, at);
    return at;
}

FunctionCompiler::VarPlace FunctionCompiler::find_var(Var& var) {
    const auto own = places_.find(&var);
    if (own != places_.end()) return own->second;
    if (outer_ == nullptr) {
        compiler_.report(var.pos, "internal: variable " + std::string(var.name) + " has no place");
        return {VarPlace::Kind::Slot, 0};
    }
    const VarPlace outside = outer_->find_var(var);
    const bool box = outside.kind == VarPlace::Kind::Box || outside.kind == VarPlace::Kind::CapturedBox;
    return {box ? VarPlace::Kind::CapturedBox : VarPlace::Kind::CapturedValue, capture(var)};
}

Place FunctionCompiler::var_place(Var& var) {
    Place at;
    at.type = rt(var.type);
    if (var.package_level) {
        at.kind = Place::Kind::Global;
        at.offset = compiler_.global_offset(var);
        return at;
    }
    const VarPlace where = find_var(var);
    switch (where.kind) {
        case VarPlace::Kind::Slot:
            at.kind = Place::Kind::Frame;
            at.slot = where.index;
            break;
        case VarPlace::Kind::Box:
            at.kind = Place::Kind::Memory;
            at.slot = where.index;
            break;
        case VarPlace::Kind::CapturedBox:
            at.kind = Place::Kind::Memory;
            at.slot = temp();
            code.emit(Opcode::LdCap, at.slot, where.index);
            break;
        case VarPlace::Kind::CapturedValue:
            at.kind = Place::Kind::Frame;
            at.slot = temp(at.type->slots);
            if (at.type->slots == 1)
                code.emit(Opcode::LdCap, at.slot, where.index);
            else if (at.type->slots > 1)
                code.emit(Opcode::LdCapN, at.slot, where.index, at.type->slots);
            break;
    }
    return at;
}

/// Per-iteration loop variables: a fresh box with the old value for each boxed one.
/// Source: Go spec, "For statements with for clause".
void FunctionCompiler::copy_loop_variables(const std::vector<Var*>& vars) {
    for (Var* var : vars) {
        const auto at = places_.find(var);
        if (at == places_.end() || at->second.kind != VarPlace::Kind::Box) continue;
        Temps temps(*this);
        const runtime::Type* type = rt(var->type);
        const std::uint32_t value = temp(type->slots);
        load_memory(*type, value, at->second.index, 0);
        code.emit_wide(Opcode::New, at->second.index, compiler_.type_index(type));
        store_memory(*type, value, at->second.index, 0);
    }
}

}  // namespace csp::compile
