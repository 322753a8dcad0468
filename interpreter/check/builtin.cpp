// Calls of predeclared functions. Source: Go spec, "Built-in functions".

#include "interpreter/ast/calls.h"
#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;
using types::Builtin;

namespace {
struct Shape {
    Builtin id;
    const char* name;
    int least;
    int most;  // -1: any number
    bool is_value;
};
constexpr Shape kShapes[] = {
    {Builtin::Append, "append", 1, -1, true}, {Builtin::Cap, "cap", 1, 1, true},
    {Builtin::Clear, "clear", 1, 1, false},   {Builtin::Close, "close", 1, 1, false},
    {Builtin::Complex, "complex", 2, 2, true}, {Builtin::Copy, "copy", 2, 2, true},
    {Builtin::Delete, "delete", 2, 2, false}, {Builtin::Imag, "imag", 1, 1, true},
    {Builtin::Len, "len", 1, 1, true},        {Builtin::Make, "make", 1, 3, true},
    {Builtin::Max, "max", 1, -1, true},       {Builtin::Min, "min", 1, -1, true},
    {Builtin::New, "new", 1, 1, true},        {Builtin::Panic, "panic", 1, 1, false},
    {Builtin::Print, "print", 0, -1, false},  {Builtin::Println, "println", 0, -1, false},
    {Builtin::Real, "real", 1, 1, true},      {Builtin::Recover, "recover", 0, 0, true},
};
}  // namespace

/// A single call with several results stands for as many arguments (Go spec, "Calls").
void Checker::Impl::spread_results(CallExpr* x, Builtin id) {
    const bool takes_several = id == Builtin::Append || id == Builtin::Complex || id == Builtin::Copy ||
                               id == Builtin::Delete || id == Builtin::Max || id == Builtin::Min ||
                               id == Builtin::Print || id == Builtin::Println;
    if (!takes_several || x->ellipsis.known() || x->args.size() != 1) return;
    auto* call = as<CallExpr>(unparen(x->args[0]));
    if (call == nullptr || !raw(call)) return;
    auto* results = types::as<Tuple>(call->type);
    if (results == nullptr || results->size() < 2) return;
    std::vector<Expr*> names;
    for (Var* result : results->vars) {
        Ident* const name = hidden_variable(call->pos, result->name, result->type);
        name->end = call->end;
        name->name = arena_.copy(std::string_view(ast::to_string(call)));
        names.push_back(name);
    }
    x->spread = call;
    x->args = arena_.copy(names);
}

