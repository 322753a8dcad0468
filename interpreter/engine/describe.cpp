#include "interpreter/engine/describe.h"

#include <algorithm>

#include "interpreter/constant/value.h"
#include "interpreter/engine/comments.h"
#include "interpreter/parse/parse.h"
#include "interpreter/types/predicates.h"

namespace csp::engine {

namespace {

using types::as;
using types::Object;

/// "[T any, E comparable]"; empty when there are none.
std::string type_params(const std::vector<types::TypeParam*>& params) {
    std::string out;
    for (const types::TypeParam* param : params)
        out += (out.empty() ? "[" : ", ") + std::string(param->object->name) + " " + types::runtime_string(param->constraint);
    return out.empty() ? out : out + "]";
}

std::string type_of(const Object& object) {
    if (object.type == nullptr) return {};
    const auto* signature = as<types::Signature>(object.type);
    if (signature == nullptr) return types::runtime_string(object.type);
    return "func" + type_params(signature->type_params) + types::runtime_string(signature).substr(4);
}

/// "T" of *T, T[K] and *T[K].
std::string_view base_name(const ast::Expr* type) {
    if (const auto* star = ast::as<ast::StarExpr>(type)) type = star->x;
    if (const auto* index = ast::as<ast::IndexExpr>(type)) type = index->x;
    if (const auto* selector = ast::as<ast::SelectorExpr>(type)) return selector->sel->name;
    const auto* ident = ast::as<ast::Ident>(type);
    return ident == nullptr ? std::string_view() : ident->name;
}

bool is_exported(const ast::Ident& ident) {
    return ident.object != nullptr ? ident.object->exported() : !ident.name.empty() && ident.name[0] >= 'A' && ident.name[0] <= 'Z';
}

class Describer {
  public:
    Describer(types::Universe& universe, source::SourceSet& sources, Library& library, const types::Package& package, const Package* natives)
        : universe_(universe), sources_(sources), library_(library), package_(package), natives_(natives) {}

    void describe(const check::PackageSource& source, PackageDoc& out) {
        for (const ast::File* file : source.files) {
            if (file->package == nullptr) continue;
            const std::string doc = above_line(file->package->pos);
            if (!doc.empty()) out.doc += (out.doc.empty() ? "" : "\n\n") + doc;
        }
        for (const ast::File* file : source.files)
            for (const ast::Decl* decl : file->decls) {
                if (const auto* func = ast::as<ast::FuncDecl>(decl)) function(*func, out);
                if (const auto* group = ast::as<ast::GenDecl>(decl)) general(*group, out);
            }
    }

  private:
    bool is_granted(source::Pos pos) const { return library_.why_not_granted(pos).empty(); }

    std::string_view text_at(source::Pos pos, std::size_t& offset) const {
        const source::SourceFile* file = sources_.file(pos);
        if (file == nullptr) return {};
        offset = file->offset(pos);
        return file->text();
    }
    std::string above(source::Pos pos) const {
        std::size_t offset = 0;
        const std::string_view text = text_at(pos, offset);
        return comment_above(text, offset);
    }
    /// The same for what is not the first thing in its line.
    std::string above_line(source::Pos pos) const {
        std::size_t offset = 0;
        const std::string_view text = text_at(pos, offset);
        return comment_above(text, text.rfind('\n', offset) + 1);
    }
    std::string behind(source::Pos pos) const {
        std::size_t offset = 0;
        const std::string_view text = text_at(pos, offset);
        return comment_behind(text, offset);
    }
    std::string_view slice(source::Pos from, source::Pos to) const {
        std::size_t offset = 0;
        const std::string_view text = text_at(from, offset);
        return text.substr(offset, to.value() - from.value());
    }

    /// The package's object of that name; the checker leaves to later what nobody has asked for.
    Object* lookup(std::string_view name) const {
        Object* object = package_.scope->lookup(name);
        if (object != nullptr && object->color != types::Color::Black && universe_.resolve) universe_.resolve(object);
        return object;
    }

