// What types the extensions of files have: built in, and from the system's files.

#include <array>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/mime/scanner.h"
#include "stdlib/support/guarded.h"
#include "stdlib/support/results.h"
#include "stdlib/support/unicode.h"

namespace csp::stdlib::mime {

namespace {

using View = std::string_view;

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
    const std::vector<std::string>& list() const { return list_; }

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
    Known all;
    all.builtin();
    if (!all.globs("/usr/local/share/mime/globs2") && !all.globs("/usr/share/mime/globs2"))
        for (const char* name : {"/etc/mime.types", "/etc/apache2/mime.types", "/etc/apache/mime.types", "/etc/httpd/conf/mime.types"})
            all.types(name);
    return put_texts(call, call.slots(), all.list()) ? Status::Ok : Status::Panic;
}

}  // namespace

void add_types(Package& package) { package.raw("known", guarded<known>); }

}  // namespace csp::stdlib::mime
