#include "stdlib/support/unicode.h"

#include "runtime/value/string_ops.h"
#include "stdlib/packages.h"
#include "stdlib/support/embedded.h"

namespace csp::stdlib {

Package unicode_package() {
    Package package("unicode");
    package.image("unicode.csp", embedded("unicode/unicode.csp"));
    package.function("IsLetter", is_letter)
        .function("IsMark", is_mark)
        .function("IsNumber", is_number)
        .function("IsPunct", is_punct)
        .function("IsSymbol", is_symbol)
        .function("IsDigit", is_digit)
        .function("IsUpper", is_upper)
        .function("IsLower", is_lower)
        .function("IsTitle", is_title)
        .function("IsControl", is_control)
        .function("IsSpace", is_space)
        .function("IsGraphic", is_graphic)
        .function("IsPrint", is_print)
        .function("ToUpper", to_upper)
        .function("ToLower", to_lower)
        .function("ToTitle", to_title);
    return package;
}

Package utf8_package() {
    Package package("unicode/utf8");
    package.image("utf8.csp", embedded("utf8/utf8.csp"));
    package.function("RuneCountInString", [](std::string_view s) {
        std::int64_t n = 0;
        for (; !s.empty(); ++n) s.remove_prefix(static_cast<std::size_t>(runtime::decode_rune(s).size));
        return n;
    });
    package.function("ValidString", [](std::string_view s) {
        while (!s.empty()) {
            const auto r = runtime::decode_rune(s);
            if (r.rune == 0xFFFD && r.size == 1) return false;
            s.remove_prefix(static_cast<std::size_t>(r.size));
        }
        return true;
    });
    return package;
}

}  // namespace csp::stdlib
