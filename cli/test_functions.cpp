#include "test_functions.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace csp::cli {

namespace {

/// Walks over source text, one comment, literal or other character at a time.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool at_end() const { return at_ >= text_.size(); }
    /// The next piece.
    std::string_view next() {
        const std::size_t from = at_;
        const char c = text_[at_++];
        if (c == '/' && at_ < text_.size() && text_[at_] == '/') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (c == '/' && at_ < text_.size() && text_[at_] == '*') {
            const std::size_t end = text_.find("*/", at_ + 1);
            at_ = end == std::string_view::npos ? text_.size() : end + 2;
        } else if (c == '`') {
            at_ = std::min(text_.find('`', at_), text_.size() - 1) + 1;
        } else if (c == '"' || c == '\'') {
            while (at_ < text_.size() && text_[at_] != c && text_[at_] != '\n') at_ += text_[at_] == '\\' ? 2 : 1;
            at_ = std::min(at_ + 1, text_.size());
        }
        return text_.substr(from, at_ - from);
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

bool is_comment(std::string_view piece) { return piece.starts_with("//") || piece.starts_with("/*"); }
bool is_space(std::string_view piece) { return piece.size() == 1 && std::isspace(static_cast<unsigned char>(piece[0])) != 0; }

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

/// The text of comments in a row, without their marks.
std::string comment_text(const std::vector<std::string_view>& comments) {
    std::string text;
    for (std::string_view comment : comments) {
        comment.remove_prefix(2);
        if (comment.ends_with("*/")) comment.remove_suffix(2);
        if (comment.starts_with(' ')) comment.remove_prefix(1);
        text += std::string(comment) + "\n";
    }
    return text;
}

/// The last comment in the body of the function that begins at `line`: what stands before the closing brace.
std::string last_comment(std::string_view text, int line) {
    for (int n = 1; n < line && !text.empty(); ++n) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    Scanner scanner(text);
    std::vector<std::string_view> comments;
    int depth = 0;
    int newlines = 0;
    while (!scanner.at_end()) {
        const std::string_view piece = scanner.next();
        if (is_comment(piece)) {
            if (newlines > 1) comments.clear();  // a blank line ends a comment
            comments.push_back(piece);
            newlines = 0;
        } else if (is_space(piece)) {
            newlines += piece[0] == '\n' ? 1 : 0;
        } else {
            if (piece == "{") ++depth;
            if (piece == "}" && --depth == 0) return comment_text(comments);
            comments.clear();
        }
    }
    return {};
}

/// What an example prints by its last comment; none if that does not say.
std::optional<TestFunctions::Example> example(const std::string& name, std::string_view comment) {
    TestFunctions::Example found{name, {}, false};
    comment = trimmed(comment);
    const auto take = [&comment](std::string_view word) {
        if (comment.size() < word.size()) return false;
        for (std::size_t i = 0; i < word.size(); ++i)
            if (std::tolower(static_cast<unsigned char>(comment[i])) != word[i]) return false;
        comment.remove_prefix(word.size());
        return true;
    };
    if (take("unordered")) {
        found.unordered = true;
        comment = trimmed(comment);
    }
    if (!take("output:")) return std::nullopt;
    while (comment.starts_with(' ') || comment.starts_with('\t')) comment.remove_prefix(1);
    if (comment.starts_with('\n')) comment.remove_prefix(1);
    found.output = comment;
    found.output += comment.empty() ? "" : "\n";
    return found;
}

/// TestX and Test_x are tests, Testing is not.
bool has_prefix(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return false;
    return name.size() == prefix.size() || std::islower(static_cast<unsigned char>(name[prefix.size()])) == 0;
}

}  // namespace

TestFunctions test_functions(const PackageDoc& doc, const std::vector<Source>& files) {
    TestFunctions found;
    for (const NameDoc& function : doc.names) {
        if (function.kind != NameKind::Function) continue;
        const auto file = std::find_if(files.begin(), files.end(), [&](const Source& s) { return s.name == function.file; });
        if (file == files.end()) continue;
        const std::string& name = function.name;
        const auto fits = [&](const char* type, const char* parameters) {
            if (function.type.empty() || function.type == type) return true;
            found.problems.push_back(function.file + ":" + std::to_string(function.line) + ":1: wrong signature for " + name +
                                     ", must be: func " + name + parameters);
            return false;
        };
        if (name == "TestMain" && function.type != "func(*testing.T)") {
            found.main = fits("func(*testing.M)", "(m *testing.M)") || found.main;
        } else if (has_prefix(name, "Test")) {
            if (fits("func(*testing.T)", "(t *testing.T)")) found.tests.push_back(name);
        } else if (has_prefix(name, "Benchmark")) {
            if (fits("func(*testing.B)", "(b *testing.B)")) found.benchmarks.push_back(name);
        } else if (has_prefix(name, "Example")) {
            if (!fits("func()", "()")) continue;
            if (auto runs = example(name, last_comment(file->text, function.line))) found.examples.push_back(std::move(*runs));
        }
    }
    return found;
}

std::string package_name(std::string_view text) {
    Scanner scanner(text);
    std::string word;
    while (!scanner.at_end()) {
        const std::string_view piece = scanner.next();
        if (is_comment(piece) || is_space(piece) || piece == ";") {
            if (word.empty() || word == "package") continue;
            break;
        }
        if (word == "package") word += ' ';
        word += piece;
        if (word.size() > 7 && !word.starts_with("package ")) break;
    }
    return word.starts_with("package ") ? word.substr(8) : "main";
}

}  // namespace csp::cli
