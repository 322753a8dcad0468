#pragma once

// The grammar of JSON (RFC 8259) as a machine that is fed one character after the other, so that it can stop in the middle of
// a text and go on when more of it has come.

#include <cstdint>
#include <string>
#include <string_view>

namespace csp::stdlib {
class Work;
}

namespace csp::stdlib::json {

class Scanner {
  public:
    /// What a character means.
    enum class Event : std::uint8_t {
        Continue,     ///< Part of a string, number or word.
        Space,
        BeginLiteral,
        BeginObject, Colon, MemberEnd, EndObject,  ///< '{', ':', ',' in an object, '}'.
        BeginArray, ElementEnd, EndArray,
        End,    ///< Whatever follows the value.
        Error,
    };

    Event step(unsigned char c);
    /// The text has ended. End, or Error.
    Event finish();
    /// Whether the value is complete, whatever follows.
    bool complete() const { return state_ == State::EndTop; }
    /// As many characters of `text` as are part of the string that the scanner is in, and mean nothing else.
    std::size_t plain(std::string_view text) const;

    std::int64_t consumed() const { return consumed_; }
    /// Characters that were not given to step() one by one.
    void skip(std::size_t count) { consumed_ += static_cast<std::int64_t>(count); }
    const std::string& error() const { return error_; }

    /// The state as bytes, and back: what is restored is checked.
    std::string save() const;
    bool restore(std::string_view saved);

    static constexpr std::size_t kMaxDepth = 10'000;

  private:
    enum class State : std::uint8_t {
        BeginValue, BeginValueOrEmpty, BeginKey, BeginKeyOrEmpty, EndValue, EndTop,
        InString, Escape, Escape0, Escape1, Escape2, Escape3,
        Minus, Zero, Digits, Dot, Fraction, E, ESign, EDigits,
        Word, Failed,
    };
    enum class Inside : char { Key = 'k', Member = 'm', Array = 'a' };

    Event begin_value(unsigned char c);
    Event begin_key(unsigned char c);
    Event end_value(unsigned char c);
    Event end_top(unsigned char c);
    Event in_string(unsigned char c);
    Event in_number(unsigned char c);
    Event in_word(unsigned char c);
    Event push(Inside inside, State state, Event event);
    void pop();
    Event fail(unsigned char c, std::string_view context);

    State state_ = State::BeginValue;
    std::uint8_t word_ = 0;        ///< Which of kWords.
    std::uint8_t word_at_ = 0;     ///< How much of it has come.
    std::string stack_;            ///< Of Inside.
    std::int64_t consumed_ = 0;
    std::string error_;
};

inline bool is_space(unsigned char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// A byte as messages show it, a character in Latin-1.
std::string shown(unsigned char c);

/// What is wrong with a text that is to be one value; empty: nothing. `offset`: where, counted from 1.
std::string check(std::string_view text, std::int64_t& offset, Work* work = nullptr);

}  // namespace csp::stdlib::json