void Checker::Impl::builtin(CallExpr* x, Builtin id) {
    x->call = CallKind::Builtin;
    x->builtin = static_cast<std::uint8_t>(id);
    spread_results(x, id);
    const Shape* shape = nullptr;
    for (const Shape& s : kShapes)
        if (s.id == id) shape = &s;
    const int count = static_cast<int>(x->args.size());
    if (x->ellipsis.known() && id != Builtin::Append) {
        error(Code::InvalidCall, x->ellipsis, "invalid operation: invalid use of ... with built-in " + std::string(shape->name));
        for (Expr* arg : x->args) raw(arg);
        fail(x);
        return;
    }
    if (count < shape->least || (shape->most >= 0 && count > shape->most)) {
        for (Expr* arg : x->args) raw(arg);
        const bool few = count < shape->least;
        error(Code::InvalidCall, few ? x->rparen : x->args[static_cast<std::size_t>(shape->most)]->pos,
              std::string(few ? "not enough" : "too many") + " arguments for " + ast::to_string(x) + " (expected " +
                  std::to_string(few ? shape->least : shape->most) + ", found " + std::to_string(count) + ")");
        fail(x);
        return;
    }
    switch (id) {
        case Builtin::Append: append_call(x); return;
        case Builtin::Len:
        case Builtin::Cap: len_call(x, id == Builtin::Cap); return;
        case Builtin::Make: make_call(x); return;
        case Builtin::Copy: copy_call(x); return;
        case Builtin::Min:
        case Builtin::Max: min_max(x, id == Builtin::Max); return;
        case Builtin::Complex: complex_call(x); return;
        case Builtin::Real:
        case Builtin::Imag: real_call(x, id == Builtin::Imag); return;
        case Builtin::New: {
            // A type, or since Go 1.26 a value, which the new variable begins with.
            Expr* arg = x->args[0];
            Type* type = raw(arg) && arg->mode == Mode::TypeExpr ? variable_type(arg) : invalid();
            if (arg->mode != Mode::TypeExpr && arg->mode != Mode::Invalid && single_value(arg)) {
                if (arg->mode == Mode::NilValue)
                    error(Code::InvalidCall, arg->pos, "use of untyped nil in argument to built-in new");
                use_default(arg);
                type = arg->mode == Mode::Invalid || arg->mode == Mode::NilValue ? invalid() : arg->type;
            }
            if (type == invalid()) {
                fail(x);
                return;
            }
            set(x, Mode::Value, pointer_to(type));
            return;
        }
        case Builtin::Recover: set(x, Mode::Value, universe_.empty_interface()); return;
        default: break;
    }
    bool ok = true;
    for (Expr* arg : x->args) ok = expr(arg) && ok;
    if (!ok) {
        fail(x);
        return;
    }
    Expr* first = x->args.empty() ? nullptr : x->args[0];
    switch (id) {
        case Builtin::Close: {
            auto* chan = types::core_as<types::Chan>(first->type);
            if (chan == nullptr)
                error(Code::InvalidCall, first->pos, "invalid operation: cannot close non-channel " + describe(first));
            else if (chan->dir == ChanDir::Recv)
                error(Code::InvalidCall, first->pos, "invalid operation: cannot close receive-only channel " + describe(first));
            break;
        }
        case Builtin::Clear:
            if (!types::for_all_types(first->type, [](Type*, Type* under) {
                    return types::as<types::Map>(under) != nullptr || types::as<types::Slice>(under) != nullptr;
                }))
                error(Code::InvalidCall, first->pos, "invalid argument: clear(" + ast::to_string(first) + ") (" + describe(first) + ") must be a map or slice");
            break;
        case Builtin::Delete: {
            auto* map = types::core_as<types::Map>(first->type);
            if (map == nullptr)
                error(Code::InvalidCall, first->pos, "invalid argument: " + describe(first) + " is not a map");
            else
                assign_to(x->args[1], map->key, "argument to delete");
            break;
        }
        case Builtin::Panic: assign_to(first, universe_.empty_interface(), "argument to panic"); break;
        case Builtin::Print:
        case Builtin::Println:
            for (Expr* arg : x->args) {
                if (arg->mode == Mode::NilValue)
                    error(Code::InvalidCall, arg->pos, "use of untyped nil in argument to built-in " + std::string(shape->name));
                else
                    use_default(arg);
            }
            break;
        default: break;
    }
    set(x, Mode::NoValue, universe_.make_type<Tuple>());
}

void Checker::Impl::append_call(CallExpr* x) {
    Expr* first = x->args[0];
    if (!expr(first)) {
        for (std::size_t i = 1; i < x->args.size(); ++i) raw(x->args[i]);
        fail(x);
        return;
    }
    auto* slice_type = types::core_as<types::Slice>(first->type);
    if (slice_type == nullptr || first->mode == Mode::NilValue) {
        for (std::size_t i = 1; i < x->args.size(); ++i) raw(x->args[i]);
        if (first->mode == Mode::NilValue)
            error(Code::InvalidCall, first->pos, "first argument to append must be a typed slice; have untyped nil");
        else
            error(Code::InvalidCall, first->pos, "invalid argument: " + describe(first) + " is not a slice");
        fail(x);
        return;
    }
    Type* type = first->type;
    if (x->ellipsis.known()) {
        if (x->args.size() != 2) {
            for (std::size_t i = 1; i < x->args.size(); ++i) raw(x->args[i]);
            error(Code::InvalidCall, x->ellipsis, "can only use ... with final argument in list");
            fail(x);
            return;
        }
        Expr* rest = x->args[1];
        if (!expr(rest, type)) {
            fail(x);
            return;
        }
        auto* basic = types::under_as<types::Basic>(slice_type->elem);
        if (types::is_string(types::core_or_string(universe_, rest->type)) && basic != nullptr &&
            basic->basic == BasicKind::Uint8) {
            use_default(rest);
        } else if (rest->mode == Mode::NilValue) {
            assign_to(rest, type, "argument to append");
        } else {
            auto* other = types::core_as<types::Slice>(rest->type);
            if (other == nullptr || !types::identical(other->elem, slice_type->elem)) {
                error(Code::TypeMismatch, rest->pos,
                      "cannot use " + describe(rest) + " as " + str(universe_.make_type<types::Slice>(slice_type->elem)) +
                          " value in argument to append");
                fail(x);
                return;
            }
        }
        set(x, Mode::Value, type);
        return;
    }
    for (std::size_t i = 1; i < x->args.size(); ++i)
        if (expr(x->args[i], slice_type->elem)) assign_to(x->args[i], slice_type->elem, "argument to append");
    set(x, Mode::Value, type);
}

