#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"

namespace csp {

namespace stdlib {
namespace {

/// Places in a text: a []int.
struct Places {
    std::vector<std::int64_t> all;
};

}  // namespace
}  // namespace stdlib

template <>
struct detail::Convert<stdlib::Places> {
    static constexpr std::size_t slots = 2;
    [[nodiscard]] static bool put(Call& call, std::size_t at, Slot* const frame, const stdlib::Places& value) {
        const std::size_t count = value.all.size();
        frame[at] = frame[at + 1] = 0;
        if (count == 0) return true;
        if (count > 0x7fffffff) throw std::length_error("regexp: too many matches");
        char* const array = call.allocate_bytes(count * sizeof(std::int64_t));
        if (array == nullptr) return false;
        std::memcpy(array, value.all.data(), count * sizeof(std::int64_t));
        frame[at] = reinterpret_cast<Slot>(array);
        frame[at + 1] = count | static_cast<Slot>(count) << 32;
        return true;
    }
    static std::string type() { return "[]int"; }
};

namespace stdlib {

namespace {

using View = std::string_view;

/// How an expression is to be read and matched; the numbers are those of regexp.csp.
enum Mode : std::uint64_t { kPosix = 1, kLongest = 2 };

/// What of Go's syntax RE2 does not know in Go's words, and the other way round.
struct Rewritten {
    std::string text;
    bool has_bytes = false;  ///< \C, which Go has not.
};

Rewritten rewrite(View expr) {
    Rewritten out;
    bool in_class = false;
    for (std::size_t i = 0; i < expr.size(); ++i) {
        const View rest = expr.substr(i);
        if (rest.starts_with("\\Q")) {
            const std::size_t end = rest.find("\\E");
            const std::size_t size = end == View::npos ? rest.size() : end + 2;
            out.text += rest.substr(0, size);
            i += size - 1;
        } else if (rest[0] == '\\') {
            out.has_bytes = out.has_bytes || rest.starts_with("\\C");
            out.text += rest.substr(0, 2);
            ++i;
        } else if (in_class) {
            in_class = rest[0] != ']';
            out.text += rest[0];
        } else if (rest[0] == '[') {
            in_class = true;
            const std::size_t size = rest.starts_with("[^]") ? 3 : rest.starts_with("[]") || rest.starts_with("[^") ? 2 : 1;
            out.text += rest.substr(0, size);
            i += size - 1;
        } else if (rest.starts_with("(?<")) {
            out.text += "(?P<";
            i += 2;
        } else {
            out.text += rest[0];
        }
    }
    return out;
}

using Program = std::shared_ptr<const RE2>;

Program make_program(View expr, std::uint64_t mode) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_posix_syntax((mode & kPosix) != 0);
    options.set_longest_match((mode & kLongest) != 0);
    constexpr std::int64_t kMostMemory = 32 << 20;
    options.set_max_mem(kMostMemory);
    return std::make_shared<const RE2>(rewrite(expr).text, options);
}

/// The programs that were used last. A script's Regexp has its text, so one that was dropped is made again.
class Programs {
  public:
    Program get(View expr, std::uint64_t mode) {
        std::string key(expr);
        key += static_cast<char>('0' + (mode & 3));
        {
            const std::lock_guard lock(mutex_);
            if (const auto found = by_key_.find(key); found != by_key_.end()) {
                uses_.splice(uses_.begin(), uses_, found->second);
                return found->second->second;
            }
        }
        Program made = make_program(expr, mode);
        const std::lock_guard lock(mutex_);
        if (by_key_.contains(key)) return made;
        uses_.emplace_front(key, made);
        by_key_[key] = uses_.begin();
        if (uses_.size() > kMost) {
            by_key_.erase(uses_.back().first);
            uses_.pop_back();
        }
        return made;
    }

