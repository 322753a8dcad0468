// Packages, imports and package-level objects.

#include "interpreter/check/checker.h"
#include "interpreter/constant/quote.h"

#include <algorithm>

namespace csp::check {

using diag::Code;

Checker::Impl::Impl(types::Universe& universe, base::Arena& arena, const source::SourceSet& sources,
                    PackageLoader& loader, diag::Sink& sink)
    : universe_(universe), arena_(arena), sources_(sources), loader_(loader), sink_(sink) {
    universe_.resolve = [this](Object* object) { resolve(object); };
}

void Checker::Impl::error(Code code, source::Pos pos, std::string message, std::string hint) {
    if (message.find("invalid type") != std::string::npos) return;  // a consequence of an earlier error
    sink_.report({code, pos, {}, std::move(message), std::move(hint)});
}

Package* Checker::Impl::import(std::string_view path, source::Pos pos) {
    if (const auto known = by_path_.find(path); known != by_path_.end()) return known->second;
    if (importing_.contains(path)) {
        error(Code::ImportError, pos, "import cycle not allowed");
        return nullptr;
    }
    const PackageSource* source = loader_.load(path);
    if (source == nullptr) {
        std::string list;
        for (const std::string& name : loader_.available()) list += (list.empty() ? "" : ", ") + name;
        error(Code::ImportError, pos, "package " + std::string(path) + " is not in std", "there are: " + list);
        return nullptr;
    }
    return check(*source);
}

Package* Checker::Impl::check(const PackageSource& source) {
    if (const auto known = by_path_.find(source.path); known != by_path_.end()) return known->second;
    importing_.insert(source.path);
    const Context outer = std::exchange(cx_, Context{});
    auto outer_imports = std::exchange(imports_, {});
    auto outer_methods = std::exchange(methods_, {});
    auto outer_later = std::exchange(later_, {});
    auto outer_variables = std::exchange(variables_, {});
    std::string name = source.name;
    if (!source.files.empty() && source.files[0]->package != nullptr) name = source.files[0]->package->name;
    Package* package = universe_.make_package(source.path, name);
    package->scope->parent = universe_.scope();
    package->lazy_bodies = source.lazy_bodies;
    package->files = source.files;
    package_sources_[package] = &source;
    cx_.package = package;
    collect(package, source);
    bind_methods(package);
    if (!package->lazy_bodies) {
        for (Object* object : std::vector<Object*>(package->scope->objects())) resolve(object);
        for (FuncDecl* decl : package->funcs)
            if (decl->object != nullptr) resolve(decl->object);
        for (FuncDecl* decl : package->init_funcs)
            if (decl->object != nullptr) resolve(decl->object);
        std::vector<FuncDecl*> all = package->funcs;
        all.insert(all.end(), package->init_funcs.begin(), package->init_funcs.end());
        std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->pos < b->pos; });
        for (FuncDecl* decl : all)
            if (decl->object != nullptr) function_body(*decl->object);
        for (File* file : source.files)
            if (file->is_script()) script_body(package, package->scope, file);
        if (package->name == "main" && (source.files.empty() || !source.files[0]->is_script()) &&
            types::as<types::Func>(package->scope->lookup("main")) == nullptr && sink_.empty())
            error(Code::Undefined, source.files.empty() ? source::Pos() : source.files[0]->pos,
                  "function main is undeclared in the main package");
        while (!later_.empty()) {
            const auto work = std::exchange(later_, {});
            for (const auto& f : work) f();
        }
        unused_imports();
    } else {
        for (Var* var : std::vector<Var*>(variables_)) resolve(var);
    }
    init_order(package);
    package->complete = true;
    importing_.erase(source.path);
    by_path_[source.path] = package;
    packages.push_back(package);
    cx_ = outer;
    imports_ = std::move(outer_imports);
    methods_ = std::move(outer_methods);
    later_ = std::move(outer_later);
    variables_ = std::move(outer_variables);
    return package;
}

void Checker::Impl::collect(Package* package, const PackageSource& source) {
    for (File* file : source.files) {
        if (file->package != nullptr && file->package->name != package->name)
            error(Code::ImportError, file->package->pos,
                  "package " + std::string(file->package->name) + "; expected package " + package->name);
        Scope* file_scope = universe_.make_scope(package->scope);
        collect_imports(package, file_scope, file);
        for (Decl* decl : file->decls) collect_decl(package, file_scope, decl);
        if (file->is_script()) collect_script(package, file_scope, file);
    }
}