    NameDoc named(NameKind kind, std::string_view name, source::Pos pos, const Object* object) const {
        NameDoc doc;
        doc.kind = kind;
        doc.name = name;
        if (object != nullptr) doc.type = type_of(*object);
        const source::Position at = sources_.position(pos);
        if (!at.file.ends_with("/natives.csp")) {
            doc.file = at.file;
            doc.line = at.line;
        }
        return doc;
    }

    /// The package's own exported type that `type` is, or a pointer or slice of.
    std::string own_type(const types::Type* type) const {
        if (const auto* pointer = as<types::Pointer>(type)) type = pointer->elem;
        if (const auto* list = as<types::Slice>(type)) type = list->elem;
        if (const auto* pointer = as<types::Pointer>(type)) type = pointer->elem;
        const auto* found = as<types::Named>(type);
        const bool own = found != nullptr && found->object->package == &package_ && found->object->exported();
        return own ? std::string(found->object->name) : std::string();
    }
    /// The type that a function makes: the only one of the package among its results.
    std::string made_type(const types::Signature* signature) const {
        std::string only;
        if (signature == nullptr || signature->results == nullptr) return only;
        for (const types::Var* result : signature->results->vars) {
            const std::string own = own_type(result->type);
            if (!own.empty() && !only.empty() && own != only) return {};
            if (!own.empty()) only = own;
        }
        return only;
    }

    std::string declaration(const ast::FuncDecl& decl) const {
        return one_line(slice(decl.pos, decl.body == nullptr ? decl.end : decl.body->pos));
    }

    void function(const ast::FuncDecl& decl, PackageDoc& out) const {
        if (decl.receiver != nullptr || !is_exported(*decl.name) || !is_granted(decl.pos)) return;
        const auto* object = as<types::Func>(lookup(decl.name->name));
        NameDoc doc = named(NameKind::Function, decl.name->name, decl.pos, object);
        doc.declaration = declaration(decl);
        doc.doc = above(decl.pos);
        if (object != nullptr) doc.of = made_type(object->signature());
        if (doc.file.empty() && natives_ != nullptr)
            for (const NativeEntry& entry : natives_->natives())
                if (entry.name == doc.name) doc.doc = entry.doc;
        out.names.push_back(std::move(doc));
    }

    void general(const ast::GenDecl& decl, PackageDoc& out) {
        if (decl.decl == ast::DeclKind::Import) return;
        const int group = decl.specs.size() > 1 ? ++groups_ : 0;
        for (const ast::Decl* spec : decl.specs) {
            std::string doc = above(spec->pos);
            if (const auto* type = ast::as<ast::TypeSpec>(spec)) {
                if (is_exported(*type->name) && is_granted(type->name->pos)) out.names.push_back(type_doc(*type, doc.empty() && group == 0 ? above(decl.pos) : doc));
                continue;
            }
            const auto* values = ast::as<ast::ValueSpec>(spec);
            if (values == nullptr) continue;
            if (doc.empty()) doc = behind(values->end);
            if (doc.empty()) doc = above(decl.pos);
            for (std::size_t i = 0; i < values->names.size(); ++i) {
                if (!is_exported(*values->names[i]) || !is_granted(values->names[i]->pos)) continue;
                out.names.push_back(value_doc(decl.decl == ast::DeclKind::Const, *values, i));
                out.names.back().doc = doc;
                out.names.back().group = group;
            }
        }
    }

    NameDoc value_doc(bool is_const, const ast::ValueSpec& spec, std::size_t i) const {
        constexpr std::size_t kLongest = 70;
        const ast::Ident& ident = *spec.names[i];
        Object* object = lookup(ident.name);
        NameDoc doc = named(is_const ? NameKind::Constant : NameKind::Variable, ident.name, ident.pos, object);
        doc.declaration = (is_const ? "const " : "var ") + doc.name;
        const auto* constant = as<types::Const>(object);
        const bool shows_type = spec.type_expr != nullptr || (is_const && spec.values.empty() && object != nullptr && types::is_typed(object->type));
        if (object != nullptr && object->type != nullptr) doc.of = own_type(object->type);
        std::string value = i < spec.values.size() && spec.values.size() == spec.names.size()
                                ? one_line(slice(spec.values[i]->pos, spec.values[i]->end)) : "";
        if (is_const && constant != nullptr && constant->value != nullptr && (value.empty() || value.find("iota") != std::string::npos))
            value = constant::to_string(constant->value);
        const bool fits = !value.empty() && value.size() <= kLongest && value.find('\n') == std::string::npos;
        if (spec.type_expr != nullptr) {
            doc.declaration += " " + one_line(slice(spec.type_expr->pos, spec.type_expr->end));
        } else if ((shows_type || !fits) && object != nullptr && object->type != nullptr) {
            doc.declaration += " " + types::to_string(object->type, &package_);
        }
        if (fits && (is_const || spec.type_expr == nullptr)) doc.declaration += " = " + value;
        return doc;
    }