  private:
    static constexpr std::size_t kMost = 256;
    using Uses = std::list<std::pair<std::string, Program>>;
    std::mutex mutex_;
    Uses uses_;
    std::unordered_map<std::string, Uses::iterator> by_key_;
};

/// A text with U+FFFD for each byte that is not UTF-8, as matching sees it, and its places in the original.
class Text {
  public:
    explicit Text(View original) : text_(original.empty() ? View("") : original) {
        std::size_t at = 0;
        while (at < original.size() && static_cast<unsigned char>(original[at]) < 0x80) ++at;
        bool valid = true;
        for (std::size_t i = at; i < original.size() && valid;) {
            const auto r = runtime::decode_rune(original.substr(i));
            valid = r.rune != 0xFFFD || r.size != 1;
            i += static_cast<std::size_t>(r.size);
        }
        if (valid) return;
        changed_ = original.substr(0, at);
        for (std::size_t i = at; i < original.size();) {
            const auto r = runtime::decode_rune(original.substr(i));
            if (r.rune == 0xFFFD && r.size == 1) {
                changed_ += "\xEF\xBF\xBD";
                grown_.push_back(changed_.size());
            } else {
                changed_ += original.substr(i, static_cast<std::size_t>(r.size));
            }
            i += static_cast<std::size_t>(r.size);
        }
        text_ = changed_;
    }
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;

    View view() const { return text_; }
    std::int64_t original(std::size_t at) const {
        const auto before = std::upper_bound(grown_.begin(), grown_.end(), at) - grown_.begin();
        return static_cast<std::int64_t>(at) - 2 * before;
    }

  private:
    View text_;
    std::string changed_;
    std::vector<std::size_t> grown_;  ///< The ends of what took the place of a byte.
};

std::size_t next_character(View s, std::size_t at) {
    do ++at;
    while (at < s.size() && (static_cast<unsigned char>(s[at]) & 0xC0) == 0x80);
    return at;
}

/// Up to `limit` matches one after another (all: negative), each as the places of so many groups.
std::vector<std::int64_t> find_all(const RE2& program, View original, std::int64_t limit, std::size_t groups) {
    std::vector<std::int64_t> out;
    const Text text(original);
    const View s = text.view();
    std::vector<re2::StringPiece> found(groups);
    std::size_t at = 0, before = View::npos;
    for (std::int64_t count = 0; at <= s.size() && (limit < 0 || count < limit);) {
        if (!program.Match(re2::StringPiece(s.data(), s.size()), at, s.size(), RE2::UNANCHORED, found.data(), static_cast<int>(groups))) break;
        const auto start = static_cast<std::size_t>(found[0].data() - s.data());
        if (start < s.size() && (static_cast<unsigned char>(s[start]) & 0xC0) == 0x80) {
            at = next_character(s, start);  // for RE2, \B matches inside of characters
            continue;
        }
        const std::size_t end = start + found[0].size();
        const bool repeated = end == start && start == before;  // an empty match right after the last one
        if (!repeated) {
            for (const re2::StringPiece& group : found) {
                const bool is_there = group.data() != nullptr;
                const auto first = is_there ? static_cast<std::size_t>(group.data() - s.data()) : 0;
                out.push_back(is_there ? text.original(first) : -1);
                out.push_back(is_there ? text.original(first + group.size()) : -1);
            }
            ++count;
        }
        before = end;
        if (end > at)
            at = end;
        else
            at = next_character(s, at);
    }
    return out;
}

class Natives {
  public:
    /// func compile(expr string, mode int) (code, arg string, groups int)
    std::tuple<std::string, std::string, std::int64_t> compile(View expr, std::int64_t mode) const {
        if (rewrite(expr).has_bytes) return {"invalid escape sequence", "\\C", 0};
        const Program program = get(expr, mode);
        if (program->ok()) return {"", "", program->NumberOfCapturingGroups()};
        return {code_text(program->error_code()), argument(*program, expr), 0};
    }
    /// func find(expr string, mode int, s string, limit, groups int) []int
    Places find(View expr, std::int64_t mode, View s, std::int64_t limit, std::int64_t groups) const {
        const Program program = get(expr, mode);
        if (!program->ok()) return {};
        const std::int64_t most = 1 + program->NumberOfCapturingGroups();
        return {find_all(*program, s, limit, static_cast<std::size_t>(std::clamp<std::int64_t>(groups, 1, most)))};
    }
    bool matches(View expr, std::int64_t mode, View s) const {
        if (expr.find("\\B") != View::npos) return !find(expr, mode, s, 1, 1).all.empty();
        const Text text(s);
        const re2::StringPiece piece(text.view().data(), text.view().size());
        return get(expr, mode)->Match(piece, 0, piece.size(), RE2::UNANCHORED, nullptr, 0);
    }
    std::string name(View expr, std::int64_t mode, std::int64_t group) const {
        const auto& names = get(expr, mode)->CapturingGroupNames();
        const auto found = names.find(static_cast<int>(group));
        return found == names.end() ? "" : found->second;
    }
    Program get(View expr, std::int64_t mode) const { return programs_->get(expr, static_cast<std::uint64_t>(mode)); }

