#include "interpreter/engine/comments.h"

#include <algorithm>
#include <vector>

namespace csp::engine {

namespace {

std::string_view trimmed(std::string_view s) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
    while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
    return s;
}

std::size_t line_start(std::string_view text, std::size_t offset) {
    const std::size_t end = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
    return end == std::string_view::npos ? 0 : end + 1;
}

/// //word:word, which tools read.
bool is_directive(std::string_view line) {
    line.remove_prefix(2);
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos || colon + 1 == line.size() || line[colon + 1] == ' ') return false;
    const auto in_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), in_word);
}

std::string joined(const std::vector<std::string_view>& lines) {
    std::string out;
    for (const std::string_view line : lines) {
        if (!out.empty()) out += '\n';
        out += line;
    }
    return std::string(trimmed(out));
}

/// The inside of /* */, without stars at the beginnings of lines.
std::string block_text(std::string_view inside) {
    std::vector<std::string_view> lines;
    while (!inside.empty()) {
        const std::size_t end = std::min(inside.find('\n'), inside.size());
        lines.push_back(trimmed(inside.substr(0, end)));
        if (lines.back().starts_with("* ") || lines.back() == "*") lines.back().remove_prefix(std::min<std::size_t>(2, lines.back().size()));
        inside.remove_prefix(std::min(end + 1, inside.size()));
    }
    return joined(lines);
}

}  // namespace

std::string comment_above(std::string_view text, std::size_t offset) {
    std::size_t start = line_start(text, offset);
    if (!trimmed(text.substr(start, offset - start)).empty()) return {};
    std::vector<std::string_view> lines;
    while (start > 0) {
        const std::size_t above = line_start(text, start - 1);
        const std::string_view line = trimmed(text.substr(above, start - above));
        if (lines.empty() && line.ends_with("*/")) {
            const std::size_t open = text.rfind("/*", start);
            if (open == std::string_view::npos) return {};
            const std::size_t before = line_start(text, open);
            if (!trimmed(text.substr(before, open - before)).empty()) return {};
            return block_text(text.substr(open + 2, text.find("*/", open) - open - 2));
        }
        if (!line.starts_with("//")) break;
        if (!is_directive(line)) lines.push_back(line.substr(line.starts_with("// ") ? 3 : 2));
        start = above;
    }
    std::reverse(lines.begin(), lines.end());
    return joined(lines);
}

std::string_view directive_above(std::string_view text, std::size_t offset, std::string_view name) {
    for (std::size_t start = line_start(text, offset); start > 0;) {
        const std::size_t above = line_start(text, start - 1);
        std::string_view line = trimmed(text.substr(above, start - above));
        if (!line.starts_with("//")) break;
        line.remove_prefix(2);
        if (line.starts_with(name) && line.substr(name.size()).starts_with(' ')) return trimmed(line.substr(name.size()));
        start = above;
    }
    return {};
}

std::string comment_behind(std::string_view text, std::size_t offset) {
    const std::string_view rest = trimmed(text.substr(offset, text.find('\n', offset) - offset));
    if (!rest.starts_with("//")) return {};
    return std::string(trimmed(rest.substr(2)));
}

std::string one_line(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"' || c == '`' || c == '\'') {
            std::size_t end = i + 1;
            while (end < text.size() && text[end] != c) end += text[end] == '\\' && c != '`' ? 2 : 1;
            out += text.substr(i, end + 1 - i);
            i = end;
        } else if (text.substr(i, 2) == "//") {
            i = std::min(text.find('\n', i), text.size()) - 1;
        } else if (text.substr(i, 2) == "/*") {
            i = std::min(text.find("*/", i), text.size()) + 1;
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            if (!out.empty() && out.back() != ' ' && out.back() != '(') out += ' ';
        } else {
            if (c == ')' && out.ends_with(", ")) out.erase(out.size() - 2);
            out += c;
        }
    }
    return std::string(trimmed(out));
}

}  // namespace csp::engine