void Checker::Impl::collect_imports(Package* package, Scope* file_scope, File* file) {
    for (ImportSpec* spec : file->imports) {
        const auto path = constant::unquote_string(spec->path->text);
        if (!path || path->empty()) {
            error(Code::ImportError, spec->path->pos, "invalid import path (empty string)");
            continue;
        }
        Package* imported = import(*path, spec->path->pos);
        if (imported == nullptr) continue;
        if (std::find(package->imports.begin(), package->imports.end(), imported) == package->imports.end())
            package->imports.push_back(imported);
        const std::string_view name = spec->name != nullptr ? spec->name->name : std::string_view(imported->name);
        if (name == "_") continue;
        const source::Pos pos = spec->name != nullptr ? spec->name->pos : spec->path->pos;
        auto* object = universe_.make_object<types::PkgName>(pos, package, name, imported);
        if (name == ".") {
            for (Object* exported : imported->scope->objects())
                if (exported->exported()) file_scope->insert(exported);
            continue;
        }
        if (Object* other = file_scope->insert(object)) {
            const source::Position at = sources_.position(other->pos);
            error(Code::Redeclared, pos, std::string(name) + " redeclared in this block\n\t" + std::string(at.file) +
                                             ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
                                             ": other declaration of " + std::string(name));
        }
        object->parent = file_scope;
        if (!package->lazy_bodies) imports_.push_back({object, spec->pos});
    }
    // `sync` is a keyword: its package is there without an import.
    if (package->path != "sync" && package->path != "runtime" && file_scope->lookup("sync") == nullptr &&
        !package->lazy_bodies) {
        auto* object = universe_.make_object<types::PkgName>(source::Pos(), package, "sync", nullptr);
        object->color = types::Color::White;
        file_scope->insert(object);
    }
}

void Checker::Impl::unused_imports() {
    for (const auto& [name, pos] : imports_) {
        if (name->used) continue;
        const std::string& path = name->imported->path;
        std::string text = "\"" + path + "\" imported";
        if (name->name != name->imported->name) text += " as " + std::string(name->name);
        error(Code::Unused, pos, text + " and not used");
    }
}

void Checker::Impl::declare_package_object(Object* object, DeclInfo info, source::Pos pos) {
    info.package = cx_.package;
    info.order = order_++;
    object->parent = cx_.package->scope;
    if (auto* var = types::as<Var>(object)) variables_.push_back(var);
    if (object->name == "_") {
        infos_[object] = std::move(info);
        later_.push_back([this, object] { resolve(object); });
        return;
    }
    if (object->name == "init" && object->kind != types::ObjectKind::Func) {
        error(Code::Redeclared, pos, "cannot declare init - must be func");
        return;
    }
    if (object->name == "main" && cx_.package->name == "main" && object->kind != types::ObjectKind::Func) {
        error(Code::Redeclared, pos, "cannot declare main - must be func");
        return;
    }
    if (Object* other = cx_.package->scope->insert(object)) {
        const source::Position at = sources_.position(other->pos);
        error(Code::Redeclared, pos, std::string(object->name) + " redeclared in this block\n\t" +
                                         std::string(at.file) + ":" + std::to_string(at.line) + ":" +
                                         std::to_string(at.column) + ": other declaration of " +
                                         std::string(object->name));
        later_.push_back([this, object] { resolve(object); });
    }
    infos_[object] = std::move(info);
}

