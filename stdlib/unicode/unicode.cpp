#include "csp/package.hpp"
#include "stdlib/support/unicode.h"


namespace csp::stdlib {

void bind_unicode(Package& package) {
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
}

}  // namespace csp::stdlib
