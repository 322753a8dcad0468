// Untyped values, representability, assignability, conversions.

#include <cmath>

#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;

namespace {
int int_bits(BasicKind kind) {
    switch (kind) {
        case BasicKind::Int8: case BasicKind::Uint8: return 8;
        case BasicKind::Int16: case BasicKind::Uint16: return 16;
        case BasicKind::Int32: case BasicKind::Uint32: return 32;
        default: return 64;
    }
}
}  // namespace

/// "x (variable of type int)", as Go's compiler describes operands.
std::string Checker::Impl::describe(const Expr* x) const {
    std::string text = ast::to_string(x);
    if (x->mode == Mode::NilValue) return "untyped nil";
    const Type* type = x->type;
    const bool untyped = type != nullptr && types::is_untyped(const_cast<Type*>(type));
    std::string out = text + " (";
    if (untyped) out += str(type) + " ";
    switch (x->mode) {
        case Mode::NoValue: out += "no value"; break;
        case Mode::Builtin: out += "built-in"; break;
        case Mode::TypeExpr: return text + " (type)";
        case Mode::Constant: out += "constant"; break;
        case Mode::Variable: out += "variable"; break;
        case Mode::MapIndex: out += "map index expression"; break;
        case Mode::CommaOk: out += "comma, ok expression"; break;
        case Mode::Value: out += "value"; break;
        default: out += "invalid operand"; break;
    }
    if (x->mode == Mode::Constant && x->value != nullptr) {
        const std::string shown = constant::to_string(x->value);
        if (shown != text) out += " " + shown;
    }
    if (!untyped && type != nullptr && x->mode != Mode::NoValue && x->mode != Mode::Builtin) {
        out += " of ";
        if (type->kind == types::TypeKind::Named) {
            auto* own = const_cast<Type*>(type);
            const std::string word = types::under_as<types::Basic>(own) != nullptr ? str(types::under(own)) : types::kind_word(own);
            if (!word.empty()) out += word + " ";
        }
        out += "type " + str(type);
        if (const auto* param = types::as<types::TypeParam>(type)) out += " constrained by " + str(param->constraint);
    }
    return out + ")";
}

bool Checker::Impl::representable(const constant::Value* value, Type* type, const constant::Value** rounded) {
    *rounded = value;
    if (types::is_type_param(type)) {
        // Representable in every type of the type set; the value stays as it is, exact.
        const constant::Value* ignored = nullptr;
        return types::for_all_types(type, [&](Type* t, Type*) { return t != nullptr && representable(value, t, &ignored); });
    }
    const auto* basic = types::under_as<types::Basic>(type);
    if (basic == nullptr) return false;
    const constant::Kind kind = constant::kind(value);
    if (kind == constant::Kind::Unknown) return true;
    if (basic->info & types::kIsInteger) {
        const constant::Value* whole = constant::to_int(arena_, value);
        if (constant::kind(whole) != constant::Kind::Int) return false;
        *rounded = whole;
        if (basic->info & types::kIsUntyped) return true;
        const int bits = int_bits(basic->basic);
        if (basic->info & types::kIsUnsigned)
            return constant::sign(whole) >= 0 && constant::bit_length(whole) <= static_cast<std::size_t>(bits);
        const std::size_t length = constant::bit_length(whole);
        if (length < static_cast<std::size_t>(bits)) return true;
        // The most negative number has one bit more than the others.
        const auto small = constant::int64_value(whole);
        return small && bits <= 64 && *small == (bits == 64 ? INT64_MIN : -(std::int64_t{1} << (bits - 1)));
    }
    if (basic->info & types::kIsFloat) {
        const constant::Value* real = constant::to_float(arena_, value);
        if (constant::kind(real) == constant::Kind::Unknown) return false;
        *rounded = real;
        if (basic->info & types::kIsUntyped) return true;
        if (basic->basic == BasicKind::Float32) {
            const float f = constant::float32_value(real);
            if (std::isinf(f)) return false;
            *rounded = constant::make_float64(arena_, static_cast<double>(f));
            return true;
        }
        const double d = constant::float64_value(real);
        if (std::isinf(d)) return false;
        *rounded = constant::make_float64(arena_, d);
        return true;
    }
    if (basic->info & types::kIsComplex) {
        const constant::Value* both = constant::to_complex(arena_, value);
        if (constant::kind(both) == constant::Kind::Unknown) return false;
        *rounded = both;
        if (basic->info & types::kIsUntyped) return true;
        const bool narrow = basic->basic == BasicKind::Complex64;
        const auto part = [&](const constant::Value* x) {
            return narrow ? static_cast<double>(constant::float32_value(x)) : constant::float64_value(x);
        };
        const double r = part(constant::real(arena_, both));
        const double i = part(constant::imag(arena_, both));
        if (std::isinf(r) || std::isinf(i)) return false;
        *rounded = constant::binary(arena_, constant::make_float64(arena_, r), Op::Add,
                                    constant::make_imag(arena_, constant::make_float64(arena_, i)), false);
        *rounded = constant::to_complex(arena_, *rounded);
        return true;
    }
    if (basic->info & types::kIsString) return kind == constant::Kind::String;
    if (basic->info & types::kIsBoolean) return kind == constant::Kind::Bool;
    return false;
}

