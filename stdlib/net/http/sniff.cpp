// What kind of content bytes are, by their beginning. Source: https://mimesniff.spec.whatwg.org, sections 6 and 7.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "stdlib/net/http/natives.h"

namespace csp::stdlib::http {

namespace {

using View = std::string_view;
using namespace std::string_view_literals;

constexpr std::size_t kSniffed = 512;

constexpr std::array kTags = {"<!DOCTYPE HTML"sv, "<HTML"sv,  "<HEAD"sv, "<SCRIPT"sv, "<IFRAME"sv, "<H1"sv,
                              "<DIV"sv,           "<FONT"sv,  "<TABLE"sv, "<A"sv,     "<STYLE"sv,  "<TITLE"sv,
                              "<B"sv,             "<BODY"sv,  "<BR"sv,    "<P"sv,     "<!--"sv};

/// Content begins with `head` and has `more` at `at`.
struct Signature {
    View head;
    View type;
    std::size_t at = 0;
    View more = {};

    bool matches(View data) const {
        return data.starts_with(head) && data.size() >= at && data.substr(at).starts_with(more);
    }
};

constexpr std::array kBeforeVideo = {
    Signature{"%PDF-"sv, "application/pdf"sv},
    Signature{"%!PS-Adobe-"sv, "application/postscript"sv},
    Signature{"\xFE\xFF"sv, "text/plain; charset=utf-16be"sv, 4},
    Signature{"\xFF\xFE"sv, "text/plain; charset=utf-16le"sv, 4},
    Signature{"\xEF\xBB\xBF"sv, "text/plain; charset=utf-8"sv, 4},
    Signature{"\x00\x00\x01\x00"sv, "image/x-icon"sv},
    Signature{"\x00\x00\x02\x00"sv, "image/x-icon"sv},
    Signature{"BM"sv, "image/bmp"sv},
    Signature{"GIF87a"sv, "image/gif"sv},
    Signature{"GIF89a"sv, "image/gif"sv},
    Signature{"RIFF"sv, "image/webp"sv, 8, "WEBPVP"sv},
    Signature{"\x89PNG\r\n\x1A\n"sv, "image/png"sv},
    Signature{"\xFF\xD8\xFF"sv, "image/jpeg"sv},
    Signature{"FORM"sv, "audio/aiff"sv, 8, "AIFF"sv},
    Signature{"ID3"sv, "audio/mpeg"sv},
    Signature{"OggS\x00"sv, "application/ogg"sv},
    Signature{"MThd\x00\x00\x00\x06"sv, "audio/midi"sv},
    Signature{"RIFF"sv, "video/avi"sv, 8, "AVI "sv},
    Signature{"RIFF"sv, "audio/wave"sv, 8, "WAVE"sv},
};

constexpr std::array kAfterVideo = {
    Signature{"\x1A\x45\xDF\xA3"sv, "video/webm"sv},
    Signature{""sv, "application/vnd.ms-fontobject"sv, 34, "LP"sv},
    Signature{"\x00\x01\x00\x00"sv, "font/ttf"sv},
    Signature{"OTTO"sv, "font/otf"sv},
    Signature{"ttcf"sv, "font/collection"sv},
    Signature{"wOFF"sv, "font/woff"sv},
    Signature{"wOF2"sv, "font/woff2"sv},
    Signature{"\x1F\x8B\x08"sv, "application/x-gzip"sv},
    Signature{"PK\x03\x04"sv, "application/zip"sv},
    Signature{"Rar!\x1A\x07\x00"sv, "application/x-rar-compressed"sv},
    Signature{"Rar!\x1A\x07\x01\x00"sv, "application/x-rar-compressed"sv},
    Signature{"\x00" "asm"sv, "application/wasm"sv},
};

template <std::size_t N>
View find(const std::array<Signature, N>& signatures, View data) {
    for (const Signature& signature : signatures)
        if (signature.matches(data)) return signature.type;
    return {};
}

/// The tag, in any case of letters, and a space or the tag's end.
bool begins_with_tag(View text, View tag) {
    if (text.size() <= tag.size()) return false;
    for (std::size_t i = 0; i < tag.size(); ++i) {
        const bool letter = tag[i] >= 'A' && tag[i] <= 'Z';
        if ((letter ? text[i] & 0xDF : text[i]) != tag[i]) return false;
    }
    return text[tag.size()] == ' ' || text[tag.size()] == '>';
}

/// A box "ftyp" that names a brand "mp4".
bool is_mp4(View data) {
    if (data.size() < 12 || data.substr(4, 4) != "ftyp") return false;
    std::size_t size = 0;
    for (const char c : data.substr(0, 4)) size = size << 8 | static_cast<std::uint8_t>(c);
    if (data.size() < size || size % 4 != 0) return false;
    for (std::size_t at = 8; at < size; at += 4)
        if (at != 12 && data.substr(at, 3) == "mp4") return true;  // at 12 stands the version of the first brand
    return false;
}

bool is_binary(char c) {
    const auto b = static_cast<std::uint8_t>(c);
    return b <= 0x08 || b == 0x0B || (b >= 0x0E && b <= 0x1A) || (b >= 0x1C && b <= 0x1F);
}

View detect(View data) {
    data = data.substr(0, kSniffed);
    const View text = data.substr(std::min(data.find_first_not_of("\t\n\f\r "sv), data.size()));
    for (const View tag : kTags)
        if (begins_with_tag(text, tag)) return "text/html; charset=utf-8";
    if (text.starts_with("<?xml")) return "text/xml; charset=utf-8";
    if (const View type = find(kBeforeVideo, data); !type.empty()) return type;
    if (is_mp4(data)) return "video/mp4";
    if (const View type = find(kAfterVideo, data); !type.empty()) return type;
    if (std::none_of(text.begin(), text.end(), is_binary)) return "text/plain; charset=utf-8";
    return "application/octet-stream";
}

}  // namespace

void add_sniffing(Package& package) {
    package.function("DetectContentType", [](std::span<const std::uint8_t> data) {
        // Others may be writing there.
        std::array<char, kSniffed> copy;
        const std::size_t size = std::min(data.size(), kSniffed);
        std::copy_n(data.begin(), size, copy.begin());
        return detect({copy.data(), size});
    });
}

}  // namespace csp::stdlib::http