  private:
    static std::string code_text(RE2::ErrorCode code) {
        switch (code) {
            case RE2::ErrorBadEscape: return "invalid escape sequence";
            case RE2::ErrorBadCharClass: return "invalid character class";
            case RE2::ErrorBadCharRange: return "invalid character class range";
            case RE2::ErrorMissingBracket: return "missing closing ]";
            case RE2::ErrorMissingParen: return "missing closing )";
            case RE2::ErrorUnexpectedParen: return "unexpected )";
            case RE2::ErrorTrailingBackslash: return "trailing backslash at end of expression";
            case RE2::ErrorRepeatArgument: return "missing argument to repetition operator";
            case RE2::ErrorRepeatSize: return "invalid repeat count";
            case RE2::ErrorRepeatOp: return "invalid nested repetition operator";
            case RE2::ErrorBadPerlOp: return "invalid or unsupported Perl syntax";
            case RE2::ErrorBadUTF8: return "invalid UTF-8";
            case RE2::ErrorBadNamedCapture: return "invalid named capture";
            case RE2::ErrorPatternTooLarge: return "expression too large";
            default: return "regexp/syntax: internal error";
        }
    }
    static std::string argument(const RE2& program, View expr) {
        switch (program.error_code()) {
            case RE2::ErrorMissingParen:
            case RE2::ErrorUnexpectedParen:
            case RE2::ErrorBadUTF8:
            case RE2::ErrorPatternTooLarge: return std::string(expr);
            case RE2::ErrorTrailingBackslash: return "";
            default: break;
        }
        std::string arg = program.error_arg();
        // As it was before it was rewritten.
        if (const std::size_t at = arg.find("(?P<"); at != View::npos && expr.find(arg) == View::npos) arg.erase(at + 2, 1);
        return arg;
    }

    std::shared_ptr<Programs> programs_ = std::make_shared<Programs>();
};

}  // namespace

void bind_regexp(Package& package) {
    const Natives natives;
    package.function("compile", [natives](View expr, std::int64_t mode) { return natives.compile(expr, mode); })
        .function("matches", [natives](View expr, std::int64_t mode, View s) { return natives.matches(expr, mode, s); })
        .function("find",
                  [natives](View expr, std::int64_t mode, View s, std::int64_t limit, std::int64_t groups) {
                      return natives.find(expr, mode, s, limit, groups);
                  })
        .function("groupName", [natives](View expr, std::int64_t mode, std::int64_t group) { return natives.name(expr, mode, group); })
        .function("QuoteMeta", [](View s) {
            std::string out;
            for (const char c : s) {
                if (c != '\0' && std::strchr("\\.+*?()|[]{}^$", c) != nullptr) out += '\\';
                out += c;
            }
            return out;
        });
}

}  // namespace stdlib

}  // namespace csp
