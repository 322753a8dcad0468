// csp_embed OUT NAMESPACE FUNCTION ROOT FILE...: writes a C++ file with the images of the Csp sources ROOT/FILE, found by
// name with std::string_view NAMESPACE::FUNCTION(std::string_view name).

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "interpreter/image/image.h"
#include "interpreter/parse/parse.h"

namespace {

/// Octal escapes, in literals short enough for every compiler.
void write_literal(std::ostream& out, const std::string& bytes) {
    constexpr std::size_t kLine = 2000;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i % kLine == 0) out << (i == 0 ? "\"" : "\"\n\"");
        char escaped[8];
        const auto byte = static_cast<unsigned char>(bytes[i]);
        const bool plain = byte >= ' ' && byte < 127 && byte != '"' && byte != '\\' && byte != '?';
        std::snprintf(escaped, sizeof escaped, plain ? "%c" : "\\%03o", byte);
        out << escaped;
    }
    out << '"';
}

bool embed(std::ostream& out, const std::string& root, const std::string& name) {
    std::ifstream in(root + "/" + name, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    csp::source::SourceSet sources;
    csp::base::Arena arena;
    csp::diag::Sink sink;
    const csp::source::SourceFile& file = sources.add(name, text);
    csp::ast::File* tree = in ? csp::parse::parse_file(file, arena, sink) : nullptr;
    for (const csp::diag::Diagnostic& problem : sink.sorted()) {
        const csp::source::Position at = sources.position(problem.pos);
        std::cerr << root << '/' << name << ':' << at.line << ':' << at.column << ": " << problem.message << '\n';
    }
    if (tree == nullptr) {
        std::cerr << "csp_embed: no image of " << root << '/' << name << '\n';
        return false;
    }
    const std::string image = csp::image::write(file, *tree);
    out << "    if (name == \"" << name << "\") return std::string_view(\n";
    write_literal(out, image);
    out << ", " << image.size() << ");\n";
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) {
        std::cerr << "usage: csp_embed OUT NAMESPACE FUNCTION ROOT FILE...\n";
        return 2;
    }
    std::ofstream out(argv[1], std::ios::binary);
    const std::string signature = std::string("std::string_view ") + argv[3] + "(std::string_view name)";
    out << "#include <string_view>\n\nnamespace " << argv[2] << " {\n\n"
        << signature << ";\n\n" << signature << " {\n";
    for (int i = 5; i < argc; ++i)
        if (!embed(out, argv[4], argv[i])) return 1;
    out << "    return {};\n}\n\n}  // namespace " << argv[2] << "\n";
    out.close();
    return out ? 0 : 1;
}
