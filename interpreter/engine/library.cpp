#include "interpreter/engine/library.h"

#include <set>

#include "interpreter/engine/comments.h"
#include "interpreter/image/image.h"
#include "interpreter/parse/parse.h"

namespace csp::engine {

namespace {

const NativeEntry* entry_of(const Package& package, std::string_view name) {
    for (const NativeEntry& entry : package.natives())
        if (entry.name == name) return &entry;
    return nullptr;
}

std::string package_name(std::string_view path) {
    return std::string(path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1));
}

/// "Type.Method" or "Func".
std::string declared_name(const ast::FuncDecl& decl) {
    std::string name(decl.name->name);
    if (decl.receiver == nullptr) return name;
    const ast::Expr* type = decl.receiver->type;
    if (const auto* star = ast::as<ast::StarExpr>(type)) type = star->x;
    if (const auto* index = ast::as<ast::IndexExpr>(type)) type = index->x;
    const auto* ident = ast::as<ast::Ident>(type);
    return ident == nullptr ? name : std::string(ident->name) + "." + name;
}

/// Why what is declared at `offset` of a text is not granted; empty: it needs nothing, or that is granted.
std::string_view why_missing(const runtime::Grants& grants, std::string_view text, std::size_t offset) {
    const auto need = runtime::need_named(directive_above(text, offset, "csp:needs"));
    return !need || grants.has(*need) ? std::string_view() : runtime::Grants::why_not(*need);
}

}  // namespace

/// Declarations for the natives that the package's source does not declare.
std::string Library::undeclared_natives(const Package& package, const check::PackageSource& source) const {
    std::set<std::string> declared;
    for (const ast::File* file : source.files)
        for (const ast::Decl* decl : file->decls)
            if (const auto* func = ast::as<ast::FuncDecl>(decl)) declared.insert(declared_name(*func));
    std::string text;
    for (const NativeEntry& entry : package.natives())
        if (!entry.signature.empty() && !declared.contains(entry.name))
            text += "func " + entry.name + entry.signature.substr(4) + "\n";
    return text.empty() ? text : "package " + package_name(package.path()) + "\n" + text;
}

void Library::parse(const Package& package, check::PackageSource& source) {
    for (const Package::SourceText& text : package.sources()) {
        ast::File* file = nullptr;
        if (text.is_image) {
            const source::SourceFile& added = sources_.add_view(text.name, image::text_of(text.text));
            file = image::read(text.text, added, arena_);
            if (file == nullptr)
                sink_.report({diag::Code::ImportError, added.pos(0), {}, "the image of package " + package.path() + " is not readable", ""});
        } else {
            const source::SourceFile& added = sources_.add(text.name, std::string(text.text));
            file = parse::parse_file(added, arena_, sink_);
        }
        if (file != nullptr) source.files.push_back(file);
    }
    const std::string declarations = undeclared_natives(package, source);
    if (declarations.empty()) return;
    const source::SourceFile& added = sources_.add(package.path() + "/natives.csp", declarations);
    if (ast::File* file = parse::parse_file(added, arena_, sink_)) source.files.push_back(file);
}

const check::PackageSource* Library::load(std::string_view path) {
    if (const auto known = loaded_.find(path); known != loaded_.end()) return known->second.get();
    const auto found = packages_.find(path);
    if (found == packages_.end()) {
        auto source = from_module(path);
        return source == nullptr ? nullptr : loaded_.emplace(std::string(path), std::move(source)).first->second.get();
    }
    const Package& package = found->second;
    auto source = std::make_unique<check::PackageSource>();
    source->path = package.path();
    source->name = package_name(path);
    source->lazy_bodies = true;
    source->has_native = [package](std::string_view name) { return entry_of(package, name) != nullptr; };
    parse(package, *source);
    return loaded_.emplace(std::string(path), std::move(source)).first->second.get();
}

/// A package in source form, which is checked like the program itself.
std::unique_ptr<check::PackageSource> Library::from_module(std::string_view path) {
    if (modules_ == nullptr) return nullptr;
    const auto texts = modules_->load(path);
    if (!texts || texts->empty()) return nullptr;
    auto source = std::make_unique<check::PackageSource>();
    source->path = path;
    source->name = package_name(path);
    for (const Source& text : *texts) {
        const source::SourceFile& added = sources_.add(text.name, text.text);
        if (ast::File* file = parse::parse_file(added, arena_, sink_)) source->files.push_back(file);
    }
    return source;
}

std::vector<std::string> Library::available() {
    std::vector<std::string> paths;
    if (modules_ != nullptr) paths = modules_->available();
    for (const auto& [path, package] : packages_)
        if (path.find("internal") == std::string::npos && why_not_granted(path).empty()) paths.push_back(path);
    return paths;
}

/// What a whole package needs stands above the first line of one of its files.
std::string_view Library::why_not_granted(std::string_view path) {
    const auto found = packages_.find(path);
    if (found == packages_.end()) return {};
    // The keyword reaches it without an import.
    if (!grants_.imports(path) && path != "sync") return "the host does not let scripts import it";
    if (grants_.has_all()) return {};
    for (const Package::SourceText& source : found->second.sources()) {
        const std::string_view text = source.is_image ? image::text_of(source.text) : source.text;
        const std::size_t clause = text.starts_with("package ") ? 0 : text.find("\npackage ") + 1;
        if (const std::string_view why = why_missing(grants_, text, clause); !why.empty()) return why;
    }
    return {};
}

std::string_view Library::why_not_granted(source::Pos pos) {
    const source::SourceFile* file = grants_.has_all() ? nullptr : sources_.file(pos);
    return file == nullptr ? std::string_view() : why_missing(grants_, file->text(), file->offset(pos));
}

const NativeEntry* Library::find(std::string_view package, std::string_view name) {
    const auto found = packages_.find(package);
    return found == packages_.end() ? nullptr : entry_of(found->second, name);
}

}  // namespace csp::engine
