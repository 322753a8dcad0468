// Media types and their parameters (RFC 2045, 2183, and 2231 for those that are encoded or in several parts).

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "stdlib/mime/scanner.h"
#include "stdlib/support/computing.h"
#include "stdlib/support/guarded.h"
#include "stdlib/support/hex.h"
#include "stdlib/support/results.h"
#include "stdlib/support/unicode.h"

namespace csp::stdlib::mime {

namespace {

using View = std::string_view;
using Values = std::map<std::string, std::string, std::less<>>;

/// Finds the type or disposition in a text with white space around it. Returns what is wrong with it; empty: nothing.
View find_type(View text, View& type) {
    Scanner in(text);
    in.skip_spaces();
    const View begin = in.rest();
    const auto is_all = [&] {
        type = begin.substr(0, begin.size() - in.rest().size());
        Scanner behind = in;
        behind.skip_spaces();
        return behind.empty();
    };
    if (in.take_token().empty()) return "mime: no media type";
    if (is_all()) return "";
    if (!in.take("/")) return "mime: expected slash after first token";
    if (in.take_token().empty()) return "mime: expected token after slash";
    return is_all() ? "" : "mime: unexpected content after media subtype";
}

/// What stands between quotation marks, of which the first was taken.
bool take_quoted(Scanner& in, std::string& value) {
    while (!in.empty()) {
        char c = in.take();
        if (c == '"') return true;
        if (c == '\r' || c == '\n') return false;
        // Only what has to be: browsers on Windows send paths with single backslashes.
        const bool escaped = c == '\\' && !in.empty() && static_cast<unsigned char>(in.rest()[0]) > ' ' && in.rest()[0] < 0x7f &&
                             !is_token_byte(in.rest()[0]);
        value += escaped ? in.take() : c;
    }
    return false;
}

/// Takes "; name=value".
bool take_parameter(Scanner& in, std::string& name, std::string& value) {
    value.clear();
    in.skip_spaces();
    if (!in.take(";")) return false;
    in.skip_spaces();
    name = map_text(in.take_token(), kLowerCase);
    in.skip_spaces();
    if (name.empty() || !in.take("=")) return false;
    in.skip_spaces();
    if (in.take("\"")) return take_quoted(in, value);
    value = in.take_token();
    return !value.empty();
}

/// Decodes "%41". False: something is wrong, and nothing was added.
bool add_unescaped(View text, std::string& to) {
    std::string out;
    for (Scanner in(text); !in.empty();) {
        const char c = in.take();
        if (c != '%') {
            out += c;
            continue;
        }
        const int high = in.empty() ? -1 : hex_digit(in.take()), low = in.empty() ? -1 : hex_digit(in.take());
        if (high < 0 || low < 0) return false;
        out += static_cast<char>(high << 4 | low);
    }
    to += out;
    return true;
}

/// Decodes "charset'language'text", where the text has percent signs.
bool add_extended(View encoded, std::string& to) {
    Scanner in(encoded);
    View charset, language;
    if (!in.take_until("'", charset) || !in.take_until("'", language)) return false;
    const std::string known = map_text(charset, kLowerCase);
    return (known == "us-ascii" || known == "utf-8") && add_unescaped(in.rest(), to);
}

/// Puts a parameter together whose parts have names that begin with `name` and an asterisk.
bool join(const std::string& name, const Values& parts, std::string& value) {
    if (const auto whole = parts.find(name + "*"); whole != parts.end()) return add_extended(whole->second, value);
    for (std::size_t n = 0;; ++n) {
        const std::string part = name + "*" + std::to_string(n);
        if (const auto plain = parts.find(part); plain != parts.end()) {
            value += plain->second;
        } else if (const auto encoded = parts.find(part + "*"); encoded != parts.end()) {
            if (n == 0)
                add_extended(encoded->second, value);
            else
                add_unescaped(encoded->second, value);
        } else {
            return n > 0;
        }
    }
}

constexpr View kInvalid = "mime: invalid media parameter";

/// Parameters as they are read.
class Parameters {
  public:
    /// Reads all. Returns what is wrong; empty: nothing.
    View read(Scanner in) {
        std::string name, value;
        for (;;) {
            in.skip_spaces();
            if (in.empty()) return "";
            const Scanner before = in;
            if (!take_parameter(in, name, value)) return is_last(before) ? "" : kInvalid;
            if (!add(name, value)) return "mime: duplicate parameter name";
        }
    }
    /// Names and values in turn.
    std::vector<std::string> list() {
        for (const auto& [name, parts] : partial_)
            if (std::string value; join(name, parts, value)) whole_.insert_or_assign(name, value);
        std::vector<std::string> all;
        for (const auto& [name, value] : whole_) all.insert(all.end(), {name, value});
        return all;
    }

  private:
    /// A semicolon may be the last.
    static bool is_last(Scanner in) {
        if (!in.take(";")) return false;
        in.skip_spaces();
        return in.empty();
    }
    bool add(const std::string& name, const std::string& value) {
        const std::size_t star = name.find('*');
        Values& to = star == std::string::npos ? whole_ : partial_[name.substr(0, star)];
        return to.emplace(name, value).first->second == value;
    }

    Values whole_;
    std::map<std::string, Values> partial_;  ///< By what is before the asterisk.
};

/// func parseMediaType(s string) (mediaType string, params []string, fault string)
Status parse_media_type(Call& call, const NativeEntry&) {
    enum : std::size_t { kType, kParams = 2, kFault = 4, kText = 6 };
    const View text = text_at(call.slots() + kText);
    if (!Work(call).steps(16 * text.size())) return Status::Ended;
    const View head = text.substr(0, text.find(';'));
    const std::string lower = map_text(head, kLowerCase);
    View type;
    View fault = find_type(lower, type);
    Parameters parameters;
    std::vector<std::string> list;
    if (fault.empty()) {
        fault = parameters.read(Scanner(text.substr(head.size())));
        if (fault.empty()) list = parameters.list();
        if (!call.put_string(call.slots() + kType, type)) return Status::Panic;
    }
    if (!put_texts(call, call.slots() + kParams, list)) return Status::Panic;
    return call.put_string(call.slots() + kFault, fault) ? Status::Ok : Status::Panic;
}

/// What follows a parameter's name: from the equals sign on, or from an asterisk before it.
std::string value_text(View value) {
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
    constexpr View kDigits = "0123456789ABCDEF";
    out = "*=utf-8''";
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_token_byte(c) && c != '*' && c != '\'' && c != '%')
            out += c;
        else
            out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
    return out;
}

/// func parameterText(name, value string) string: "; name=value"; "": the name is none.
std::string parameter_text(View name, View value) {
    return is_token(name) ? "; " + map_text(name, kLowerCase) + value_text(value) : "";
}

/// func isMediaType(s string) bool
bool is_media_type(View type) {
    const std::size_t slash = type.find('/');
    return is_token(type.substr(0, slash)) && (slash == View::npos || is_token(type.substr(slash + 1)));
}

}  // namespace

void add_media_types(Package& package) {
    package.raw("parseMediaType", guarded<parse_media_type>)
        .function("parameterText", linear(parameter_text))
        .function("isMediaType", linear(is_media_type));
}

}  // namespace csp::stdlib::mime
