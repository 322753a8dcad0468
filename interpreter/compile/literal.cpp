// Composite literals and function literals.

#include "interpreter/compile/function_compiler.h"
#include "interpreter/constant/value.h"

namespace csp::compile {

using namespace ast;

/// Stores one element of a literal into `to`, building nested literals in place.
void FunctionCompiler::element_to(Expr* x, types::Type* type, const Place& to) {
    Temps temps(*this);
    type = subst(type);
    if (auto* nested = as<CompositeLit>(unparen(x))) {
        types::Type* own = type_of(nested);
        if (nested->type_expr == nullptr && types::under_as<types::Pointer>(type) != nullptr &&
            types::under_as<types::Pointer>(own) != nullptr) {
            // An elided &T{…}.
            types::Type* elem = subst(types::under_as<types::Pointer>(own)->elem);
            const std::uint32_t pointer = temp();
            code.emit_wide(Opcode::New, pointer, index_of(elem));
            fill_literal(nested, elem, deref(pointer, elem));
            store(to, pointer);
            return;
        }
        const bool in_place = to.kind == Place::Kind::Memory || to.kind == Place::Kind::Frame;
        if (in_place && types::identical(own, type) &&
            (types::under_as<types::Struct>(type) || types::under_as<types::Array>(type))) {
            fill_literal(nested, type, to);
            return;
        }
    }
    if (const auto slot = as_slot(to)) {
        expr_as_to(x, type, *slot);
        return;
    }
    store(to, expr_as(x, type));
}

/// Fills the zeroed struct or array at `to`.
void FunctionCompiler::fill_literal(CompositeLit* x, types::Type* type, const Place& to) {
    const runtime::Type* lowered = rt(type);
    if (auto* structure = types::under_as<types::Struct>(type)) {
        for (std::size_t i = 0; i < x->elements.size(); ++i) {
            Expr* value = x->elements[i];
            std::size_t field = i;
            if (auto* pair = as<KeyValueExpr>(value)) {
                value = pair->value_expr;
                const auto name = static_cast<Ident*>(pair->key)->name;
                for (field = 0; field < structure->fields.size(); ++field)
                    if (structure->fields[field]->name == name) break;
            }
            Place at = to;
            at.offset += lowered->fields[field].offset;
            at.index = at.kind == Place::Kind::Frame ? 1 : 0;
            at.type = rt(structure->fields[field]->type);
            element_to(value, structure->fields[field]->type, at);
        }
        return;
    }
    if (auto* array = types::under_as<types::Array>(type)) {
        std::int64_t index = 0;
        const runtime::Type* elem = rt(array->elem);
        for (Expr* value : x->elements) {
            if (auto* pair = as<KeyValueExpr>(value)) {
                if (const auto k = constant::int64_value(
                        constant::to_int(compiler_.universe().arena(), pair->key->value)))
                    index = *k;
                value = pair->value_expr;
            }
            Place at = to;
            at.offset += static_cast<std::uint64_t>(index) * elem->size;
            at.index = at.kind == Place::Kind::Frame ? 1 : 0;
            at.type = elem;
            element_to(value, array->elem, at);
            ++index;
        }
        return;
    }
    // A pointer to a literal of a slice or map type: &[]int{1}.
    const std::uint32_t value = temp(lowered->slots);
    if (auto* slice = types::under_as<types::Slice>(type))
        slice_literal(x, slice->elem, value);
    else if (auto* map = types::under_as<types::Map>(type))
        map_literal(x, map, value);
    store(to, value);
}

void FunctionCompiler::slice_literal(CompositeLit* x, types::Type* elem, std::uint32_t to) {
    const runtime::Type* lowered = rt(elem);
    std::int64_t index = 0;
    std::int64_t length = 0;
    base::Arena& arena = compiler_.universe().arena();
    for (Expr* value : x->elements) {
        if (auto* pair = as<KeyValueExpr>(value))
            if (const auto k = constant::int64_value(constant::to_int(arena, pair->key->value))) index = *k;
        if (++index > length) length = index;
    }
    Temps temps(*this);
    const std::uint32_t slice = temp(2);
    code.emit(Opcode::SliceLit, slice);
    code.word(static_cast<std::uint32_t>(length), compiler_.type_index(lowered));
    index = 0;
    for (Expr* value : x->elements) {
        if (auto* pair = as<KeyValueExpr>(value)) {
            if (const auto k = constant::int64_value(constant::to_int(arena, pair->key->value))) index = *k;
            value = pair->value_expr;
        }
        Place at;
        at.kind = Place::Kind::Memory;
        at.slot = slice;
        at.offset = static_cast<std::uint64_t>(index) * lowered->size;
        at.type = lowered;
        if (lowered->size > 0) {
            element_to(value, elem, at);
        } else {
            discard(value);
        }
        ++index;
    }
    move(to, slice, 2);
}

void FunctionCompiler::map_literal(CompositeLit* x, types::Map* type, std::uint32_t to) {
    Temps temps(*this);
    const std::uint32_t map = temp();
    const std::uint32_t hint = temp();
    code.emit_wide(Opcode::LoadI, hint, static_cast<std::int32_t>(x->elements.size()));
    code.emit(Opcode::MakeMap, map, hint, index_of(literal_type(x)));
    Place at;
    at.kind = Place::Kind::MapElement;
    at.slot = map;
    at.map_type = rt(literal_type(x));
    at.type = rt(type->elem);
    for (Expr* element : x->elements) {
        Temps inner(*this);
        auto* pair = as<KeyValueExpr>(element);
        const std::uint32_t key = temp(slots_of(type->key));
        const std::uint32_t value = temp(slots_of(type->elem));
        Place key_place;
        key_place.kind = Place::Kind::Frame;
        key_place.slot = key;
        key_place.type = rt(type->key);
        Place value_at = key_place;
        value_at.slot = value;
        value_at.type = at.type;
        code.emit_wide(Opcode::ZeroN, key, static_cast<std::int32_t>(slots_of(type->key)));
        code.emit_wide(Opcode::ZeroN, value, static_cast<std::int32_t>(slots_of(type->elem)));
        element_to(pair->key, type->key, key_place);
        element_to(pair->value_expr, type->elem, value_at);
        at.index = key;
        store(at, value);
    }
    move(to, map, 1);
}

/// The type a literal builds; for an elided &T literal the T.
types::Type* FunctionCompiler::literal_type(CompositeLit* x) {
    types::Type* type = type_of(x);
    if (x->type_expr == nullptr)
        if (auto* pointer = types::under_as<types::Pointer>(type)) return subst(pointer->elem);
    return type;
}

void FunctionCompiler::composite_to(CompositeLit* x, std::uint32_t to) {
    types::Type* type = literal_type(x);
    if (types::under_as<types::Pointer>(type_of(x)) != nullptr && type != type_of(x)) {
        const std::uint32_t pointer = temp();
        code.emit_wide(Opcode::New, pointer, index_of(type));
        fill_literal(x, type, deref(pointer, type));
        move(to, pointer, 1);
        return;
    }
    if (auto* slice = types::under_as<types::Slice>(type)) {
        slice_literal(x, slice->elem, to);
        return;
    }
    if (auto* map = types::under_as<types::Map>(type)) {
        map_literal(x, map, to);
        return;
    }
    // Built beside and moved, since the elements may read what `to` holds now.
    const runtime::Type* lowered = rt(type);
    Temps temps(*this);
    if (lowered->size > 2048) {
        const std::uint32_t pointer = temp();
        code.emit_wide(Opcode::New, pointer, compiler_.type_index(lowered));
        const Place at = deref(pointer, type);
        fill_literal(x, type, at);
        load(at, to);
        return;
    }
    const std::uint32_t value = temp(lowered->slots);
    if (lowered->slots > 0)
        code.emit_wide(Opcode::ZeroN, value, static_cast<std::int32_t>(lowered->slots));
    Place at;
    at.kind = Place::Kind::Frame;
    at.slot = value;
    at.type = lowered;
    fill_literal(x, type, at);
    move(to, value, lowered->slots);
}

void FunctionCompiler::closure_to(FuncLit* x, std::uint32_t to) {
    bytecode::Function* function = nullptr;
    std::vector<types::Var*> captured;
    ++literals_;
    const std::string name = function_.name + ".func" + std::to_string(literals_);
    for (const bool wide : {false, true}) {
        function = compiler_.new_function(name, x->pos);
        FunctionCompiler inner(compiler_, *function, substitution_, this, wide);
        inner.literal(*x);
        if (inner.finish()) {
            captured = inner.captured_;
            break;
        }
    }
    make_closure(function, captured, to);
}

void FunctionCompiler::make_closure(bytecode::Function* function,
                                    const std::vector<types::Var*>& captured, std::uint32_t to) {
    if (captured.empty()) {
        function_value_to(function, to);
        return;
    }
    Temps temps(*this);
    std::uint32_t slots = 0;
    const std::uint32_t first = top_;
    for (types::Var* var : captured) {
        const VarPlace where = find_var(*var);
        const bool box = where.kind == VarPlace::Kind::Box || where.kind == VarPlace::Kind::CapturedBox;
        const std::uint32_t width = box ? 1 : rt(var->type)->slots;
        const std::uint32_t at = temp(width);
        if (where.kind == VarPlace::Kind::Box || where.kind == VarPlace::Kind::Slot)
            move(at, where.index, width);
        else if (width == 1)
            code.emit(Opcode::LdCap, at, where.index);
        else if (width > 1)
            code.emit(Opcode::LdCapN, at, where.index, width);
        slots += width;
    }
    code.emit(Opcode::MakeClosure, to, first, slots);
    code.word(function->index);
}

}  // namespace csp::compile
