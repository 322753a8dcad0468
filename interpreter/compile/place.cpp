// Places: variables, fields, elements, dereferences; loading from and storing to them.

#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

using namespace ast;
using bytecode::kNoSlot;
using runtime::Kind;

Access access_of(const runtime::Type& type) {
    switch (type.kind) {
        case Kind::Bool:
        case Kind::Uint8: return Access::U8;
        case Kind::Int8: return Access::S8;
        case Kind::Uint16: return Access::U16;
        case Kind::Int16: return Access::S16;
        case Kind::Uint32:
        case Kind::Float32: return Access::U32;
        case Kind::Int32: return Access::S32;
        case Kind::String:
        case Kind::Slice:
        case Kind::Interface: return Access::P128;
        case Kind::Complex128: return Access::Pair;
        case Kind::Complex64: return Access::N;
        case Kind::Struct:
        case Kind::Array:
            if (type.size == 0) return Access::Nothing;
            if (type.size == 8 && type.align == 8) return Access::W64;
            if (type.size == 16 && type.align == 16) return Access::P128;
            return Access::N;
        default: return Access::W64;
    }
}

namespace {
Opcode load_op(Access access) {
    switch (access) {
        case Access::U8: return Opcode::Ld8U;
        case Access::S8: return Opcode::Ld8S;
        case Access::U16: return Opcode::Ld16U;
        case Access::S16: return Opcode::Ld16S;
        case Access::U32: return Opcode::Ld32U;
        case Access::S32: return Opcode::Ld32S;
        case Access::P128: return Opcode::Ld128;
        case Access::Pair: return Opcode::LdPair;
        case Access::N: return Opcode::LdN;
        default: return Opcode::Ld64;
    }
}
Opcode store_op(const runtime::Type& type) {
    const Access access = access_of(type);
    switch (access) {
        case Access::U8:
        case Access::S8: return Opcode::St8;
        case Access::U16:
        case Access::S16: return Opcode::St16;
        case Access::U32:
        case Access::S32: return Opcode::St32;
        case Access::P128: return Opcode::St128;
        case Access::Pair: return Opcode::StPair;
        case Access::N: return Opcode::StN;
        default: return type.has_pointers ? Opcode::StPtr : Opcode::St64;
    }
}
Opcode frame_load_op(Access access) {
    switch (access) {
        case Access::U8: return Opcode::FrLd8U;
        case Access::S8: return Opcode::FrLd8S;
        case Access::U16: return Opcode::FrLd16U;
        case Access::S16: return Opcode::FrLd16S;
        case Access::S32: return Opcode::FrLd32S;
        default: return Opcode::FrLd32U;
    }
}
Opcode frame_store_op(Access access) {
    switch (access) {
        case Access::U8:
        case Access::S8: return Opcode::FrSt8;
        case Access::U16:
        case Access::S16: return Opcode::FrSt16;
        default: return Opcode::FrSt32;
    }
}
std::optional<Opcode> element_load_op(Access access) {
    switch (access) {
        case Access::U8: return Opcode::SlLd8U;
        case Access::S8: return Opcode::SlLd8S;
        case Access::U16: return Opcode::SlLd16U;
        case Access::S16: return Opcode::SlLd16S;
        case Access::U32: return Opcode::SlLd32U;
        case Access::S32: return Opcode::SlLd32S;
        case Access::W64: return Opcode::SlLd64;
        case Access::P128: return Opcode::SlLd128;
        default: return std::nullopt;
    }
}
std::optional<Opcode> element_store_op(const runtime::Type& type) {
    switch (access_of(type)) {
        case Access::U8:
        case Access::S8: return Opcode::SlSt8;
        case Access::U16:
        case Access::S16: return Opcode::SlSt16;
        case Access::U32:
        case Access::S32: return Opcode::SlSt32;
        case Access::W64: return type.has_pointers ? Opcode::SlStPtr : Opcode::SlSt64;
        case Access::P128: return Opcode::SlSt128;
        default: return std::nullopt;
    }
}
/// A few words, none of which belongs to a pair that must stay whole.
bool is_words(const runtime::Type& type) {
    constexpr std::uint32_t kMost = 64;  // bytes
    return (type.kind == Kind::Struct || type.kind == Kind::Array) && type.align == 8 && type.size % 8 == 0 &&
           type.size > 8 && type.size <= kMost;
}
bool is_narrow(Access access) { return access <= Access::S32; }
}  // namespace

