#include "commands.h"
#include "doc_text.h"

#include <algorithm>
#include <vector>

namespace csp::cli {

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Paragraphs are wrapped; lines that begin with a space, and lists, stay as they are.
std::string wrapped(std::string_view text, std::size_t indent) {
    constexpr std::size_t kWidth = 80;
    const std::string margin(indent, ' ');
    std::string out, line;
    const auto flush = [&] {
        if (!line.empty()) out += margin + line + "\n";
        line.clear();
    };
    for (const std::string_view source : lines_of(text)) {
        const bool verbatim = source.empty() || source[0] == ' ' || source[0] == '\t';
        if (verbatim || source.starts_with("- ") || source.starts_with("# ") || source.starts_with("Not here:")) flush();
        if (verbatim) {
            out += source.empty() ? "\n" : margin + std::string(source) + "\n";
            continue;
        }
        for (std::size_t at = 0; at < source.size();) {
            const std::size_t end = std::min(source.find(' ', at), source.size());
            if (!line.empty() && indent + line.size() + 1 + end - at > kWidth) flush();
            if (end > at) line += (line.empty() ? "" : " ") + std::string(source.substr(at, end - at));
            at = end + 1;
        }
    }
    flush();
    return out;
}

bool is_value(const NameDoc& name) { return name.kind == NameKind::Constant || name.kind == NameKind::Variable; }
/// Methods of embedded fields that a reader sees anyway are theirs.
bool is_shown(const NameDoc& member) {
    return member.kind == NameKind::Method && (member.through.empty() || member.through[0] < 'A' || member.through[0] > 'Z');
}
bool is_interface(const NameDoc& type) { return type.type == "interface"; }

/// In one line: structs and interfaces without what is in them.
std::string short_form(const NameDoc& name) {
    const std::string_view first = std::string_view(name.declaration).substr(0, name.declaration.find('\n'));
    if (first.size() == name.declaration.size()) return name.declaration;
    return std::string(first) + (first.ends_with("{") ? " ... }" : " ...");
}

std::vector<const NameDoc*> select(const PackageDoc& package, NameKind kind, const std::string& of) {
    std::vector<const NameDoc*> found;
    for (const NameDoc& name : package.names)
        if (name.kind == kind && name.of == of) found.push_back(&name);
    if (kind == NameKind::Function || kind == NameKind::Type)
        std::sort(found.begin(), found.end(), [](const NameDoc* a, const NameDoc* b) { return a->name < b->name; });
    return found;
}

/// Constants or variables in one line a declaration.
std::string value_lines(const std::vector<const NameDoc*>& values, const std::string& margin) {
    std::string out;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const int group = values[i]->group;
        if (group != 0 && i > 0 && values[i - 1]->group == group) continue;
        const bool more = group != 0 && i + 1 < values.size() && values[i + 1]->group == group;
        out += margin + short_form(*values[i]) + (more ? "; ..." : "") + "\n";
    }
    return out;
}

/// The declaration that `value` stands in.
std::string value_block(const PackageDoc& package, const NameDoc& value) {
    std::string inside, common;
    bool alike = true;
    for (const NameDoc& name : package.names)
        if (is_value(name) && name.group == value.group && name.kind == value.kind) {
            if (common.empty()) common = name.doc;
            alike = alike && name.doc == common;
        }
    if (value.group == 0) return value.declaration + "\n" + wrapped(value.doc, 4);
    for (const NameDoc& name : package.names) {
        if (!is_value(name) || name.group != value.group) continue;
        if (!alike)
            for (const std::string_view line : lines_of(name.doc)) inside += "\t// " + std::string(line) + "\n";
        inside += "\t" + name.declaration.substr(name.declaration.find(' ') + 1) + "\n";
    }
    return std::string(value.kind == NameKind::Constant ? "const" : "var") + " (\n" + inside + ")\n" + (alike ? wrapped(common, 4) : "");
}

std::string all_values(const PackageDoc& package, const std::string& of) {
    std::string out;
    for (const NameKind kind : {NameKind::Constant, NameKind::Variable}) {
        int last = 0;
        for (const NameDoc* value : select(package, kind, of)) {
            if (value->group != 0 && value->group == last) continue;
            last = value->group;
            out += value_block(package, *value) + "\n";
        }
    }
    return out;
}

std::string full(const PackageDoc& package, const NameDoc& name) {
    std::string out = name.declaration + "\n" + wrapped(name.doc, 4) + "\n";
    if (name.kind != NameKind::Type) return out;
    out += all_values(package, name.name);
    for (const NameDoc* function : select(package, NameKind::Function, name.name)) out += full(package, *function);
    if (!is_interface(name))
        for (const NameDoc& member : name.members)
            if (is_shown(member)) out += full(package, member);
    return out;
}