/// The constant `x` becomes one of `type`, or there is an error.
bool Checker::Impl::fits(Expr* x, Type* type) {
    const constant::Value* rounded = nullptr;
    if (representable(x->value, type, &rounded)) {
        x->value = rounded;
        return true;
    }
    const std::string shown = constant::to_string(x->value);
    const bool numeric = types::is_numeric(x->type) && types::is_numeric(type);
    if (numeric && !types::is_integer(x->type) && types::is_integer(type)) {
        error(Code::ConstantError, x->pos, "cannot use " + describe(x) + " as " + str(type) + " value in " + "assignment (truncated)");
    } else if (numeric) {
        error(Code::ConstantError, x->pos, "cannot use " + describe(x) + " as " + str(type) + " value in assignment (overflows)");
    } else {
        error(Code::ConstantError, x->pos, "cannot convert " + describe(x) + " to type " + str(type));
    }
    static_cast<void>(shown);
    return false;
}

void Checker::Impl::finalize(Expr* x, Type* type) {
    if (x->type == nullptr || !types::is_untyped(x->type) || x->mode == Mode::Invalid) {
        return;
    }
    if (x->mode != Mode::Constant) {
        switch (x->kind) {
            case Kind::ParenExpr: finalize(static_cast<ParenExpr*>(x)->x, type); break;
            case Kind::UnaryExpr: finalize(static_cast<UnaryExpr*>(x)->x, type); break;
            case Kind::BinaryExpr: {
                auto* b = static_cast<BinaryExpr*>(x);
                if (b->op >= Op::Eq && b->op <= Op::Ge) break;
                if (b->op == Op::Shl || b->op == Op::Shr) {
                    if (!types::is_integer(type) && type != invalid() && !types::is_untyped(type)) {
                        error(Code::InvalidOperation, x->pos,
                              "invalid operation: shifted operand " + ast::to_string(b->x) + " (type " + str(type) +
                                  ") must be integer");
                    }
                    finalize(b->x, type);
                    break;
                }
                finalize(b->x, type);
                finalize(b->y, type);
                break;
            }
            default: break;
        }
    } else if (x->value != nullptr && !types::is_untyped(type)) {
        const constant::Value* rounded = nullptr;
        if (types::under_as<types::Basic>(type) != nullptr && representable(x->value, type, &rounded)) x->value = rounded;
        if (auto* paren = as<ParenExpr>(x)) finalize(paren->x, type);
    }
    x->type = type;
}