void FunctionCompiler::load_memory(const runtime::Type& type, std::uint32_t to, std::uint32_t pointer,
                                   std::uint64_t offset) {
    const Access access = access_of(type);
    if (offset > 0xffff) {
        const std::uint32_t far = temp();
        code.emit(Opcode::LeaFar, far, pointer);
        code.word(static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(offset >> 32));
        pointer = far;
        offset = 0;
    }
    if (access == Access::Nothing) {
        code.emit(Opcode::NilCheck, pointer);
        return;
    }
    if (is_words(type)) {
        code.emit(Opcode::LdWords, to, pointer, static_cast<unsigned>(offset));
        code.word(type.slots);
        return;
    }
    code.emit(load_op(access), to, pointer, static_cast<unsigned>(offset));
    if (access == Access::N) code.word(compiler_.type_index(&type));
}

void FunctionCompiler::store_memory(const runtime::Type& type, std::uint32_t from,
                                    std::uint32_t pointer, std::uint64_t offset) {
    const Access access = access_of(type);
    if (offset > 0xffff) {
        const std::uint32_t far = temp();
        code.emit(Opcode::LeaFar, far, pointer);
        code.word(static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(offset >> 32));
        pointer = far;
        offset = 0;
    }
    if (access == Access::Nothing) {
        code.emit(Opcode::NilCheck, pointer);
        return;
    }
    if (is_words(type) && !type.has_pointers) {
        code.emit(Opcode::StWords, pointer, static_cast<unsigned>(offset), from);
        code.word(type.slots);
        return;
    }
    code.emit(store_op(type), pointer, static_cast<unsigned>(offset), from);
    if (access == Access::N) code.word(compiler_.type_index(&type));
}

/// The slot the thing lives in, when it is a frame place that needs no unpacking.
std::optional<std::uint32_t> FunctionCompiler::as_slot(const Place& place) {
    if (place.kind != Place::Kind::Frame) return std::nullopt;
    if (place.offset == 0 && place.type->slots <= 1 && place.type->kind != Kind::Struct &&
        place.type->kind != Kind::Array && place.index == 0)
        return place.slot;
    const Access access = access_of(*place.type);
    if (place.index == 0 && place.offset == 0) return place.slot;  // a whole variable or temporary
    if (place.offset % 8 != 0 || is_narrow(access)) return std::nullopt;
    if (place.type->size % 8 != 0) return std::nullopt;
    return place.slot + static_cast<std::uint32_t>(place.offset / 8);
}

void FunctionCompiler::load(const Place& place, std::uint32_t to) {
    const runtime::Type& type = *place.type;
    const Access access = access_of(type);
    switch (place.kind) {
        case Place::Kind::Blank: break;
        case Place::Kind::Frame:
            if (const auto slot = as_slot(place)) {
                move(to, *slot, type.slots);
            } else if (is_narrow(access)) {
                code.emit(frame_load_op(access), to, place.slot, static_cast<unsigned>(place.offset));
            } else if (access != Access::Nothing) {
                code.emit(Opcode::FrCopyOut, to, place.slot, static_cast<unsigned>(place.offset));
                code.word(type.size);
            }
            break;
        case Place::Kind::Memory: load_memory(type, to, place.slot, place.offset); break;
        case Place::Kind::Global: {
            if (access == Access::Nothing) break;
            if (access == Access::W64) {
                code.emit_wide(Opcode::LdG64, to, static_cast<std::int32_t>(place.offset));
                break;
            }
            if (access == Access::P128) {
                code.emit_wide(Opcode::LdG128, to, static_cast<std::int32_t>(place.offset));
                break;
            }
            Temps temps(*this);
            const std::uint32_t pointer = temp();
            code.emit_wide(Opcode::LeaG, pointer, static_cast<std::int32_t>(place.offset));
            load_memory(type, to, pointer, 0);
            break;
        }
        case Place::Kind::Element:
            if (const auto op = element_load_op(access)) {
                code.emit(*op, to, place.slot, place.index);
            } else {
                Temps temps(*this);
                load_memory(type, to, address(place), 0);
            }
            break;
        case Place::Kind::MapElement:
            code.emit(Opcode::MapGet, to, place.slot, place.index);
            code.word(compiler_.type_index(place.map_type));
            break;
    }
}

