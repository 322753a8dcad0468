// Calls of predeclared functions.

#include "interpreter/compile/function_compiler.h"
#include "interpreter/constant/value.h"

namespace csp::compile {

using namespace ast;
using types::BasicKind;
using types::Builtin;

void FunctionCompiler::append_to(CallExpr* x, std::uint32_t to) {
    types::Type* type = type_of(x);
    types::Type* elem = subst(types::under_as<types::Slice>(type)->elem);
    const runtime::Type* lowered = rt(elem);
    const std::uint32_t slice = expr_as(x->args[0], type);
    const std::size_t extra = x->args.size() - 1;
    if (extra == 0) {
        move(to, slice, 2);
        return;
    }
    if (x->ellipsis.known()) {
        const std::uint32_t from = expr_as(x->args[1], type_of(x->args[1]));
        code.set_pos(x->pos);
        const bool text = types::is_string(type_of(x->args[1]));
        code.emit(text ? Opcode::AppendString : Opcode::AppendSlice, to, slice, from);
        code.word(compiler_.type_index(lowered));
        return;
    }
    std::uint32_t first;
    if (extra == 1) {
        first = expr_as(x->args[1], elem);
    } else {
        first = temp(static_cast<std::uint32_t>(extra) * lowered->slots);
        for (std::size_t i = 0; i < extra; ++i)
            expr_as_to(x->args[i + 1], elem, first + static_cast<std::uint32_t>(i) * lowered->slots);
    }
    code.set_pos(x->pos);
    Opcode op = Opcode::Append;
    if (extra == 1 && !lowered->has_pointers && lowered->size == 1) op = Opcode::Append1;
    else if (extra == 1 && !lowered->has_pointers && lowered->size == 8) op = Opcode::Append8;
    code.emit(op, to, slice, first);
    code.word(static_cast<std::uint32_t>(extra), compiler_.type_index(lowered));
}

void FunctionCompiler::make_to(CallExpr* x, std::uint32_t to) {
    types::Type* type = type_of(x);
    const auto size = [&](std::size_t i) -> std::uint32_t {
        if (i >= x->args.size()) {
            const std::uint32_t zero = temp();
            code.emit(Opcode::Zero, zero);
            return zero;
        }
        Expr* arg = x->args[i];
        if (arg->mode == Mode::Constant) {  // also floats with integer values
            const std::uint32_t slot = temp();
            const auto value = constant::int64_value(
                constant::to_int(compiler_.universe().arena(), arg->value));
            const auto bits = static_cast<std::uint64_t>(value ? *value : -1);
            code.emit_wide(Opcode::LoadK, slot, static_cast<std::int32_t>(compiler_.constant(bits)));
            return slot;
        }
        return expr(arg);
    };
    if (auto* slice = types::under_as<types::Slice>(type)) {
        const std::uint32_t length = size(1);
        const std::uint32_t capacity = x->args.size() > 2 ? size(2) : length;
        code.set_pos(x->pos);
        code.emit(Opcode::MakeSlice, to, length, capacity);
        code.word(index_of(slice->elem));
    } else if (types::under_as<types::Map>(type) != nullptr) {
        const std::uint32_t hint = size(1);
        code.set_pos(x->pos);
        code.emit(Opcode::MakeMap, to, hint, index_of(type));
    } else {
        const std::uint32_t capacity = size(1);
        code.set_pos(x->pos);
        code.emit(Opcode::MakeChan, to, capacity, index_of(type));
    }
}

void FunctionCompiler::min_max_to(CallExpr* x, std::uint32_t to, bool max) {
    types::Type* type = type_of(x);
    const std::uint32_t best = temp(slots_of(type));
    expr_to(x->args[0], best);
    const auto* basic = types::under_as<types::Basic>(type);
    const bool is_float = (basic->info & types::kIsFloat) != 0;
    for (std::size_t i = 1; i < x->args.size(); ++i) {
        Temps temps(*this);
        const std::uint32_t other = expr(x->args[i]);
        const std::uint32_t less = temp();
        const Label keep = code.new_label();
        const Label take = code.new_label();
        std::uint32_t a = best;
        std::uint32_t b = other;
        if (is_float && basic->basic == BasicKind::Float32) {
            a = temp();
            b = temp();
            code.emit(Opcode::F32ToF64, a, best);
            code.emit(Opcode::F32ToF64, b, other);
        }
        if (is_float) {
            // A NaN anywhere wins; of the zeros -0 is the smaller (Go spec, "Min and max").
            code.emit(Opcode::NeF64, less, a, a);
            code.jump(Opcode::JmpIf, less, keep);
            code.emit(Opcode::NeF64, less, b, b);
            code.jump(Opcode::JmpIf, less, take);
            const Label differ = code.new_label();
            code.emit(Opcode::EqF64, less, a, b);
            code.jump(Opcode::JmpIfNot, less, differ);
            // Equal values differ in their sign at most: as integers, negative zero is the smaller.
            if (max)
                code.compare_jump(Opcode::LeI64Jmp, b, a, keep);
            else
                code.compare_jump(Opcode::LeI64Jmp, a, b, keep);
            code.jump(take);
            code.bind(differ);
            code.emit(Opcode::LtF64, less, max ? a : b, max ? b : a);
        } else if (basic->info & types::kIsString) {
            code.emit(Opcode::LtStr, less, max ? a : b, max ? b : a);
        } else {
            code.emit(types::is_unsigned(type) ? Opcode::LtU64 : Opcode::LtI64, less, max ? a : b,
                      max ? b : a);
        }
        code.jump(Opcode::JmpIfNot, less, keep);
        code.bind(take);
        move(best, other, slots_of(type));
        code.bind(keep);
    }
    move(to, best, slots_of(type));
}

void FunctionCompiler::complex_to(CallExpr* x, std::uint32_t to) {
    types::Type* type = type_of(x);
    const auto* basic = types::under_as<types::Basic>(type);
    if (basic->basic == BasicKind::Complex128) {
        const std::uint32_t both = temp(2);
        expr_to(x->args[0], both);
        expr_to(x->args[1], both + 1);
        move(to, both, 2);
        return;
    }
    const std::uint32_t both = temp(2);
    for (std::uint32_t i = 0; i < 2; ++i) {
        expr_to(x->args[i], both + i);
        code.emit(Opcode::F32ToF64, both + i, both + i);
    }
    code.emit(Opcode::C128ToC64, to, both);
}

void FunctionCompiler::print(CallExpr* x, bool line) {
    for (std::size_t i = 0; i < x->args.size(); ++i) {
        Temps temps(*this);
        if (line && i > 0) code.emit_wide(Opcode::PrintText, 0, 0);
        code.emit(Opcode::PrintValue, expr(x->args[i]), index_of(x->args[i]->type));
    }
    if (line) code.emit_wide(Opcode::PrintText, 0, 1);
}

/// Puts the results of a spread call into the hidden variables that its arguments name.
void FunctionCompiler::spread_results(CallExpr* x) {
    if (x->spread == nullptr) return;
    std::uint32_t from = call(x->spread);
    const std::uint32_t end = from + slots_of(types::as<types::Tuple>(x->spread->type));
    release(std::max(top_, end));
    for (Expr* arg : x->args) {
        auto* var = static_cast<types::Var*>(static_cast<Ident*>(arg)->object);
        places_[var] = {VarPlace::Kind::Slot, from};
        from += slots_of(var->type);
    }
}

/// `to` empty: the call is a statement.
void FunctionCompiler::builtin_to(CallExpr* x, std::optional<std::uint32_t> to) {
    Temps temps(*this);
    const auto id = static_cast<Builtin>(x->builtin);
    const auto result = [&] { return to ? *to : temp(2); };
    spread_results(x);
    code.set_pos(x->pos);
    switch (id) {
        case Builtin::Append: append_to(x, result()); break;
        case Builtin::Len:
        case Builtin::Cap: {
            types::Type* type = type_of(x->args[0]);
            if (auto* pointer = types::under_as<types::Pointer>(type)) {
                discard(x->args[0]);
                auto* array = types::under_as<types::Array>(pointer->elem);
                code.emit_wide(Opcode::LoadK, result(), static_cast<std::int32_t>(compiler_.constant(
                                                           static_cast<std::uint64_t>(array->length))));
                break;
            }
            if (auto* array = types::under_as<types::Array>(type)) {
                discard(x->args[0]);
                code.emit_wide(Opcode::LoadK, result(), static_cast<std::int32_t>(compiler_.constant(
                                                           static_cast<std::uint64_t>(array->length))));
                break;
            }
            const std::uint32_t value = expr(x->args[0]);
            const bool len = id == Builtin::Len;
            if (types::is_string(type))
                move(result(), value + 1, 1);
            else if (types::under_as<types::Slice>(type) != nullptr)
                code.emit(len ? Opcode::SliceLen : Opcode::SliceCap, result(), value);
            else if (types::under_as<types::Map>(type) != nullptr)
                code.emit(Opcode::MapLen, result(), value);
            else
                code.emit(len ? Opcode::ChanLen : Opcode::ChanCap, result(), value);
            break;
        }
        case Builtin::Clear: {
            types::Type* type = type_of(x->args[0]);
            const std::uint32_t value = expr(x->args[0]);
            if (auto* slice = types::under_as<types::Slice>(type)) {
                code.emit(Opcode::ClearSlice, value);
                code.word(index_of(slice->elem));
            } else {
                code.emit(Opcode::MapClear, value);
            }
            break;
        }
        case Builtin::Close: code.emit(Opcode::CloseChan, expr(x->args[0])); break;
        case Builtin::Complex: complex_to(x, result()); break;
        case Builtin::Real:
        case Builtin::Imag: {
            const std::uint32_t part = id == Builtin::Real ? 0 : 1;
            types::Type* type = type_of(x->args[0]);
            const std::uint32_t value = expr(x->args[0]);
            if (types::under_as<types::Basic>(type)->basic == BasicKind::Complex128) {
                move(result(), value + part, 1);
            } else {
                const std::uint32_t wide = temp(2);
                code.emit(Opcode::C64ToC128, wide, value);
                code.emit(Opcode::F64ToF32, result(), wide + part);
            }
            break;
        }
        case Builtin::Copy: {
            const std::uint32_t dst = expr(x->args[0]);
            const std::uint32_t src = expr(x->args[1]);
            if (types::is_string(type_of(x->args[1]))) {
                code.emit(Opcode::CopyString, result(), dst, src);
            } else {
                code.emit(Opcode::CopySlice, result(), dst, src);
                code.word(index_of(types::under_as<types::Slice>(type_of(x->args[0]))->elem));
            }
            break;
        }
        case Builtin::Delete: {
            types::Type* type = type_of(x->args[0]);
            const std::uint32_t map = expr(x->args[0]);
            const std::uint32_t key = expr_as(x->args[1], subst(types::under_as<types::Map>(type)->key));
            code.emit(Opcode::MapDelete, map, key);
            code.word(index_of(type));
            break;
        }
        case Builtin::Make: make_to(x, result()); break;
        case Builtin::Max:
        case Builtin::Min: min_max_to(x, result(), id == Builtin::Max); break;
        case Builtin::New: {
            types::Type* elem = subst(types::under_as<types::Pointer>(type_of(x))->elem);
            if (x->args[0]->mode == Mode::TypeExpr) {
                code.emit_wide(Opcode::New, result(), index_of(elem));
                break;
            }
            const std::uint32_t value = expr(x->args[0]);
            const std::uint32_t pointer = temp();
            code.emit_wide(Opcode::New, pointer, index_of(elem));
            store_memory(*rt(elem), value, pointer, 0);
            move(result(), pointer, 1);
            break;
        }
        case Builtin::Panic: {
            const std::uint32_t value = expr_as(x->args[0], compiler_.universe().empty_interface());
            code.set_pos(x->pos);
            code.emit(Opcode::Panic, value);
            break;
        }
        case Builtin::Print: print(x, false); break;
        case Builtin::Println: print(x, true); break;
        case Builtin::Recover: code.emit(Opcode::Recover, result()); break;
    }
}

/// go/defer of a predeclared function: a function of its own that takes the evaluated arguments.
FunctionCompiler::Prepared FunctionCompiler::prepare_builtin(CallExpr* x) {
    const auto id = static_cast<Builtin>(x->builtin);
    spread_results(x);
    std::vector<std::uint32_t> widths;
    std::vector<types::Type*> arg_types;
    for (std::size_t i = 0; i < x->args.size(); ++i) {
        Expr* arg = x->args[i];
        types::Type* type = type_of(arg);
        if (id == Builtin::Panic) type = compiler_.universe().empty_interface();
        if (id == Builtin::Delete && i == 1)
            type = subst(types::under_as<types::Map>(type_of(x->args[0]))->key);
        arg_types.push_back(type);
        widths.push_back(slots_of(type));
    }
    std::uint32_t total = 0;
    for (const std::uint32_t width : widths) total += width;
    const std::uint32_t closure = temp();
    const std::uint32_t area = call_area(total);
    Temps temps(*this);
    std::uint32_t at = area;
    for (std::size_t i = 0; i < x->args.size(); ++i) {
        expr_as_to(x->args[i], arg_types[i], at);
        at += widths[i];
    }
    bytecode::Function* function = compiler_.new_function(function_.name + ".builtin", x->pos);
    function->is_wrapper = id != Builtin::Recover;
    FunctionCompiler inner(compiler_, *function, substitution_, nullptr, false);
    inner.synthetic(0, total, [&] {
        inner.code.set_pos(x->pos);
        const auto slot = [&](std::size_t i) {
            std::uint32_t s = 0;
            for (std::size_t k = 0; k < i; ++k) s += widths[k];
            return s;
        };
        switch (id) {
            case Builtin::Close: inner.code.emit(Opcode::CloseChan, 0); break;
            case Builtin::Panic: inner.code.emit(Opcode::Panic, 0); break;
            case Builtin::Recover: inner.code.emit(Opcode::Recover, inner.temp(2)); break;
            case Builtin::Delete:
                inner.code.emit(Opcode::MapDelete, 0, slot(1));
                inner.code.word(index_of(arg_types[0]));
                break;
            case Builtin::Clear:
                if (auto* slice = types::under_as<types::Slice>(arg_types[0])) {
                    inner.code.emit(Opcode::ClearSlice, 0);
                    inner.code.word(index_of(slice->elem));
                } else {
                    inner.code.emit(Opcode::MapClear, 0);
                }
                break;
            case Builtin::Copy:
                if (types::is_string(arg_types[1])) {
                    inner.code.emit(Opcode::CopyString, inner.temp(), 0, slot(1));
                } else {
                    inner.code.emit(Opcode::CopySlice, inner.temp(), 0, slot(1));
                    inner.code.word(index_of(types::under_as<types::Slice>(arg_types[0])->elem));
                }
                break;
            case Builtin::Print:
            case Builtin::Println:
                for (std::size_t i = 0; i < widths.size(); ++i) {
                    if (id == Builtin::Println && i > 0) inner.code.emit_wide(Opcode::PrintText, 0, 0);
                    inner.code.emit(Opcode::PrintValue, slot(i), index_of(arg_types[i]));
                }
                if (id == Builtin::Println) inner.code.emit_wide(Opcode::PrintText, 0, 1);
                break;
            default: break;
        }
    });
    inner.finish();
    function_value_to(function, closure);
    return {closure, area, total};
}

}  // namespace csp::compile
