// Packages, imports, and which objects a package declares.

#include "interpreter/check/checker.h"
#include "interpreter/check/left_out.h"
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
    if (cx_.repeated_at.known()) pos = cx_.repeated_at;
    sink_.report({code, pos, {}, std::move(message), std::move(hint)});
}

Package* Checker::Impl::import(std::string_view path, source::Pos pos) {
    if (const auto known = by_path_.find(path); known != by_path_.end()) return known->second;
    if (std::find(importing_.begin(), importing_.end(), path) != importing_.end()) {
        std::string text = "import cycle not allowed";
        for (auto at = std::find(importing_.begin(), importing_.end(), path); at != importing_.end(); ++at)
            text += "\n\t" + *at + " imports " + (at + 1 == importing_.end() ? std::string(path) : *(at + 1));
        error(Code::ImportError, pos, text);
        return nullptr;
    }
    const PackageSource* source = loader_.load(path);
    if (source == nullptr) {
        if (const std::string_view why = why_left_out(path); !why.empty()) {
            error(Code::ImportError, pos, "package " + std::string(path) + " is not in std: " + std::string(why));
            return nullptr;
        }
        const std::vector<std::string> available = loader_.available();
        std::string hint = closest(path, [&](const NameVisitor& visit) {
            for (const std::string& name : available) visit(name);
        });
        hint += hint.empty() ? "there are: " : " There are: ";
        for (const std::string& name : available) hint += name + (&name == &available.back() ? "" : ", ");
        error(Code::ImportError, pos, "package " + std::string(path) + " is not in std", hint);
        return nullptr;
    }
    Package* package = check(*source);
    if (package->name == "main" && !package->lazy_bodies) {
        error(Code::ImportError, pos, "import \"" + std::string(path) + "\" is a program, not an importable package");
        return nullptr;
    }
    return package;
}

Package* Checker::Impl::check(const PackageSource& source) {
    if (const auto known = by_path_.find(source.path); known != by_path_.end()) return known->second;
    importing_.push_back(source.path);
    const Context outer = std::exchange(cx_, Context{});
    auto outer_imports = std::exchange(imports_, {});
    auto outer_dot_imports = std::exchange(dot_imports_, {});
    auto outer_methods = std::exchange(methods_, {});
    auto outer_later = std::exchange(later_, {});
    auto outer_variables = std::exchange(variables_, {});
    std::string name = source.name;
    if (!source.files.empty() && source.files[0]->package != nullptr) name = source.files[0]->package->name;
    if (name == "_") error(Code::ImportError, source.files[0]->package->pos, "invalid package name _");
    Package* package = universe_.make_package(source.path, name);
    package->scope->parent = universe_.scope();
    package->lazy_bodies = source.lazy_bodies;
    package->files = source.files;
    package_sources_[package] = &source;
    cx_.package = package;
    collect(package, source);
    bind_methods(package);
    if (!package->lazy_bodies) {
        const std::vector<Object*> objects = package->scope->objects();
        for (Object* object : objects)
            if (object->kind == types::ObjectKind::TypeName) resolve(object);
        // Before anything walks through the types.
        for (types::Named* named : std::exchange(recursion_checks_, {})) check_recursive(named);
        for (Object* object : objects) resolve(object);
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
        const bool has_statements = source.entry == "main" && !source.files.empty() && source.files[0]->is_script();
        if (source.path == "main" && package->name == "main" && !has_statements && sink_.empty()) {
            const auto* entry = types::as<types::Func>(package->scope->lookup(source.entry));
            if (entry == nullptr)
                error(Code::Undefined, source.files.empty() ? source::Pos() : source.files[0]->pos,
                      "function " + source.entry + " is undeclared in the main package");
            else if (entry->signature()->params->size() > 0 || entry->signature()->results->size() > 0)
                error(Code::InvalidType, entry->pos, "func " + source.entry + " must have no arguments and no return values");
        }
        while (!later_.empty()) {
            const auto work = std::exchange(later_, {});
            for (const auto& f : work) f();
        }
        if (sink_.empty()) instance_cycles();
        unused_imports();
    } else {
        for (Var* var : std::vector<Var*>(variables_)) resolve(var);
    }
    init_order(package);
    package->complete = true;
    importing_.pop_back();
    by_path_[source.path] = package;
    packages.push_back(package);
    cx_ = outer;
    imports_ = std::move(outer_imports);
    dot_imports_ = std::move(outer_dot_imports);
    methods_ = std::move(outer_methods);
    later_ = std::move(outer_later);
    variables_ = std::move(outer_variables);
    return package;
}

