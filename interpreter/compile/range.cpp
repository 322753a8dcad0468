// for … range.

#include "interpreter/ast/calls.h"
#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

using namespace ast;
using types::Var;

namespace {
bool wanted(Expr* x) {
    if (x == nullptr) return false;
    auto* name = as<Ident>(x);
    return name == nullptr || name->name != "_";
}
}  // namespace

void FunctionCompiler::range_stmt(RangeStmt* stmt) {
    types::Type* type = type_of(stmt->x);
    if (types::under_as<types::Signature>(type) != nullptr) {
        range_func(stmt);
    } else if (types::is_integer(type)) {
        range_int(stmt);
    } else if (types::is_string(type)) {
        range_string(stmt);
    } else if (types::under_as<types::Map>(type) != nullptr) {
        range_map(stmt);
    } else if (types::under_as<types::Chan>(type) != nullptr) {
        range_chan(stmt);
    } else {
        range_sequence(stmt);
    }
}

/// key, value = … as one assignment statement.
void FunctionCompiler::assign_pair(RangeStmt* stmt, std::uint32_t key, types::Type* key_type, std::uint32_t value,
                                   types::Type* value_type) {
    if (stmt->define || !wanted(stmt->key) || !wanted(stmt->value)) {
        if (wanted(stmt->key)) assign_value(stmt->key, stmt->define, key, key_type);
        if (wanted(stmt->value)) assign_value(stmt->value, stmt->define, value, value_type);
        return;
    }
    const std::vector<Place> places = places_of({stmt->key, stmt->value});
    store_as(places[0], stmt->key, key, key_type);
    store_as(places[1], stmt->value, value, value_type);
}

/// Lets the counter itself be the key's variable, where the body cannot tell: it never assigns to it.
bool FunctionCompiler::counts(RangeStmt* stmt, std::uint32_t counter) {
    if (!stmt->define || !wanted(stmt->key) || !defines(true, stmt->key)) return false;
    auto* var = static_cast<Var*>(static_cast<Ident*>(stmt->key)->object);
    if (var->reassigned || must_be_boxed(*var, *rt(var->type))) return false;
    places_[var] = {VarPlace::Kind::Slot, counter};
    return true;
}

void FunctionCompiler::range_int(RangeStmt* stmt) {
    types::Type* type = type_of(stmt->x);
    if (wanted(stmt->key) && stmt->key->type != nullptr) type = type_of(stmt->key);
    const std::uint32_t limit = temp();
    expr_to(stmt->x, limit);
    const std::uint32_t counter = temp();
    code.emit(Opcode::Zero, counter);
    const Label start = code.new_label();
    const Label next = code.new_label();
    const Label end = code.new_label();
    const bool is_unsigned = types::is_unsigned(type);
    if (is_unsigned)
        code.compare_jump(Opcode::EqI64KJmp, limit, 0, end);
    else
        code.compare_jump(Opcode::LeI64KJmp, limit, 0, end);
    code.bind(start);
    {
        Temps temps(*this);
        if (!counts(stmt, counter) && wanted(stmt->key)) assign_value(stmt->key, stmt->define, counter, type);
        loop_body(stmt, stmt->body, next, end);
    }
    code.bind(next);
    if (is_unsigned) {
        code.emit(Opcode::AddI64K, counter, counter, 1);
        code.compare_jump(Opcode::NeI64Loop, counter, limit, start);
    } else {
        code.compare_jump(Opcode::IncLtLoop, counter, limit, start);
    }
    code.bind(end);
}

