// Expressions: where values are, and the small forms. Larger constructs have files of their own.

#include "interpreter/compile/function_compiler.h"
#include "interpreter/constant/value.h"

#include <bit>

namespace csp::compile {

using namespace ast;
using types::BasicKind;

std::uint32_t FunctionCompiler::temp(std::uint32_t slots) {
    const std::uint32_t at = top_;
    top_ += slots;
    if (top_ > highest_) highest_ = top_;
    return at;
}

types::Type* FunctionCompiler::subst(types::Type* type) {
    if (substitution_.empty()) return type;
    return types::substitute(compiler_.universe(), type, substitution_.params, substitution_.args);
}

const runtime::Type* FunctionCompiler::rt(types::Type* type) { return compiler_.lower(subst(type)); }

std::uint32_t FunctionCompiler::slots_of(types::Type* type) {
    if (auto* tuple = types::as<types::Tuple>(type)) {
        std::uint32_t slots = 0;
        for (types::Var* var : tuple->vars) slots += rt(var->type)->slots;
        return slots;
    }
    return rt(type)->slots;
}

std::uint16_t FunctionCompiler::index_of(types::Type* type) { return compiler_.type_index(rt(type)); }

void FunctionCompiler::move(std::uint32_t to, std::uint32_t from, std::uint32_t slots) {
    if (to == from || slots == 0) return;
    if (slots == 1)
        code.emit(Opcode::Mov, to, from);
    else if (slots == 2)
        code.emit(Opcode::Mov2, to, from);
    else
        code.emit(Opcode::MovN, to, from, slots);
}

std::optional<std::int64_t> FunctionCompiler::small_constant(const Expr* x) {
    if (x->mode != Mode::Constant || x->value == nullptr) return std::nullopt;
    if (!types::is_integer(const_cast<FunctionCompiler*>(this)->subst(x->type))) return std::nullopt;
    return constant::int64_value(x->value);
}

void FunctionCompiler::constant_to(types::Type* type, const constant::Value* value, std::uint32_t to) {
    type = subst(type);
    const auto* basic = types::under_as<types::Basic>(type);
    if (basic == nullptr) {  // a constant converted to an interface
        return;
    }
    const auto load_bits = [&](std::uint64_t bits, std::uint32_t slot) {
        const auto as_int = static_cast<std::int64_t>(bits);
        if (as_int >= INT32_MIN && as_int <= INT32_MAX)
            code.emit_wide(Opcode::LoadI, slot, static_cast<std::int32_t>(as_int));
        else
            code.emit_wide(Opcode::LoadK, slot, static_cast<std::int32_t>(compiler_.constant(bits)));
    };
    const auto f64 = [](double x) { return std::bit_cast<std::uint64_t>(x); };
    base::Arena& arena = compiler_.universe().arena();
    if (basic->info & types::kIsBoolean) {
        load_bits(constant::bool_value(value) ? 1 : 0, to);
    } else if (basic->info & types::kIsString) {
        code.emit_wide(Opcode::LoadK2, to,
                       static_cast<std::int32_t>(compiler_.string_constant(constant::string_value(value))));
    } else if (basic->info & types::kIsInteger) {
        const constant::Value* whole = constant::to_int(arena, value);
        if (const auto small = constant::int64_value(whole))
            load_bits(static_cast<std::uint64_t>(*small), to);
        else if (const auto large = constant::uint64_value(whole))
            load_bits(*large, to);
    } else if (basic->info & types::kIsFloat) {
        if (basic->basic == BasicKind::Float32)
            load_bits(std::bit_cast<std::uint32_t>(constant::float32_value(value)), to);
        else
            load_bits(f64(constant::float64_value(value)), to);
    } else if (basic->info & types::kIsComplex) {
        const constant::Value* real = constant::real(arena, value);
        const constant::Value* imag = constant::imag(arena, value);
        if (basic->basic == BasicKind::Complex64) {
            const std::uint64_t low = std::bit_cast<std::uint32_t>(constant::float32_value(real));
            const std::uint64_t high = std::bit_cast<std::uint32_t>(constant::float32_value(imag));
            load_bits(low | high << 32, to);
        } else {
            code.emit_wide(Opcode::LoadK2, to,
                           static_cast<std::int32_t>(compiler_.constant_pair(
                               f64(constant::float64_value(real)), f64(constant::float64_value(imag)))));
        }
    }
}

/// Where `x` already is, without any code that copies it.
std::optional<std::uint32_t> FunctionCompiler::expr_in_place(Expr* x) {
    x = unparen(x);
    if (x->mode == Mode::Constant) return std::nullopt;
    if (x->kind == ast::Kind::Ident || x->kind == ast::Kind::SelectorExpr) {
        const Expr* root = x;
        while (root->kind == ast::Kind::SelectorExpr) {
            const auto* selector = static_cast<const SelectorExpr*>(root);
            if (selector->selection == nullptr ||
                selector->selection->kind != types::SelectionKind::FieldVal)
                return std::nullopt;
            root = unparen(selector->x);
        }
        if (root->kind != ast::Kind::Ident) return std::nullopt;
        auto* var = types::as<types::Var>(static_cast<const Ident*>(root)->object);
        if (var == nullptr || var->package_level) return std::nullopt;
        const auto own = places_.find(var);
        if (own == places_.end() || own->second.kind != VarPlace::Kind::Slot) return std::nullopt;
        if (x == root) return own->second.index;
        const std::uint32_t mark = top_;
        const std::size_t before = code.size();
        const Place at = place(x);
        if (code.size() == before)
            if (const auto slot = as_slot(at)) return slot;
        if (code.size() == before) top_ = mark;
        return std::nullopt;
    }
    return std::nullopt;
}

std::uint32_t FunctionCompiler::expr(Expr* x) {
    x = unparen(x);
    if (const auto slot = expr_in_place(x)) return *slot;
    if (x->mode != Mode::Constant && x->kind == ast::Kind::CallExpr &&
        static_cast<CallExpr*>(x)->call == CallKind::Call)
        return call(static_cast<CallExpr*>(x));
    const std::uint32_t to = temp(slots_of(x));
    const std::uint32_t mark = top_;
    expr_to(x, to);
    top_ = mark;
    return to;
}

void FunctionCompiler::discard(Expr* x) {
    Temps temps(*this);
    x = unparen(x);
    if (x->kind == ast::Kind::CallExpr) {
        auto* c = static_cast<CallExpr*>(x);
        if (c->call == CallKind::Call) {
            call(c);
            return;
        }
        if (c->call == CallKind::Builtin) {
            builtin_to(c, std::nullopt);
            return;
        }
    }
    if (auto* unary = as<UnaryExpr>(x); unary != nullptr && unary->op == Op::Arrow) {
        receive(unary, temp(slots_of(x)), bytecode::kNoSlot);
        return;
    }
    if (auto* star = as<StarExpr>(x)) {
        code.emit(Opcode::NilCheck, expr(star->x));
        return;
    }
    expr(x);
}

void FunctionCompiler::expr_to(Expr* x, std::uint32_t to) {
    x = unparen(x);
    if (x->mode == Mode::Constant) {
        constant_to(x->type, x->value, to);
        return;
    }
    if (x->mode == Mode::NilValue) {
        const std::uint32_t slots = slots_of(x);
        if (slots == 1)
            code.emit(Opcode::Zero, to);
        else
            code.emit_wide(Opcode::ZeroN, to, static_cast<std::int32_t>(slots));
        return;
    }
    Temps temps(*this);
    code.set_pos(x->pos);
    switch (x->kind) {
        case ast::Kind::Ident: {
            auto* name = static_cast<Ident*>(x);
            if (types::as<types::Func>(name->object) != nullptr) {
                function_name_to(x, to);
            } else if (types::as<types::Nil>(name->object) != nullptr) {
                code.emit_wide(Opcode::ZeroN, to, static_cast<std::int32_t>(slots_of(x)));
            } else {
                load(place(x), to);
            }
            break;
        }
        case ast::Kind::FuncLit: closure_to(static_cast<FuncLit*>(x), to); break;
        case ast::Kind::CompositeLit: composite_to(static_cast<CompositeLit*>(x), to); break;
        case ast::Kind::SelectorExpr: {
            auto* selector = static_cast<SelectorExpr*>(x);
            if (selector->selection == nullptr) {
                if (types::as<types::Func>(selector->sel->object) != nullptr)
                    function_name_to(x, to);
                else
                    load(place(x), to);
            } else if (selector->selection->kind == types::SelectionKind::MethodVal) {
                method_value_to(selector, to);
            } else if (selector->selection->kind == types::SelectionKind::MethodExpr) {
                method_expression_to(selector, to);
            } else {
                load(selector_place(selector), to);
            }
            break;
        }
        case ast::Kind::IndexExpr: index_to(static_cast<IndexExpr*>(x), to); break;
        case ast::Kind::SliceExpr: slice_to(static_cast<SliceExpr*>(x), to); break;
        case ast::Kind::TypeAssertExpr:
            assertion(static_cast<TypeAssertExpr*>(x)->x, type_of(x), to, bytecode::kNoSlot);
            break;
        case ast::Kind::StarExpr: load(place(x), to); break;
        case ast::Kind::UnaryExpr: unary_to(static_cast<UnaryExpr*>(x), to); break;
        case ast::Kind::BinaryExpr: binary_to(static_cast<BinaryExpr*>(x), to); break;
        case ast::Kind::CallExpr: {
            auto* c = static_cast<CallExpr*>(x);
            switch (c->call) {
                case CallKind::Conversion: convert_to(c->args[0], type_of(x), to); break;
                case CallKind::Builtin: builtin_to(c, to); break;
                default: move(to, call(c), slots_of(x)); break;
            }
            break;
        }
        default: compiler_.report(x->pos, "this expression"); break;
    }
}

void FunctionCompiler::expr_as_to(Expr* x, types::Type* target, std::uint32_t to) {
    types::Type* from = type_of(x);
    if (x->mode == Mode::NilValue) {
        code.emit_wide(Opcode::ZeroN, to, static_cast<std::int32_t>(slots_of(target)));
        return;
    }
    if (!types::is_interface(target) || types::is_interface(from)) {
        expr_to(x, to);
        return;
    }
    Temps temps(*this);
    const std::uint32_t value = expr(x);
    code.set_pos(x->pos);
    to_interface(to, value, from, target);
}

std::uint32_t FunctionCompiler::expr_as(Expr* x, types::Type* target) {
    types::Type* from = type_of(x);
    if (x->mode != Mode::NilValue && (!types::is_interface(target) || types::is_interface(from)))
        return expr(x);
    const std::uint32_t to = temp(slots_of(target));
    expr_as_to(x, target, to);
    return to;
}

/// The value of `from_type` at `from` as the interface type `target`; a plain move when it is one already.
void FunctionCompiler::to_interface(std::uint32_t to, std::uint32_t from, types::Type* from_type,
                                    types::Type* target) {
    from_type = subst(from_type);
    target = subst(target);
    const runtime::Type* type = rt(from_type);
    if (!types::is_interface(target) || types::is_interface(from_type)) {
        move(to, from, type->slots);
        return;
    }
    code.emit(type->inline_in_interface ? Opcode::MakeIface : Opcode::BoxIface, to, from,
              compiler_.type_index(type));
}

void FunctionCompiler::function_value_to(bytecode::Function* function, std::uint32_t to) {
    const auto address = reinterpret_cast<std::uintptr_t>(&function->static_closure);
    code.emit_wide(Opcode::LoadK, to, static_cast<std::int32_t>(compiler_.constant(address)));
}

/// The function that f or pkg.f names; the name knows the type arguments of a generic one.
bytecode::Function* FunctionCompiler::named_function(const Ident& name) {
    std::vector<types::Type*> args;
    for (types::Type* arg : name.type_args) args.push_back(subst(arg));
    return compiler_.function(*static_cast<types::Func*>(name.object), args);
}

void FunctionCompiler::function_name_to(Expr* x, std::uint32_t to) {
    auto* selector = as<SelectorExpr>(x);
    function_value_to(named_function(selector != nullptr ? *selector->sel : *static_cast<Ident*>(x)), to);
}

void FunctionCompiler::unary_to(UnaryExpr* x, std::uint32_t to) {
    types::Type* type = type_of(x);
    switch (x->op) {
        case Op::And: {
            Expr* operand = unparen(x->x);
            if (auto* literal = as<CompositeLit>(operand)) {
                // &T{…}: built in place in a new object.
                types::Type* elem = subst(literal->type);
                const std::uint32_t pointer = temp();
                code.emit_wide(Opcode::New, pointer, index_of(elem));
                fill_literal(literal, elem, deref(pointer, elem));
                move(to, pointer, 1);
                return;
            }
            move(to, address_of(operand), 1);
            return;
        }
        case Op::Arrow: receive(x, to, bytecode::kNoSlot); return;
        case Op::Not: code.emit(Opcode::NotBool, to, expr(x->x)); return;
        case Op::Add: expr_to(x->x, to); return;
        case Op::Xor:
            code.emit(Opcode::Not, to, expr(x->x));
            canonical(type, to);
            return;
        case Op::Sub: {
            const auto* basic = types::under_as<types::Basic>(type);
            const std::uint32_t a = expr(x->x);
            if (basic->basic == BasicKind::Float64) {
                code.emit(Opcode::NegF64, to, a);
            } else if (basic->basic == BasicKind::Float32) {
                code.emit(Opcode::NegF32, to, a);
            } else if (basic->basic == BasicKind::Complex128) {
                code.emit(Opcode::NegC128, to, a);
            } else if (basic->basic == BasicKind::Complex64) {
                const std::uint32_t wide = temp(2);
                code.emit(Opcode::C64ToC128, wide, a);
                code.emit(Opcode::NegC128, wide, wide);
                code.emit(Opcode::C128ToC64, to, wide);
            } else {
                code.emit(Opcode::NegI64, to, a);
                canonical(type, to);
            }
            return;
        }
        default: compiler_.report(x->pos, "this operator"); return;
    }
}

void FunctionCompiler::receive(UnaryExpr* x, std::uint32_t to, std::uint32_t ok) {
    const std::uint32_t channel = expr(x->x);
    code.set_pos(x->pos);
    code.emit(Opcode::Recv, to, channel, ok);
}

void FunctionCompiler::comma_ok(Expr* x, std::uint32_t to, std::uint32_t ok) {
    x = unparen(x);
    code.set_pos(x->pos);
    if (auto* index = as<IndexExpr>(x)) {
        const Place at = index_place(index);
        code.emit(Opcode::MapGetOk, to, at.slot, at.index);
        code.word(compiler_.type_index(at.map_type), ok);
    } else if (auto* assert_expr = as<TypeAssertExpr>(x)) {
        assertion(assert_expr->x, type_of(x), to, ok);
    } else if (auto* unary = as<UnaryExpr>(x)) {
        receive(unary, to, ok);
    }
}

void FunctionCompiler::assertion(Expr* x, types::Type* target, std::uint32_t to, std::uint32_t ok) {
    const std::uint32_t from = expr(x);
    code.set_pos(x->end);
    const bool to_iface = types::is_interface(target);
    if (ok == bytecode::kNoSlot) {
        code.emit(to_iface ? Opcode::AssertIface : Opcode::AssertType, to, from, index_of(target));
        code.word(index_of(x->type));
    } else {
        code.emit(to_iface ? Opcode::AssertIfaceOk : Opcode::AssertTypeOk, to, from, index_of(target));
        code.word(ok);
    }
}

void FunctionCompiler::index_to(IndexExpr* x, std::uint32_t to) {
    types::Type* base = type_of(x->x);
    if (types::as<types::Signature>(base) != nullptr) {  // an instance of a generic function
        function_name_to(unparen(x->x), to);
        return;
    }
    if (types::is_string(base)) {
        const std::uint32_t text = expr(x->x);
        const std::uint32_t index = expr(x->indices[0]);
        code.set_pos(x->pos);
        code.emit(Opcode::StrIndex, to, text, index);
        return;
    }
    load(index_place(x), to);
}

void FunctionCompiler::slice_to(SliceExpr* x, std::uint32_t to) {
    types::Type* base = type_of(x->x);
    unsigned bits = 0;
    bytecode::Word bounds;
    bounds.all = 0;
    std::uint32_t from;
    const types::Array* array = nullptr;
    if (auto* pointer = types::under_as<types::Pointer>(base)) {
        array = types::under_as<types::Array>(pointer->elem);
        from = expr(x->x);
    } else if (auto* own = types::under_as<types::Array>(base)) {
        array = own;
        from = address_of(x->x);
    } else {
        from = expr(x->x);
    }
    Expr* const parts[3] = {x->low, x->high, x->max};
    for (unsigned i = 0; i < 3; ++i) {
        if (parts[i] == nullptr) continue;
        bits |= 1u << i;
        bounds.x[i] = static_cast<std::uint16_t>(expr(parts[i]));
    }
    code.set_pos(x->pos);
    if (array != nullptr) {
        code.emit(Opcode::SliceArray, to, from, bits);
        code.word(bounds);
        code.word(static_cast<std::uint32_t>(array->length), index_of(array->elem));
    } else if (auto* slice = types::under_as<types::Slice>(base)) {
        bounds.x[3] = index_of(slice->elem);
        code.emit(Opcode::SliceSlice, to, from, bits);
        code.word(bounds);
    } else {
        code.emit(Opcode::SliceString, to, from, bits);
        code.word(bounds);
    }
}

}  // namespace csp::compile