void Checker::Impl::collect(Package* package, const PackageSource& source) {
    std::vector<Scope*> file_scopes;
    for (File* file : source.files) {
        if (file->package != nullptr && file->package->name != package->name)
            error(Code::ImportError, file->package->pos,
                  "package " + std::string(file->package->name) + "; expected package " + package->name);
        Scope* file_scope = universe_.make_scope(package->scope);
        file_scopes.push_back(file_scope);
        collect_imports(package, file_scope, file);
        for (Decl* decl : file->decls) collect_decl(package, file_scope, decl);
        if (file->is_script()) collect_script(package, file_scope, file);
    }
    // A name may not be a file's import and the package's own.
    for (const Scope* file_scope : file_scopes)
        for (const Object* imported : file_scope->objects()) {
            Object* own = package->scope->lookup(imported->name);
            if (own == nullptr) continue;
            const auto* name = types::as<types::PkgName>(const_cast<Object*>(imported));
            if (name != nullptr && name->imported == nullptr) continue;  // the implicit sync
            const Package* from = name != nullptr ? name->imported : imported->package;
            error(Code::Redeclared, own->pos,
                  std::string(own->name) + " already declared through " + (name != nullptr ? "" : "dot-") +
                      "import of package " + from->name + " (\"" + from->path + "\")" +
                      (name != nullptr ? other_declaration(*imported) : ""));
        }
}

void Checker::Impl::collect_imports(Package* package, Scope* file_scope, File* file) {
    for (ImportSpec* spec : file->imports) {
        const auto path = constant::unquote_string(spec->path->text);
        if (!path || path->empty()) {
            error(Code::ImportError, spec->path->pos, "invalid import path (empty string)");
            continue;
        }
        if (const std::string_view why = package->lazy_bodies ? "" : loader_.why_not_granted(*path); !why.empty()) {
            error(Code::ImportError, spec->path->pos, "package " + *path + " is not granted: " + std::string(why));
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
            dot_imports_.push_back({imported, spec->path->pos});
            continue;
        }
        if (Object* other = file_scope->insert(object)) {
            error(Code::Redeclared, pos, std::string(name) + " redeclared in this block" + other_declaration(*other));
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
    for (const auto& [package, pos] : dot_imports_)
        if (!dot_used_.contains(package)) error(Code::Unused, pos, "\"" + package->path + "\" imported and not used");
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
        error(Code::Redeclared, pos, std::string(object->name) + " redeclared in this block" + other_declaration(*other));
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
        if (auto* index = as<IndexExpr>(type)) type = unparen(index->x);
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
        if (auto* target = types::as<types::Pointer>(base->type); target != nullptr && base->is_alias && !pointer) {
            base = nullptr;  // type A = *T; func (A) m()
            if (auto* elem = types::as<types::Named>(target->elem)) base = elem->object;
            method->pointer_receiver = true;
        }
        if (base == nullptr) continue;
        auto* named = types::as<types::Named>(base->type);
        if (named == nullptr && base->type == invalid()) continue;
        if (named != nullptr && named->origin != nullptr) {
            error(Code::InvalidType, type->pos, "cannot define new methods on instantiated type " + str(named));
            continue;
        }
        if (named == nullptr) {
            error(Code::InvalidType, type->pos, "invalid receiver type " + ast::to_string(decl->receiver->type));
            continue;
        }
        if (decl->name->name != "_")
            for (types::Func* other : named->methods)
                if (other->name == method->name) {
                    error(Code::Redeclared, decl->name->pos,
                          "method " + std::string(base->name) + "." + std::string(method->name) +
                              " already declared at " + place(other->pos));
                }
        if (decl->name->name != "_") named->methods.push_back(method);
    }
    methods_.clear();
}

}  // namespace csp::check
