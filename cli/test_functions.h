#pragma once

// What csp test finds in source files: functions by their names, and what examples are to print.

#include <string>
#include <string_view>
#include <vector>

#include <csp/csp.hpp>

namespace csp::cli {

struct TestFunctions {
    struct Example {
        std::string name;
        std::string output;
        bool unordered = false;
    };
    std::vector<std::string> tests;
    std::vector<std::string> benchmarks;
    std::vector<Example> examples;      ///< Those with an output comment; others are compiled only.
    bool main = false;                  ///< There is a TestMain.
    std::vector<std::string> problems;  ///< Messages about functions with wrong types.
    bool empty() const { return tests.empty() && benchmarks.empty() && examples.empty() && !main; }
};

/// The functions that `doc` describes and that stand in one of `files`.
TestFunctions test_functions(const PackageDoc& doc, const std::vector<Source>& files);

/// The name in the package clause; "main" for scripts, which have none.
std::string package_name(std::string_view text);

}  // namespace csp::cli