    NameDoc type_doc(const ast::TypeSpec& spec, std::string comment) {
        Object* object = lookup(spec.name->name);
        NameDoc doc = named(NameKind::Type, spec.name->name, spec.pos, nullptr);
        doc.doc = std::move(comment);
        const std::string head = "type " + std::string(slice(spec.pos, spec.type_expr->pos));
        if (const auto* structure = ast::as<ast::StructType>(spec.type_expr)) {
            doc.declaration = one_line(head) + " struct" + struct_body(*structure, doc);
        } else if (const auto* interface = ast::as<ast::InterfaceType>(spec.type_expr)) {
            doc.declaration = one_line(head) + " interface" + interface_body(*interface);
        } else {
            doc.declaration = head + std::string(slice(spec.type_expr->pos, spec.type_expr->end));
        }
        if (object == nullptr || object->type == nullptr) return doc;
        types::Type* under = types::under(object->type);
        doc.type = under == nullptr ? "" : as<types::Struct>(under) != nullptr ? "struct" : as<types::Interface>(under) != nullptr ? "interface"
                                                                                              : types::runtime_string(under);
        if (const auto* structure = as<types::Struct>(under))
            for (NameDoc& member : doc.members)
                for (const types::Var* field : structure->fields)
                    if (field->name == member.name) member.type = types::runtime_string(field->type);
        methods(object->type, under, doc);
        return doc;
    }

    std::string field_text(const ast::Field& field, const std::string& names) const {
        const source::Pos end = field.tag != nullptr ? field.tag->end : field.type->end;
        const source::Pos type = field.type->pos;
        return names.empty() ? std::string(slice(type, end)) : names + std::string(slice(field.names.back()->end, end));
    }

    static std::string as_comment(const std::string& text) {
        std::string out;
        for (std::size_t at = 0; !text.empty() && at <= text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            out += "\t//" + (end > at ? " " + text.substr(at, end - at) : "") + "\n";
            at = end + 1;
        }
        return out;
    }

    std::string struct_body(const ast::StructType& type, NameDoc& out) const {
        std::string body;
        bool hides = false;
        for (const ast::Field* field : type.fields) {
            const source::Pos end = field->tag != nullptr ? field->tag->end : field->type->end;
            const std::string doc = above(field->pos), note = behind(end);
            std::string names;
            for (const ast::Ident* name : field->names) {
                if (!is_exported(*name)) continue;
                names += (names.empty() ? "" : ", ") + std::string(name->name);
                add_field(*field, name->name, doc.empty() ? note : doc, out);
            }
            const std::string_view embedded = field->names.empty() ? base_name(field->type) : std::string_view();
            const bool shown = !names.empty() || (!embedded.empty() && embedded[0] >= 'A' && embedded[0] <= 'Z') || embedded == "error";
            if (!shown) hides = true;
            if (!shown) continue;
            if (!embedded.empty() && embedded != "error") add_field(*field, embedded, doc.empty() ? note : doc, out);
            body += as_comment(doc) + "\t" + field_text(*field, names) + (note.empty() ? "" : " // " + note) + "\n";
        }
        if (hides) body += "\t// Has unexported fields.\n";
        return body.empty() ? "{}" : " {\n" + body + "}";
    }

    void add_field(const ast::Field& field, std::string_view name, const std::string& doc, NameDoc& out) const {
        NameDoc member = named(NameKind::Field, name, field.pos, nullptr);
        member.declaration = std::string(name) + " " + one_line(slice(field.type->pos, field.type->end));
        member.doc = doc;
        out.members.push_back(std::move(member));
    }

