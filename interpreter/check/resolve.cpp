// Package-level objects get their types, values and bodies checked when they are first needed.

#include "interpreter/check/checker.h"

#include <algorithm>

namespace csp::check {

using diag::Code;

void Checker::Impl::report_cycle(Object* object) {
    const auto start = std::find(path_.begin(), path_.end(), object);
    const std::vector<Object*> cycle(start, path_.end());
    if (object->kind != types::ObjectKind::TypeName) {
        report_init_cycle(cycle);
        return;
    }
    std::string text = "invalid recursive type " + std::string(object->name);
    for (std::size_t i = 0; i < cycle.size(); ++i)
        text += "\n\t" + place(cycle[i]->pos) + ": " + std::string(cycle[i]->name) + " refers to " +
                std::string(cycle[(i + 1) % cycle.size()]->name);
    error(Code::InitCycle, object->pos, text);
}

void Checker::Impl::resolve(Object* object) {
    if (object->color == types::Color::Black) return;
    const auto found = infos_.find(object);
    if (found == infos_.end()) {
        if (auto* package = types::as<types::PkgName>(object); package != nullptr && package->imported == nullptr)
            package->imported = import("sync", object->pos);
        object->color = types::Color::Black;
        return;
    }
    if (object->color == types::Color::Grey) {
        if (object->kind == types::ObjectKind::TypeName || object->kind == types::ObjectKind::Func) {
            if (object->type == nullptr && object->kind == types::ObjectKind::TypeName) {
                report_cycle(object);
                object->type = invalid();
            }
            return;
        }
        // A variable may refer to itself through a function; through its type it may not.
        if (object->type == nullptr) {
            report_cycle(object);
            object->type = invalid();
        }
        return;
    }
    if (path_.size() >= kMaxNesting) {
        error(Code::TooDeep, object->pos, "declaration of " + std::string(object->name) + " depends on too many others in a row");
        object->type = invalid();
        object->color = types::Color::Black;
        return;
    }
    object->color = types::Color::Grey;
    path_.push_back(object);
    DeclInfo& info = found->second;
    const Context outer = std::exchange(cx_, Context{});
    cx_.package = info.package;
    cx_.scope = info.file_scope;
    cx_.declaration = &info;
    switch (object->kind) {
        case types::ObjectKind::Const: resolve_const(static_cast<types::Const*>(object), info); break;
        case types::ObjectKind::Var: resolve_var(static_cast<Var*>(object), info); break;
        case types::ObjectKind::TypeName: resolve_type(static_cast<types::TypeName*>(object), info); break;
        case types::ObjectKind::Func: resolve_func(static_cast<types::Func*>(object), info); break;
        default: break;
    }
    cx_ = outer;
    path_.pop_back();
    object->color = types::Color::Black;
}

void Checker::Impl::resolve_const(types::Const* object, DeclInfo& info) {
    ValueSpec* from = info.inherited;
    cx_.iota = constant::make_int64(arena_, info.spec->iota);
    Type* type = nullptr;
    object->type = nullptr;
    if (from == nullptr || info.index >= from->values.size()) {
        if (from != nullptr && from->type_expr != nullptr) type_of(from->type_expr);
        error(Code::ConstantError, object->pos,
              info.spec->values.empty() && from == nullptr ? "missing init expr for const declaration"
                                                           : "missing init expr for const declaration");
        object->type = invalid();
        object->value = constant::make_unknown(arena_);
        return;
    }
    if (from->type_expr != nullptr) {
        type = type_of(from->type_expr);
        if (!types::is_basic(type, types::kIsConstType) || types::is_type_param(type)) {
            error(Code::ConstantError, from->type_expr->pos, "invalid constant type " + str(type));
            object->type = invalid();
            return;
        }
    }
    if (info.spec == from && from->values.size() > from->names.size() && info.index == 0)
        error(Code::ConstantError, from->values[from->names.size()]->pos, "extra init expr");
    // An implicit repetition evaluates the same expression anew, with another iota.
    if (info.spec != from) cx_.repeated_at = object->pos;
    Expr* init = from->values[info.index];
    if (!expr(init, type)) {
        object->type = invalid();
        object->value = constant::make_unknown(arena_);
        return;
    }
    if (init->mode != Mode::Constant) {
        error(Code::ConstantError, init->pos, describe(init) + " is not constant");
        object->type = invalid();
        object->value = constant::make_unknown(arena_);
        return;
    }
    if (type != nullptr && !assign_to(init, type, "constant declaration")) {
        object->type = invalid();
        return;
    }
    object->type = init->type;
    object->value = init->value;
}

void Checker::Impl::resolve_var(Var* object, DeclInfo& info) {
    if (info.script != nullptr) {
        // The statement itself is checked when its turn comes; here only the type is found.
        if (info.script->rhs.size() == info.script->lhs.size()) {
            Expr* init = info.script->rhs[info.index];
            if (!expr(init)) {
                object->type = invalid();
                return;
            }
            use_default(init);
            object->type = init->mode == Mode::NilValue ? invalid() : init->type;
        } else {
            std::vector<Type*> types;
            if (unpack(info.script->rhs, info.script->lhs.size(), types, info.script->pos, "assignment", {}, false))
                object->type = types[info.index];
            else
                object->type = invalid();
        }
        return;
    }
    ValueSpec* spec = info.spec;
    std::vector<Var*> vars;
    for (Ident* name : spec->names) vars.push_back(types::as<Var>(name->object));
    if (spec->type_expr != nullptr) {
        Type* type = variable_type(spec->type_expr);
        for (Var* var : vars) var->type = type;
    }
    if (spec->values.empty()) return;
    if (spec->values.size() == vars.size()) {
        init_vars({object}, spec->values.subspan(info.index, 1), spec->pos);
    } else {
        if (info.index > 0) {
            resolve(vars[0]);
            info.uses = infos_[vars[0]].uses;
            return;
        }
        for (std::size_t i = 1; i < vars.size(); ++i) vars[i]->color = types::Color::Black;
        init_vars(vars, spec->values, spec->names[0]->pos);
        for (std::size_t i = 1; i < vars.size(); ++i) infos_[vars[i]].uses = info.uses;
    }
}

void Checker::Impl::resolve_type(types::TypeName* object, DeclInfo& info) {
    TypeSpec* spec = info.type_spec;
    if (spec->is_alias) {
        declare_alias(object, spec);
        return;
    }
    auto* named = types::as<types::Named>(object->type);
    if (named == nullptr) {
        named = universe_.make_type<types::Named>(object);
        object->type = named;
    }
    declare_type(named, spec);
    if (info.package != nullptr && !info.package->lazy_bodies) {
        recursion_checks_.push_back(named);
    }
    // Fields and methods of one name.
    if (auto* structure = types::as<types::Struct>(named->underlying))
        for (types::Func* method : named->methods)
            for (Var* field : structure->fields)
                if (field->name == method->name && field->name != "_") {
                    error(Code::Redeclared, method->pos,
                          "field and method with the same name " + std::string(field->name) + other_declaration(*field));
                }
}

/// While an alias is being declared, a defined type that it mentions need not be known yet: so `type A = []T; type T
/// struct { a A }` is no cycle. Tells whether its declaration waits until the alias has a type.
bool Checker::Impl::postpone(types::TypeName& object) {
    if (open_aliases_ == 0 || object.color != types::Color::White) return false;
    const auto info = infos_.find(&object);
    if (info == infos_.end() || info->second.type_spec == nullptr || info->second.type_spec->is_alias ||
        !info->second.type_spec->type_params.empty())
        return false;
    if (object.type == nullptr) object.type = universe_.make_type<types::Named>(&object);
    postponed_.push_back(&object);
    return true;
}

void Checker::Impl::declare_alias(types::TypeName* object, TypeSpec* spec) {
    ++open_aliases_;
    alias_type(object, spec);
    if (--open_aliases_ > 0) return;
    for (types::TypeName* waiting : std::exchange(postponed_, {})) resolve(waiting);
}

void Checker::Impl::alias_type(types::TypeName* object, TypeSpec* spec) {
    object->is_alias = true;
    ScopeGuard guard(*this, spec->pos);
    if (!spec->type_params.empty()) declare_type_params(spec->type_params, object->alias_params);
    Type* type = type_of(spec->type_expr);
    if (std::find(object->alias_params.begin(), object->alias_params.end(), type) != object->alias_params.end()) {
        error(Code::InvalidType, spec->type_expr->pos, "cannot use type parameter declared in alias declaration as RHS");
        type = invalid();
    }
    object->type = type;
    if (nested_too_deeply(object)) object->type = invalid();
}

/// Gives a declared type its parameters and its underlying type.
void Checker::Impl::declare_type(types::Named* named, TypeSpec* spec) {
    ScopeGuard guard(*this, spec->pos);
    if (!spec->type_params.empty()) declare_type_params(spec->type_params, named->type_params);
    Type* from = type_of(spec->type_expr);
    if (types::is_type_param(from)) {
        error(Code::InvalidType, spec->type_expr->pos, "cannot use a type parameter as RHS in type declaration");
        from = invalid();
    }
    auto* other = types::as<types::Named>(types::under(from));
    if (other != nullptr && other->underlying == nullptr) {
        // Still being declared, further out. Its end is awaited, unless it waits for this one.
        waits_for_[named] = {other->origin != nullptr ? other->origin : other, from};
        for (types::Named* at = waits_for_[named].named; at != nullptr;) {
            if (at == named) {
                report_waiting(named);
                named->underlying = invalid();
                break;
            }
            const auto next = waits_for_.find(at);
            at = next == waits_for_.end() ? nullptr : next->second.named;
        }
    } else {
        named->underlying = types::under(from);
        if (nested_too_deeply(named->object)) named->underlying = invalid();
    }
    if (named->underlying != nullptr) release_waiting(named);
}

void Checker::Impl::resolve_func(types::Func* object, DeclInfo& info) {
    FuncDecl* decl = info.func;
    ScopeGuard guard(*this, decl->pos);
    Signature* signature = signature_type(decl->func_type, decl->receiver);
    signature->scope = cx_.scope;
    object->type = signature;
    if (decl->receiver == nullptr && (object->name == "init" || (object->name == "main" && info.package->name == "main"))) {
        if (!signature->type_params.empty())
            error(Code::InvalidType, decl->func_type->type_params[0]->pos,
                  "func " + std::string(object->name) + " must have no type parameters");
        if (signature->params->size() > 0 || signature->results->size() > 0)
            error(Code::InvalidType, decl->name->pos,
                  "func " + std::string(object->name) + " must have no arguments and no return values");
        if (decl->body == nullptr) error(Code::InvalidType, decl->name->pos, "func " + std::string(object->name) + " must have a body");
    }
    if (decl->body == nullptr) {
        std::string name(object->name);
        if (signature->recv != nullptr) {
            Type* recv = signature->recv->type;
            if (auto* pointer = types::as<types::Pointer>(recv)) recv = pointer->elem;
            if (auto* named = types::as<types::Named>(recv)) name = std::string(named->object->name) + "." + name;
        }
        const PackageSource* source = package_sources_[info.package];
        if (!source->has_native || !source->has_native(name))
            error(Code::MissingReturn, decl->name->pos, "missing function body");
    }
}

bool Checker::Impl::check_body(types::Func& func) {
    resolve(&func);
    function_body(func);
    return sink_.empty();
}

void Checker::Impl::function_body(types::Func& func) {
    if (func.body_checked || func.decl == nullptr || func.decl->body == nullptr) return;
    func.body_checked = true;
    const auto found = infos_.find(&func);
    if (found == infos_.end()) return;
    DeclInfo& info = found->second;
    const Context outer = std::exchange(cx_, Context{});
    cx_.package = info.package;
    cx_.declaration = &info;
    Signature* signature = func.signature();
    cx_.scope = signature->scope;
    body(signature, func.decl->func_type, func.decl->receiver, func.decl->body);
    cx_ = outer;
}

void Checker::Impl::body(Signature* signature, FuncType* type, const Field*, BlockStmt* block_stmt) {
    cx_.signature = signature;
    cx_.named_results = !type->results.empty() && !type->results[0]->names.empty();
    cx_.blocks.push_back({});
    cx_.block = 0;
    statements(block_stmt->stmts);
    finish_labels();
    if (signature->results->size() > 0 && !terminates(block_stmt->stmts))
        error(Code::MissingReturn, block_stmt->rbrace, "missing return");
    unused_variables();
}

void Checker::Impl::script_body(Package* package, Scope*, File* file) {
    const Context outer = std::exchange(cx_, Context{});
    cx_.package = package;
    // Imports are in the file's scope, whose parent is the package's.
    for (const auto& [object, info] : infos_)
        if (info.package == package && info.file_scope != nullptr) {
            cx_.scope = info.file_scope;
            break;
        }
    if (cx_.scope == nullptr || cx_.scope == package->scope) {
        Scope* scope = universe_.make_scope(package->scope);
        for (const auto& [name, pos] : imports_) scope->insert(name);
        auto* sync = universe_.make_object<types::PkgName>(source::Pos(), package, "sync", nullptr);
        scope->insert(sync);
        cx_.scope = scope;
    }
    auto* signature = universe_.make_type<Signature>();
    signature->params = universe_.make_type<Tuple>();
    signature->results = universe_.make_type<Tuple>();
    cx_.signature = signature;
    cx_.blocks.push_back({});
    cx_.block = 0;
    for (Stmt* stmt : file->script) {
        cx_.script_level = true;
        statement(stmt);
    }
    cx_.script_level = false;
    finish_labels();
    unused_variables();
    cx_ = outer;
}

Checker::Checker(types::Universe& universe, base::Arena& arena, const source::SourceSet& sources,
                 PackageLoader& loader, diag::Sink& sink)
    : impl_(std::make_unique<Impl>(universe, arena, sources, loader, sink)) {}
Checker::~Checker() = default;
types::Package* Checker::check(const PackageSource& source) { return impl_->check(source); }
bool Checker::check_body(types::Func& func) { return impl_->check_body(func); }
const std::vector<types::Package*>& Checker::packages() const { return impl_->packages; }

}  // namespace csp::check