void Checker::Impl::len_call(CallExpr* x, bool cap) {
    Expr* arg = x->args[0];
    if (!expr(arg)) {
        fail(x);
        return;
    }
    Type* int_type = universe_.basic(BasicKind::Int);
    if (types::is_type_param(arg->type)) {
        const bool ok = types::for_all_types(arg->type, [&](Type* type, Type* under) {
            if (type == nullptr) return false;
            if (auto* pointer = types::as<types::Pointer>(under)) under = types::under(pointer->elem);
            return (types::is_string(type) && !cap) || types::as<types::Slice>(under) != nullptr ||
                   types::as<types::Array>(under) != nullptr || types::as<types::Chan>(under) != nullptr ||
                   (types::as<types::Map>(under) != nullptr && !cap);
        });
        if (!ok) {
            error(Code::InvalidCall, arg->pos, "invalid argument: " + describe(arg) + " for built-in " + (cap ? "cap" : "len"));
            fail(x);
            return;
        }
        set(x, Mode::Value, int_type);
        return;
    }
    Type* under = types::under(arg->type);
    if (types::is_string(arg->type) && !cap) {
        if (arg->mode == Mode::Constant) {
            const auto size = static_cast<std::int64_t>(constant::string_value(arg->value).size());
            use_default(arg);
            set(x, Mode::Constant, int_type, constant::make_int64(arena_, size));
            return;
        }
        use_default(arg);
        set(x, Mode::Value, int_type);
        return;
    }
    auto* array = types::as<types::Array>(under);
    if (auto* pointer = types::as<types::Pointer>(under)) array = types::under_as<types::Array>(pointer->elem);
    if (array != nullptr) {
        if (!ast::has_call_or_receive(arg))
            set(x, Mode::Constant, int_type, constant::make_int64(arena_, array->length));
        else
            set(x, Mode::Value, int_type);
        return;
    }
    const bool ok = arg->mode != Mode::NilValue &&
                    (types::as<types::Slice>(under) != nullptr || types::as<types::Chan>(under) != nullptr ||
                     (!cap && types::as<types::Map>(under) != nullptr));
    if (!ok) {
        error(Code::InvalidCall, arg->pos, "invalid argument: " + describe(arg) + " for built-in " + (cap ? "cap" : "len"));
        fail(x);
        return;
    }
    set(x, Mode::Value, int_type);
}

void Checker::Impl::make_call(CallExpr* x) {
    Type* type = variable_type(x->args[0]);
    if (type == invalid()) {
        for (std::size_t i = 1; i < x->args.size(); ++i) raw(x->args[i]);
        fail(x);
        return;
    }
    Type* under = types::core(type);
    std::size_t least = 1;
    if (under == nullptr) {
        error(Code::InvalidCall, x->args[0]->pos,
              "invalid argument: cannot make " + ast::to_string(x->args[0]) + ": no core type");
        fail(x);
        return;
    }
    if (types::as<types::Slice>(under) != nullptr) {
        least = 2;
    } else if (types::as<types::Map>(under) == nullptr && types::as<types::Chan>(under) == nullptr) {
        error(Code::InvalidCall, x->args[0]->pos,
              "invalid argument: cannot make " + ast::to_string(x->args[0]) + "; type must be slice, map, or channel");
        for (std::size_t i = 1; i < x->args.size(); ++i) raw(x->args[i]);
        fail(x);
        return;
    }
    const std::size_t most = least == 2 ? 3 : 2;
    if (x->args.size() < least || x->args.size() > most) {
        error(Code::InvalidCall, x->pos,
              "invalid operation: " + ast::to_string(x) + " expects " + std::to_string(least) + " or " +
                  std::to_string(most) + " arguments; found " + std::to_string(x->args.size()));
        for (std::size_t i = 1; i < x->args.size(); ++i) raw(x->args[i]);
        fail(x);
        return;
    }
    std::int64_t sizes[2] = {-1, -1};
    for (std::size_t i = 1; i < x->args.size(); ++i) {
        Expr* arg = x->args[i];
        if (!raw(arg)) continue;
        if (arg->mode == Mode::Constant && types::is_untyped(arg->type) && types::is_numeric(arg->type)) {
            index_value(arg, -1, &sizes[i - 1]);
            continue;
        }
        index_value(arg, -1, &sizes[i - 1]);
    }
    if (x->args.size() == 3 && sizes[0] >= 0 && sizes[1] >= 0 && sizes[0] > sizes[1])
        error(Code::InvalidCall, x->args[1]->pos, "invalid argument: length and capacity swapped");
    set(x, Mode::Value, type);
}