void Checker::Impl::collect_decl(Package* package, Scope* file_scope, Decl* decl) {
    DeclInfo info;
    info.file_scope = file_scope;
    if (auto* func = as<FuncDecl>(decl)) {
        if (func->receiver != nullptr) {
            methods_.push_back({func, file_scope});
            return;
        }
        auto* object = universe_.make_object<types::Func>(func->name->pos, package, func->name->name, nullptr);
        object->decl = func;
        func->object = object;
        func->name->object = object;
        info.func = func;
        info.package = package;
        if (func->name->name == "init" || func->name->name == "_") {
            if (func->name->name == "init") package->init_funcs.push_back(func);
            else package->funcs.push_back(func);
            info.order = order_++;
            infos_[object] = std::move(info);
            return;
        }
        package->funcs.push_back(func);
        declare_package_object(object, std::move(info), func->name->pos);
        return;
    }
    auto* gen = as<GenDecl>(decl);
    if (gen == nullptr) return;
    ValueSpec* inherited = nullptr;
    for (Decl* spec : gen->specs) {
        if (auto* type = as<TypeSpec>(spec)) {
            auto* object = universe_.make_object<types::TypeName>(type->name->pos, package, type->name->name, nullptr);
            type->name->object = object;
            DeclInfo own = info;
            own.type_spec = type;
            declare_package_object(object, std::move(own), type->name->pos);
        } else if (auto* values = as<ValueSpec>(spec)) {
            if (gen->decl == DeclKind::Const && (values->type_expr != nullptr || !values->values.empty()))
                inherited = values;
            for (std::size_t i = 0; i < values->names.size(); ++i) {
                Ident* name = values->names[i];
                Object* object;
                if (gen->decl == DeclKind::Const) {
                    object = universe_.make_object<types::Const>(name->pos, package, name->name, nullptr, nullptr);
                } else {
                    auto* var = universe_.make_object<Var>(name->pos, package, name->name, nullptr);
                    var->package_level = true;
                    var->used = true;
                    object = var;
                }
                name->object = object;
                DeclInfo own = info;
                own.spec = values;
                own.inherited = inherited;
                own.index = i;
                declare_package_object(object, std::move(own), name->pos);
            }
        }
    }
}

/// Script mode: names declared at the top level are package variables, set where their statement stands.
void Checker::Impl::collect_script(Package* package, Scope* file_scope, File* file) {
    for (Stmt* stmt : file->script) {
        if (auto* decl = as<DeclStmt>(stmt)) {
            collect_decl(package, file_scope, decl->decl);
            continue;
        }
        auto* define = as<AssignStmt>(stmt);
        if (define == nullptr || !define->define) continue;
        for (std::size_t i = 0; i < define->lhs.size(); ++i) {
            auto* name = as<Ident>(define->lhs[i]);
            if (name == nullptr || name->name == "_") continue;
            if (Object* known = package->scope->lookup(name->name)) {
                name->object = known;
                continue;
            }
            auto* var = universe_.make_object<Var>(name->pos, package, name->name, nullptr);
            var->package_level = true;
            var->used = true;
            name->object = var;
            DeclInfo info;
            info.file_scope = file_scope;
            info.script = define;
            info.index = i;
            declare_package_object(var, std::move(info), name->pos);
        }
    }
}

void Checker::Impl::bind_methods(Package* package) {
    for (const auto& [decl, file_scope] : methods_) {
        Expr* type = unparen(decl->receiver->type);
        bool pointer = false;
        if (auto* star = as<StarExpr>(type)) {
            pointer = true;
            type = unparen(star->x);
        }
        if (auto* index = as<IndexExpr>(type)) {
            error(Code::Unsupported, decl->pos, "generic types are not supported yet");
            type = unparen(index->x);
            continue;
        }
        auto* name = as<Ident>(type);
        auto* base = name == nullptr ? nullptr : types::as<types::TypeName>(package->scope->lookup(name->name));
        auto* method = universe_.make_object<types::Func>(decl->name->pos, package, decl->name->name, nullptr);
        method->decl = decl;
        method->pointer_receiver = pointer;
        decl->object = method;
        decl->name->object = method;
        DeclInfo info;
        info.package = package;
        info.file_scope = file_scope;
        info.func = decl;
        info.order = order_++;
        infos_[method] = std::move(info);
        package->funcs.push_back(decl);
        if (base == nullptr) {
            Object* object = name == nullptr ? nullptr : file_scope->lookup(name->name);
            if (object == nullptr && name != nullptr) object = universe_.scope()->lookup(name->name);
            if (name != nullptr && object == nullptr)
                error(Code::Undefined, name->pos, "undefined: " + std::string(name->name));
            else if (name != nullptr && types::as<types::TypeName>(object) != nullptr)
                error(Code::InvalidType, name->pos, "cannot define new methods on non-local type " + std::string(name->name));
            else if (name != nullptr)
                error(Code::InvalidType, type->pos, ast::to_string(type) + " is not a type");
            else if (as<StarExpr>(type) == nullptr)  // else the checker of the signature says it
                error(Code::InvalidType, type->pos, "invalid receiver type " + ast::to_string(decl->receiver->type));
            continue;
        }
        auto info_of_type = infos_.find(base);
        if (info_of_type != infos_.end() && info_of_type->second.type_spec->is_alias) resolve(base);
        if (base->type == nullptr) {
            // The Named is made here, so that methods are known before anything is looked up.
            auto* named = universe_.make_type<types::Named>(base);
            base->type = named;
        }
        auto* named = types::as<types::Named>(base->type);
        if (named == nullptr) {
            error(Code::InvalidType, type->pos, "invalid receiver type " + ast::to_string(decl->receiver->type));
            continue;
        }
        if (decl->name->name != "_")
            for (types::Func* other : named->methods)
                if (other->name == method->name) {
                    const source::Position at = sources_.position(other->pos);
                    error(Code::Redeclared, decl->name->pos,
                          "method " + std::string(base->name) + "." + std::string(method->name) +
                              " already declared at " + std::string(at.file) + ":" + std::to_string(at.line) + ":" +
                              std::to_string(at.column));
                }
        if (decl->name->name != "_") named->methods.push_back(method);
    }
    methods_.clear();
}

