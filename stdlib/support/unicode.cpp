#include "stdlib/support/unicode.h"

#include <clocale>
#include <cwctype>

#include "runtime/value/string_ops.h"

namespace csp::stdlib {

namespace {
/// The UTF-8 locale that every glibc has; made once, never changed.
locale_t utf8_locale() {
    static const locale_t kLocale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return kLocale;
}
wint_t wide(std::int32_t r) { return static_cast<wint_t>(r); }
}  // namespace

bool is_letter(std::int32_t r) {
    if (r < 0x80) return (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z');
    return iswalpha_l(wide(r), utf8_locale()) != 0 && !is_digit(r);
}
bool is_digit(std::int32_t r) {
    if (r < 0x80) return r >= '0' && r <= '9';
    static const wctype_t kDigit = wctype_l("digit", utf8_locale());
    if (iswctype_l(wide(r), kDigit, utf8_locale()) != 0) return true;
    // Decimal digits of other scripts come in runs of ten.
    constexpr std::int32_t kZeros[] = {0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6,
                                       0xD66, 0xE50, 0xED0, 0xF20, 0x1040, 0x17E0, 0x1810, 0xFF10};
    for (const std::int32_t zero : kZeros)
        if (r >= zero && r < zero + 10) return true;
    return false;
}
bool is_space(std::int32_t r) {
    switch (r) {
        case '\t': case '\n': case '\v': case '\f': case '\r': case ' ': case 0x85: case 0xA0: case 0x1680:
        case 0x2028: case 0x2029: case 0x202F: case 0x205F: case 0x3000: return true;
        default: return r >= 0x2000 && r <= 0x200A;
    }
}
bool is_upper(std::int32_t r) {
    if (r < 0x80) return r >= 'A' && r <= 'Z';
    return iswupper_l(wide(r), utf8_locale()) != 0;
}
bool is_lower(std::int32_t r) {
    if (r < 0x80) return r >= 'a' && r <= 'z';
    return iswlower_l(wide(r), utf8_locale()) != 0;
}
bool is_punct(std::int32_t r) {
    if (r < 0x80) return std::string_view("!\"#%&'()*,-./:;?@[\\]_{}").find(static_cast<char>(r)) != std::string_view::npos && r > 0;
    return iswpunct_l(wide(r), utf8_locale()) != 0;
}
bool is_control(std::int32_t r) { return (r >= 0 && r < 0x20) || (r >= 0x7F && r < 0xA0); }
std::int32_t to_upper(std::int32_t r) {
    if (r < 0x80) return r >= 'a' && r <= 'z' ? r - 32 : r;
    return static_cast<std::int32_t>(towupper_l(wide(r), utf8_locale()));
}
std::int32_t to_lower(std::int32_t r) {
    if (r < 0x80) return r >= 'A' && r <= 'Z' ? r + 32 : r;
    return static_cast<std::int32_t>(towlower_l(wide(r), utf8_locale()));
}

std::string map_text(std::string_view text, std::int32_t (*f)(std::int32_t)) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const runtime::DecodedRune r = runtime::decode_rune(text);
        char bytes[4];
        out.append(bytes, static_cast<std::size_t>(runtime::encode_rune(f(r.rune), bytes)));
        text.remove_prefix(static_cast<std::size_t>(r.size));
    }
    return out;
}

}  // namespace csp::stdlib
