#pragma once

// A package with its tests, as csp test compiles it: a program whose entry hands the tests to package testing. Packages
// are imported by it, in the folder's own form and in that of the tests of the outside (package x_test). Programs and
// scripts cannot be imported: the entry joins them, and is started in place of their main.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <csp/csp.hpp>

#include "modules.h"
#include "test_functions.h"

namespace csp::cli {

inline constexpr const char* kTestEntry = "_csp_test_main";

struct TestPackage {
    std::filesystem::path folder;
    std::string path;                ///< Import path.
    std::vector<Source> own;         ///< The package's files.
    std::vector<Source> tests;       ///< Tests that belong to the package.
    std::vector<Source> outside;     ///< Tests of package x_test.
    bool is_program = false;
    std::shared_ptr<Modules> modules;

    bool has_tests() const { return !tests.empty() || !outside.empty(); }
    /// The files of the package with its tests.
    std::vector<Source> with_tests() const;
};

/// The package of a folder, or that of some files of one folder. None after it has said what is wrong.
std::optional<TestPackage> test_package(const std::vector<std::filesystem::path>& files, const std::filesystem::path& folder);

/// What was compiled, with `none` if no file has a test, or problems.
struct TestProgram {
    Compiled compiled;
    std::vector<std::string> problems;
};
TestProgram compile(const TestPackage& package, Engine& engine);

/// Finds a package and its tests by their import paths.
std::shared_ptr<ModuleLoader> loader(const TestPackage& package);

}  // namespace csp::cli