void Checker::Impl::use_default(Expr* x) {
    if (x->mode == Mode::NilValue || x->type == nullptr || !types::is_untyped(x->type)) return;
    Type* type = types::default_type(universe_, x->type);
    if (x->mode == Mode::Constant) {
        const constant::Value* rounded = nullptr;
        if (!representable(x->value, type, &rounded)) {
            error(Code::ConstantError, x->pos,
                  "cannot use " + describe(x) + " as " + str(type) + " value in " + "assignment (overflows)");
            fail(x);
            return;
        }
    }
    finalize(x, type);
}

bool Checker::Impl::assignable(Expr* x, Type* target, std::string* cause) {
    Type* from = x->type;
    if (from == invalid() || target == invalid()) return true;
    if (x->mode == Mode::NilValue) return types::has_nil(target);
    if (types::identical(from, target)) return true;
    Type* vu = types::under(from);
    Type* tu = types::under(target);
    if (types::is_untyped(from)) {
        if (types::is_type_param(target))
            return types::for_all_types(target, [&](Type* t, Type*) { return t != nullptr && assignable(x, t, nullptr); });
        if (types::is_interface(target))
            return types::under_as<types::Interface>(target)->all_methods.empty() &&
                   (types::complete_interface(universe_, types::under_as<types::Interface>(target)),
                    types::under_as<types::Interface>(target)->all_methods.empty());
        const auto* basic = types::as<types::Basic>(tu);
        if (basic == nullptr) return false;
        if (x->mode == Mode::Constant) {
            const constant::Value* rounded = nullptr;
            return representable(x->value, target, &rounded);
        }
        const auto* untyped = types::as<types::Basic>(vu);
        if (untyped->info & types::kIsBoolean) return (basic->info & types::kIsBoolean) != 0;
        return (basic->info & types::kIsNumeric) != 0;
    }
    const auto has_name = [](Type* type) {
        return type->kind == types::TypeKind::Named || type->kind == types::TypeKind::Basic || types::is_type_param(type);
    };
    const bool v_named = has_name(from);
    const bool t_named = has_name(target);
    const bool v_param = types::is_type_param(from);
    const bool t_param = types::is_type_param(target);
    if (types::identical(vu, tu) && (!v_named || !t_named) && !v_param && !t_param) return true;
    if (types::is_interface(target)) {
        std::string why;
        if (types::implements(universe_, from, target, false, cx_.package, &why)) return true;
        if (cause != nullptr) *cause = why;
        return false;
    }
    if (types::is_interface(from)) {
        std::string unused;
        if (cause != nullptr && types::implements(universe_, target, from, false, cx_.package, &unused))
            *cause = "need type assertion";
        return false;
    }
    auto* vc = types::as<types::Chan>(vu);
    auto* tc = types::as<types::Chan>(tu);
    if (vc != nullptr && tc != nullptr && vc->dir == ChanDir::Both && types::identical(vc->elem, tc->elem))
        return !v_named || !t_named;
    // A value of a type without name may become a type parameter's, or the other way about, where that holds for
    // every type of the type set (Go spec, "Assignability").
    if (t_param && !v_named)
        return types::for_all_types(target, [&](Type* t, Type*) { return t != nullptr && assignable(x, t, cause); });
    if (v_param && !t_named)
        return types::for_all_types(from, [&](Type* t, Type*) {
            Ident stand_in;
            stand_in.mode = Mode::Value;
            stand_in.type = t;
            return t != nullptr && assignable(&stand_in, target, cause);
        });
    return false;
}

