#include "stdlib/encoding/json/scanner.h"

#include <array>

#include "stdlib/fmt/printer.h"
#include "stdlib/support/hex.h"
#include "stdlib/support/quote.h"

#include "stdlib/support/work.h"

namespace csp::stdlib::json {

namespace {

constexpr std::array<std::string_view, 3> kWords{"true", "false", "null"};

bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string shown(unsigned char c) {
    if (c == '\'') return "'\\''";
    if (c == '"') return "'\"'";
    std::string text = quote(utf8(c), Escape::NotPrintable);
    text.front() = text.back() = '\'';
    return text;
}

Scanner::Event Scanner::fail(unsigned char c, std::string_view context) {
    state_ = State::Failed;
    error_ = "invalid character " + shown(c) + " " + std::string(context);
    return Event::Error;
}

Scanner::Event Scanner::push(Inside inside, State state, Event event) {
    stack_ += static_cast<char>(inside);
    state_ = state;
    if (stack_.size() <= kMaxDepth) return event;
    return fail(event == Event::BeginArray ? '[' : '{', "exceeded max depth");
}

void Scanner::pop() {
    stack_.pop_back();
    state_ = stack_.empty() ? State::EndTop : State::EndValue;
}

Scanner::Event Scanner::step(unsigned char c) {
    ++consumed_;
    switch (state_) {
        case State::BeginValueOrEmpty:
            if (is_space(c)) return Event::Space;
            if (c == ']') {
                pop();
                return Event::EndArray;
            }
            return begin_value(c);
        case State::BeginValue: return is_space(c) ? Event::Space : begin_value(c);
        case State::BeginKeyOrEmpty:
            if (is_space(c)) return Event::Space;
            if (c == '}') {
                pop();
                return Event::EndObject;
            }
            return begin_key(c);
        case State::BeginKey: return is_space(c) ? Event::Space : begin_key(c);
        case State::EndValue: return end_value(c);
        case State::EndTop: return end_top(c);
        case State::InString:
        case State::Escape:
        case State::Escape0:
        case State::Escape1:
        case State::Escape2:
        case State::Escape3: return in_string(c);
        case State::Word: return in_word(c);
        case State::Failed: return Event::Error;
        default: return in_number(c);
    }
}

Scanner::Event Scanner::begin_value(unsigned char c) {
    switch (c) {
        case '{': return push(Inside::Key, State::BeginKeyOrEmpty, Event::BeginObject);
        case '[': return push(Inside::Array, State::BeginValueOrEmpty, Event::BeginArray);
        case '"': state_ = State::InString; return Event::BeginLiteral;
        case '-': state_ = State::Minus; return Event::BeginLiteral;
        case '0': state_ = State::Zero; return Event::BeginLiteral;
        case 't': word_ = 0; break;
        case 'f': word_ = 1; break;
        case 'n': word_ = 2; break;
        default:
            if (!is_digit(c)) return fail(c, "looking for beginning of value");
            state_ = State::Digits;
            return Event::BeginLiteral;
    }
    state_ = State::Word;
    word_at_ = 1;
    return Event::BeginLiteral;
}

Scanner::Event Scanner::begin_key(unsigned char c) {
    if (c != '"') return fail(c, "looking for beginning of object key string");
    state_ = State::InString;
    return Event::BeginLiteral;
}

Scanner::Event Scanner::end_value(unsigned char c) {
    if (stack_.empty()) {
        state_ = State::EndTop;
        return end_top(c);
    }
    state_ = State::EndValue;
    if (is_space(c)) return Event::Space;
    switch (static_cast<Inside>(stack_.back())) {
        case Inside::Key:
            if (c != ':') return fail(c, "after object key");
            stack_.back() = static_cast<char>(Inside::Member);
            state_ = State::BeginValue;
            return Event::Colon;
        case Inside::Member:
            if (c == ',') {
                stack_.back() = static_cast<char>(Inside::Key);
                state_ = State::BeginKey;
                return Event::MemberEnd;
            }
            if (c != '}') return fail(c, "after object key:value pair");
            pop();
            return Event::EndObject;
        case Inside::Array:
            if (c == ',') {
                state_ = State::BeginValue;
                return Event::ElementEnd;
            }
            if (c != ']') return fail(c, "after array element");
            pop();
            return Event::EndArray;
    }
    return Event::Error;
}

Scanner::Event Scanner::end_top(unsigned char c) {
    return is_space(c) ? Event::End : fail(c, "after top-level value");
}

Scanner::Event Scanner::in_string(unsigned char c) {
    switch (state_) {
        case State::InString:
            if (c == '"') {
                state_ = State::EndValue;
                if (stack_.empty()) state_ = State::EndTop;
            } else if (c == '\\') {
                state_ = State::Escape;
            } else if (c < ' ') {
                return fail(c, "in string literal");
            }
            return Event::Continue;
        case State::Escape:
            if (c == 'u') {
                state_ = State::Escape0;
                return Event::Continue;
            }
            if (std::string_view("bfnrt\\/\"").find(static_cast<char>(c)) == std::string_view::npos) return fail(c, "in string escape code");
            state_ = State::InString;
            return Event::Continue;
        default:
            if (hex_digit(static_cast<char>(c)) < 0) return fail(c, "in \\u hexadecimal character escape");
            state_ = state_ == State::Escape3 ? State::InString : static_cast<State>(static_cast<int>(state_) + 1);
            return Event::Continue;
    }
}

Scanner::Event Scanner::in_number(unsigned char c) {
    const auto go = [this](State state) {
        state_ = state;
        return Event::Continue;
    };
    switch (state_) {
        case State::Minus:
            if (c == '0') return go(State::Zero);
            return is_digit(c) ? go(State::Digits) : fail(c, "in numeric literal");
        case State::Digits:
            if (is_digit(c)) return Event::Continue;
            [[fallthrough]];
        case State::Zero:
            if (c == '.') return go(State::Dot);
            return c == 'e' || c == 'E' ? go(State::E) : end_value(c);
        case State::Dot: return is_digit(c) ? go(State::Fraction) : fail(c, "after decimal point in numeric literal");
        case State::Fraction:
            if (is_digit(c)) return Event::Continue;
            return c == 'e' || c == 'E' ? go(State::E) : end_value(c);
        case State::E:
            if (c == '+' || c == '-') return go(State::ESign);
            [[fallthrough]];
        case State::ESign: return is_digit(c) ? go(State::EDigits) : fail(c, "in exponent of numeric literal");
        default: return is_digit(c) ? Event::Continue : end_value(c);
    }
}

Scanner::Event Scanner::in_word(unsigned char c) {
    const std::string_view word = kWords[word_];
    if (c != static_cast<unsigned char>(word[word_at_])) {
        return fail(c, "in literal " + std::string(word) + " (expecting '" + word[word_at_] + "')");
    }
    if (++word_at_ == word.size()) state_ = stack_.empty() ? State::EndTop : State::EndValue;
    return Event::Continue;
}

Scanner::Event Scanner::finish() {
    if (state_ == State::Failed) return Event::Error;
    if (state_ != State::EndTop) {
        // A number at the top has no end of its own.
        const std::int64_t before = consumed_;
        step(' ');
        consumed_ = before;
    }
    if (state_ == State::EndTop) return Event::End;
    if (state_ != State::Failed) error_ = "unexpected end of JSON input";
    state_ = State::Failed;
    return Event::Error;
}

std::size_t Scanner::plain(std::string_view text) const {
    if (state_ != State::InString) return 0;
    std::size_t n = 0;
    while (n < text.size() && text[n] != '"' && text[n] != '\\' && static_cast<unsigned char>(text[n]) >= ' ') ++n;
    return n;
}

std::string Scanner::save() const {
    std::string saved{static_cast<char>(state_), static_cast<char>(word_), static_cast<char>(word_at_)};
    return saved + stack_;
}

bool Scanner::restore(std::string_view saved) {
    if (saved.empty()) return true;
    if (saved.size() < 3 || saved.size() > kMaxDepth + 3) return false;
    const auto state = static_cast<unsigned char>(saved[0]);
    const auto word = static_cast<unsigned char>(saved[1]), word_at = static_cast<unsigned char>(saved[2]);
    if (state > static_cast<unsigned char>(State::Failed) || word >= kWords.size()) return false;
    if (static_cast<State>(state) == State::Word && word_at >= kWords[word].size()) return false;
    stack_.assign(saved.substr(3));
    if (stack_.find_first_not_of("kma") != std::string::npos) return false;
    const auto inside = [this](char what) { return !stack_.empty() && stack_.back() == what; };
    state_ = static_cast<State>(state);
    if (state_ == State::BeginValueOrEmpty && !inside('a')) return false;
    if ((state_ == State::BeginKeyOrEmpty || state_ == State::BeginKey) && !inside('k')) return false;
    word_ = word;
    word_at_ = word_at;
    return true;
}

std::string check(std::string_view text, std::int64_t& offset, Work* work) {
    constexpr std::size_t kAtOnce = 1 << 14;
    Scanner scanner;
    for (std::size_t i = 0; i < text.size();) {
        if (work != nullptr && !work->steps(1)) break;
        if (const std::size_t plain = scanner.plain(text.substr(i, kAtOnce)); plain > 0) {
            if (work != nullptr) work->read(plain);
            scanner.skip(plain);
            i += plain;
            continue;
        }
        if (scanner.step(static_cast<unsigned char>(text[i])) == Scanner::Event::Error) {
            offset = scanner.consumed();
            return scanner.error();
        }
        ++i;
    }
    offset = scanner.consumed();
    return scanner.finish() == Scanner::Event::Error ? scanner.error() : std::string();
}

}  // namespace csp::stdlib::json
