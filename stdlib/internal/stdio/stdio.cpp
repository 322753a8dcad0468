#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

Status read_descriptor(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const auto fd = static_cast<int>(s[2]);
    const runtime::Slice buffer = slice_at(s + 3);
    struct Reading {
        std::vector<char> bytes;
        ssize_t n = 0;
        int code = 0;
    };
    const auto reading = std::make_shared<Reading>();
    constexpr std::size_t kMost = 1 << 20;
    reading->bytes.resize(std::min<std::size_t>(buffer.size, kMost));
    runtime::Goroutine& g = goroutine(call);
    // Reading may take for ever; the worker goes on with other goroutines meanwhile.
    g.scheduler->run_blocking(g, [reading, fd] {
        do {
            reading->n = ::read(fd, reading->bytes.data(), reading->bytes.size());
        } while (reading->n < 0 && errno == EINTR);
        reading->code = reading->n < 0 ? errno : 0;
    });
    if (g.resume == runtime::Resume::Cancelled) return Status::Ended;
    if (reading->n > 0) std::memcpy(buffer.data, reading->bytes.data(), static_cast<std::size_t>(reading->n));
    Slot* results = call.slots();
    results[0] = static_cast<Slot>(std::max<ssize_t>(reading->n, 0));
    results[1] = static_cast<Slot>(reading->code);
    return Status::Ok;
}

/// Go's texts for errno values are lower case.
std::string error_text(std::int64_t code) {
    std::string text = std::strerror(static_cast<int>(code));
    if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

}  // namespace

void bind_internal_stdio(Package& package) {
    package.raw("Read", read_descriptor).function("text", error_text);
}

}  // namespace csp::stdlib
