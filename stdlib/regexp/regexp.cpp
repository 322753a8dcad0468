#include <re2/re2.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/support/computing.h"

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
        char* const array = call.copy({reinterpret_cast<const char*>(value.all.data()), count * sizeof(std::int64_t)});
        if (array == nullptr) return false;
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
    return std::make_shared<const RE2>(rewrite(expr).text, options);
}

/// Null: the run is being ended. What counts repetitions may become large.
Program compiled(Call& call, View expr, std::uint64_t mode) {
    constexpr std::size_t kShort = 1000;
    if (expr.size() < kShort && expr.find('{') == View::npos) return make_program(expr, mode);
    const auto made = std::make_shared<Program>();
    if (!compute_beside(call, [made, text = std::string(expr), mode] { *made = make_program(text, mode); })) return nullptr;
    return *made;
}

/// The programs that were used last. A script's Regexp has its text, so one that was dropped is made again.
class Programs {
  public:
    /// Null: the run is being ended.
    Program get(Call& call, View expr, std::uint64_t mode) {
        std::string key(expr);
        key += static_cast<char>('0' + (mode & 3));
        {
            const std::lock_guard lock(mutex_);
            if (const auto found = by_key_.find(key); found != by_key_.end()) {
                uses_.splice(uses_.begin(), uses_, found->second);
                return found->second->second;
            }
        }
        Program made = compiled(call, expr, mode);
        if (made == nullptr) return made;
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
    static constexpr std::size_t kMost = 64;  // each may take RE2's 8 MB, which no heap limit counts
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

/// Matches one after another, each as the places of so many groups; none: only whether there is one is asked for.
class Search {
  public:
    /// `text` and `program` must outlive it.
    Search(const RE2& program, View text, std::int64_t limit, std::size_t groups)
        : program_(program), text_(text), left_(limit), found_(groups) {}

    /// Goes on for up to so many tries. False: there are no more matches.
    bool step(std::size_t tries) {
        const View s = text_.view();
        for (; tries > 0; --tries) {
            if (at_ > s.size() || left_ == 0) return false;
            if (!program_.Match(re2::StringPiece(s.data(), s.size()), at_, s.size(), RE2::UNANCHORED, found_.data(), static_cast<int>(found_.size()))) return false;
            any_ = true;
            if (found_.empty()) return false;
            const auto start = static_cast<std::size_t>(found_[0].data() - s.data());
            if (start < s.size() && (static_cast<unsigned char>(s[start]) & 0xC0) == 0x80) {
                at_ = next_character(s, start);  // for RE2, \B matches inside of characters
                any_ = false;
                continue;
            }
            take(s, start);
        }
        return true;
    }

    bool any() const { return any_; }
    /// Bytes that were in matches.
    std::size_t matched() const { return matched_; }
    std::size_t places() const { return out_.size(); }
    std::vector<std::int64_t> take_places() { return std::move(out_); }

  private:
    void take(View s, std::size_t start) {
        const std::size_t end = start + found_[0].size();
        matched_ += end - start;
        const bool repeated = end == start && start == before_;  // an empty match right after the last one
        if (!repeated) {
            for (const re2::StringPiece& group : found_) {
                const bool is_there = group.data() != nullptr;
                const auto first = is_there ? static_cast<std::size_t>(group.data() - s.data()) : 0;
                out_.push_back(is_there ? text_.original(first) : -1);
                out_.push_back(is_there ? text_.original(first + group.size()) : -1);
            }
            if (left_ > 0) --left_;
        }
        before_ = end;
        at_ = end > at_ ? end : next_character(s, at_);
    }

    const RE2& program_;
    Text text_;
    std::int64_t left_;  ///< Negative: all.
    std::vector<re2::StringPiece> found_;
    std::vector<std::int64_t> out_;
    std::size_t at_ = 0, before_ = View::npos, matched_ = 0;
    bool any_ = false;
};

/// What a search beside the workers needs. It stops between two matches when nobody waits for it any more.
struct Beside {
    Program program;
    std::string text;
    std::optional<Search> search;
    std::atomic<bool> goes_on{true};
};

/// A search, charged as it goes on.
class Charged {
  public:
    Charged(Call& call, Program program, View text, std::int64_t limit, std::size_t groups)
        : work_(call), program_(std::move(program)), size_(static_cast<std::uint64_t>(program_->ProgramSize())) {
        // Where the automaton of states does not suffice, each byte may meet each instruction.
        constexpr std::uint64_t kLargeProgram = 500, kMostAtOnce = 2'000'000;
        const std::uint64_t per_byte = size_ < kLargeProgram ? 0 : size_ / 32;
        if (!work_.steps(text.size() / 2 + text.size() * per_byte)) return;
        if (text.size() * (size_ + 10) < kMostAtOnce)
            run(text, limit, groups);
        else
            run_beside(text, limit, groups);
    }

    bool any() const { return any_; }
    std::vector<std::int64_t> places;

  private:
    /// Counts what has been found since the last time. False: the run is being ended.
    bool worked(const Search& search) {
        constexpr std::uint64_t kPlace = 20;  // steps
        work_.holds(2 * search.places() * sizeof(std::int64_t));
        const std::uint64_t steps = (search.places() - places_) * kPlace + (search.matched() - matched_) * size_ / 16;
        places_ = search.places();
        matched_ = search.matched();
        return work_.steps(steps + kPlace);
    }

    void run(View text, std::int64_t limit, std::size_t groups) {
        constexpr std::size_t kAtOnce = 16;
        Search search(*program_, text, limit, groups);
        while (search.step(kAtOnce) && worked(search)) {
        }
        worked(search);
        any_ = search.any();
        places = search.take_places();
    }

    void run_beside(View text, std::int64_t limit, std::size_t groups) {
        constexpr std::size_t kAtOnce = 256;
        const auto state = std::make_shared<Beside>();
        work_.holds(2 * text.size());
        state->program = program_;
        state->text = computing::owned(work_, text);
        bool more = !work_.ended();
        while (more) {
            const auto answer = std::make_shared<bool>(false);
            const bool done = compute_beside(work_.call(), [state, answer, limit, groups] {
                if (!state->search) state->search.emplace(*state->program, state->text, limit, groups);
                bool goes_on = true;
                for (std::size_t i = 0; i < kAtOnce && goes_on && state->goes_on; ++i) goes_on = state->search->step(1);
                *answer = goes_on;
            });
            if (!done) {
                state->goes_on = false;
                return;
            }
            more = worked(*state->search) && *answer;
        }
        if (work_.ended()) return;
        any_ = state->search->any();
        places = state->search->take_places();
    }

    Work work_;
    Program program_;
    std::uint64_t size_;
    std::size_t places_ = 0, matched_ = 0;
    bool any_ = false;
};

class Natives {
  public:
    /// func compile(expr string, mode int) (code, arg string, groups int)
    std::tuple<std::string, std::string, std::int64_t> compile(Call& call, View expr, std::int64_t mode) const {
        constexpr std::uint64_t kCompilation = 4000, kByte = 100;  // steps
        if (!call.charge(kCompilation + kByte * expr.size())) return {};
        if (rewrite(expr).has_bytes) return {"invalid escape sequence", "\\C", 0};
        const Program program = get(call, expr, mode);
        if (program == nullptr) return {};
        if (program->ok()) return {"", "", program->NumberOfCapturingGroups()};
        return {code_text(program->error_code()), argument(*program, expr), 0};
    }
    /// func find(expr string, mode int, s string, limit, groups int) []int
    Places find(Call& call, View expr, std::int64_t mode, View s, std::int64_t limit, std::int64_t groups) const {
        Program program = get(call, expr, mode);
        if (program == nullptr || !program->ok()) return {};
        const std::int64_t most = 1 + program->NumberOfCapturingGroups();
        return {std::move(Charged(call, std::move(program), s, limit, static_cast<std::size_t>(std::clamp<std::int64_t>(groups, 1, most))).places)};
    }
    bool matches(Call& call, View expr, std::int64_t mode, View s) const {
        if (expr.find("\\B") != View::npos) return !find(call, expr, mode, s, 1, 1).all.empty();
        Program program = get(call, expr, mode);
        return program != nullptr && program->ok() && Charged(call, std::move(program), s, 1, 0).any();
    }
    std::string name(Call& call, View expr, std::int64_t mode, std::int64_t group) const {
        const Program program = get(call, expr, mode);
        if (program == nullptr) return {};
        const auto& names = program->CapturingGroupNames();
        const auto found = names.find(static_cast<int>(group));
        return found == names.end() ? "" : found->second;
    }

  private:
    Program get(Call& call, View expr, std::int64_t mode) const { return programs_->get(call, expr, static_cast<std::uint64_t>(mode)); }
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
    package.function("compile", [natives](Call& call, View expr, std::int64_t mode) { return natives.compile(call, expr, mode); })
        .function("matches", [natives](Call& call, View expr, std::int64_t mode, View s) { return natives.matches(call, expr, mode, s); })
        .function("find",
                  [natives](Call& call, View expr, std::int64_t mode, View s, std::int64_t limit, std::int64_t groups) {
                      return natives.find(call, expr, mode, s, limit, groups);
                  })
        .function("groupName",
                  [natives](Call& call, View expr, std::int64_t mode, std::int64_t group) { return natives.name(call, expr, mode, group); })
        .function("QuoteMeta", [](Call& call, View s) {
            return mapped<std::string>(call, s, [](View part) {
                std::string out;
                for (const char c : part) {
                    if (c != '\0' && std::strchr("\\.+*?()|[]{}^$", c) != nullptr) out += '\\';
                    out += c;
                }
                return out;
            });
        });
}

}  // namespace stdlib

}  // namespace csp
