#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "commands.h"
#include "doc_text.h"
#include "modules.h"
#include "suggest.h"

namespace csp::cli {

namespace {

/// What was asked for.
struct Question {
    std::string package;
    std::string name;
    std::string member;
};

void set_name(Question& question, const std::string& text) {
    const std::size_t dot = text.find('.');
    question.name = text.substr(0, dot);
    if (dot != std::string::npos) question.member = text.substr(dot + 1);
}

/// The path that `name` stands for: itself, or the shortest that ends in it. Empty when there is none.
std::string find_package(const std::vector<std::string>& paths, const std::string& name) {
    std::string best;
    for (const std::string& path : paths) {
        if (path == name) return path;
        if (path.ends_with("/" + name) && (best.empty() || path.size() < best.size())) best = path;
    }
    return best;
}

/// Upper case letters must agree; lower case ones stand for either, unless a name fits exactly.
const NameDoc* find_name(const std::vector<NameDoc>& names, const std::string& wanted) {
    const auto fits = [&](const NameDoc& name) {
        return std::equal(wanted.begin(), wanted.end(), name.name.begin(), name.name.end(),
                          [](char a, char b) { return a == b || (a >= 'a' && a <= 'z' && a - 'a' == b - 'A'); });
    };
    for (const NameDoc& name : names)
        if (name.name == wanted) return &name;
    const auto found = std::find_if(names.begin(), names.end(), fits);
    return found == names.end() ? nullptr : &*found;
}

int fail(const std::string& message, const std::string& wanted, const std::vector<std::string>& candidates) {
    const std::string close = closest(wanted, candidates);
    std::fprintf(stderr, "csp doc: %s\n", message.c_str());
    if (!close.empty()) std::fprintf(stderr, "    hint: did you mean %s?\n", close.c_str());
    return 1;
}

std::vector<std::string> names_of(const std::vector<NameDoc>& names) {
    std::vector<std::string> out;
    for (const NameDoc& name : names) out.push_back(name.name);
    return out;
}

void write(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int list_packages(Engine& engine, bool json) {
    const std::vector<std::string> paths = engine.packages();
    std::size_t width = 0;
    for (const std::string& path : paths) width = std::max(width, path.size());
    std::string out;
    for (const std::string& path : paths) {
        if (json) {
            out += path + "\n";
            continue;
        }
        const auto package = engine.describe(path);
        const std::string text = package ? synopsis(*package) : "";
        out += path + (text.empty() ? "" : std::string(width + 2 - path.size(), ' ') + text) + "\n";
    }
    write(out);
    return 0;
}

/// None after it has said what is wrong.
std::optional<PackageDoc> find(Engine& engine, ModuleLoader& modules, Question& question) {
    std::error_code error;
    const std::string& argument = question.package;
    if (argument == "." || argument == ".." || argument.starts_with("./") || argument.starts_with("../") || argument.starts_with('/')) {
        const auto program = read_program({argument});
        if (!program) return std::nullopt;
        auto package = engine.describe(program->sources);
        if (package) package->path = argument;
        else show(engine.check(program->sources));
        return package;
    }
    const std::vector<std::string> paths = engine.packages();
    std::string path = find_package(paths, argument);
    if (path.empty() && question.name.empty()) {
        const std::size_t slash = argument.rfind('/');
        const std::size_t dot = argument.find('.', slash == std::string::npos ? 0 : slash);
        if (dot != std::string::npos) {
            set_name(question, argument.substr(dot + 1));
            question.package = argument.substr(0, dot);
            path = find_package(paths, question.package);
        }
    }
    auto package = engine.describe(path.empty() ? question.package : path);
    if (!package) fail("no package " + question.package, question.package, paths);
    if (!package || !package->names.empty()) return package;
    const auto sources = modules.load(path);
    if (!sources || engine.describe(*sources)) return package;
    show(engine.check(*sources));
    return std::nullopt;
}

}  // namespace

int doc(const std::vector<std::string>& arguments) {
    bool all = false, json = false;
    std::vector<std::string> words;
    CLI::App app("Shows what packages export. PACKAGE is an import path, its last part, or a folder (./util).", "csp doc");
    app.add_flag("-a,--all", all, "show everything with its comments");
    app.add_flag("-j,--json", json, "print the whole package as JSON, for tools; without a package, the import paths");
    app.add_option("PACKAGE[.NAME[.MEMBER]]", words, "what to show; without it, the packages there are")->expected(0, 2);
    std::vector<std::string> spelled = arguments;  // Go's tools spell options with one dash
    for (std::string& argument : spelled)
        if (argument == "-all" || argument == "-json") argument.insert(0, "-");
    if (const auto status = parse_options(app, spelled)) return *status;
    Options options = options_from_environment();
    const auto modules = std::make_shared<Modules>(".");
    options.modules = modules;
    Engine engine(std::move(options));
    engine.add(standard_library());
    if (words.empty()) return list_packages(engine, json);
    Question question{words[0], "", ""};
    if (words.size() == 2) set_name(question, words[1]);
    const auto package = find(engine, *modules, question);
    if (!package) return 1;
    if (json) {
        write(package_json(*package));
        return 0;
    }
    if (question.name.empty()) {
        write(package_text(*package, all));
        return 0;
    }
    const NameDoc* name = find_name(package->names, question.name);
    if (name == nullptr) return fail("package " + package->path + " has no " + question.name, question.name, names_of(package->names));
    if (question.member.empty()) {
        write(name_text(*package, *name));
        return 0;
    }
    const NameDoc* member = find_name(name->members, question.member);
    if (member == nullptr)
        return fail(package->path + "." + name->name + " has no field or method " + question.member, question.member, names_of(name->members));
    write(member_text(*package, *name, *member));
    return 0;
}

}  // namespace csp::cli
