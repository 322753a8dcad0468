#include "stdlib/support/unicode.h"

#include <utf8proc.h>

#include "runtime/value/string_ops.h"

namespace csp::stdlib {

namespace {

bool is_between(std::int32_t r, utf8proc_category_t first, utf8proc_category_t last) {
    const utf8proc_category_t category = utf8proc_category(r);
    return category >= first && category <= last;
}

}  // namespace

bool is_letter(std::int32_t r) { return is_between(r, UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_LO); }
bool is_mark(std::int32_t r) { return is_between(r, UTF8PROC_CATEGORY_MN, UTF8PROC_CATEGORY_ME); }
bool is_number(std::int32_t r) { return is_between(r, UTF8PROC_CATEGORY_ND, UTF8PROC_CATEGORY_NO); }
bool is_punct(std::int32_t r) { return is_between(r, UTF8PROC_CATEGORY_PC, UTF8PROC_CATEGORY_PO); }
bool is_symbol(std::int32_t r) { return is_between(r, UTF8PROC_CATEGORY_SM, UTF8PROC_CATEGORY_SO); }
bool is_digit(std::int32_t r) { return utf8proc_category(r) == UTF8PROC_CATEGORY_ND; }
bool is_upper(std::int32_t r) { return utf8proc_category(r) == UTF8PROC_CATEGORY_LU; }
bool is_lower(std::int32_t r) { return utf8proc_category(r) == UTF8PROC_CATEGORY_LL; }
bool is_title(std::int32_t r) { return utf8proc_category(r) == UTF8PROC_CATEGORY_LT; }
bool is_control(std::int32_t r) { return utf8proc_category(r) == UTF8PROC_CATEGORY_CC; }

bool is_wide_space(std::int32_t r) {
    switch (r) {
        case 0x85: case 0x2028: case 0x2029: return true;
        default: return r >= 0x80 && utf8proc_category(r) == UTF8PROC_CATEGORY_ZS;
    }
}

bool is_print(std::int32_t r) { return r == ' ' || is_between(r, UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_SO); }
bool is_graphic(std::int32_t r) { return is_between(r, UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_ZS); }

// utf8proc has a capital ß; UnicodeData.txt, and so Go, maps ß to itself.
std::int32_t to_upper(std::int32_t r) { return r == 0xDF ? r : utf8proc_toupper(r); }
std::int32_t to_lower(std::int32_t r) { return utf8proc_tolower(r); }
std::int32_t to_title(std::int32_t r) { return r == 0xDF ? r : utf8proc_totitle(r); }

std::string map_text(std::string_view text, const CaseMap& map) {
    std::string out(text.size(), '\0');
    std::size_t at = 0;
    for (; at < text.size() && static_cast<unsigned char>(text[at]) < 0x80; ++at) {
        const char c = text[at];
        out[at] = static_cast<char>(c >= map.first && c <= map.last ? c ^ 0x20 : c);
    }
    out.resize(at);
    for (text.remove_prefix(at); !text.empty();) {
        const runtime::DecodedRune r = runtime::decode_rune(text);
        char bytes[4];
        out.append(bytes, static_cast<std::size_t>(runtime::encode_rune(map.rune(r.rune), bytes)));
        text.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return out;
}

}  // namespace csp::stdlib