/// Checks that `x` may become a `target` and converts it if it is untyped. `context` as in "assignment".
bool Checker::Impl::assign_to(Expr* x, Type* target, const std::string& context) {
    if (x->mode == Mode::Invalid || target == invalid() || target == nullptr) {
        if (x->type != nullptr && types::is_untyped(x->type) && x->mode != Mode::NilValue) use_default(x);
        return x->mode != Mode::Invalid;
    }
    std::string cause;
    if (assignable(x, target, &cause)) {
        if (x->mode == Mode::NilValue) {
            x->type = target;
            for (Expr* inner = x; inner->kind == Kind::ParenExpr;) {
                inner = static_cast<ParenExpr*>(inner)->x;
                inner->type = target;
            }
            return true;
        }
        if (types::is_untyped(x->type)) {
            if (types::is_interface(target)) {
                use_default(x);
                return x->mode != Mode::Invalid;
            }
            if (x->mode == Mode::Constant && !fits(x, target)) return false;
            finalize(x, target);
        }
        return true;
    }
    if (x->mode == Mode::NilValue) {
        error(Code::TypeMismatch, x->pos, "cannot use nil as " + str(target) + " value in " + context);
        return false;
    }
    if (x->mode == Mode::Constant && types::is_untyped(x->type) && types::is_numeric(x->type) && types::is_numeric(target)) {
        const bool truncated = !types::is_integer(x->type) || constant::kind(constant::to_int(arena_, x->value)) != constant::Kind::Int;
        const bool to_int = types::is_integer(target);
        if (to_int && truncated)
            error(Code::ConstantError, x->pos,
                  "cannot use " + describe(x) + " as " + str(target) + " value in " + context + " (truncated)");
        else
            error(Code::ConstantError, x->pos,
                  "cannot use " + describe(x) + " as " + str(target) + " value in " + context + " (overflows)");
        return false;
    }
    std::string text = "cannot use " + describe(x) + " as " + str(target) + " value in " + context;
    if (!cause.empty()) text += ": " + cause;
    std::string hint;
    if (auto* pointer = types::as<types::Pointer>(x->type); pointer != nullptr && types::identical(pointer->elem, target))
        hint = "dereference it: *" + ast::to_string(x);
    if (auto* pointer = types::as<types::Pointer>(target); pointer != nullptr && types::identical(pointer->elem, x->type))
        hint = "take its address: &" + ast::to_string(x);
    const bool addressable = x->mode == Mode::Variable || unparen(x)->kind == Kind::CompositeLit;
    if (cause.find("has pointer receiver") != std::string::npos && addressable)
        hint = "take its address: &" + ast::to_string(x);
    error(Code::TypeMismatch, x->pos, text, hint);
    return false;
}

void Checker::Impl::overflow(Expr* x) {
    if (x->mode != Mode::Constant || x->value == nullptr) return;
    if (constant::kind(x->value) == constant::Kind::Unknown) return;
    if (types::is_typed(x->type)) {
        const constant::Value* rounded = nullptr;
        if (representable(x->value, x->type, &rounded)) {
            x->value = rounded;
            return;
        }
        const source::Pos pos = x->pos;
        if (types::is_numeric(x->type))
            error(Code::ConstantError, pos,
                  ast::to_string(x) + " (constant " + constant::to_string(x->value) + " of type " + str(x->type) + ") overflows " + str(x->type));
        else
            error(Code::ConstantError, pos, "cannot use " + describe(x));
        fail(x);
        return;
    }
    if (constant::kind(x->value) == constant::Kind::Int && constant::bit_length(x->value) > 512) {
        std::string op;
        if (auto* b = as<BinaryExpr>(x)) {
            switch (b->op) {
                case Op::Add: op = "addition"; break;
                case Op::Sub: op = "subtraction"; break;
                case Op::Mul: op = "multiplication"; break;
                case Op::Shl: op = "shift"; break;
                case Op::Xor: op = "bitwise XOR"; break;
                default: break;
            }
        }
        if (x->kind == Kind::UnaryExpr && static_cast<UnaryExpr*>(x)->op == Op::Xor) op = "bitwise complement";
        error(Code::ConstantError, x->pos, "constant " + (op.empty() ? op : op + " ") + "overflow");
        fail(x);
    }
}

