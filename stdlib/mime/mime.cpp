#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/support/unicode.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

using View = std::string_view;

constexpr View kSpecials = "()<>@,;:\\\"/[]?=";

bool is_special(char c) { return kSpecials.find(c) != View::npos; }
bool is_token_byte(char c) { return c > ' ' && c < 0x7f && !is_special(c); }
bool is_token(View s) {
    for (const char c : s)
        if (!is_token_byte(c)) return false;
    return !s.empty();
}

void skip_spaces(View& s) {
    while (!s.empty()) {
        const auto r = runtime::decode_rune(s);
        if (!is_space(r.rune)) return;
        s.remove_prefix(static_cast<std::size_t>(r.size));
    }
}
View take_token(View& s) {
    std::size_t n = 0;
    while (n < s.size() && is_token_byte(s[n])) ++n;
    const View token = s.substr(0, n);
    s.remove_prefix(n);
    return token;
}

/// A token, or a string in quotes. False when there is neither.
bool take_value(View& s, std::string& value) {
    if (s.empty() || s[0] != '"') {
        value = take_token(s);
        return !value.empty();
    }
    for (std::size_t i = 1; i < s.size(); ++i) {
        if (s[i] == '"') {
            s.remove_prefix(i + 1);
            return true;
        }
        if (s[i] == '\r' || s[i] == '\n') return false;
        // Browsers on Windows send paths with single backslashes.
        if (s[i] == '\\' && i + 1 < s.size() && is_special(s[i + 1])) ++i;
        value += s[i];
    }
    return false;
}

/// func parameter(s string) (name, value, rest string, ok bool)
std::tuple<std::string, std::string, Shared, bool> parameter(View s) {
    View rest = s;
    std::string name, value;
    skip_spaces(rest);
    if (rest.starts_with(';')) {
        rest.remove_prefix(1);
        skip_spaces(rest);
        name = map_text(take_token(rest), kLowerCase);
        skip_spaces(rest);
        if (!name.empty() && rest.starts_with('=')) {
            rest.remove_prefix(1);
            skip_spaces(rest);
            if (take_value(rest, value)) return {name, value, Shared{rest}, true};
        }
    }
    return {"", "", Shared{s}, false};
}

/// Whether mail must not have the text as it is.
bool needs_encoding(View s) {
    for (const char c : s)
        if ((c < ' ' || c > '~') && c != '\t') return true;
    return false;
}

/// func parameterText(value string) string: from the equals sign on, or from an asterisk before it.
std::string parameter_text(View value) {
    if (is_token(value)) return "=" + std::string(value);
    std::string out;
    if (!needs_encoding(value)) {
        out = "=\"";
        for (const char c : value) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        return out + '"';
    }
    out = "*=utf-8''";
    for (const char c : value) {
        if (is_token_byte(c) && c != '*' && c != '\'' && c != '%') {
            out += c;
        } else {
            constexpr View kDigits = "0123456789ABCDEF";
            out += '%';
            out += kDigits[static_cast<unsigned char>(c) >> 4];
            out += kDigits[static_cast<unsigned char>(c) & 15];
        }
    }
    return out;
}

/// What is known without the system's files: type, then its extensions.
constexpr std::array<View, 45> kBuiltin = {
    "application/gzip .gz",
    "application/json .json",
    "application/msword .doc",
    "application/octet-stream .bin .com .exe",
    "application/pdf .pdf",
    "application/postscript .ai .eps .ps",
    "application/rdf+xml .rdf",
    "application/rtf .rtf",
    "application/vnd.android.package-archive .apk",
    "application/vnd.ms-excel .xls",
    "application/vnd.ms-powerpoint .ppt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation .pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet .xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document .docx",
    "application/wasm .wasm",
    "application/xhtml+xml .xht .xhtml",
    "application/zip .zip",
    "audio/flac .flac",
    "audio/mp4 .m4a",
    "audio/mpeg .mp3",
    "audio/ogg .oga .ogg .opus",
    "audio/wav .wav",
    "audio/webm .webm",
    "image/apng .apng",
    "image/avif .avif",
    "image/bmp .bmp",
    "image/gif .gif",
    "image/jpeg .jfif .jpeg .jpg .pjp .pjpeg",
    "image/png .png",
    "image/svg+xml .svg",
    "image/tiff .tif .tiff",
    "image/vnd.microsoft.icon .ico",
    "image/webp .webp",
    "image/x-xbitmap .xbm",
    "message/rfc822 .eml",
    "text/calendar .ics",
    "text/css .css",
    "text/csv .csv",
    "text/html .ehtml .htm .html .shtml",
    "text/javascript .js .mjs",
    "text/plain .text .txt",
    "text/vtt .vtt",
    "text/xml .xbl .xml .xsl",
    "video/mp4 .mp4",
    "video/ogg .ogv",
};

