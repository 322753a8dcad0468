// Expressions: names, literals, selectors, indices, slices, assertions.

#include "interpreter/check/checker.h"
#include "interpreter/constant/quote.h"

namespace csp::check {

using diag::Code;

void Checker::Impl::set(Expr* x, Mode mode, Type* type, const constant::Value* value) {
    x->mode = mode;
    x->type = type;
    x->value = value;
}

/// A single value. Reports types, no-values and built-ins that are used as one.
bool Checker::Impl::expr(Expr* x, Type* hint) { return raw(x, hint) && single_value(x); }

/// Is the checked expression one value? Reports it when not.
bool Checker::Impl::single_value(Expr* x) {
    switch (x->mode) {
        case Mode::TypeExpr:
            error(Code::TypeMismatch, x->pos, ast::to_string(x) + " (type) is not an expression");
            fail(x);
            return false;
        case Mode::NoValue:
            error(Code::TypeMismatch, x->pos, ast::to_string(x) + " (no value) used as value");
            fail(x);
            return false;
        case Mode::Builtin:
            error(Code::InvalidCall, x->pos, ast::to_string(x) + " (built-in) must be called");
            fail(x);
            return false;
        case Mode::Invalid: return false;
        default: break;
    }
    if (auto* tuple = types::as<Tuple>(x->type)) {
        error(Code::TypeMismatch, x->pos,
              "multiple-value " + ast::to_string(x) + " (value of type " + str(tuple) + ") in single-value context");
        fail(x);
        return false;
    }
    return true;
}

bool Checker::Impl::raw(Expr* x, Type* hint) { return generic(x, hint) && require_instance(x, hint); }

bool Checker::Impl::generic(Expr* x, Type* hint) {
    // An expression may be met again (implicit repetition of constants): always afresh.
    switch (x->kind) {
        case Kind::BadExpr: fail(x); break;
        case Kind::Ident: ident(static_cast<Ident*>(x)); break;
        case Kind::BasicLit: basic_lit(static_cast<BasicLit*>(x)); break;
        case Kind::FuncLit: func_lit(static_cast<FuncLit*>(x)); break;
        case Kind::CompositeLit: composite(static_cast<CompositeLit*>(x), hint); break;
        case Kind::ParenExpr: {
            auto* paren = static_cast<ParenExpr*>(x);
            generic(paren->x, hint);
            set(x, paren->x->mode, paren->x->type, paren->x->value);
            break;
        }
        case Kind::SelectorExpr: selector(static_cast<SelectorExpr*>(x)); break;
        case Kind::IndexExpr: index(static_cast<IndexExpr*>(x)); break;
        case Kind::SliceExpr: slice(static_cast<SliceExpr*>(x)); break;
        case Kind::TypeAssertExpr: assertion(static_cast<TypeAssertExpr*>(x)); break;
        case Kind::CallExpr: call(static_cast<CallExpr*>(x)); break;
        case Kind::StarExpr: star(static_cast<StarExpr*>(x)); break;
        case Kind::UnaryExpr: unary(static_cast<UnaryExpr*>(x), hint); break;
        case Kind::BinaryExpr: binary(static_cast<BinaryExpr*>(x), hint); break;
        case Kind::KeyValueExpr:
            error(Code::InvalidOperation, x->pos, "unexpected key:value expression");
            fail(x);
            break;
        default:
            if (type_or_null(x) == nullptr) fail(x);
            break;
    }
    if (x->mode == Mode::Constant) overflow(x);
    return x->mode != Mode::Invalid;
}

void Checker::Impl::ident(Ident* x) {
    if (x->name == "_") {
        error(Code::InvalidOperation, x->pos, "cannot use _ as value");
        fail(x);
        return;
    }
    Object* object = x->is_hidden ? x->object : lookup(x->name, x->pos);
    if (object == nullptr) {
        error(Code::Undefined, x->pos, "undefined: " + std::string(x->name), suggest(x->name));
        fail(x);
        return;
    }
    x->object = object;
    if (object->package != nullptr && object->package != cx_.package) dot_used_.insert(object->package);
    if (!granted(x->pos, *object, [&] { return std::string(x->name); })) {
        fail(x);
        return;
    }
    const bool package_level = infos_.contains(object);
    if (object->color != types::Color::Black) resolve(object);
    if (package_level && cx_.declaration != nullptr) cx_.declaration->uses.insert(object);
    switch (object->kind) {
        case types::ObjectKind::PkgName:
            error(Code::InvalidOperation, x->pos, "use of package " + std::string(x->name) + " without selector");
            static_cast<types::PkgName*>(object)->used = true;
            fail(x);
            break;
        case types::ObjectKind::Const: {
            auto* constant_object = static_cast<types::Const*>(object);
            if (constant_object->parent == nullptr && object->name == "iota" && object->package == nullptr) {
                if (cx_.iota == nullptr) {
                    error(Code::ConstantError, x->pos, "cannot use iota outside constant declaration");
                    fail(x);
                    return;
                }
                set(x, Mode::Constant, object->type, cx_.iota);
                return;
            }
            if (object->name == "iota" && object->package == nullptr) {
                if (cx_.iota == nullptr) {
                    error(Code::ConstantError, x->pos, "cannot use iota outside constant declaration");
                    fail(x);
                    return;
                }
                set(x, Mode::Constant, object->type, cx_.iota);
                return;
            }
            if (object->type == nullptr || object->type == invalid()) {
                fail(x);
                return;
            }
            set(x, Mode::Constant, object->type, constant_object->value);
            break;
        }
        case types::ObjectKind::TypeName:
            set(x, object->type == nullptr || object->type == invalid() ? Mode::Invalid : Mode::TypeExpr,
                object->type == nullptr ? invalid() : object->type);
            break;
        case types::ObjectKind::Var: {
            auto* var = static_cast<Var*>(object);
            var->used = true;
            if (var->package_level && cx_.script_level && x->pos < var->pos) {
                error(Code::Undefined, x->pos, "undefined: " + std::string(x->name),
                      "a script's statements may use only names declared above them");
                fail(x);
                return;
            }
            if (var->type == nullptr || var->type == invalid()) {
                fail(x);
                return;
            }
            set(x, Mode::Variable, var->type);
            break;
        }
        case types::ObjectKind::Func:
            if (object->type == nullptr) {
                fail(x);
                return;
            }
            set(x, Mode::Value, object->type);
            break;
        case types::ObjectKind::Builtin: set(x, Mode::Builtin, invalid()); break;
        case types::ObjectKind::Nil: set(x, Mode::NilValue, universe_.basic(BasicKind::UntypedNil)); break;
        case types::ObjectKind::Label: fail(x); break;
    }
}

void Checker::Impl::basic_lit(BasicLit* x) {
    const constant::Value* value = constant::make_from_literal(arena_, x->text, x->lit);
    if (constant::kind(value) == constant::Kind::Unknown) {
        error(Code::ConstantError, x->pos, "malformed constant: " + std::string(x->text));
        fail(x);
        return;
    }
    const BasicKind kind = x->lit == LitKind::Int     ? BasicKind::UntypedInt
                           : x->lit == LitKind::Float ? BasicKind::UntypedFloat
                           : x->lit == LitKind::Imag  ? BasicKind::UntypedComplex
                           : x->lit == LitKind::Char  ? BasicKind::UntypedRune
                                                      : BasicKind::UntypedString;
    set(x, Mode::Constant, universe_.basic(kind), value);
}

void Checker::Impl::func_lit(FuncLit* x) {
    // The body is checked in place: it sees the variables around it, and they count as used by it.
    Context outer = cx_;
    cx_.locals.clear();
    cx_.labels.clear();
    cx_.gotos.clear();
    cx_.blocks.clear();
    cx_.block = -1;
    cx_.breakable.clear();
    cx_.continuable.clear();
    cx_.labels_of.clear();
    cx_.scopes.clear();
    cx_.fallthrough = Fallthrough::OutOfPlace;
    cx_.script_level = false;
    cx_.iota = nullptr;
    cx_.scope = universe_.make_scope(cx_.scope);
    Signature* signature = signature_type(x->func_type, nullptr);
    signature->scope = cx_.scope;
    body(signature, x->func_type, nullptr, x->body);
    cx_ = std::move(outer);
    set(x, Mode::Value, signature);
}

void Checker::Impl::selector(SelectorExpr* x) {
    const std::string name(x->sel->name);
    if (auto* package_ident = as<Ident>(x->x); package_ident != nullptr && !package_ident->is_hidden) {
        if (auto* package = types::as<types::PkgName>(lookup(package_ident->name, package_ident->pos))) {
            resolve(package);
            package->used = true;
            package_ident->object = package;
            if (package->imported == nullptr) {
                fail(x);
                return;
            }
            Object* object = package->imported->scope->lookup(x->sel->name);
            if (object == nullptr || !object->exported()) {
                if (object == nullptr)
                    error(Code::Undefined, x->sel->pos, "undefined: " + std::string(package_ident->name) + "." + name,
                          closest(name, [&](const NameVisitor& visit) {
                              for (const Object* each : package->imported->scope->objects())
                                  if (each->exported() && why_not_granted(*each).empty()) visit(each->name);
                          }));
                else
                    error(Code::Undefined, x->sel->pos, "name " + name + " not exported by package " + package->imported->name);
                fail(x);
                return;
            }
            x->sel->object = object;
            if (object->color != types::Color::Black) resolve(object);
            if (!granted(x->sel->pos, *object, [&] { return package->imported->name + "." + name; }) || object->type == nullptr ||
                object->type == invalid()) {
                fail(x);
                return;
            }
            switch (object->kind) {
                case types::ObjectKind::Const:
                    set(x, Mode::Constant, object->type, static_cast<types::Const*>(object)->value);
                    break;
                case types::ObjectKind::TypeName: set(x, Mode::TypeExpr, object->type); break;
                case types::ObjectKind::Var: set(x, Mode::Variable, object->type); break;
                default: set(x, Mode::Value, object->type); break;
            }
            return;
        }
    }
    if (!raw(x->x)) {
        fail(x);
        return;
    }
    if (x->x->mode == Mode::Builtin || x->x->mode == Mode::NoValue || types::as<Tuple>(x->x->type) != nullptr) {
        single_value(x->x);
        fail(x);
        return;
    }
    if (name == "_") {
        error(Code::InvalidOperation, x->sel->pos, "cannot refer to blank field or method");
        fail(x);
        return;
    }
    if (types::is_untyped(x->x->type) && x->x->mode != Mode::NilValue) use_default(x->x);
    Type* type = x->x->type;
    const bool is_type = x->x->mode == Mode::TypeExpr;
    const bool addressable = x->x->mode == Mode::Variable;
    types::LookupResult found =
        types::lookup_field_or_method(universe_, type, addressable, cx_.package, x->sel->name);
    if (found.object == nullptr || found.needs_pointer_receiver) {
        std::string why;
        if (x->x->mode == Mode::NilValue) {
            error(Code::Undefined, x->sel->pos, "invalid use of nil: nil." + name);
            fail(x);
            return;
        }
        if (found.ambiguous) {
            error(Code::Undefined, x->sel->pos, "ambiguous selector " + ast::to_string(x));
        } else if (found.needs_pointer_receiver) {
            if (is_type)
                error(Code::InvalidOperation, x->sel->pos,
                      "invalid method expression " + ast::to_string(x) + " (needs pointer receiver (*" + str(type) + ")." + name + ")");
            else
                error(Code::InvalidOperation, x->sel->pos, "cannot call pointer method " + name + " on " + str(type));
        } else {
            if (auto* pointer = types::as<types::Pointer>(type); pointer != nullptr && types::is_type_param(pointer->elem)) {
                why = "type " + str(type) + " is pointer to type parameter, not type parameter";
            } else if (auto* pointer = types::under_as<types::Pointer>(type); pointer != nullptr && types::is_interface(pointer->elem)) {
                why = "type " + str(type) + " is pointer to interface, not interface";
            } else {
                why = "type " + str(type) + " has no field or method " + name;
                const types::LookupResult other =
                    types::lookup_field_or_method(universe_, type, true, cx_.package, x->sel->name, true);
                if (other.object != nullptr && other.object->name != x->sel->name)
                    why += std::string(", but does have ") +
                           (other.object->kind == types::ObjectKind::Func ? "method " : "field ") + std::string(other.object->name);
            }
            error(Code::Undefined, x->sel->pos, ast::to_string(x) + " undefined (" + why + ")",
                  why.find("but does have") == std::string::npos && !types::is_type_param(type) ? suggest_member(type, name) : "");
        }
        fail(x);
        return;
    }
    if (!granted(x->sel->pos, *found.object, [&] { return ast::to_string(x); })) {
        fail(x);
        return;
    }
    x->sel->object = found.object;
    types::Selection selection{types::SelectionKind::FieldVal, type, found.object, found.path, found.indirect};
    if (auto* method = types::as<types::Func>(found.object)) {
        Signature* signature = universe_.signature_of(method);
        if (signature == nullptr) {  // still being declared, by way of this very selector
            fail(x);
            return;
        }
        if (cx_.declaration != nullptr && infos_.contains(method)) cx_.declaration->uses.insert(method);
        if (is_type) {
            selection.kind = types::SelectionKind::MethodExpr;
            auto* with_receiver = universe_.make_type<Signature>();
            with_receiver->params = universe_.make_type<Tuple>();
            auto* recv = universe_.make_object<Var>(x->pos, cx_.package, "_", type);
            recv->color = types::Color::Black;
            with_receiver->params->vars.push_back(recv);
            for (Var* param : signature->params->vars) with_receiver->params->vars.push_back(param);
            with_receiver->results = signature->results;
            with_receiver->variadic = signature->variadic;
            x->selection = universe_.make_selection(std::move(selection));
            set(x, Mode::Value, with_receiver);
            return;
        }
        selection.kind = types::SelectionKind::MethodVal;
        x->selection = universe_.make_selection(std::move(selection));
        // A method value's type has no receiver.
        auto* plain = universe_.make_type<Signature>();
        plain->params = signature->params;
        plain->results = signature->results;
        plain->variadic = signature->variadic;
        set(x, Mode::Value, plain);
        return;
    }
    if (is_type) {
        error(Code::Undefined, x->sel->pos, ast::to_string(x) + " undefined (type " + str(type) + " has no method " + name + ")");
        fail(x);
        return;
    }
    x->selection = universe_.make_selection(std::move(selection));
    const bool variable = addressable || found.indirect || types::under_as<types::Pointer>(type) != nullptr;
    set(x, variable ? Mode::Variable : Mode::Value, found.object->type == nullptr ? invalid() : found.object->type);
    if (x->type == invalid()) fail(x);
}

/// An index or slice bound: an integer; a constant one must not be negative, and below `length` (if ≥ 0).
bool Checker::Impl::index_value(Expr* x, std::int64_t length, std::int64_t* constant_value, const char* what) {
    if (!expr(x)) return false;
    if (types::is_untyped(x->type)) {
        if (x->mode == Mode::Constant) {
            const constant::Value* whole = constant::to_int(arena_, x->value);
            if (constant::kind(whole) != constant::Kind::Int) {
                if (types::is_numeric(x->type))
                    error(Code::InvalidOperation, x->pos, "invalid argument: " + std::string(what) + " " + describe(x) +
                                                              (types::is_numeric(x->type) ? " truncated to int" : " must be integer"));
                else
                    error(Code::InvalidOperation, x->pos, "invalid argument: " + std::string(what) + " " + describe(x) + " must be integer");
                return false;
            }
            x->value = whole;
        } else if (!types::is_numeric(x->type)) {
            error(Code::InvalidOperation, x->pos, "invalid argument: " + std::string(what) + " " + describe(x) + " must be integer");
            return false;
        }
    } else if (!types::is_integer(x->type)) {
        error(Code::InvalidOperation, x->pos, "invalid argument: " + std::string(what) + " " + describe(x) + " must be integer");
        return false;
    }
    if (x->mode == Mode::Constant) {
        const std::string shown = describe(x);
        if (types::is_untyped(x->type)) {
            if (constant::sign(x->value) < 0) {
                error(Code::InvalidOperation, x->pos,
                      "invalid argument: " + std::string(what) + " " + ast::to_string(x) + " (constant of type int) must not be negative");
                return false;
            }
            if (!constant::int64_value(x->value)) {
                error(Code::ConstantError, x->pos, shown + " overflows int");
                return false;
            }
            finalize(x, universe_.basic(BasicKind::Int));
        }
        if (constant::sign(x->value) < 0) {
            error(Code::InvalidOperation, x->pos, "invalid argument: " + std::string(what) + " " + describe(x) + " must not be negative");
            return false;
        }
        const auto k = constant::int64_value(x->value);
        if (k && length >= 0 && *k >= length) {
            error(Code::InvalidOperation, x->pos,
                  "invalid argument: " + std::string(what) + " " + ast::to_string(x) + " out of bounds [0:" + std::to_string(length) + "]");
            return false;
        }
        if (!k) {
            error(Code::InvalidOperation, x->pos, "invalid argument: " + std::string(what) + " " + describe(x) + " overflows int");
            return false;
        }
        if (constant_value != nullptr) *constant_value = *k;
    } else if (types::is_untyped(x->type)) {
        finalize(x, universe_.basic(BasicKind::Int));
    }
    return true;
}

void Checker::Impl::index(IndexExpr* x) {
    if (!generic(x->x)) {
        for (Expr* i : x->indices) raw(i);
        fail(x);
        return;
    }
    if (x->x->mode == Mode::TypeExpr) {
        instance_type(x);
        return;
    }
    if (auto* signature = types::as<Signature>(x->x->type); signature != nullptr && x->x->mode == Mode::Value) {
        if (!signature->type_params.empty()) {
            instantiate_function(x);
            return;
        }
        error(Code::InvalidOperation, x->pos, "invalid operation: cannot index " + describe(x->x));
        fail(x);
        return;
    }
    if (!single_value(x->x)) {
        fail(x);
        return;
    }
    if (x->indices.size() != 1) {
        error(Code::InvalidOperation, x->indices[1]->pos, "unexpected comma; expecting ]");
        fail(x);
        return;
    }
    Expr* at = x->indices[0];
    Type* type = x->x->type;
    if (types::is_type_param(type)) {
        index_param(x);
        return;
    }
    if (types::is_string(type)) {
        std::int64_t length = -1;
        if (x->x->mode == Mode::Constant) length = static_cast<std::int64_t>(constant::string_value(x->x->value).size());
        if (!index_value(at, length, nullptr)) {
            fail(x);
            return;
        }
        use_default(x->x);
        set(x, Mode::Value, universe_.byte_type());
        return;
    }
    Type* under = types::under(type);
    if (auto* map = types::as<types::Map>(under)) {
        if (!expr(at, map->key) || !assign_to(at, map->key, "map index")) {
            fail(x);
            return;
        }
        set(x, Mode::MapIndex, map->elem);
        return;
    }
    auto* pointer = types::as<types::Pointer>(under);
    auto* array = types::as<types::Array>(under);
    if (pointer != nullptr) array = types::under_as<types::Array>(pointer->elem);
    auto* slice_type = types::as<types::Slice>(under);
    if (array == nullptr && slice_type == nullptr) {
        raw(at);
        error(Code::InvalidOperation, x->pos, "invalid operation: cannot index " + describe(x->x));
        fail(x);
        return;
    }
    if (!index_value(at, array != nullptr ? array->length : -1, nullptr)) {
        fail(x);
        return;
    }
    if (array != nullptr)
        set(x, pointer != nullptr || x->x->mode == Mode::Variable ? Mode::Variable : Mode::Value, array->elem);
    else
        set(x, Mode::Variable, slice_type->elem);
}

/// x[i] where x is of a type parameter's type: all types of its type set must have elements of one type, and must be
/// maps with one type of keys, or none a map (Go spec, "Index expressions").
void Checker::Impl::index_param(IndexExpr* x) {
    Type* key = nullptr;
    Type* elem = nullptr;
    std::int64_t length = -1;
    Mode mode = Mode::Variable;
    const bool ok = types::for_all_types(x->x->type, [&](Type* type, Type* under) {
        if (type == nullptr) return false;
        Type* own_key = nullptr;
        Type* own_elem = nullptr;
        std::int64_t own_length = -1;
        if (types::is_string(type)) {
            own_elem = universe_.byte_type();
            mode = Mode::Value;
        } else if (auto* array = types::as<types::Array>(under)) {
            own_length = array->length;
            own_elem = array->elem;
            if (x->x->mode != Mode::Variable) mode = Mode::Value;
        } else if (auto* pointer = types::as<types::Pointer>(under)) {
            if (auto* target = types::under_as<types::Array>(pointer->elem)) {
                own_length = target->length;
                own_elem = target->elem;
            }
        } else if (auto* slice_type = types::as<types::Slice>(under)) {
            own_elem = slice_type->elem;
        } else if (auto* map = types::as<types::Map>(under)) {
            own_key = map->key;
            own_elem = map->elem;
        }
        if (own_elem == nullptr) return false;
        if (elem == nullptr) {
            key = own_key;
            elem = own_elem;
            length = own_length;
            return true;
        }
        if ((key == nullptr) != (own_key == nullptr) || (key != nullptr && !types::identical(key, own_key))) return false;
        if (own_length >= 0 && (length < 0 || own_length < length)) length = own_length;
        return types::identical(elem, own_elem);
    });
    Expr* at = x->indices[0];
    if (!ok || elem == nullptr) {
        raw(at);
        error(Code::InvalidOperation, x->pos, "invalid operation: cannot index " + describe(x->x));
        fail(x);
        return;
    }
    const bool index_ok = key != nullptr ? expr(at, key) && assign_to(at, key, "map index") : index_value(at, length, nullptr);
    if (!index_ok) {
        fail(x);
        return;
    }
    set(x, key != nullptr ? Mode::MapIndex : mode, elem);
}

void Checker::Impl::slice(SliceExpr* x) {
    if (!expr(x->x)) {
        for (Expr* part : {x->low, x->high, x->max})
            if (part != nullptr) raw(part);
        fail(x);
        return;
    }
    std::int64_t length = -1;
    Type* result = nullptr;
    Type* under = types::core_or_string(universe_, x->x->type);
    if (under == nullptr) {
        error(Code::InvalidOperation, x->pos, "cannot slice " + describe(x->x) + ": no core type");
        fail(x);
        return;
    }
    if (types::is_string(under)) {
        if (x->three) {
            error(Code::InvalidOperation, x->pos, "invalid operation: 3-index slice of string");
            fail(x);
            return;
        }
        if (x->x->mode == Mode::Constant) length = static_cast<std::int64_t>(constant::string_value(x->x->value).size());
        use_default(x->x);
        result = x->x->type;
        if (types::is_untyped(result)) result = universe_.basic(BasicKind::String);
    } else if (auto* array = types::as<types::Array>(under)) {
        if (x->x->mode != Mode::Variable) {
            error(Code::InvalidOperation, x->pos, "cannot slice unaddressable value " + describe(x->x));
            fail(x);
            return;
        }
        length = array->length;
        result = universe_.make_type<types::Slice>(array->elem);
    } else if (auto* pointer = types::as<types::Pointer>(under);
               pointer != nullptr && types::under_as<types::Array>(pointer->elem) != nullptr) {
        auto* array_of = types::under_as<types::Array>(pointer->elem);
        length = array_of->length;
        result = universe_.make_type<types::Slice>(array_of->elem);
    } else if (types::as<types::Slice>(under) != nullptr) {
        result = x->x->type;
    }
    if (result == nullptr) {
        error(Code::InvalidOperation, x->pos, "cannot slice " + describe(x->x));
        fail(x);
        return;
    }
    if (x->three && (x->high == nullptr || x->max == nullptr)) {
        if (x->high == nullptr) error(Code::InvalidOperation, x->second_colon, "middle index required in 3-index slice");
        if (x->max == nullptr) error(Code::InvalidOperation, x->end, "final index required in 3-index slice");
        fail(x);
        return;
    }
    std::int64_t bounds[3] = {-1, -1, -1};
    Expr* const parts[3] = {x->low, x->high, x->max};
    bool ok = true;
    for (int i = 0; i < 3; ++i)
        if (parts[i] != nullptr) ok = index_value(parts[i], length < 0 ? -1 : length + 1, &bounds[i]) && ok;
    if (ok) {
        std::int64_t last = -1;
        for (const std::int64_t bound : bounds) {
            if (bound < 0) continue;
            if (last > bound) {
                error(Code::InvalidOperation, x->high != nullptr ? x->high->pos : x->pos,
                      "invalid slice indices: " + std::to_string(bound) + " < " + std::to_string(last));
                ok = false;
                break;
            }
            last = bound;
        }
    }
    if (!ok) {
        fail(x);
        return;
    }
    set(x, Mode::Value, result);
}

void Checker::Impl::assert_possible(Type* from, Type* target, Expr* at, bool in_switch, Expr* x) {
    if (target == invalid()) return;
    auto* interface = types::under_as<types::Interface>(from);
    if (interface == nullptr) return;
    types::complete_interface(universe_, interface);
    if (types::is_interface(target)) return;
    const types::MissingMethod missing = types::missing_method(universe_, target, interface, false);
    if (missing.method == nullptr) return;
    const std::string cause = types::missing_method_cause(target, from, missing, cx_.package);
    if (in_switch)
        error(Code::TypeMismatch, at->pos,
              "impossible type switch case: " + describe(x) + " cannot have dynamic type " + str(target) + " " + cause);
    else
        error(Code::TypeMismatch, at->pos,
              "impossible type assertion: " + ast::to_string(x) + ".(" + str(target) + ")\n\t" + str(target) +
                  " does not implement " + str(from) + " " + cause);
}

void Checker::Impl::assertion(TypeAssertExpr* x) {
    if (x->type_expr == nullptr) {
        error(Code::InvalidStatement, x->pos, "invalid syntax tree: use of .(type) outside type switch");
        fail(x);
        return;
    }
    const bool ok = expr(x->x);
    Type* target = variable_type(x->type_expr);
    if (!ok || target == invalid()) {
        fail(x);
        return;
    }
    if (types::is_type_param(x->x->type)) {
        error(Code::InvalidOperation, x->x->pos,
              "invalid operation: cannot use type assertion on type parameter value " + describe(x->x));
        fail(x);
        return;
    }
    if (!types::is_interface(x->x->type)) {
        error(Code::InvalidOperation, x->x->pos, "invalid operation: " + describe(x->x) + " is not an interface");
        fail(x);
        return;
    }
    assert_possible(x->x->type, target, x, false, x->x);
    set(x, Mode::CommaOk, target);
}

void Checker::Impl::star(StarExpr* x) {
    if (!raw(x->x)) {
        fail(x);
        return;
    }
    if (x->x->mode == Mode::TypeExpr) {
        set_type(x, pointer_to(x->x->type));
        return;
    }
    if (x->x->mode == Mode::NilValue) {
        error(Code::InvalidOperation, x->pos, "invalid operation: cannot indirect nil");
        fail(x);
        return;
    }
    if (!expr(x->x)) {
        fail(x);
        return;
    }
    auto* pointer = types::core_as<types::Pointer>(x->x->type);
    if (pointer == nullptr) {
        error(Code::InvalidOperation, x->pos, "invalid operation: cannot indirect " + describe(x->x));
        fail(x);
        return;
    }
    set(x, Mode::Variable, pointer->elem);
}

}  // namespace csp::check
