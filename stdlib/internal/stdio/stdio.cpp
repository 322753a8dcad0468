#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string>

#include "csp/package.hpp"
#include "stdlib/support/granted.h"
#include "stdlib/support/system_calls.h"

namespace csp::stdlib {

namespace {

Status read_descriptor(Call& call, const NativeEntry&) {
    const auto fd = static_cast<int>(call.slots()[2]);
    if (fd == STDIN_FILENO && call.input())
        return read_beside(call, [input = call.input()](char* to, std::size_t size) {
            return static_cast<ssize_t>(std::min(input({to, size}), size));
        });
    // Of the process's descriptors this one alone is for scripts to read.
    if (!is_granted(call, fd == 0 ? Need::Input : Need::Process)) {
        call.slots()[0] = 0;
        return answer(call, 1, runtime::kNotGranted);
    }
    return read_beside(call, [fd](char* to, std::size_t size) { return uninterrupted([&] { return ::read(fd, to, size); }); });
}

/// Go's texts for errno values are lower case.
std::string error_text(std::int64_t code) {
    if (code == runtime::kNotGranted) return "not granted";
    std::string text = std::strerror(static_cast<int>(code));
    if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

}  // namespace

void bind_internal_stdio(Package& package) {
    package.raw("Read", read_descriptor).function("text", error_text);
}

}  // namespace csp::stdlib
