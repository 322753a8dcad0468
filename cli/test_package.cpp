#include "test_package.h"

#include "commands.h"

namespace csp::cli {

namespace fs = std::filesystem;

namespace {

class TestModules final : public ModuleLoader {
  public:
    explicit TestModules(const TestPackage& package)
        : modules_(package.modules), path_(package.path), own_(package.with_tests()), outside_(package.outside) {}

    std::optional<std::vector<Source>> load(std::string_view path) override {
        if (path == path_ && !own_.empty()) return own_;
        if (path == path_ + "_test" && !outside_.empty()) return outside_;
        return modules_->load(path);
    }
    std::vector<std::string> available() override { return modules_->available(); }

  private:
    std::shared_ptr<Modules> modules_;
    std::string path_;
    std::vector<Source> own_;
    std::vector<Source> outside_;
};

/// Entries of the lists that MainStart takes, from one package.
struct Lists {
    std::string tests, benchmarks, examples;

    void add(const TestFunctions& functions, const std::string& qualifier) {
        const auto entry = [&](const std::string& name) { return "{" + string_literal(name) + ", " + qualifier + name; };
        for (const std::string& name : functions.tests) tests += entry(name) + "},";
        for (const std::string& name : functions.benchmarks) benchmarks += entry(name) + "},";
        for (const TestFunctions::Example& example : functions.examples)
            examples += entry(example.name) + ", " + string_literal(example.output) + (example.unordered ? ", true}," : ", false},");
    }
};

/// The source of the entry.
std::string entry_source(const TestPackage& package, const TestFunctions& own, const TestFunctions& outside) {
    const std::string mine = package.is_program ? "" : "_test.";
    Lists lists;
    lists.add(own, mine);
    lists.add(outside, "_xtest.");
    std::string imports = "\t_os \"os\"\n\t_testing \"testing\"\n\t_testdeps \"testing/internal/testdeps\"\n";
    if (!package.is_program && !package.with_tests().empty())
        imports += std::string("\t") + (own.empty() ? "_ " : "_test ") + string_literal(package.path) + "\n";
    if (!package.outside.empty())
        imports += std::string("\t") + (outside.empty() ? "_ " : "_xtest ") + string_literal(package.path + "_test") + "\n";
    std::string end = "\t_os.Exit(m.Run())\n";
    if (own.main || outside.main) end = "\t" + (own.main ? mine : std::string("_xtest.")) + "TestMain(m)\n\t_os.Exit(deps.Code)\n";
    return "package main\n\nimport (\n" + imports + ")\n\nfunc " + kTestEntry + "() {\n\tdeps := &_testdeps.TestDeps{Path: " +
           string_literal(package.path) + "}\n\tm := _testing.MainStart(deps,\n\t\t[]_testing.InternalTest{" + lists.tests +
           "},\n\t\t[]_testing.InternalBenchmark{" + lists.benchmarks + "}, nil,\n\t\t[]_testing.InternalExample{" +
           lists.examples + "})\n" + end + "}\n";
}

}  // namespace

std::vector<Source> TestPackage::with_tests() const {
    std::vector<Source> all = own;
    all.insert(all.end(), tests.begin(), tests.end());
    return all;
}

std::optional<TestPackage> test_package(const std::vector<fs::path>& files, const fs::path& folder) {
    TestPackage package;
    package.folder = folder.empty() ? "." : folder;
    package.modules = std::make_shared<Modules>(package.folder);
    std::vector<fs::path> all = files;
    if (all.empty()) {
        all = source_files(package.folder);
        for (const fs::path& file : test_files(package.folder)) all.push_back(file);
        package.path = package.modules->path_of(package.folder).value_or("command-line-arguments");
    } else {
        package.path = "command-line-arguments";
    }
    for (const fs::path& file : all) {
        Source source;
        if (!read_source(file.lexically_normal().string(), source)) return std::nullopt;
        const std::string name = package_name(source.text);
        // A file that is named expressly is run whatever its name: scripts hold their own tests.
        const bool is_test = file.stem().string().ends_with("_test") || files.size() == 1;
        package.is_program = package.is_program || name == "main";
        (is_test ? name.ends_with("_test") ? package.outside : package.tests : package.own).push_back(std::move(source));
    }
    return package;
}

std::shared_ptr<ModuleLoader> loader(const TestPackage& package) { return std::make_shared<TestModules>(package); }

TestProgram compile(const TestPackage& package, Engine& engine) {
    TestProgram program;
    const auto functions = [&](const std::vector<Source>& sources, const std::vector<Source>& files) {
        const auto doc = sources.empty() ? std::nullopt : engine.describe(sources);
        TestFunctions found = doc ? test_functions(*doc, files) : TestFunctions();
        program.problems.insert(program.problems.end(), found.problems.begin(), found.problems.end());
        return found;
    };
    const TestFunctions own = functions(package.with_tests(), package.tests);
    const TestFunctions outside = functions(package.outside, package.outside);
    if (own.main && outside.main) program.problems.push_back("multiple definitions of TestMain");
    if (!program.problems.empty()) return program;
    std::vector<Source> sources;
    if (package.is_program) sources = package.with_tests();
    sources.push_back({"_testmain.csp", entry_source(package, own, outside)});
    program.compiled = engine.compile(sources, kTestEntry);
    return program;
}

}  // namespace csp::cli
