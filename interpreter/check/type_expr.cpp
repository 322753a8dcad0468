// Type expressions.

#include "interpreter/check/checker.h"
#include "interpreter/constant/quote.h"
#include "interpreter/types/size.h"

#include <algorithm>

namespace csp::check {

using diag::Code;

namespace {
constexpr std::uint64_t kMaxChanElem = 1 << 16;                // bytes; Go's limit
constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 50;  // bytes; Go's limit
}  // namespace

Type* Checker::Impl::set_type(Expr* x, Type* type) {
    set(x, type == invalid() ? Mode::Invalid : Mode::TypeExpr, type);
    return type;
}

Type* Checker::Impl::pointer_to(Type* elem) { return universe_.make_type<types::Pointer>(elem); }

namespace {
/// What a name that is no type's denotes, in words.
std::string_view kind_of(const Object* object) {
    switch (object->kind) {
        case types::ObjectKind::PkgName: return "package name";
        case types::ObjectKind::Const: return "constant";
        case types::ObjectKind::Var: {
            const auto* var = static_cast<const Var*>(object);
            return var->package_level ? "package-level variable" : var->is_param ? "parameter" : "local variable";
        }
        case types::ObjectKind::Func: return "function";
        case types::ObjectKind::Builtin: return "built-in function";
        case types::ObjectKind::Nil: return "untyped nil";
        case types::ObjectKind::TypeName:
        case types::ObjectKind::Label: break;
    }
    return "name";
}
}  // namespace

Type* Checker::Impl::type_of(Expr* x) {
    if (Type* type = type_or_null(x)) return type;
    // Not syntactically a type: say what it is instead.
    if (x->kind == Kind::BadExpr) return invalid();
    if (auto* name = as<Ident>(unparen(x))) {
        Object* object = lookup(name->name, name->pos);
        if (object == nullptr) return invalid();  // type_syntax() has told
        if (auto* var = types::as<Var>(object)) var->used = true;
        if (auto* package = types::as<types::PkgName>(object)) package->used = true;
        error(Code::InvalidType, x->pos, std::string(name->name) + " (" + std::string(kind_of(object)) + ") is not a type");
        fail(x);
        return invalid();
    }
    const std::size_t errors = sink_.size();
    if (raw(x) || sink_.size() == errors) error(Code::InvalidType, x->pos, ast::to_string(x) + " is not a type");
    fail(x);
    return invalid();
}

Type* Checker::Impl::type_or_null(Expr* x) {
    Type* type = type_syntax(x);
    return type == nullptr || require_instance(x, nullptr) ? type : invalid();
}

Type* Checker::Impl::type_syntax(Expr* x) {
    switch (x->kind) {
        case Kind::ParenExpr: {
            Type* type = type_syntax(static_cast<ParenExpr*>(x)->x);
            return type == nullptr ? nullptr : set_type(x, type);
        }
        case Kind::Ident: {
            auto* name = static_cast<Ident*>(x);
            Object* object = lookup(name->name, name->pos);
            if (object == nullptr) {
                if (name->name == "_")
                    error(Code::InvalidType, x->pos, "cannot use _ as value or type");
                else
                    error(Code::Undefined, x->pos, "undefined: " + std::string(name->name), suggest(name->name));
                fail(x);
                return invalid();
            }
            auto* type_name = types::as<types::TypeName>(object);
            if (type_name == nullptr || !why_not_granted(*object).empty()) return nullptr;
            name->object = object;
            if (object->package != nullptr && object->package != cx_.package) dot_used_.insert(object->package);
            if (!postpone(*type_name) && (object->type == nullptr || object->color == types::Color::White)) resolve(object);
            if (object->type == universe_.comparable_type() ||
                (types::as<types::Named>(object->type) != nullptr && object->type == universe_.comparable_type()))
                return set_type(x, object->type);
            return set_type(x, object->type == nullptr ? invalid() : object->type);
        }
        case Kind::SelectorExpr: {
            auto* selector = static_cast<SelectorExpr*>(x);
            auto* package_name = as<Ident>(selector->x);
            if (package_name == nullptr) return nullptr;
            auto* package = types::as<types::PkgName>(lookup(package_name->name, x->pos));
            if (package == nullptr) return nullptr;
            resolve(package);
            if (package->imported == nullptr) return nullptr;
            auto* type = types::as<types::TypeName>(package->imported->scope->lookup(selector->sel->name));
            if (type == nullptr || !type->exported() || !why_not_granted(*type).empty()) return nullptr;
            package->used = true;
            package_name->object = package;
            selector->sel->object = type;
            resolve(type);
            return set_type(x, type->type);
        }
        case Kind::StarExpr: {
            Type* elem = type_or_null(static_cast<StarExpr*>(x)->x);
            if (elem == nullptr) return nullptr;
            require_variable_type(elem, static_cast<StarExpr*>(x)->x->pos);
            return set_type(x, elem == invalid() ? elem : pointer_to(elem));
        }
        case Kind::ArrayType: return set_type(x, array_type(static_cast<ArrayType*>(x)));
        case Kind::StructType: return set_type(x, struct_type(static_cast<StructType*>(x)));
        case Kind::InterfaceType: return set_type(x, interface_type(static_cast<InterfaceType*>(x)));
        case Kind::FuncType: {
            ScopeGuard guard(*this, x->pos);
            return set_type(x, signature_type(static_cast<FuncType*>(x), nullptr));
        }
        case Kind::MapType: {
            auto* map = static_cast<MapType*>(x);
            Type* key = variable_type(map->key);
            Type* elem = variable_type(map->elem);
            const source::Pos pos = map->key->pos;
            const auto check_key = [this, key, pos] {
                if (key == invalid() || types::comparable(key)) return;
                const bool param = types::is_type_param(key);
                error(Code::InvalidType, pos,
                      "invalid map key type " + str(key) + (param ? " (missing comparable constraint)" : ""));
            };
            if (cx_.signature != nullptr && types::as<types::Named>(key) == nullptr) check_key();
            else later_.push_back(check_key);
            return set_type(x, universe_.make_type<types::Map>(key, elem));
        }
        case Kind::ChanType: {
            auto* chan = static_cast<ChanType*>(x);
            later_.push_back([this, chan] {
                if (chan->elem->mode == Mode::TypeExpr && types::size_of(chan->elem->type) >= kMaxChanElem)
                    error(Code::InvalidType, chan->pos, "channel element type too large (>64kB)");
            });
            return set_type(x, universe_.make_type<types::Chan>(variable_type(chan->elem), chan->dir));
        }
        case Kind::IndexExpr: return instance_type(static_cast<IndexExpr*>(x));
        case Kind::Ellipsis: {
            error(Code::InvalidType, x->pos, "invalid use of ...");
            return set_type(x, invalid());
        }
        default: return nullptr;
    }
}

Type* Checker::Impl::array_type(ArrayType* x) {
    if (x->length == nullptr) return universe_.make_type<types::Slice>(variable_type(x->elem));
    if (x->length->kind == Kind::Ellipsis) {
        error(Code::InvalidType, x->length->pos,
              "invalid use of [...] array (outside a composite literal)");
        type_of(x->elem);
        return invalid();
    }
    std::int64_t length = -1;
    if (auto* name = as<Ident>(x->length); name != nullptr && lookup(name->name, name->pos) == nullptr) {
        error(Code::Undefined, name->pos, "undefined array length " + std::string(name->name) + " or missing type constraint");
    } else if (expr(x->length)) {
        if (x->length->mode != Mode::Constant) {
            error(Code::InvalidType, x->length->pos, "array length " + describe(x->length) + " must be constant");
        } else {
            const constant::Value* value = constant::to_int(arena_, x->length->value);
            const bool numeric = types::is_untyped(x->length->type) ? types::is_numeric(x->length->type)
                                                                    : types::is_integer(x->length->type);
            if (!numeric || constant::kind(value) != constant::Kind::Int) {
                error(Code::InvalidType, x->length->pos,
                      numeric ? ast::to_string(x->length) + " (untyped float constant) truncated to int"
                              : "array length " + describe(x->length) + " must be integer");
            } else if (const auto n = constant::int64_value(value); n && *n >= 0) {
                length = *n;
            } else {
                error(Code::InvalidType, x->length->pos, "invalid array length " + ast::to_string(x->length) + " (" +
                                                            std::string(n ? "untyped int" : "untyped int") + " constant" +
                                                            (ast::to_string(x->length) == constant::to_string(value)
                                                                 ? ")" : " " + constant::to_string(value) + ")"));
            }
            if (types::is_untyped(x->length->type)) finalize(x->length, universe_.basic(BasicKind::Int));
        }
    }
    Type* elem = variable_type(x->elem);
    if (length < 0) return invalid();
    auto* array = universe_.make_type<types::Array>(elem, length);
    later_.push_back([this, array, pos = x->pos] {
        if (types::size_of(array) >= kMaxSize) error(Code::InvalidType, pos, "type " + str(array) + " larger than address space");
    });
    return array;
}

Type* Checker::Impl::struct_type(StructType* x) {
    auto* made = universe_.make_type<types::Struct>();
    bool tagged = false;
    std::map<std::string_view, Var*> seen;
    const auto add = [&](Ident* name, std::string_view text, source::Pos pos, Type* type, bool embedded, const Field* f) {
        auto* var = universe_.make_object<Var>(pos, cx_.package, text, type);
        var->is_field = true;
        var->embedded = embedded;
        var->color = types::Color::Black;
        if (name != nullptr) name->object = var;
        if (text != "_") {
            const auto [at, fresh] = seen.try_emplace(text, var);
            if (!fresh) {
                error(Code::Redeclared, pos, std::string(text) + " redeclared" + other_declaration(*at->second));
            }
        }
        made->fields.push_back(var);
        std::string tag;
        if (f->tag != nullptr)
            if (auto text_of = constant::unquote_string(f->tag->text)) tag = *text_of;
        tagged = tagged || !tag.empty();
        made->tags.push_back(std::move(tag));
    };
    for (const Field* f : x->fields) {
        Type* type = variable_type(f->type);
        if (!f->names.empty()) {
            for (Ident* name : f->names) add(name, name->name, name->pos, type, false, f);
            continue;
        }
        Expr* base = unparen(f->type);
        const bool pointer = base->kind == Kind::StarExpr;
        if (pointer) base = unparen(static_cast<StarExpr*>(base)->x);
        if (auto* instance = as<IndexExpr>(base)) base = unparen(instance->x);
        auto* selector = as<SelectorExpr>(base);
        auto* name = selector != nullptr ? selector->sel : as<Ident>(base);
        if (name == nullptr) {
            error(Code::InvalidType, f->pos, "invalid embedded field type " + ast::to_string(f->type));
            continue;
        }
        add(nullptr, name->name, f->type->pos, type, true, f);
        const source::Pos pos = f->type->pos;
        later_.push_back([this, type, pointer, pos] {
            if (type == invalid()) return;
            Type* elem = type;
            if (auto* to = types::as<types::Pointer>(type); pointer && to != nullptr) elem = to->elem;
            if (types::is_type_param(elem)) {
                error(Code::InvalidType, pos, "embedded field type cannot be a (pointer to a) type parameter");
                return;
            }
            if (pointer && types::is_interface(elem))
                error(Code::InvalidType, pos, "embedded field type cannot be a pointer to an interface");
            if (types::under_as<types::Pointer>(elem) != nullptr)
                error(Code::InvalidType, pos, "embedded field type cannot be a pointer");
        });
    }
    if (!tagged) made->tags.clear();
    return made;
}

Type* Checker::Impl::interface_type(InterfaceType* x) {
    auto* made = universe_.make_type<types::Interface>();
    for (const Field* f : x->elements) {
        if (f->names.empty()) {
            const bool set = f->type->kind == Kind::BinaryExpr || f->type->kind == Kind::UnaryExpr;
            Type* embedded = set ? union_type(f->type) : type_of(f->type);
            if (embedded == invalid()) continue;
            if (types::is_type_param(embedded)) {
                error(Code::InvalidType, f->type->pos, "term cannot represent type parameter " + str(embedded));
                continue;
            }
            made->embeddeds.push_back(embedded);
            made->embed_positions.push_back(f->pos);
            continue;
        }
        Ident* name = f->names[0];
        ScopeGuard guard(*this, f->pos);
        Signature* signature = signature_type(static_cast<FuncType*>(f->type), nullptr);
        auto* method = universe_.make_object<types::Func>(name->pos, cx_.package, name->name, signature);
        method->color = types::Color::Black;
        name->object = method;
        if (name->name == "_") {
            error(Code::InvalidType, name->pos, "methods must have a unique non-blank name");
            continue;
        }
        for (types::Func* other : made->methods)
            if (other->name == name->name)
                error(Code::Redeclared, name->pos, "duplicate method " + std::string(name->name));
        made->methods.push_back(method);
    }
    interface_positions_[made] = x->pos;
    later_.push_back([this, made, pos = x->pos] { check_interface(made, pos); });
    return made;
}

/// What can only be said of an interface when all types are known.
void Checker::Impl::check_interface(types::Interface* type, source::Pos pos) {
    types::complete_interface(universe_, type);
    std::vector<const types::Func*> seen(type->methods.begin(), type->methods.end());
    for (std::size_t i = 0; i < type->embeddeds.size(); ++i) {
        auto* embedded = types::under_as<types::Interface>(type->embeddeds[i]);
        if (embedded == nullptr) continue;
        types::complete_interface(universe_, embedded);
        for (const types::Func* method : embedded->all_methods) {
            const auto same = [&](const types::Func* other) { return types::same_name(other, method->package, method->name); };
            const auto other = std::find_if(seen.begin(), seen.end(), same);
            if (other == seen.end())
                seen.push_back(method);
            else if (!types::identical((*other)->type, method->type))
                error(Code::Redeclared, type->embed_positions[i],
                      "duplicate method " + std::string(method->name) + other_declaration(**other));
        }
    }
    if (cyclic_.contains(type)) return;
    std::vector<const types::Interface*> open;
    if (!leads_back(type, type, open)) return;
    for (const types::Interface* each : open)
        if (const auto at = interface_positions_.find(each); cyclic_.contains(each) && at != interface_positions_.end())
            pos = std::min(pos, at->second);
    error(Code::InvalidType, pos, "invalid recursive type: anonymous interface refers to itself");
}

/// Whether the methods of anonymous interfaces lead from `type` to `target`. Those on the way are noted as cyclic.
bool Checker::Impl::leads_back(const types::Interface* target, const Type* type, std::vector<const types::Interface*>& open) {
    if (type == nullptr) return false;
    const auto through = [&](const Type* part) { return leads_back(target, part, open); };
    const auto any = [&](const std::vector<Var*>& vars) {
        return std::any_of(vars.begin(), vars.end(), [&](const Var* var) { return through(var->type); });
    };
    switch (type->kind) {
        case types::TypeKind::Pointer: return through(types::as<types::Pointer>(type)->elem);
        case types::TypeKind::Slice: return through(types::as<types::Slice>(type)->elem);
        case types::TypeKind::Array: return through(types::as<types::Array>(type)->elem);
        case types::TypeKind::Chan: return through(types::as<types::Chan>(type)->elem);
        case types::TypeKind::Map: return through(types::as<types::Map>(type)->key) || through(types::as<types::Map>(type)->elem);
        case types::TypeKind::Struct: return any(types::as<types::Struct>(type)->fields);
        case types::TypeKind::Signature: {
            const auto* signature = types::as<Signature>(type);
            return (signature->params != nullptr && any(signature->params->vars)) ||
                   (signature->results != nullptr && any(signature->results->vars));
        }
        case types::TypeKind::Interface: {
            const auto* interface = types::as<types::Interface>(type);
            if (!open.empty() && interface == target) return true;
            if (std::find(open.begin(), open.end(), interface) != open.end()) return false;
            open.push_back(interface);
            const auto& methods = interface->all_methods;
            const bool found = std::any_of(methods.begin(), methods.end(),
                                           [&](const types::Func* method) { return through(method->type); });
            if (found) cyclic_.insert(interface);
            return found;
        }
        default: return false;
    }
}

Tuple* Checker::Impl::tuple_type(List<Field*> fields, bool* variadic, std::vector<std::pair<Ident*, Var*>>& named) {
    auto* tuple = universe_.make_type<Tuple>();
    for (const Field* f : fields) {
        Type* type;
        if (auto* dots = as<Ellipsis>(f->type); dots != nullptr && variadic != nullptr) {
            *variadic = true;
            type = universe_.make_type<types::Slice>(variable_type(dots->elem));
            set_type(f->type, type);
        } else {
            type = variable_type(f->type);
        }
        const std::size_t count = f->names.empty() ? 1 : f->names.size();
        for (std::size_t i = 0; i < count; ++i) {
            Ident* name = f->names.empty() ? nullptr : f->names[i];
            auto* var = universe_.make_object<Var>(name == nullptr ? f->pos : name->pos, cx_.package,
                                                   name == nullptr ? "" : name->name, type);
            var->color = types::Color::Black;
            var->is_param = true;
            var->used = true;
            tuple->vars.push_back(var);
            if (name != nullptr) named.emplace_back(name, var);
        }
    }
    return tuple;
}

/// The type of a receiver. Of a generic type it names the type's parameters anew: (l *List[T]).
Type* Checker::Impl::receiver_type(Expr* x, Signature* signature) {
    Expr* base = unparen(x);
    auto* star = as<StarExpr>(base);
    if (star != nullptr) base = unparen(star->x);
    auto* index = as<IndexExpr>(base);
    if (index == nullptr) return type_of(x);
    Type* type = type_syntax(index->x);
    const types::TypeName* object = type == nullptr ? nullptr : generic_type_name(index->x);
    if (object == nullptr || !object->alias_params.empty()) {
        if (type == nullptr || type != invalid())
            error(Code::InvalidType, index->x->pos, ast::to_string(index->x) + " is not a generic type");
        return invalid();
    }
    auto* named = types::as<types::Named>(type);
    std::vector<Type*> args;
    bool ok = true;
    for (Expr* each : index->indices) {
        auto* name = as<Ident>(each);
        if (name == nullptr) {
            error(Code::InvalidType, each->pos, "receiver type parameter " + ast::to_string(each) + " must be an identifier");
            ok = false;
            continue;
        }
        signature->recv_type_params.push_back(declare_type_param(name, args.size()));
        args.push_back(signature->recv_type_params.back());
        set_type(each, args.back());
    }
    if (!ok) return invalid();
    if (args.size() != named->type_params.size()) {
        error(Code::InvalidType, index->pos,
              "receiver declares " + std::to_string(args.size()) + " type parameters, but receiver base type declares " +
                  std::to_string(named->type_params.size()));
        return invalid();
    }
    for (std::size_t i = 0; i < args.size(); ++i) {
        types::TypeParam* param = signature->recv_type_params[i];
        param->constraint = types::substitute(universe_, named->type_params[i]->constraint, named->type_params, args);
        receiver_params_[param] = named->type_params[i];
    }
    Type* instance = set_type(index, universe_.instantiate(named, args));
    if (star == nullptr) return instance;
    return set_type(star, pointer_to(instance));
}

Signature* Checker::Impl::signature_type(FuncType* x, const Field* receiver) {
    auto* made = universe_.make_type<Signature>();
    if (!x->type_params.empty()) declare_type_params(x->type_params, made->type_params);
    // The names are the body's: none of the types means one of them.
    std::vector<std::pair<Ident*, Var*>> named;
    if (receiver != nullptr) {
        Type* type = receiver_type(receiver->type, made);
        Ident* name = receiver->names.empty() ? nullptr : receiver->names[0];
        auto* var = universe_.make_object<Var>(receiver->pos, cx_.package, name == nullptr ? "" : name->name, type);
        var->color = types::Color::Black;
        var->is_param = true;
        var->used = true;
        if (name != nullptr) {
            var->pos = name->pos;
            named.emplace_back(name, var);
        }
        made->recv = var;
        Type* base = type;
        if (auto* pointer = types::as<types::Pointer>(base)) base = pointer->elem;
        const source::Pos pos = receiver->type->pos;
        later_.push_back([this, base, type, pos] {
            if (base == invalid()) return;
            if (types::as<types::Pointer>(base) != nullptr)
                error(Code::InvalidType, pos, "invalid receiver type " + str(type));
            else if (types::under_as<types::Pointer>(base) != nullptr || types::is_interface(base))
                error(Code::InvalidType, pos, "invalid receiver type " + str(base) +
                                                  " (pointer or interface type)");
        });
    }
    made->params = tuple_type(x->params, &made->variadic, named);
    made->results = tuple_type(x->results, nullptr, named);
    for (const auto& [name, var] : named) declare(name, var, source::Pos());
    return made;
}

}  // namespace csp::check