void Checker::Impl::copy_call(CallExpr* x) {
    const bool ok = expr(x->args[0]);
    if (!expr(x->args[1]) || !ok) {
        fail(x);
        return;
    }
    Type* source = types::core_or_string(universe_, x->args[1]->type);
    auto* to = types::core_as<types::Slice>(x->args[0]->type);
    auto* from = types::as<types::Slice>(source);
    const bool from_string = types::is_string(source);
    if (to == nullptr || (from == nullptr && !from_string)) {
        error(Code::InvalidCall, x->pos,
              "invalid argument: copy expects slice arguments; found " + describe(x->args[0]) + " and " + describe(x->args[1]));
        fail(x);
        return;
    }
    if (from_string) {
        auto* basic = types::under_as<types::Basic>(to->elem);
        if (basic == nullptr || basic->basic != BasicKind::Uint8) {
            error(Code::InvalidCall, x->pos, "invalid argument: arguments to copy " + describe(x->args[0]) + " and " +
                                                 describe(x->args[1]) + " have different element types " + str(to->elem) + " and byte");
            fail(x);
            return;
        }
        use_default(x->args[1]);
    } else if (!types::identical(to->elem, from->elem)) {
        error(Code::InvalidCall, x->pos, "invalid argument: arguments to copy " + describe(x->args[0]) + " and " +
                                             describe(x->args[1]) + " have different element types " + str(to->elem) + " and " + str(from->elem));
        fail(x);
        return;
    }
    set(x, Mode::Value, universe_.basic(BasicKind::Int));
}

void Checker::Impl::min_max(CallExpr* x, bool max) {
    bool ok = true;
    for (Expr* arg : x->args) ok = expr(arg) && ok;
    if (!ok) {
        fail(x);
        return;
    }
    const char* name = max ? "max" : "min";
    for (Expr* arg : x->args)
        if (!types::is_basic(arg->type, types::kIsOrdered)) {
            error(Code::InvalidCall, arg->pos, "invalid argument: " + describe(arg) + " cannot be ordered");
            fail(x);
            return;
        }
    // As a chain of binary operations on the operands' types.
    Expr* best = x->args[0];
    for (std::size_t i = 1; i < x->args.size(); ++i) {
        Expr* arg = x->args[i];
        BinaryExpr pair;
        pair.pos = x->pos;
        pair.x = best;
        pair.y = arg;
        pair.op = Op::Lt;
        if (!match(best, arg, &pair)) {
            fail(x);
            return;
        }
        if (!types::identical(best->type, arg->type)) {
            error(Code::TypeMismatch, arg->pos, "invalid argument: mismatched types " + str(best->type) + " (previous argument) and " +
                                                    str(arg->type) + " (type of " + ast::to_string(arg) + ")");
            fail(x);
            return;
        }
        if (best->mode == Mode::Constant && arg->mode == Mode::Constant) {
            if (constant::compare(arg->value, max ? Op::Gt : Op::Lt, best->value)) best = arg;
        } else if (best->mode == Mode::Constant) {
            best = arg;
        }
    }
    static_cast<void>(name);
    bool all_constant = true;
    Type* type = best->type;
    for (Expr* arg : x->args) {
        all_constant = all_constant && arg->mode == Mode::Constant;
        if (types::is_typed(arg->type)) type = arg->type;
    }
    if (all_constant) {
        set(x, Mode::Constant, type, best->value);
        return;
    }
    if (types::is_untyped(type)) type = types::default_type(universe_, type);
    for (Expr* arg : x->args)
        if (types::is_untyped(arg->type)) {
            if (arg->mode == Mode::Constant && !fits(arg, type)) {
                fail(x);
                return;
            }
            finalize(arg, type);
        }
    set(x, Mode::Value, type);
}

