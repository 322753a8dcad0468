#pragma once

// A package's documentation as text for people, in the manner of go doc, and as JSON for tools.

#include <string>
#include <string_view>

#include <csp/csp.hpp>

namespace csp::cli {

/// The package's comment and a line for each name; with `all`, everything with its comments.
std::string package_text(const PackageDoc& package, bool all);
/// One name of the package with its comment, and what belongs to it.
std::string name_text(const PackageDoc& package, const NameDoc& name);
/// A field or method of a type.
std::string member_text(const PackageDoc& package, const NameDoc& type, const NameDoc& member);
std::string package_json(const PackageDoc& package);

/// The first sentence of a package's comment, without "Package NAME".
std::string synopsis(const PackageDoc& package);

}  // namespace csp::cli