std::string head(const PackageDoc& package) { return "package " + package.name + " // import \"" + package.path + "\"\n\n"; }

void member_json(std::string& out, const char* key, std::string_view value) {
    if (value.empty()) return;
    out += out.back() == '{' ? "\"" : ",\"";
    out += key;
    out += "\":";
    out += string_literal(value);
}

void name_json(std::string& out, const NameDoc& name) {
    constexpr const char* kKinds[] = {"const", "var", "func", "type", "field", "method"};
    out += '{';
    member_json(out, "kind", kKinds[static_cast<int>(name.kind)]);
    member_json(out, "name", name.name);
    member_json(out, "declaration", name.declaration);
    member_json(out, "type", name.type);
    member_json(out, "doc", name.doc);
    member_json(out, "of", name.of);
    member_json(out, "through", name.through);
    member_json(out, "file", name.file);
    if (name.line != 0) out += ",\"line\":" + std::to_string(name.line);
    if (name.group != 0) out += ",\"group\":" + std::to_string(name.group);
    if (!name.members.empty()) {
        out += ",\"members\":[";
        for (std::size_t i = 0; i < name.members.size(); ++i) {
            if (i > 0) out += ',';
            name_json(out, name.members[i]);
        }
        out += ']';
    }
    out += '}';
}

}  // namespace

std::string package_text(const PackageDoc& package, bool all) {
    std::string out = head(package) + wrapped(package.doc, 0);
    if (!package.doc.empty()) out += "\n";
    if (all) {
        out += all_values(package, "");
        for (const NameDoc* name : select(package, NameKind::Function, "")) out += full(package, *name);
        for (const NameDoc* name : select(package, NameKind::Type, "")) out += full(package, *name);
        return out.substr(0, out.find_last_not_of('\n') + 1) + "\n";
    }
    out += value_lines(select(package, NameKind::Constant, ""), "") + value_lines(select(package, NameKind::Variable, ""), "");
    for (const NameDoc* name : select(package, NameKind::Function, "")) out += short_form(*name) + "\n";
    for (const NameDoc* type : select(package, NameKind::Type, "")) {
        out += short_form(*type) + "\n";
        for (const NameKind kind : {NameKind::Constant, NameKind::Variable}) out += value_lines(select(package, kind, type->name), "    ");
        for (const NameDoc* name : select(package, NameKind::Function, type->name)) out += "    " + short_form(*name) + "\n";
    }
    return out;
}

std::string name_text(const PackageDoc& package, const NameDoc& name) {
    std::string out = head(package);
    if (is_value(name)) return out + value_block(package, name);
    out += name.declaration + "\n" + wrapped(name.doc, 4);
    if (name.kind != NameKind::Type) return out;
    out += "\n";
    for (const NameKind kind : {NameKind::Constant, NameKind::Variable}) out += value_lines(select(package, kind, name.name), "");
    for (const NameDoc* function : select(package, NameKind::Function, name.name)) out += short_form(*function) + "\n";
    if (!is_interface(name))
        for (const NameDoc& member : name.members)
            if (is_shown(member)) out += member.declaration + "\n";
    return out.substr(0, out.find_last_not_of('\n') + 1) + "\n";
}

std::string member_text(const PackageDoc& package, const NameDoc& type, const NameDoc& member) {
    std::string out = head(package);
    if (member.kind == NameKind::Method && !is_interface(type)) return out + member.declaration + "\n" + wrapped(member.doc, 4);
    out += short_form(type).substr(0, short_form(type).find('{')) + "{\n";
    for (const std::string_view line : lines_of(member.doc)) out += "    // " + std::string(line) + "\n";
    return out + "    " + member.declaration + "\n\n    // ...\n}\n";
}

std::string package_json(const PackageDoc& package) {
    std::string out = "{";
    member_json(out, "path", package.path);
    member_json(out, "name", package.name);
    member_json(out, "doc", package.doc);
    out += ",\"names\":[";
    for (std::size_t i = 0; i < package.names.size(); ++i) {
        out += i > 0 ? ",\n" : "\n";
        name_json(out, package.names[i]);
    }
    return out + "\n]}\n";
}

std::string synopsis(const PackageDoc& package) {
    std::string text = package.doc.substr(0, package.doc.find("\n\n"));
    std::replace(text.begin(), text.end(), '\n', ' ');
    text = text.substr(0, text.find(". "));
    if (text.ends_with('.')) text.pop_back();
    const std::string prefix = "Package " + package.name;
    if (text.starts_with(prefix + ": ")) return text.substr(prefix.size() + 2);
    if (text.starts_with(prefix + " ")) return text.substr(prefix.size() + 1);
    return text;
}

}  // namespace csp::cli
