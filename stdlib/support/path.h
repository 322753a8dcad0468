#pragma once

// Slash-separated paths: what packages path and path/filepath share.

#include <string>
#include <string_view>

#include "csp/native.hpp"
#include "stdlib/support/work.h"

namespace csp::stdlib {

/// The shortest path that means the same, by its text alone.
std::string clean_path(std::string_view path);

enum class PathMatch { No, Yes, BadPattern };
/// Whether the whole of `name` matches a shell's pattern; * and ? do not match a slash.
PathMatch match_path(Work& work, std::string_view pattern, std::string_view name);

/// The two as natives: Clean(path string) string and match(pattern, name string) int.
Status clean_path_native(Call& call, const NativeEntry&);
Status match_path_native(Call& call, const NativeEntry&);
/// join(elems []string) string: Join of both packages.
Status join_path_native(Call& call, const NativeEntry&);

}  // namespace csp::stdlib