void Checker::Impl::report_cycle(Object* object) {
    std::size_t start = 0;
    while (start < path_.size() && path_[start] != object) ++start;
    std::string text = object->kind == types::ObjectKind::TypeName ? "invalid recursive type " : "initialization cycle or invalid constant: ";
    if (object->kind == types::ObjectKind::TypeName) {
        text += std::string(object->name);
        for (std::size_t i = start; i < path_.size(); ++i) {
            const source::Position at = sources_.position(path_[i]->pos);
            Object* next = i + 1 < path_.size() ? path_[i + 1] : object;
            text += "\n\t" + std::string(at.file) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
                    ": " + std::string(path_[i]->name) + " refers to " + std::string(next->name);
        }
    } else if (path_.size() - start == 1) {
        text = "initialization cycle: " + std::string(object->name) + " refers to itself";
    } else {
        text = "initialization cycle for " + std::string(object->name);
    }
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
        if (!types::is_basic(type, types::kIsConstType)) {
            error(Code::ConstantError, from->type_expr->pos, "invalid constant type " + str(type));
            object->type = invalid();
            return;
        }
    }
    if (info.spec == from && from->values.size() > from->names.size() && info.index == 0)
        error(Code::ConstantError, from->values[from->names.size()]->pos, "extra init expr");
    // An implicit repetition evaluates the same expression anew, with another iota.
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
        Type* type = type_of(spec->type_expr);
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
    }
}

void Checker::Impl::resolve_type(types::TypeName* object, DeclInfo& info) {
    TypeSpec* spec = info.type_spec;
    if (!spec->type_params.empty()) {
        error(Code::Unsupported, spec->pos, "generic types are not supported yet");
        object->type = invalid();
        return;
    }
    if (spec->is_alias) {
        object->is_alias = true;
        object->type = type_of(spec->type_expr);
        if (nested_too_deeply(object)) object->type = invalid();
        return;
    }
    auto* named = types::as<types::Named>(object->type);
    if (named == nullptr) {
        named = universe_.make_type<types::Named>(object);
        object->type = named;
    }
    Type* from = type_of(spec->type_expr);
    if (auto* other = types::as<types::Named>(types::under(from)); other != nullptr && other->underlying == nullptr) {
        // Still being declared, further out. Its end is awaited, unless it waits for this one.
        waits_for_[named] = other;
        for (types::Named* at = other; at != nullptr;) {
            if (at == named) {
                report_waiting(named);
                named->underlying = invalid();
                break;
            }
            const auto next = waits_for_.find(at);
            at = next == waits_for_.end() ? nullptr : next->second;
        }
    } else {
        named->underlying = types::under(from);
        if (nested_too_deeply(object)) named->underlying = invalid();
    }
    if (named->underlying != nullptr) release_waiting(named);
    if (info.package != nullptr && !info.package->lazy_bodies) {
        later_.push_back([this, named] { check_recursive(named); });
    }
    // Fields and methods of one name.
    if (auto* structure = types::as<types::Struct>(named->underlying))
        for (types::Func* method : named->methods)
            for (Var* field : structure->fields)
                if (field->name == method->name && field->name != "_") {
                    const source::Position at = sources_.position(field->pos);
                    error(Code::Redeclared, method->pos,
                          "field and method with the same name " + std::string(field->name) + "\n\t" +
                              std::string(at.file) + ":" + std::to_string(at.line) + ":" +
                              std::to_string(at.column) + ": other declaration of " + std::string(field->name));
                }
}