void FunctionCompiler::store(const Place& place, std::uint32_t from) {
    const Access access = place.type == nullptr ? Access::Nothing : access_of(*place.type);
    switch (place.kind) {
        case Place::Kind::Blank: break;
        case Place::Kind::Frame:
            if (const auto slot = as_slot(place)) {
                move(*slot, from, place.type->slots);
            } else if (is_narrow(access)) {
                code.emit(frame_store_op(access), place.slot, static_cast<unsigned>(place.offset), from);
            } else if (access != Access::Nothing) {
                code.emit(Opcode::FrCopyIn, place.slot, static_cast<unsigned>(place.offset), from);
                code.word(place.type->size);
            }
            break;
        case Place::Kind::Memory: {
            Temps temps(*this);
            store_memory(*place.type, from, place.slot, place.offset);
            break;
        }
        case Place::Kind::Global: {
            if (access == Access::Nothing) break;
            if (access == Access::W64) {
                code.emit_wide(place.type->has_pointers ? Opcode::StGPtr : Opcode::StG64, from, static_cast<std::int32_t>(place.offset));
                break;
            }
            if (access == Access::P128) {
                code.emit_wide(Opcode::StG128, from, static_cast<std::int32_t>(place.offset));
                break;
            }
            Temps temps(*this);
            const std::uint32_t pointer = temp();
            code.emit_wide(Opcode::LeaG, pointer, static_cast<std::int32_t>(place.offset));
            store_memory(*place.type, from, pointer, 0);
            break;
        }
        case Place::Kind::Element:
            if (const auto op = element_store_op(*place.type)) {
                code.emit(*op, place.slot, place.index, from);
            } else {
                Temps temps(*this);
                store_memory(*place.type, from, address(place), 0);
            }
            break;
        case Place::Kind::MapElement:
            code.emit(Opcode::MapSet, place.slot, place.index, from);
            code.word(compiler_.type_index(place.map_type));
            break;
    }
}

/// The address of a place that has one, in a slot.
std::uint32_t FunctionCompiler::address(const Place& place) {
    const std::uint32_t to = temp();
    switch (place.kind) {
        case Place::Kind::Memory:
            if (place.offset > 0xffff) {
                code.emit(Opcode::LeaFar, to, place.slot);
                code.word(static_cast<std::uint32_t>(place.offset),
                          static_cast<std::uint32_t>(place.offset >> 32));
            } else {
                code.emit(Opcode::Lea, to, place.slot, static_cast<unsigned>(place.offset));
            }
            break;
        case Place::Kind::Global:
            code.emit_wide(Opcode::LeaG, to, static_cast<std::int32_t>(place.offset));
            break;
        case Place::Kind::Element:
            code.emit(Opcode::SlAddr, to, place.slot, place.index);
            code.word(place.type->size);
            break;
        case Place::Kind::Frame:
        case Place::Kind::MapElement:
        case Place::Kind::Blank: {
            // A value without an address of its own: a heap copy stands for it.
            const std::uint32_t value = temp(place.type->slots);
            load(place, value);
            code.emit_wide(Opcode::New, to, compiler_.type_index(place.type));
            store_memory(*place.type, value, to, 0);
            break;
        }
    }
    return to;
}

Place FunctionCompiler::deref(std::uint32_t pointer, types::Type* elem) {
    Place at;
    at.kind = Place::Kind::Memory;
    at.slot = pointer;
    at.type = rt(elem);
    return at;
}

Place FunctionCompiler::value_place(Expr* x) {
    Expr* inner = unparen(x);
    if (inner->mode == Mode::Variable) return place(inner);
    if (inner->kind == ast::Kind::SelectorExpr) {
        auto* selector = static_cast<SelectorExpr*>(inner);
        if (selector->selection != nullptr && selector->selection->kind == types::SelectionKind::FieldVal)
            return selector_place(selector);
    }
    Place at;
    at.kind = Place::Kind::Frame;
    at.slot = expr(x);
    at.type = rt(x->type);
    return at;
}