std::vector<View> split(View line, View separators) {
    std::vector<View> parts;
    for (;;) {
        const std::size_t at = line.find_first_of(separators);
        parts.push_back(line.substr(0, at));
        if (at == View::npos) return parts;
        line.remove_prefix(at + 1);
    }
}

/// Extensions and their types, in the order in which they are set.
class Known {
  public:
    void builtin() {
        for (const View line : kBuiltin) words(line, "");
    }
    /// A database of shared-mime-info: "weight:type:*.extension". The first type of an extension counts.
    bool globs(const char* name) {
        std::ifstream file(name);
        if (!file) return false;
        for (std::string line; std::getline(file, line);) {
            const std::vector<View> parts = split(line, ":");
            if (parts.size() < 3 || parts[0].empty() || parts[0][0] == '#' || !parts[2].starts_with("*.")) continue;
            const View extension = parts[2].substr(1);
            if (extension.size() < 2 || extension.find_first_of("?*[") != View::npos) continue;
            if (!seen_.contains(std::string(extension))) add(extension, parts[1]);
        }
        return true;
    }
    /// "type extension extension...", the extensions without dots.
    void types(const char* name) {
        std::ifstream file(name);
        for (std::string line; std::getline(file, line);) words(line, ".");
    }
    std::vector<std::string> take() { return std::move(list_); }

  private:
    void words(View line, View dot) {
        View type;
        for (const View word : split(line, " \t\r\f\v")) {
            if (word.empty()) continue;
            if (word[0] == '#') return;
            if (type.empty())
                type = word;
            else
                add(std::string(dot) + std::string(word), type);
        }
    }
    void add(View extension, View type) {
        const std::size_t slash = type.find('/');
        if (slash == View::npos || !is_token(type.substr(0, slash)) || !is_token(type.substr(slash + 1))) return;
        seen_.emplace(extension);
        list_.emplace_back(extension);
        list_.push_back(map_text(type, kLowerCase) + (type.starts_with("text/") ? "; charset=utf-8" : ""));
    }

    std::set<std::string> seen_;
    std::vector<std::string> list_;
};

/// func known() []string: extension, type, and so on.
Status known(Call& call, const NativeEntry&) {
    return guarded(call, [&] {
        Known all;
        all.builtin();
        if (!all.globs("/usr/local/share/mime/globs2") && !all.globs("/usr/share/mime/globs2"))
            for (const char* name : {"/etc/mime.types", "/etc/apache2/mime.types", "/etc/apache/mime.types", "/etc/httpd/conf/mime.types"})
                all.types(name);
        const std::vector<std::string> list = all.take();
        Slot* const array = call.allocate_strings(list.size());
        if (array == nullptr) return Status::Panic;
        Slot* s = call.slots();
        s[0] = reinterpret_cast<Slot>(array);
        s[1] = list.size() | static_cast<Slot>(list.size()) << 32;
        for (std::size_t i = 0; i < list.size(); ++i)
            if (!call.put_string(array + i * 2, list[i])) return Status::Panic;
        return Status::Ok;
    });
}

}  // namespace

void bind_mime(Package& package) {
    package.raw("known", known);
    package.function("isToken", is_token)
        .function("needsEncoding", needs_encoding)
        .function("parameter", parameter)
        .function("parameterText", parameter_text);
}

}  // namespace csp::stdlib
