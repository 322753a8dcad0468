// Patterns of -run and its like.

#include <re2/re2.h>

#include <string>
#include <string_view>
#include <tuple>

#include "csp/package.hpp"
#include "stdlib/support/computing.h"

namespace csp::stdlib {

namespace {

std::tuple<bool, std::string> matches(std::string_view pattern, std::string_view text) {
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), options);
    if (!compiled.ok()) return {false, "error parsing regexp: " + compiled.error()};
    return {RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled), ""};
}

}  // namespace

void bind_testing_internal_testdeps(Package& package) { package.function("matches", linear(matches)); }

}  // namespace csp::stdlib