    std::string interface_body(const ast::InterfaceType& type) const {
        std::string body;
        bool hides = false;
        for (const ast::Field* element : type.elements) {
            const bool hidden = !element->names.empty() && !is_exported(*element->names[0]);
            hides = hides || hidden;
            if (hidden) continue;
            const std::string note = behind(element->type->end);
            const std::string names = element->names.empty() ? "" : std::string(element->names[0]->name);
            body += as_comment(above(element->pos)) + "\t" + field_text(*element, names) + (note.empty() ? "" : " // " + note) + "\n";
        }
        if (hides) body += "\t// Has unexported methods.\n";
        return body.empty() ? "{}" : " {\n" + body + "}";
    }

    void methods(types::Type* type, types::Type* under, NameDoc& out) {
        types::Type* receiver = as<types::Interface>(under) != nullptr || as<types::Pointer>(under) != nullptr
                                    ? type : universe_.make_type<types::Pointer>(type);
        for (const types::MethodEntry& entry : types::method_set(universe_, receiver)) {
            const types::Func& method = *entry.method;
            if (!method.exported() || !is_granted(method.pos)) continue;
            universe_.signature_of(entry.method);
            NameDoc member = named(NameKind::Method, method.name, method.pos, &method);
            const types::Func& declared = method.origin != nullptr ? *method.origin : method;
            if (declared.decl != nullptr) {
                member.declaration = declaration(*declared.decl);
                member.doc = above(declared.decl->pos);
            } else {
                member.declaration = interface_method(method);
                member.doc = above(method.pos);
            }
            if (const auto* structure = as<types::Struct>(under); structure != nullptr && !entry.path.empty())
                member.through = structure->fields[static_cast<std::size_t>(entry.path[0])]->name;
            out.members.push_back(std::move(member));
        }
    }

    /// The method as its interface declares it, to the end of the line or to what follows in it.
    std::string interface_method(const types::Func& method) const {
        const std::string full = types::to_string(method.type, &package_);
        return std::string(method.name) + (full.starts_with("func") ? full.substr(4) : full);
    }

    types::Universe& universe_;
    source::SourceSet& sources_;
    Library& library_;
    const types::Package& package_;
    const Package* natives_;
    int groups_ = 0;
};

/// Everything that a description needs while it is made.
struct Front {
    source::SourceSet sources;
    base::Arena arena;
    diag::Sink sink;
    types::Universe universe{arena};
    Library library;
    check::Checker checker;

    explicit Front(const Supply& supply)
        : library(supply, sources, arena, sink), checker(universe, arena, sources, library, sink) {}

    PackageDoc describe(check::PackageSource source, const Package* natives) {
        source.lazy_bodies = true;  // what is wrong in bodies does not matter here
        PackageDoc out;
        out.path = source.path;
        out.name = source.name;
        if (!source.files.empty() && source.files[0]->package != nullptr) out.name = source.files[0]->package->name;
        if (const types::Package* package = checker.check(source))
            Describer(universe, sources, library, *package, natives).describe(source, out);
        return out;
    }
};

}  // namespace

std::optional<PackageDoc> describe(const Supply& supply, std::string_view path) {
    Front front(supply);
    if (!front.library.why_not_granted(path).empty()) return std::nullopt;
    const check::PackageSource* source = front.library.load(path);
    if (source == nullptr) return std::nullopt;
    const auto bound = supply.packages.find(path);
    return front.describe(*source, bound == supply.packages.end() ? nullptr : &bound->second);
}

std::optional<PackageDoc> describe(const Supply& supply, const std::vector<Source>& texts) {
    Front front(supply);
    check::PackageSource source;
    source.path = source.name = "main";
    for (const Source& text : texts) {
        const source::SourceFile& file = front.sources.add(text.name, text.text);
        if (ast::File* parsed = parse::parse_file(file, front.arena, front.sink)) source.files.push_back(parsed);
    }
    if (source.files.empty()) return std::nullopt;
    return front.describe(std::move(source), nullptr);
}

}  // namespace csp::engine
