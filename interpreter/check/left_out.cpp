#include "interpreter/check/left_out.h"

#include <algorithm>
#include <array>

namespace csp::check {

namespace {

struct LeftOut {
    std::string_view path;
    std::string_view reason;
};

constexpr auto kLeftOut = std::to_array<LeftOut>({
    {"C", "there is no cgo; a host binds C and C++ functions with csp/bind.hpp"},
    {"embed", "a program is compiled where it runs, so there is nothing to embed files in; os.ReadFile and os.DirFS read them"},
    {"plugin", "Go's plugins are machine code; a host adds packages with csp/package.hpp"},
    {"runtime/cgo", "there is no cgo; a host binds C and C++ functions with csp/bind.hpp"},
    {"unsafe", "scripts reach memory through values only, so that none can break its host"},
});

}  // namespace

std::string_view why_left_out(std::string_view path) {
    const auto* found = std::find_if(kLeftOut.begin(), kLeftOut.end(), [&](const LeftOut& one) { return one.path == path; });
    return found == kLeftOut.end() ? std::string_view() : found->reason;
}

}  // namespace csp::check
