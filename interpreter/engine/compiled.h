#pragma once

// What a csp::Program holds: everything the bytecode refers to, kept alive together.

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "csp/engine.hpp"
#include "interpreter/bytecode/program.h"
#include "interpreter/source/source.h"
#include "runtime/type/builder.h"

namespace csp::detail {

/// A function that hosts may call by name.
struct ExportedFunction {
    const bytecode::Function* function = nullptr;
    std::string signature;  ///< "func(n int, text string) bool"
    std::string plain;      ///< As reflect spells it: "func(int, string) bool".
};

struct CompiledProgram {
    source::SourceSet sources;
    runtime::TypeTable types;
    bytecode::Program program;
    /// The packages whose natives the code calls.
    std::vector<Package> packages;
    std::unordered_map<std::string, ExportedFunction> exported;
    std::string name;  ///< Of the package.
};

}  // namespace csp::detail
