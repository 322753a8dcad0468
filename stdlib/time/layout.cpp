#include "stdlib/time/layout.h"

namespace csp::stdlib::layout {

namespace {

struct Spelling {
    std::string_view text;
    Element element;
};

/// In the order in which they are tried: a longer one before its beginning.
constexpr Spelling kSpellings[] = {
    {"January", Element::LongMonth},   {"Jan", Element::ShortMonth},       {"Monday", Element::LongDay},
    {"Mon", Element::ShortDay},        {"MST", Element::ZoneName},         {"01", Element::ZeroMonth},
    {"02", Element::ZeroDay},          {"03", Element::ZeroHour12},        {"04", Element::ZeroMinute},
    {"05", Element::ZeroSecond},       {"06", Element::ShortYear},         {"002", Element::ZeroYearDay},
    {"2006", Element::LongYear},       {"15", Element::Hour24},            {"1", Element::PlainMonth},
    {"2", Element::PlainDay},          {"3", Element::PlainHour12},        {"4", Element::PlainMinute},
    {"5", Element::PlainSecond},       {"__2", Element::SpaceYearDay},     {"_2", Element::SpaceDay},
    {"PM", Element::UpperHalf},        {"pm", Element::LowerHalf},         {"-07:00:00", Element::Zone},
    {"-070000", Element::Zone},        {"-07:00", Element::Zone},          {"-0700", Element::Zone},
    {"-07", Element::Zone},            {"Z07:00:00", Element::ZoneOrZ},    {"Z070000", Element::ZoneOrZ},
    {"Z07:00", Element::ZoneOrZ},      {"Z0700", Element::ZoneOrZ},        {"Z07", Element::ZoneOrZ},
};

Chunk cut(std::string_view layout, std::size_t at, std::size_t size, Element element) {
    return {layout.substr(0, at), element, layout.substr(at, size), layout.substr(at + size)};
}

bool is_lower_at(std::string_view s, std::size_t i) { return i < s.size() && s[i] >= 'a' && s[i] <= 'z'; }

/// The digits of a fraction that begins with the separator at `at`, or 0.
std::size_t fraction_size(std::string_view layout, std::size_t at) {
    std::size_t end = at + 1;
    if (end == layout.size() || (layout[end] != '0' && layout[end] != '9')) return 0;
    while (end < layout.size() && layout[end] == layout[at + 1]) ++end;
    return is_digit_at(layout, end) ? 0 : end - at;
}

}  // namespace

Chunk next_chunk(std::string_view layout) {
    for (std::size_t i = 0; i < layout.size(); ++i) {
        const char c = layout[i];
        if (c == '.' || c == ',') {
            if (const std::size_t size = fraction_size(layout, i))
                return cut(layout, i, size, layout[i + 1] == '0' ? Element::Fraction0 : Element::Fraction9);
            continue;
        }
        if (std::string_view("JM0123456789_PpZ-").find(c) == std::string_view::npos) continue;
        const std::string_view rest = layout.substr(i);
        if (rest.starts_with("_2006")) continue;
        for (const Spelling& s : kSpellings) {
            if (!rest.starts_with(s.text)) continue;
            const bool name = s.element == Element::ShortMonth || s.element == Element::ShortDay;
            if (name && is_lower_at(rest, 3)) continue;
            return cut(layout, i, s.text.size(), s.element);
        }
    }
    return {layout, Element::None, {}, {}};
}

std::string quoted(std::string_view s) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text = "\"";
    for (const char c : s) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || byte < ' ') {
            text += "\\x";
            text += kHex[byte >> 4];
            text += kHex[byte & 15];
            continue;
        }
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + '"';
}

}  // namespace csp::stdlib::layout