/// Go spec, "Conversions".
bool Checker::Impl::convertible(Expr* x, Type* target, std::string* cause) {
    if (assignable(x, target, cause)) return true;
    Type* from = x->type;
    if (types::is_type_param(from) || types::is_type_param(target)) {
        // Every type of one type set must convert to every type of the other.
        return types::for_all_types(from, [&](Type* v, Type*) {
            return v != nullptr && types::for_all_types(target, [&](Type* t, Type*) {
                if (t == nullptr) return false;
                Ident stand_in;
                stand_in.mode = Mode::Value;
                stand_in.type = v;
                std::string why;
                if (convertible(&stand_in, t, &why)) return true;
                if (cause != nullptr && cause->empty()) {
                    const std::string from_text = str(v) + (types::is_type_param(from) ? " (in " + str(from) + ")" : "");
                    *cause = "cannot convert " + from_text + " to type " + str(t) +
                             (types::is_type_param(target) ? " (in " + str(target) + ")" : "");
                }
                return false;
            });
        });
    }
    Type* vu = types::under(from);
    Type* tu = types::under(target);
    if (types::identical_but_for_tags(vu, tu)) return true;
    auto* vp = types::as<types::Pointer>(from);
    auto* tp = types::as<types::Pointer>(target);
    if (vp != nullptr && tp != nullptr && types::identical_but_for_tags(types::under(vp->elem), types::under(tp->elem))) return true;
    const bool v_num = types::is_integer(from) || types::is_float(from);
    const bool t_num = types::is_integer(target) || types::is_float(target);
    if (v_num && t_num) return true;
    if (types::is_complex(from) && types::is_complex(target)) return true;
    const auto bytes_or_runes = [](Type* type) {
        auto* slice = types::as<types::Slice>(types::under(type));
        if (slice == nullptr) return false;
        auto* basic = types::under_as<types::Basic>(slice->elem);
        return basic != nullptr && (basic->basic == BasicKind::Uint8 || basic->basic == BasicKind::Int32);
    };
    if (types::is_string(target) && (types::is_integer(from) || bytes_or_runes(from))) return true;
    if (types::is_string(from) && bytes_or_runes(target)) return true;
    if (auto* slice = types::as<types::Slice>(vu)) {
        auto* array = types::as<types::Array>(tu);
        if (auto* pointer = types::as<types::Pointer>(tu)) array = types::under_as<types::Array>(pointer->elem);
        if (array != nullptr && types::identical(slice->elem, array->elem)) return true;
    }
    return false;
}

/// T(constant) for a type parameter T: the constant must convert to each type of the type set, and the result is no
/// constant (Go spec, "Conversions").
bool Checker::Impl::constant_to_param(Expr* arg, Type* target) {
    std::string cause;
    const bool ok = types::for_all_types(target, [&](Type* t, Type*) {
        if (t == nullptr) {
            cause = "no specific types";
            return false;
        }
        const constant::Value* ignored = nullptr;
        const bool text_of_integer = types::is_string(t) && types::is_integer(arg->type);
        if (types::is_basic(t, types::kIsConstType) ? text_of_integer || representable(arg->value, t, &ignored)
                                                    : convertible(arg, t, nullptr))
            return true;
        cause = "cannot convert " + describe(arg) + " to type " + str(t) + " (in " + str(target) + ")";
        return false;
    });
    if (!ok) {
        error(Code::TypeMismatch, arg->pos,
              "cannot convert " + describe(arg) + " to type " + str(target) + (cause.empty() ? "" : ": " + cause));
        return false;
    }
    // Where the whole type set takes the value as it is, the constant becomes one of the instance's type.
    const constant::Value* ignored = nullptr;
    if (types::is_untyped(arg->type) && !(types::is_integer(arg->type) && types::is_string(target)) &&
        representable(arg->value, target, &ignored))
        finalize(arg, target);
    else
        use_default(arg);
    return arg->mode != Mode::Invalid;
}