/// Slices, arrays and pointers to arrays.
void FunctionCompiler::range_sequence(RangeStmt* stmt) {
    types::Type* type = type_of(stmt->x);
    const bool value_wanted = wanted(stmt->value);
    const std::uint32_t slice = temp(2);
    const std::uint32_t limit = temp();
    types::Type* elem = nullptr;
    auto* pointer = types::under_as<types::Pointer>(type);
    auto* array = types::under_as<types::Array>(pointer != nullptr ? pointer->elem : type);
    if (array != nullptr) {
        elem = subst(array->elem);
        const auto length = static_cast<std::uint64_t>(array->length);
        code.emit_wide(Opcode::LoadK, limit, static_cast<std::int32_t>(compiler_.constant(length)));
        if (value_wanted && array->length > 0) {
            Temps temps(*this);
            const std::uint32_t start = pointer != nullptr ? expr(stmt->x) : address(value_place(stmt->x));
            bytecode::Word none;
            none.all = 0;
            const std::uint32_t view = pointer != nullptr ? slice : temp(2);
            code.emit(Opcode::SliceArray, view, start, 0);
            code.word(none);
            code.word(static_cast<std::uint32_t>(length), index_of(elem));
            if (pointer == nullptr) {
                // The range expression is evaluated once: the loop sees a copy of the array.
                code.emit(Opcode::SliceLit, slice);
                code.word(static_cast<std::uint32_t>(length), index_of(elem));
                code.emit(Opcode::CopySlice, temp(), slice, view);
                code.word(index_of(elem));
            }
        } else if (has_call_or_receive(stmt->x)) {
            discard(stmt->x);
        }
    } else {
        elem = subst(types::under_as<types::Slice>(type)->elem);
        expr_to(stmt->x, slice);
        code.emit(Opcode::SliceLen, limit, slice);
    }
    const std::uint32_t counter = temp();
    code.emit(Opcode::Zero, counter);
    const Label start = code.new_label();
    const Label next = code.new_label();
    const Label end = code.new_label();
    code.compare_jump(Opcode::LeI64KJmp, limit, 0, end);
    code.bind(start);
    {
        Temps temps(*this);
        Place at;
        at.kind = Place::Kind::Element;
        at.slot = slice;
        at.index = counter;
        at.type = rt(elem);
        if (!stmt->define) {
            // key, value = … as one assignment.
            std::uint32_t value = 0;
            if (value_wanted) {
                value = temp(at.type->slots);
                load(at, value);
            }
            assign_pair(stmt, counter, compiler_.universe().basic(types::BasicKind::Int), value, elem);
        } else {
            if (!counts(stmt, counter) && wanted(stmt->key))
                assign_value(stmt->key, true, counter, compiler_.universe().basic(types::BasicKind::Int));
            if (value_wanted) {
                auto* var = types::as<Var>(static_cast<Ident*>(stmt->value)->object);
                if (!must_be_boxed(*var, *at.type)) {
                    declare_slot(var);
                    load(at, places_[var].index);
                } else {
                    const std::uint32_t value = temp(at.type->slots);
                    load(at, value);
                    declare(var, value);
                }
            }
        }
        loop_body(stmt, stmt->body, next, end);
    }
    code.bind(next);
    code.compare_jump(Opcode::IncLtLoop, counter, limit, start);
    code.bind(end);
}

void FunctionCompiler::range_string(RangeStmt* stmt) {
    const std::uint32_t text = temp(2);
    expr_to(stmt->x, text);
    const std::uint32_t at = temp();
    const std::uint32_t following = temp();
    const std::uint32_t rune = temp();
    code.emit(Opcode::Zero, following);
    const Label start = code.new_label();
    const Label end = code.new_label();
    code.bind(start);
    move(at, following, 1);
    code.emit(Opcode::RangeStr, at, text, rune);
    code.jump_word(end, following);
    {
        Temps temps(*this);
        types::Universe& universe = compiler_.universe();
        assign_pair(stmt, at, universe.basic(types::BasicKind::Int), rune, universe.rune_type());
        const Label next = code.new_label();
        loop_body(stmt, stmt->body, next, end);
        code.bind(next);
    }
    code.jump(Opcode::Loop, 0, start);
    code.bind(end);
}

void FunctionCompiler::range_map(RangeStmt* stmt) {
    auto* map = types::under_as<types::Map>(type_of(stmt->x));
    const std::uint32_t iterator = temp(8);
    {
        Temps temps(*this);
        code.emit(Opcode::MapIter, iterator, expr(stmt->x));
    }
    const Label start = code.new_label();
    const Label end = code.new_label();
    code.bind(start);
    {
        Temps temps(*this);
        const std::uint32_t key = wanted(stmt->key) ? temp(slots_of(map->key)) : bytecode::kNoSlot;
        const std::uint32_t value = wanted(stmt->value) ? temp(slots_of(map->elem)) : bytecode::kNoSlot;
        code.emit(Opcode::MapNext, iterator, key, value);
        code.jump_word(end, index_of(stmt->x->type));
        assign_pair(stmt, key, map->key, value, map->elem);
        const Label next = code.new_label();
        loop_body(stmt, stmt->body, next, end);
        code.bind(next);
    }
    code.jump(Opcode::Loop, 0, start);
    code.bind(end);
}

void FunctionCompiler::range_chan(RangeStmt* stmt) {
    auto* type = types::under_as<types::Chan>(type_of(stmt->x));
    const std::uint32_t channel = temp();
    expr_to(stmt->x, channel);
    const std::uint32_t value = temp(std::max(1u, slots_of(type->elem)));
    const std::uint32_t ok = temp();
    const Label start = code.new_label();
    const Label end = code.new_label();
    code.bind(start);
    code.set_pos(stmt->pos);
    code.emit(Opcode::Recv, value, channel, ok);
    code.jump(Opcode::JmpIfNot, ok, end);
    {
        Temps temps(*this);
        if (wanted(stmt->key)) assign_value(stmt->key, stmt->define, value, type->elem);
        const Label next = code.new_label();
        loop_body(stmt, stmt->body, next, end);
        code.bind(next);
    }
    code.jump(Opcode::Loop, 0, start);
    code.bind(end);
}

}  // namespace csp::compile