Place FunctionCompiler::place(Expr* x) {
    x = unparen(x);
    switch (x->kind) {
        case ast::Kind::Ident: {
            auto* name = static_cast<Ident*>(x);
            if (auto* var = types::as<types::Var>(name->object)) return var_place(*var);
            return {};
        }
        case ast::Kind::SelectorExpr: return selector_place(static_cast<SelectorExpr*>(x));
        case ast::Kind::IndexExpr: return index_place(static_cast<IndexExpr*>(x));
        case ast::Kind::StarExpr: {
            auto* star = static_cast<StarExpr*>(x);
            return deref(expr(star->x), subst(x->type));
        }
        default: return value_place(x);
    }
}

/// Walks `count` fields of `path` from `place`, whose type is `type`, through embedded pointers.
void FunctionCompiler::follow_path(Place& at, types::Type*& type, const std::vector<int>& path,
                                   std::size_t count, source::Pos pos) {
    code.set_pos(pos);
    for (std::size_t i = 0; i < count; ++i) {
        if (auto* pointer = types::under_as<types::Pointer>(type)) {
            std::uint32_t slot;
            if (const auto in = as_slot(at)) {
                slot = *in;
            } else {
                slot = temp();
                load(at, slot);
            }
            type = subst(pointer->elem);
            at = deref(slot, type);
        }
        auto* structure = types::under_as<types::Struct>(type);
        const auto field = static_cast<std::size_t>(path[i]);
        const runtime::Type* owner = rt(type);
        if (at.kind == Place::Kind::Element || at.kind == Place::Kind::MapElement) {
            if (at.kind == Place::Kind::Element) {
                const std::uint32_t pointer = address(at);
                at = deref(pointer, type);
            } else {
                const std::uint32_t value = temp(at.type->slots);
                load(at, value);
                at = {};
                at.kind = Place::Kind::Frame;
                at.slot = value;
            }
        }
        at.offset += owner->fields[field].offset;
        at.index = at.kind == Place::Kind::Frame ? 1 : 0;  // a part, not the whole
        type = subst(structure->fields[field]->type);
        at.type = rt(type);
    }
}

Place FunctionCompiler::selector_place(SelectorExpr* x) {
    if (x->selection == nullptr) {  // package.Variable
        if (auto* var = types::as<types::Var>(x->sel->object)) return var_place(*var);
        return {};
    }
    Place at = value_place(x->x);
    types::Type* type = type_of(x->x);
    follow_path(at, type, x->selection->path, x->selection->path.size(), x->sel->pos);
    return at;
}

Place FunctionCompiler::index_place(IndexExpr* x) {
    types::Type* base = type_of(x->x);
    Expr* index = x->indices[0];
    Place at;
    at.type = rt(x->type);
    if (auto* map = types::under_as<types::Map>(base)) {
        at.kind = Place::Kind::MapElement;
        at.map_type = rt(base);
        at.slot = expr(x->x);
        at.index = expr_as(index, subst(map->key));
        return at;
    }
    if (types::under_as<types::Slice>(base) != nullptr) {
        at.kind = Place::Kind::Element;
        at.slot = expr(x->x);
        at.index = expr(index);
        code.set_pos(x->pos);
        return at;
    }
    auto* pointer = types::under_as<types::Pointer>(base);
    auto* array = types::under_as<types::Array>(pointer != nullptr ? pointer->elem : base);
    Place whole = pointer != nullptr ? deref(expr(x->x), subst(pointer->elem)) : value_place(x->x);
    const runtime::Type* elem = rt(array->elem);
    if (const auto constant = small_constant(index);
        constant && whole.kind != Place::Kind::Element && whole.kind != Place::Kind::MapElement) {
        whole.offset += static_cast<std::uint64_t>(*constant) * elem->size;
        whole.index = whole.kind == Place::Kind::Frame ? 1 : 0;
        whole.type = elem;
        return whole;
    }
    const std::uint32_t start = address(whole);
    const std::uint32_t at_index = expr(index);
    const std::uint32_t element = temp();
    code.set_pos(x->pos);
    code.emit(Opcode::ArrAddr, element, start, at_index);
    code.word(static_cast<std::uint32_t>(array->length), elem->size);
    return deref(element, subst(array->elem));
}

/// &x for a place x.
std::uint32_t FunctionCompiler::address_of(Expr* x) {
    const Place at = place(x);
    if (at.kind == Place::Kind::Memory && at.offset == 0) {
        code.set_pos(x->pos);
        if (unparen(x)->kind != ast::Kind::Ident) code.emit(Opcode::NilCheck, at.slot);
        return at.slot;
    }
    return address(at);
}

}  // namespace csp::compile
