// Assignments and declarations of variables.

#include "interpreter/compile/function_compiler.h"
#include "interpreter/constant/value.h"

namespace csp::compile {

using namespace ast;
using types::Var;

/// Does `lhs` declare a new variable here?
bool FunctionCompiler::defines(bool define, Expr* lhs) {
    if (!define) return false;
    auto* name = as<Ident>(lhs);
    if (name == nullptr || name->object == nullptr) return false;
    auto* var = types::as<Var>(name->object);
    return var != nullptr && var->pos == name->pos && !var->package_level;
}

namespace {
bool is_blank(Expr* x) {
    auto* name = as<Ident>(unparen(x));
    return name != nullptr && name->name == "_";
}
}  // namespace

void FunctionCompiler::assign_value(Expr* lhs, bool define, std::uint32_t from, types::Type* from_type) {
    if (is_blank(lhs)) return;
    if (defines(define, lhs)) {
        auto* var = static_cast<Var*>(static_cast<Ident*>(lhs)->object);
        std::uint32_t value = from;
        if (types::is_interface(subst(var->type)) && !types::is_interface(subst(from_type))) {
            value = temp(2);
            to_interface(value, from, from_type, var->type);
        }
        declare(var, value);
        return;
    }
    Temps temps(*this);
    types::Type* target = type_of(lhs);
    const Place to = place(lhs);
    std::uint32_t value = from;
    if (types::is_interface(target) && !types::is_interface(subst(from_type))) {
        value = temp(2);
        to_interface(value, from, from_type, target);
    }
    store(to, value);
}

void FunctionCompiler::assign_one(Expr* lhs, Expr* rhs) {
    Temps temps(*this);
    code.set_pos(lhs->pos);
    if (is_blank(lhs)) {
        types::Type* type = lhs->type != nullptr ? type_of(lhs) : type_of(rhs);
        if (rhs->mode != Mode::NilValue) expr_as(rhs, types::is_interface(type) ? type : type_of(rhs));
        return;
    }
    types::Type* type = type_of(lhs);
    Expr* target = unparen(lhs);
    if (target->kind == ast::Kind::Ident || target->kind == ast::Kind::SelectorExpr) {
        if (const auto slot = expr_in_place(target)) {
            expr_as_to(rhs, type, *slot);
            return;
        }
    }
    const Place to = place(target);
    const std::uint32_t value = expr_as(rhs, type);
    code.set_pos(lhs->pos);
    store(to, value);
}

/// The operands of the left sides of a multiple assignment, evaluated before anything is stored.
/// Source: Go spec, "Assignment statements".
std::vector<Place> FunctionCompiler::places_of(const std::vector<Expr*>& lhs) {
    std::vector<Place> places(lhs.size());
    const std::uint32_t mark = top_;
    for (std::size_t i = 0; i < lhs.size(); ++i) {
        if (lhs[i] == nullptr || is_blank(lhs[i])) continue;
        places[i] = place(lhs[i]);
        // Operands held in variables may be overwritten by an earlier store of this statement.
        Place& at = places[i];
        const auto pin = [&](std::uint32_t slot, std::uint32_t slots) {
            if (slot >= mark) return slot;
            const std::uint32_t copy = temp(slots);
            move(copy, slot, slots);
            return copy;
        };
        if (at.kind == Place::Kind::Memory) at.slot = pin(at.slot, 1);
        if (at.kind == Place::Kind::Element) {
            at.slot = pin(at.slot, 2);
            at.index = pin(at.index, 1);
        }
        if (at.kind == Place::Kind::MapElement) {
            at.slot = pin(at.slot, 1);
            at.index = pin(at.index, at.map_type->key->slots);
        }
    }
    return places;
}

/// Stores a value of type `from_type` to the place of `lhs`.
void FunctionCompiler::store_as(const Place& to, Expr* lhs, std::uint32_t from, types::Type* from_type) {
    if (is_blank(lhs)) return;
    Temps temps(*this);
    code.set_pos(lhs->pos);
    types::Type* target = type_of(lhs);
    std::uint32_t value = from;
    if (types::is_interface(target) && !types::is_interface(subst(from_type))) {
        value = temp(2);
        to_interface(value, from, from_type, target);
    }
    store(to, value);
}

/// Several values at once: the right sides, then the stores.
void FunctionCompiler::assign_tuple(AssignStmt* stmt) {
    const std::uint32_t mark = top_;
    std::vector<Place> places;
    if (!stmt->define) places = places_of({stmt->lhs.begin(), stmt->lhs.end()});
    std::vector<std::uint32_t> values;
    for (std::size_t i = 0; i < stmt->rhs.size(); ++i) {
        Expr* lhs = stmt->lhs[i];
        Expr* rhs = stmt->rhs[i];
        types::Type* type = is_blank(lhs) ? type_of(rhs) : type_of(lhs);
        const std::uint32_t value = temp(slots_of(type));
        Temps temps(*this);
        expr_as_to(rhs, type, value);
        values.push_back(value);
    }
    for (std::size_t i = 0; i < stmt->lhs.size(); ++i) {
        if (is_blank(stmt->lhs[i])) continue;
        if (stmt->define)
            assign_value(stmt->lhs[i], true, values[i], type_of(stmt->lhs[i]));
        else
            store_as(places[i], stmt->lhs[i], values[i], type_of(stmt->lhs[i]));
    }
    if (!stmt->define) release(mark);
}

namespace {
bool adds_in_map(const Place& at, types::Type* type) {
    return at.kind == Place::Kind::MapElement && types::is_integer(type) && at.type->size == 8;
}
}  // namespace

/// m[k] += addend, with one search.
void FunctionCompiler::add_in_map(const Place& at, std::uint32_t addend) {
    code.emit(Opcode::MapAddI64, at.slot, at.index, addend);
    code.word(compiler_.type_index(at.map_type));
}

void FunctionCompiler::assign_operation(Expr* lhs, Op op, Expr* rhs) {
    Temps temps(*this);
    types::Type* type = type_of(lhs);
    code.set_pos(lhs->pos);
    Expr* target = unparen(lhs);
    const bool is_shift = op == Op::Shl || op == Op::Shr;
    const bool lazy = types::is_integer(type) && rhs->mode == Mode::Constant && !is_shift;
    if (const auto slot = expr_in_place(target)) {
        if (is_shift) {
            shift(op, type, *slot, *slot, rhs);
            return;
        }
        const std::uint32_t b = lazy ? bytecode::kNoSlot : expr(rhs);
        code.set_pos(lhs->pos);
        arithmetic(op, type, *slot, *slot, b, lazy ? rhs : nullptr);
        return;
    }
    const Place at = place(target);
    if (op == Op::Add && adds_in_map(at, type)) {
        const std::uint32_t addend = expr(rhs);
        code.set_pos(lhs->pos);
        add_in_map(at, addend);
        return;
    }
    const std::uint32_t value = temp(slots_of(type));
    if (is_shift) {
        load(at, value);
        shift(op, type, value, value, rhs);
    } else {
        // Go loads the left operand after the right one has been evaluated when that one has calls.
        const std::uint32_t b = lazy ? bytecode::kNoSlot : expr(rhs);
        load(at, value);
        code.set_pos(lhs->pos);
        arithmetic(op, type, value, value, b, lazy ? rhs : nullptr);
    }
    store(at, value);
}

void FunctionCompiler::assign(AssignStmt* stmt) {
    if (stmt->op != Op::None) {
        assign_operation(stmt->lhs[0], stmt->op, stmt->rhs[0]);
        return;
    }
    if (stmt->lhs.size() == 1 && stmt->rhs.size() == 1) {
        if (defines(stmt->define, stmt->lhs[0]))
            declare_with(static_cast<Var*>(static_cast<Ident*>(stmt->lhs[0])->object), stmt->rhs[0]);
        else
            assign_one(stmt->lhs[0], stmt->rhs[0]);
        return;
    }
    if (stmt->lhs.size() == stmt->rhs.size()) {
        assign_tuple(stmt);
        return;
    }
    // From one multi-value expression.
    std::vector<Place> places;
    if (!stmt->define) places = places_of({stmt->lhs.begin(), stmt->lhs.end()});
    const auto put = [&](std::size_t i, std::uint32_t from, types::Type* type) {
        if (stmt->define)
            assign_value(stmt->lhs[i], true, from, type);
        else
            store_as(places[i], stmt->lhs[i], from, type);
    };
    Expr* rhs = unparen(stmt->rhs[0]);
    auto* tuple = types::as<types::Tuple>(rhs->type);
    auto* called = as<CallExpr>(rhs);
    if (tuple != nullptr && called != nullptr) {
        std::uint32_t from = call(called);
        // Keep the results where they are while the stores are made.
        release(std::max(top_, from + slots_of(tuple)));
        for (std::size_t i = 0; i < stmt->lhs.size(); ++i) {
            put(i, from, tuple->vars[i]->type);
            from += slots_of(tuple->vars[i]->type);
        }
        return;
    }
    const std::uint32_t value = temp(slots_of(rhs));
    const std::uint32_t ok = temp();
    {
        Temps temps(*this);
        comma_ok(rhs, value, ok);
    }
    put(0, value, rhs->type);
    put(1, ok, compiler_.universe().basic(types::BasicKind::Bool));
}

void FunctionCompiler::inc_dec(IncDecStmt* stmt) {
    Temps temps(*this);
    types::Type* type = type_of(stmt->x);
    code.set_pos(stmt->pos);
    const bool integer = types::is_integer(type);
    const auto step = [&](std::uint32_t to, std::uint32_t from) {
        if (integer) {
            code.emit(Opcode::AddI64K, to, from, static_cast<std::uint16_t>(stmt->increment ? 1 : -1));
            canonical(type, to);
            return;
        }
        Temps inner(*this);
        const std::uint32_t one = temp(slots_of(type));
        constant_to(type, constant::make_int64(compiler_.universe().arena(), 1), one);
        arithmetic(stmt->increment ? Op::Add : Op::Sub, type, to, from, one, nullptr);
    };
    if (const auto slot = expr_in_place(stmt->x)) {
        step(*slot, *slot);
        return;
    }
    const Place at = place(stmt->x);
    const std::uint32_t value = temp(slots_of(type));
    if (adds_in_map(at, type)) {
        code.emit_wide(Opcode::LoadI, value, stmt->increment ? 1 : -1);
        add_in_map(at, value);
        return;
    }
    load(at, value);
    step(value, value);
    store(at, value);
}

void FunctionCompiler::var_decl(ValueSpec* spec) {
    std::vector<Var*> vars;
    for (Ident* name : spec->names) vars.push_back(types::as<Var>(name->object));
    code.set_pos(spec->pos);
    if (spec->values.empty()) {
        for (std::size_t i = 0; i < vars.size(); ++i) {
            Var* var = vars[i];
            if (var == nullptr) continue;
            if (!var->package_level) {
                declare(var, std::nullopt);
                continue;
            }
            Temps temps(*this);
            const std::uint32_t zero = temp(slots_of(var->type));
            code.emit_wide(Opcode::ZeroN, zero, static_cast<std::int32_t>(slots_of(var->type)));
            store(var_place(*var), zero);
        }
        return;
    }
    const auto put = [&](Var* var, std::uint32_t from, types::Type* from_type) {
        std::uint32_t value = from;
        if (types::is_interface(subst(var->type)) && !types::is_interface(subst(from_type))) {
            value = temp(2);
            to_interface(value, from, from_type, var->type);
        }
        if (var->package_level)
            store(var_place(*var), value);
        else
            declare(var, value);
    };
    if (spec->values.size() == vars.size()) {
        if (vars.size() == 1 && vars[0] != nullptr && !vars[0]->package_level) {
            declare_with(vars[0], spec->values[0]);
            return;
        }
        std::vector<std::uint32_t> values;
        for (std::size_t i = 0; i < vars.size(); ++i) {
            types::Type* type = vars[i] != nullptr ? subst(vars[i]->type) : type_of(spec->values[i]);
            const std::uint32_t value = temp(slots_of(type));
            Temps temps(*this);
            if (spec->values[i]->mode != Mode::NilValue || vars[i] != nullptr)
                expr_as_to(spec->values[i], type, value);
            values.push_back(value);
        }
        for (std::size_t i = 0; i < vars.size(); ++i)
            if (vars[i] != nullptr) put(vars[i], values[i], vars[i]->type);
        return;
    }
    Expr* rhs = unparen(spec->values[0]);
    if (auto* tuple = types::as<types::Tuple>(rhs->type); tuple != nullptr) {
        std::uint32_t from = call(static_cast<CallExpr*>(rhs));
        release(std::max(top_, from + slots_of(tuple)));
        for (std::size_t i = 0; i < vars.size(); ++i) {
            if (vars[i] != nullptr) put(vars[i], from, tuple->vars[i]->type);
            from += slots_of(tuple->vars[i]->type);
        }
        return;
    }
    const std::uint32_t value = temp(slots_of(rhs));
    const std::uint32_t ok = temp();
    {
        Temps temps(*this);
        comma_ok(rhs, value, ok);
    }
    if (vars[0] != nullptr) put(vars[0], value, rhs->type);
    if (vars[1] != nullptr) put(vars[1], ok, compiler_.universe().basic(types::BasicKind::Bool));
}

void FunctionCompiler::initialize(const types::Initializer& init) {
    Temps temps(*this);
    Expr* rhs = init.rhs;
    code.set_pos(rhs->pos);
    if (init.lhs.size() <= 1) {
        Var* var = init.lhs.empty() ? nullptr : init.lhs[0];
        if (var == nullptr) {
            if (rhs->mode != Mode::NilValue) expr(rhs);
            return;
        }
        const Place to = var_place(*var);
        if (CompositeLit* literal = large_literal(rhs, *to.type))
            fill_literal(literal, var->type, deref(address(to), var->type));
        else
            store(to, expr_as(rhs, var->type));
        return;
    }
    const auto put = [&](Var* var, std::uint32_t from, types::Type* from_type) {
        if (var == nullptr) return;
        Temps inner(*this);
        const std::uint32_t value = temp(slots_of(var->type));
        to_interface(value, from, from_type, var->type);
        store(var_place(*var), value);
    };
    rhs = unparen(rhs);
    if (auto* tuple = types::as<types::Tuple>(rhs->type)) {
        std::uint32_t from = call(static_cast<CallExpr*>(rhs));
        release(std::max(top_, from + slots_of(tuple)));
        for (std::size_t i = 0; i < init.lhs.size(); ++i) {
            put(init.lhs[i], from, tuple->vars[i]->type);
            from += slots_of(tuple->vars[i]->type);
        }
        return;
    }
    const std::uint32_t value = temp(slots_of(rhs));
    const std::uint32_t ok = temp();
    comma_ok(rhs, value, ok);
    put(init.lhs[0], value, rhs->type);
    put(init.lhs[1], ok, compiler_.universe().basic(types::BasicKind::Bool));
}

}  // namespace csp::compile