void Checker::Impl::conversion(CallExpr* x, Type* target) {
    x->call = CallKind::Conversion;
    if (x->args.size() != 1) {
        for (Expr* arg : x->args) raw(arg);
        if (target != invalid())
            error(Code::InvalidCall, x->args.empty() ? x->rparen : x->args[1]->pos,
                  x->args.empty() ? "missing argument in conversion to " + str(target)
                                  : "too many arguments in conversion to " + str(target));
        fail(x);
        return;
    }
    Expr* arg = x->args[0];
    if (x->ellipsis.known()) {
        raw(arg);
        error(Code::InvalidCall, arg->pos, "invalid use of ... in conversion to " + str(target));
        fail(x);
        return;
    }
    if (auto* interface = types::is_interface(target) ? types::under_as<types::Interface>(target) : nullptr) {
        types::complete(interface);
        if (interface->has_terms || interface->comparable) {
            error(Code::InvalidType, x->fun->pos,
                  "cannot use interface " + str(target) + " in conversion (contains specific type constraints or is comparable)");
            raw(arg);
            fail(x);
            return;
        }
    }
    if (!expr(arg, target) || target == invalid()) {
        fail(x);
        return;
    }
    const bool const_target = types::is_basic(target, types::kIsConstType) && !types::is_type_param(target);
    if (arg->mode == Mode::Constant && const_target) {
        const constant::Value* rounded = nullptr;
        if (representable(arg->value, target, &rounded) &&
            !(types::is_string(target) && !types::is_string(arg->type))) {
            if (types::is_untyped(arg->type)) finalize(arg, target);
            set(x, Mode::Constant, target, rounded);
            return;
        }
        if (types::is_integer(arg->type) && types::is_string(target)) {
            const auto code = constant::int64_value(arg->value);
            const std::int64_t rune = code && *code >= 0 && *code <= 0x10FFFF ? *code : 0xFFFD;
            char bytes[4];
            std::string text;
            const auto r = static_cast<std::uint32_t>(rune >= 0xD800 && rune <= 0xDFFF ? 0xFFFD : rune);
            if (r < 0x80) {
                text = static_cast<char>(r);
            } else {
                int n = 0;
                if (r < 0x800) {
                    bytes[n++] = static_cast<char>(0xC0 | r >> 6);
                } else if (r < 0x10000) {
                    bytes[n++] = static_cast<char>(0xE0 | r >> 12);
                    bytes[n++] = static_cast<char>(0x80 | (r >> 6 & 0x3F));
                } else {
                    bytes[n++] = static_cast<char>(0xF0 | r >> 18);
                    bytes[n++] = static_cast<char>(0x80 | (r >> 12 & 0x3F));
                    bytes[n++] = static_cast<char>(0x80 | (r >> 6 & 0x3F));
                }
                bytes[n++] = static_cast<char>(0x80 | (r & 0x3F));
                text.assign(bytes, static_cast<std::size_t>(n));
            }
            set(x, Mode::Constant, target, constant::make_string(arena_, text));
            return;
        }
        const bool numeric = types::is_numeric(arg->type) && types::is_numeric(target);
        if (numeric) {
            if (types::is_integer(target) && constant::kind(constant::to_int(arena_, arg->value)) != constant::Kind::Int)
                error(Code::ConstantError, arg->pos, "cannot convert " + describe(arg) + " to type " + str(target) + " (truncated)");
            else
                error(Code::ConstantError, arg->pos, "cannot convert " + describe(arg) + " to type " + str(target) +
                                                         (types::is_typed(arg->type) ? " (overflows)" : " (overflows)"));
            fail(x);
            return;
        }
    }
    if (arg->mode == Mode::Constant && types::is_type_param(target)) {
        if (constant_to_param(arg, target))
            set(x, Mode::Value, target);
        else
            fail(x);
        return;
    }
    std::string cause;
    if (!convertible(arg, target, &cause)) {
        error(Code::TypeMismatch, arg->pos,
              "cannot convert " + describe(arg) + " to type " + str(target) + (cause.empty() ? "" : ": " + cause));
        fail(x);
        return;
    }
    if (arg->mode == Mode::NilValue) {
        arg->type = target;
    } else if (types::is_untyped(arg->type)) {
        // A non-constant shift takes the target's type; other untyped values their default.
        if (types::is_interface(target) ||
            (arg->mode == Mode::Constant && (!const_target || (types::is_string(target) && types::is_integer(arg->type)))))
            use_default(arg);
        else
            finalize(arg, target);
    }
    set(x, Mode::Value, target);
}

}  // namespace csp::check