void Checker::Impl::complex_call(CallExpr* x) {
    Expr* re = x->args[0];
    Expr* im = x->args[1];
    const bool ok = expr(re);
    if (!expr(im) || !ok) {
        fail(x);
        return;
    }
    const bool both_untyped = types::is_untyped(re->type) && types::is_untyped(im->type);
    if (both_untyped && re->mode == Mode::Constant && im->mode == Mode::Constant) {
        const constant::Value* a = constant::to_float(arena_, re->value);
        const constant::Value* b = constant::to_float(arena_, im->value);
        if (types::is_numeric(re->type) && types::is_numeric(im->type) && constant::kind(a) != constant::Kind::Unknown &&
            constant::kind(b) != constant::Kind::Unknown) {
            const constant::Value* value = constant::binary(arena_, constant::to_complex(arena_, a), Op::Add,
                                                            constant::make_imag(arena_, b), false);
            set(x, Mode::Constant, universe_.basic(BasicKind::UntypedComplex), value);
            return;
        }
    }
    if (both_untyped) {
        for (Expr* part : {re, im}) {
            Type* f64 = universe_.basic(BasicKind::Float64);
            if (part->mode == Mode::Constant && !fits(part, f64)) {
                fail(x);
                return;
            }
            finalize(part, f64);
        }
    } else {
        BinaryExpr pair;
        pair.pos = x->pos;
        pair.x = re;
        pair.y = im;
        pair.op = Op::Add;
        if (types::is_untyped(re->type) || types::is_untyped(im->type)) {
            if (!match(re, im, &pair)) {
                fail(x);
                return;
            }
        }
    }
    if (!types::identical(re->type, im->type)) {
        error(Code::TypeMismatch, x->pos, "invalid operation: " + ast::to_string(x) + " (mismatched types " + str(re->type) + " and " + str(im->type) + ")");
        fail(x);
        return;
    }
    const auto* basic = types::under_as<types::Basic>(re->type);
    if (basic == nullptr || !types::is_float(re->type)) {
        error(Code::InvalidCall, x->pos, "invalid argument: arguments have type " + str(re->type) + ", expected floating-point");
        fail(x);
        return;
    }
    Type* type = universe_.basic(basic->basic == BasicKind::Float32 ? BasicKind::Complex64 : BasicKind::Complex128);
    if (re->mode == Mode::Constant && im->mode == Mode::Constant) {
        const constant::Value* value =
            constant::binary(arena_, constant::to_complex(arena_, constant::to_float(arena_, re->value)), Op::Add,
                             constant::make_imag(arena_, constant::to_float(arena_, im->value)), false);
        set(x, Mode::Constant, type, value);
        return;
    }
    set(x, Mode::Value, type);
}

void Checker::Impl::real_call(CallExpr* x, bool imag) {
    Expr* arg = x->args[0];
    if (!expr(arg)) {
        fail(x);
        return;
    }
    if (arg->mode == Mode::Constant && types::is_untyped(arg->type) && types::is_numeric(arg->type)) {
        const constant::Value* both = constant::to_complex(arena_, arg->value);
        set(x, Mode::Constant, universe_.basic(BasicKind::UntypedFloat),
            imag ? constant::imag(arena_, both) : constant::real(arena_, both));
        use_default(arg);
        return;
    }
    const auto* basic = types::under_as<types::Basic>(arg->type);
    if (basic == nullptr || !types::is_complex(arg->type)) {
        error(Code::InvalidCall, arg->pos, "invalid argument: " + describe(arg) + " not of complex type");
        fail(x);
        return;
    }
    Type* type = universe_.basic(basic->basic == BasicKind::Complex64 ? BasicKind::Float32 : BasicKind::Float64);
    if (arg->mode == Mode::Constant) {
        const constant::Value* both = constant::to_complex(arena_, arg->value);
        set(x, Mode::Constant, type, imag ? constant::imag(arena_, both) : constant::real(arena_, both));
        return;
    }
    set(x, Mode::Value, type);
}

}  // namespace csp::check
