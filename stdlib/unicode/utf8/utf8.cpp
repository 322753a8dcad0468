#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

void bind_unicode_utf8(Package& package) {
    package.function("RuneCountInString", [](Call& call, std::string_view s) {
        Work work(call);
        std::int64_t n = 0;
        for (; !s.empty() && work.read(1); ++n) s.remove_prefix(static_cast<std::size_t>(runtime::decode_rune(s).size));
        return n;
    });
    package.function("ValidString", [](Call& call, std::string_view s) {
        Work work(call);
        while (!s.empty() && work.read(1)) {
            const auto r = runtime::decode_rune(s);
            if (r.rune == 0xFFFD && r.size == 1) return false;
            s.remove_prefix(static_cast<std::size_t>(r.size));
        }
        return true;
    });
}

}  // namespace csp::stdlib
