// The C interface: engines, programs, runs, and errors.

#include <csp/version.hpp>

#include <algorithm>
#include <array>

#include "c_host.h"

namespace {

TEST(C, SaysItsVersion) {
    EXPECT_EQ(csp_version(), 10000u * csp::kVersionMajor + 100u * csp::kVersionMinor + csp::kVersionPatch);
}

TEST(C, RunsAScript) {
    std::string out;
    const auto engine = c::engine(&out);
    const auto program = c::compile(engine, "import \"fmt\"\nfmt.Println(\"hello\", 6*7)\n");
    csp_ended* got = nullptr;
    ASSERT_EQ(csp_run(engine.get(), program.get(), nullptr, &got, nullptr), CSP_OK);
    const c::Ended ended(got);
    EXPECT_EQ(out, "hello 42\n");
    EXPECT_EQ(csp_ended_exit(ended.get()), 0);
    EXPECT_EQ(c::text(csp_ended_message(ended.get())), "");
    EXPECT_EQ(csp_ended_limit(ended.get()), CSP_LIMIT_NONE);
    EXPECT_EQ(csp_ended_fuel(ended.get()), 0u);
    EXPECT_EQ(csp_run(engine.get(), program.get(), nullptr, nullptr, nullptr), CSP_OK);
}

TEST(C, TellsHowARunEnded) {
    std::string out;
    const auto engine = c::engine(&out);
    csp_ended* got = nullptr;
    ASSERT_EQ(csp_run(engine.get(), c::compile(engine, "panic(\"no\")\n").get(), nullptr, &got, nullptr), CSP_OK);
    const c::Ended panic(got);
    EXPECT_EQ(csp_ended_exit(panic.get()), 2);
    EXPECT_EQ(c::text(csp_ended_message(panic.get())), "panic: no");
    ASSERT_EQ(csp_run(engine.get(), c::compile(engine, "import \"os\"\nos.Exit(3)\n").get(), nullptr, &got, nullptr), CSP_OK);
    EXPECT_EQ(csp_ended_exit(c::Ended(got).get()), 3);
}

TEST(C, ReportsDiagnosticsOneByOne) {
    const auto engine = c::engine();
    const std::array<csp_source, 2> sources{{{c::string("a.csp"), c::string("package main\n\nfunc main() {\n\tx := 1\n}\n")},
                                             {c::string("b.csp"), c::string("package main\nvar y int = \"a\"\n")}}};
    c::Error error;
    csp_program* program = nullptr;
    ASSERT_EQ(csp_compile(engine.get(), sources.data(), sources.size(), &program, error.out()), CSP_COMPILE);
    EXPECT_EQ(program, nullptr);
    EXPECT_EQ(csp_error_status(error.get()), CSP_COMPILE);
    EXPECT_EQ(error.text(), "a.csp:4:2: declared and not used: x");
    ASSERT_EQ(csp_error_diagnostics(error.get()), 2u);
    csp_diagnostic diagnostic{};
    diagnostic.size = sizeof diagnostic;
    ASSERT_EQ(csp_error_diagnostic(error.get(), 0, &diagnostic), CSP_OK);
    EXPECT_EQ(c::text(diagnostic.file), "a.csp");
    EXPECT_EQ(diagnostic.line, 4);
    EXPECT_EQ(diagnostic.column, 2);
    EXPECT_EQ(c::text(diagnostic.message), "declared and not used: x");
    EXPECT_NE(c::text(diagnostic.snippet).find("x := 1"), std::string::npos);
    ASSERT_EQ(csp_error_diagnostic(error.get(), 1, &diagnostic), CSP_OK);
    EXPECT_EQ(c::text(diagnostic.file), "b.csp");
    EXPECT_EQ(csp_error_diagnostic(error.get(), 2, &diagnostic), CSP_NOT_FOUND);
    EXPECT_EQ(csp_error_diagnostic(error.get(), 0, nullptr), CSP_INVALID);
    diagnostic.size = 3;
    EXPECT_EQ(csp_error_diagnostic(error.get(), 0, &diagnostic), CSP_INVALID);
    EXPECT_EQ(csp_check(engine.get(), sources.data(), 1, error.out()), CSP_COMPILE);
    EXPECT_EQ(error.text(), "a.csp:4:2: declared and not used: x");
    const csp_source good{c::string("a.csp"), c::string("package main\nfunc main() {}\n")};
    EXPECT_EQ(csp_check(engine.get(), &good, 1, error.out()), CSP_OK);
    EXPECT_EQ(error.get(), nullptr);
}

TEST(C, StructsOfOtherVersionsAreRead) {
    struct Longer {
        csp_options options;
        std::uint64_t later;
    } longer{};
    longer.options.size = sizeof longer;
    csp_engine* engine = nullptr;
    ASSERT_EQ(csp_engine_create(&longer.options, &engine, nullptr), CSP_OK);
    csp_engine_destroy(engine);
    longer.later = 1;
    c::Error error;
    EXPECT_EQ(csp_engine_create(&longer.options, &engine, error.out()), CSP_INVALID);
    EXPECT_EQ(error.text(), "wrong size of csp_options");
    csp_options shorter{};
    shorter.size = offsetof(csp_options, workers);
    shorter.workers = -1;
    ASSERT_EQ(csp_engine_create(&shorter, &engine, nullptr), CSP_OK);
    csp_engine_destroy(engine);
    for (const std::size_t wrong : {std::size_t{0}, std::size_t{7}, std::size_t{1} << 40}) {
        shorter.size = wrong;
        EXPECT_EQ(csp_engine_create(&shorter, &engine, nullptr), CSP_INVALID) << wrong;
    }
}

TEST(C, RefusesSettingsThatThereAreNot) {
    const auto refused = [](csp_options options) {
        options.size = sizeof options;
        c::Error error;
        csp_engine* engine = nullptr;
        EXPECT_EQ(csp_engine_create(&options, &engine, error.out()), CSP_INVALID);
        return error.text();
    };
    csp_options options{};
    options.workers = -1;
    EXPECT_EQ(refused(options), "workers is not from 0 to 1024");
    options = {};
    options.native = 3;
    EXPECT_EQ(refused(options), "native has no such value");
    options = {};
    options.arg_count = 1;
    EXPECT_EQ(refused(options), "args is NULL");
    const csp_string bad{nullptr, 4};
    options.args = &bad;
    EXPECT_EQ(refused(options), "an element of args has no data, but a size");
}

TEST(C, SettingsReachTheRun) {
    std::string out;
    const std::array<csp_string, 2> args{c::string("script"), c::string("more")};
    csp_options options{};
    options.args = args.data();
    options.arg_count = args.size();
    options.virtual_time = true;
    options.seeded = true;
    options.seed = 7;
    options.heap_limit = 16 << 20;
    options.gc_percent = 50;
    options.native = CSP_NATIVE_OFF;
    const auto engine = c::engine(&out, {}, options);
    const auto program = c::compile(engine, "import (\"fmt\"; \"os\"; \"time\")\ntime.Sleep(time.Hour)\nfmt.Println(os.Args)\n"
                                            "b := [][]byte{}\nfor { b = append(b, make([]byte, 1<<20)) }\n");
    csp_ended* got = nullptr;
    ASSERT_EQ(csp_run(engine.get(), program.get(), nullptr, &got, nullptr), CSP_OK);
    EXPECT_EQ(c::text(csp_ended_message(c::Ended(got).get())), "fatal error: runtime: out of memory");
    EXPECT_EQ(out.substr(0, out.find('\n')), "[script more]");
}

TEST(C, LimitsEndRuns) {
    const auto engine = c::engine();
    const auto program = c::compile(engine, "for {}\n");
    const auto ended_by = [&](csp_limits limits) {
        limits.size = sizeof limits;
        csp_ended* got = nullptr;
        EXPECT_EQ(csp_run(engine.get(), program.get(), &limits, &got, nullptr), CSP_OK);
        return c::Ended(got);
    };
    csp_limits limits{};
    limits.time = 1'000'000;
    const auto time = ended_by(limits);
    EXPECT_EQ(csp_ended_limit(time.get()), CSP_LIMIT_TIME);
    // Where main stood, if it had begun.
    EXPECT_TRUE(c::text(csp_ended_message(time.get())).starts_with("time limit exceeded"));
    limits = {};
    limits.fuel = 10'000;
    const auto fuel = ended_by(limits);
    EXPECT_EQ(csp_ended_limit(fuel.get()), CSP_LIMIT_FUEL);
    EXPECT_EQ(csp_ended_fuel(fuel.get()), 10'000u);
    limits = {};
    csp_stop* stop = nullptr;
    ASSERT_EQ(csp_stop_create(&stop, nullptr), CSP_OK);
    limits.stop = stop;
    EXPECT_EQ(csp_stop_request(stop), CSP_OK);
    EXPECT_EQ(csp_ended_limit(ended_by(limits).get()), CSP_LIMIT_STOP);
    csp_stop_destroy(stop);
}

TEST(C, RefusesLimitsThatThereAreNot) {
    const auto engine = c::engine();
    const auto program = c::compile(engine, "for {}\n");
    const auto refused = [&](csp_limits limits) {
        c::Error error;
        EXPECT_EQ(csp_run(engine.get(), program.get(), &limits, nullptr, error.out()), CSP_INVALID);
        csp_instance* instance = nullptr;
        EXPECT_EQ(csp_instantiate(engine.get(), program.get(), &limits, &instance, nullptr), CSP_INVALID);
        return error.text();
    };
    csp_limits limits{};
    EXPECT_EQ(refused(limits), "wrong size of csp_limits");
    limits.size = sizeof limits;
    limits.time = -1;
    EXPECT_EQ(refused(limits), "a limit is negative");
    limits.time = 0;
    limits.goroutines = -1;
    EXPECT_EQ(refused(limits), "a limit is negative");
    limits.goroutines = 0;
    limits.fuel = (std::uint64_t{1} << 62) + 1;
    EXPECT_EQ(refused(limits), "fuel is more than 2^62");
}

TEST(C, LoadsModulesOfTheHost) {
    std::string out;
    csp_options options{};
    options.load = [](void*, csp_string path, csp_files* files) {
        if (c::text(path) != "game/rules") return;
        EXPECT_EQ(csp_files_add(files, c::string("one.csp"), c::string("package rules\nfunc One() int { return two() - 1 }\n")), CSP_OK);
        EXPECT_EQ(csp_files_add(files, c::string("two.csp"), c::string("package rules\nfunc two() int { return 2 }\n")), CSP_OK);
        EXPECT_EQ(csp_files_add(files, {nullptr, 1}, {}), CSP_INVALID);
        EXPECT_EQ(csp_files_add(nullptr, {}, {}), CSP_INVALID);
    };
    options.available = [](void*, csp_paths* paths) {
        EXPECT_EQ(csp_paths_add(paths, c::string("game/rules")), CSP_OK);
        EXPECT_EQ(csp_paths_add(paths, {nullptr, 1}), CSP_INVALID);
        EXPECT_EQ(csp_paths_add(nullptr, {}), CSP_INVALID);
    };
    const auto engine = c::engine(&out, {}, options);
    const auto program = c::compile(engine, "import (\"fmt\"; \"game/rules\")\nfmt.Println(rules.One())\n");
    ASSERT_EQ(csp_run(engine.get(), program.get(), nullptr, nullptr, nullptr), CSP_OK);
    EXPECT_EQ(out, "1\n");
    const csp_source source{c::string("a.csp"), c::string("import \"game/rulez\"\nrulez.One()\n")};
    c::Error error;
    csp_program* none = nullptr;
    EXPECT_EQ(csp_compile(engine.get(), &source, 1, &none, error.out()), CSP_COMPILE);
    EXPECT_NE(error.text().find("game/rulez"), std::string::npos) << error.text();
    csp_names* got = nullptr;
    ASSERT_EQ(csp_engine_packages(engine.get(), &got, nullptr), CSP_OK);
    const c::Names names(got);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < csp_names_count(names.get()); ++i) all.push_back(c::text(csp_names_at(names.get(), i)));
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    EXPECT_EQ(std::count(all.begin(), all.end(), "game/rules"), 1);
    EXPECT_EQ(std::count(all.begin(), all.end(), "fmt"), 1);
    EXPECT_EQ(csp_names_at(names.get(), all.size()).data, nullptr);
}

TEST(C, GivesPartsOfTheStandardLibrary) {
    csp_engine* made = nullptr;
    ASSERT_EQ(csp_engine_create(nullptr, &made, nullptr), CSP_OK);
    const c::Engine engine(made);
    const csp_string fmt = c::string("fmt");
    ASSERT_EQ(csp_engine_add_standard(engine.get(), &fmt, 1, nullptr), CSP_OK);
    c::compile(engine, "import \"fmt\"\nfmt.Sprintln(1)\n");
    const csp_source source{c::string("a.csp"), c::string("import \"os\"\nos.Exit(1)\n")};
    c::Error error;
    csp_program* none = nullptr;
    EXPECT_EQ(csp_compile(engine.get(), &source, 1, &none, error.out()), CSP_COMPILE);
    const csp_string unknown = c::string("fnt");
    EXPECT_EQ(csp_engine_add_standard(engine.get(), &unknown, 1, error.out()), CSP_NOT_FOUND);
    EXPECT_EQ(error.text(), "the standard library has no package \"fnt\"");
    const csp_string bad{nullptr, 1};
    EXPECT_EQ(csp_engine_add_standard(engine.get(), &bad, 1, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_engine_add_standard(engine.get(), nullptr, 1, error.out()), CSP_INVALID);
}

TEST(C, ProgramsOutliveTheirEngine) {
    std::string out;
    auto engine = c::engine();
    const auto program = c::compile(engine, "import \"fmt\"\nfmt.Println(1)\n");
    engine.reset();
    const auto other = c::engine(&out);
    EXPECT_EQ(csp_run(other.get(), program.get(), nullptr, nullptr, nullptr), CSP_OK);
    EXPECT_EQ(out, "1\n");
}

TEST(C, AnswersNullEverywhere) {
    csp_engine* engine = nullptr;
    csp_program* program = nullptr;
    csp_instance* instance = nullptr;
    csp_function* function = nullptr;
    csp_package* package = nullptr;
    csp_names* names = nullptr;
    csp_value value{};
    const csp_source source{{}, {}};
    c::Error error;
    EXPECT_EQ(csp_engine_create(nullptr, nullptr, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_engine_add_standard(nullptr, nullptr, 0, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_engine_add(nullptr, nullptr, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_engine_packages(nullptr, &names, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_compile(nullptr, &source, 1, &program, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_check(nullptr, &source, 1, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_run(nullptr, nullptr, nullptr, nullptr, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_instantiate(nullptr, nullptr, nullptr, &instance, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_instance_limit(nullptr, nullptr, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_instance_fuel(nullptr, nullptr), CSP_INVALID);
    EXPECT_EQ(csp_instance_function(nullptr, {}, {}, &function, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_function_call(nullptr, nullptr, 0, nullptr, 0, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_function_params(nullptr) + csp_function_results(nullptr), 0u);
    EXPECT_EQ(csp_function_param(nullptr, 0) + csp_function_result(nullptr, 0), 0u);
    EXPECT_EQ(csp_package_create(c::string("a"), nullptr, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_package_create({}, &package, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_package_function(nullptr, nullptr, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_stop_create(nullptr, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_stop_request(nullptr), CSP_INVALID);
    EXPECT_EQ(csp_arg_count(nullptr), 0u);
    EXPECT_EQ(csp_arg(nullptr, 0, &value), CSP_INVALID);
    EXPECT_EQ(csp_return(nullptr, 0, &value), CSP_INVALID);
    EXPECT_EQ(csp_return_int(nullptr, 0, 1), CSP_INVALID);
    EXPECT_EQ(csp_panic(nullptr, {}), CSP_INVALID);
    EXPECT_EQ(csp_charge(nullptr, 1), CSP_INVALID);
    EXPECT_EQ(csp_error_status(nullptr), CSP_NO_MEMORY);
    EXPECT_EQ(c::text(csp_error_text(nullptr)), "out of memory");
    EXPECT_EQ(csp_error_limit(nullptr), CSP_LIMIT_NONE);
    EXPECT_EQ(csp_error_diagnostics(nullptr), 0u);
    EXPECT_EQ(csp_names_count(nullptr), 0u);
    EXPECT_EQ(csp_ended_exit(nullptr), 0);
    EXPECT_EQ(csp_ended_message(nullptr).data, nullptr);
    EXPECT_EQ(csp_ended_limit(nullptr), CSP_LIMIT_NONE);
    EXPECT_EQ(csp_ended_fuel(nullptr), 0u);
    const auto real = c::engine();
    EXPECT_EQ(csp_compile(real.get(), nullptr, 1, &program, error.out()), CSP_INVALID);
    EXPECT_EQ(error.text(), "no sources");
    EXPECT_EQ(csp_compile(real.get(), &source, 0, &program, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_compile(real.get(), &source, 1, nullptr, error.out()), CSP_INVALID);
    const csp_source bad{{nullptr, 1}, {}};
    EXPECT_EQ(csp_compile(real.get(), &bad, 1, &program, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_run(real.get(), nullptr, nullptr, nullptr, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_instantiate(real.get(), nullptr, nullptr, &instance, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_instantiate(real.get(), c::compile(real, "package main\nfunc main() {}\n").get(), nullptr, nullptr, nullptr), CSP_INVALID);
    EXPECT_EQ(csp_engine_add(real.get(), nullptr, error.out()), CSP_INVALID);
    EXPECT_EQ(csp_engine_packages(real.get(), nullptr, error.out()), CSP_INVALID);
    csp_engine_destroy(nullptr);
    csp_program_destroy(nullptr);
    csp_instance_destroy(nullptr);
    csp_function_destroy(nullptr);
    csp_package_destroy(nullptr);
    csp_names_destroy(nullptr);
    csp_stop_destroy(nullptr);
    csp_ended_destroy(nullptr);
    csp_error_destroy(nullptr);
}

}  // namespace
