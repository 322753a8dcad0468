#pragma once

/// \file
/// What packages export, with their doc comments: plain data for documentation and other tools.

#include <string>
#include <vector>

namespace csp {

/// What a name stands for.
enum class NameKind { Constant, Variable, Function, Type, Field, Method };

/// One exported name.
struct NameDoc {
    NameKind kind = NameKind::Function;  ///< What it stands for.
    std::string name;         ///< Without the type's, for a field or method.
    std::string declaration;  ///< As Csp source, without a body: "func (b *Builder) Len() int".
    std::string type;         ///< As reflect spells it; of a type its underlying one. Empty when it is not known.
    std::string doc;          ///< The comment without its marks. Of a constant or variable without one: its group's.
    std::string of;           ///< The package's type that a constant or variable has, or that a function makes; or empty.
    std::string through;      ///< The embedded field that a promoted method comes from.
    std::string file;         ///< Empty for what has no declaration in source text.
    int line = 0;  ///< In the file, counted from 1.
    int group = 0;  ///< Constants and variables of one declaration share a number; 0: it is declared alone.
    std::vector<NameDoc> members;  ///< Of a type: exported fields, then methods, in order of declaration and name.
};

/// What a package exports.
struct PackageDoc {
    std::string path;            ///< Its import path.
    std::string name;            ///< As its package clause says.
    std::string doc;             ///< The comment of the package, without its marks.
    std::vector<NameDoc> names;  ///< In order of declaration.
};

}  // namespace csp
