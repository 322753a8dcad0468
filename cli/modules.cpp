#include "modules.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace csp::cli {

namespace fs = std::filesystem;

namespace {

/// The word behind `module` in a csp.mod or go.mod; empty when there is none.
std::string module_line(const fs::path& file) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        line = line.substr(0, line.find("//"));
        const std::size_t begin = line.find_first_not_of(" \t");
        if (begin == std::string::npos || line.compare(begin, 6, "module") != 0) continue;
        const std::size_t name = line.find_first_not_of(" \t\"", begin + 6);
        if (name == begin + 6 || name == std::string::npos) continue;
        return line.substr(name, line.find_first_of(" \t\r\"", name) - name);
    }
    return {};
}

bool is_source(const fs::path& file) {
    const std::string name = file.filename().string();
    return !name.starts_with('.') && !name.starts_with('_') && (name.ends_with(".csp") || name.ends_with(".go"));
}

std::vector<fs::path> files_of(const fs::path& folder, bool tests) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
        if (entry.is_regular_file(error) && is_source(entry.path()) && entry.path().stem().string().ends_with("_test") == tests)
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

std::vector<fs::path> source_files(const fs::path& folder) { return files_of(folder, false); }
std::vector<fs::path> test_files(const fs::path& folder) { return files_of(folder, true); }

Modules::Modules(const fs::path& folder) {
    std::error_code error;
    fs::path start = fs::absolute(folder, error).lexically_normal();
    if (!start.has_filename()) start = start.parent_path();  // "." ends in a slash then, which would count as a step
    for (fs::path at = start;; at = at.parent_path()) {
        for (const char* name : {"csp.mod", "go.mod"}) {
            if (!fs::is_regular_file(at / name, error)) continue;
            // As the user wrote it, so that messages name files the same way.
            const fs::path relative = start.lexically_relative(at);
            root_ = folder;
            if (relative != ".")
                for ([[maybe_unused]] const fs::path& step : relative) root_ /= "..";
            root_ = root_.lexically_normal();
            module_ = module_line(at / name);
            return;
        }
        if (at == at.parent_path()) return;
    }
}

std::optional<std::string> Modules::path_of(const fs::path& folder) const {
    if (root_.empty()) return std::nullopt;
    std::error_code error;
    const fs::path relative =
        fs::absolute(folder, error).lexically_normal().lexically_relative(fs::absolute(root_, error).lexically_normal());
    std::string rest = relative.generic_string();
    while (rest.ends_with('/')) rest.pop_back();
    if (rest.starts_with("..") || rest.empty()) return std::nullopt;
    if (rest == ".") return module_.empty() ? std::nullopt : std::optional(module_);
    return module_.empty() ? rest : module_ + "/" + rest;
}

std::optional<std::string> Modules::within(std::string_view path) const {
    if (root_.empty()) return std::nullopt;
    std::string_view rest = path;
    if (!module_.empty()) {
        if (path == module_) return "";
        if (!path.starts_with(module_ + "/")) return std::nullopt;
        rest = path.substr(module_.size() + 1);
    }
    for (const fs::path& step : fs::path(rest))
        if (step == ".." || step == "." || step.empty() || step == "/") return std::nullopt;
    return std::string(rest);
}

std::optional<std::vector<Source>> Modules::load(std::string_view path) {
    const auto rest = within(path);
    if (!rest) return std::nullopt;
    std::vector<Source> sources;
    for (const fs::path& file : source_files((root_ / *rest).lexically_normal())) {
        std::ifstream in(file, std::ios::binary);
        sources.push_back({file.string(), std::string(std::istreambuf_iterator<char>(in), {})});
    }
    if (sources.empty()) return std::nullopt;
    return sources;
}

std::vector<std::string> Modules::available() {
    std::vector<std::string> paths;
    if (root_.empty()) return paths;
    constexpr std::size_t kMost = 100;
    std::error_code error;
    fs::recursive_directory_iterator at(root_, fs::directory_options::skip_permission_denied, error);
    for (; !error && at != fs::recursive_directory_iterator() && paths.size() < kMost; at.increment(error)) {
        if (!at->is_directory(error)) continue;
        if (at->path().filename().string().starts_with('.')) {
            at.disable_recursion_pending();
            continue;
        }
        if (source_files(at->path()).empty()) continue;
        const std::string rest = at->path().lexically_relative(root_).generic_string();
        paths.push_back(module_.empty() ? rest : module_ + "/" + rest);
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace csp::cli