/// Gives the types that were declared as `named` its underlying type.
void Checker::Impl::release_waiting(types::Named* named) {
    std::vector<types::Named*> ready;
    for (const auto& [waiting, awaited] : waits_for_)
        if (awaited == named) ready.push_back(waiting);
    for (types::Named* waiting : ready) {
        waits_for_.erase(waiting);
        waiting->underlying = named->underlying;
        release_waiting(waiting);
    }
}

/// Reports the cycle of declarations that `named` is on.
void Checker::Impl::report_waiting(types::Named* named) {
    std::vector<types::Named*> cycle = {named};
    for (types::Named* at = waits_for_[named]; at != named; at = waits_for_[at]) cycle.push_back(at);
    const auto first = std::min_element(cycle.begin(), cycle.end(),
                                        [](auto* a, auto* b) { return a->object->pos < b->object->pos; });
    std::rotate(cycle.begin(), first, cycle.end());
    report_recursive(cycle);
}

void Checker::Impl::report_recursive(const std::vector<types::Named*>& cycle) {
    std::string text = "invalid recursive type " + std::string(cycle[0]->object->name);
    for (std::size_t i = 0; i < cycle.size(); ++i) {
        const source::Position at = sources_.position(cycle[i]->object->pos);
        const types::Named* next = cycle[(i + 1) % cycle.size()];
        text += "\n\t" + std::string(at.file) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
                ": " + std::string(cycle[i]->object->name) + " refers to " + std::string(next->object->name);
    }
    error(Code::InvalidType, cycle[0]->object->pos, text);
}

/// Reports a type that contains itself by value.
void Checker::Impl::check_recursive(types::Named* named) {
    std::vector<types::Named*> on_path;
    std::set<types::Named*> done;
    std::function<bool(Type*)> contains = [&](Type* type) -> bool {
        if (auto* n = types::as<types::Named>(type)) {
            if (n == named && !on_path.empty()) return true;
            if (done.contains(n)) return false;
            done.insert(n);
            on_path.push_back(n);
            const bool found = n->underlying != nullptr && contains(n->underlying);
            if (!found) on_path.pop_back();
            return found;
        }
        if (auto* s = types::as<types::Struct>(type)) {
            for (Var* field : s->fields)
                if (field->type != nullptr && contains(field->type)) return true;
            return false;
        }
        if (auto* a = types::as<types::Array>(type)) return contains(a->elem);
        return false;
    };
    if (!contains(named)) return;
    // The first of the cycle in source order reports it.
    for (types::Named* n : on_path)
        if (n->object->pos < named->object->pos) return;
    report_recursive(on_path);
    named->underlying = invalid();
}

void Checker::Impl::resolve_func(types::Func* object, DeclInfo& info) {
    FuncDecl* decl = info.func;
    if (!decl->func_type->type_params.empty()) {
        error(Code::Unsupported, decl->pos, "generic functions are not supported yet");
        object->type = signature_type(arena_.make<FuncType>(), nullptr);
        object->color = types::Color::Black;
        return;
    }
    ScopeGuard guard(*this, decl->pos);
    Signature* signature = signature_type(decl->func_type, decl->receiver);
    signature->scope = cx_.scope;
    object->type = signature;
    if (decl->receiver == nullptr && (object->name == "init" || (object->name == "main" && info.package->name == "main"))) {
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

void Checker::Impl::check_body(types::Func& func) {
    resolve(&func);
    function_body(func);
}

void Checker::Impl::function_body(types::Func& func) {
    if (func.body_checked || func.decl == nullptr || func.decl->body == nullptr) return;
    func.body_checked = true;
    const auto found = infos_.find(&func);
    if (found == infos_.end() || !func.decl->func_type->type_params.empty()) return;
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
void Checker::check_body(types::Func& func) { impl_->check_body(func); }
const std::vector<types::Package*>& Checker::packages() const { return impl_->packages; }

}  // namespace csp::check
