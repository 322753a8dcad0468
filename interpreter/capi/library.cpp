// The standard library in parts. The only file that refers to it, so that hosts without it do not link it.

#include "csp/stdlib.hpp"

#include <map>

#include "interpreter/capi/engine.h"

using namespace csp::capi;

namespace {

/// Is asked for what the packages of an engine import and it does not have.
class Recorder : public csp::ModuleLoader {
  public:
    std::vector<std::string> wanted;

    std::optional<std::vector<csp::Source>> load(std::string_view path) override {
        wanted.emplace_back(path);
        return std::nullopt;
    }
    std::vector<std::string> available() override { return {}; }
};

using Library = std::map<std::string, csp::Package, std::less<>>;

/// Adds to `chosen` what those packages import, directly or not.
void close(const Library& library, Library& chosen) {
    const auto recorder = std::make_shared<Recorder>();
    csp::Options options;
    options.modules = recorder;
    csp::Engine trial(std::move(options));
    std::string program = "package main\n";
    for (const auto& [path, package] : chosen) program += "import _ \"" + path + "\"\n";
    for (Library added = chosen; !added.empty();) {
        for (const auto& [path, package] : added) trial.add(package);
        added.clear();
        recorder->wanted.clear();
        trial.check({{"main.csp", program}});
        for (const std::string& path : recorder->wanted)
            if (const auto found = library.find(path); found != library.end() && chosen.insert(*found).second) added.insert(*found);
    }
}

}  // namespace

csp_status csp_engine_add_standard(csp_engine* engine, const csp_string* paths, size_t count, csp_error** error) {
    return with_engine(engine, error, [&](csp::Engine& to, csp_error& failure) -> csp_status {
        if (paths == nullptr && count > 0) return null(failure, "paths");
        std::vector<csp::Package> all = csp::standard_library();
        if (paths == nullptr) {
            to.add(std::move(all));
            return CSP_OK;
        }
        Library library;
        for (csp::Package& package : all) library.emplace(package.path(), package);
        Library chosen;
        for (std::size_t i = 0; i < count; ++i) {
            if (!valid(paths[i])) return invalid(failure, "an element of paths has no data, but a size");
            const auto found = library.find(view(paths[i]));
            if (found == library.end())
                return fail(failure, CSP_NOT_FOUND, "the standard library has no package \"" + std::string(view(paths[i])) + "\"");
            chosen.insert(*found);
        }
        close(library, chosen);
        for (const auto& [path, package] : chosen) to.add(package);
        return CSP_OK;
    });
}
