#pragma once

/// \file
/// What packages export, with their doc comments: plain data for documentation and other tools.

#include <string>
#include <vector>

namespace csp {

enum class NameKind { Constant, Variable, Function, Type, Field, Method };

/// One exported name.
struct NameDoc {
    NameKind kind = NameKind::Function;
    std::string name;         ///< Without the type's, for a field or method.
    std::string declaration;  ///< As Csp source, without a body: "func (b *Builder) Len() int".
    std::string type;         ///< As reflect spells it; of a type its underlying one. Empty when it is not known.
    std::string doc;          ///< The comment without its marks. Of a constant or variable without one: its group's.
    std::string of;           ///< The package's type that a constant or variable has, or that a function makes; or empty.
    std::string through;      ///< The embedded field that a promoted method comes from.
    std::string file;         ///< Empty for what has no declaration in source text.
    int line = 0;
    int group = 0;  ///< Constants and variables of one declaration share a number; 0: it is declared alone.
    std::vector<NameDoc> members;  ///< Of a type: exported fields, then methods, in order of declaration and name.
};

struct PackageDoc {
    std::string path;
    std::string name;
    std::string doc;
    std::vector<NameDoc> names;  ///< In order of declaration.
};

}  // namespace csp
