#pragma once

// What media types and encoded words are read with.

#include <string_view>

#include "csp/package.hpp"

namespace csp::stdlib::mime {

/// Whether a token may have the character (RFC 2045, section 5.1).
bool is_token_byte(char c);
bool is_token(std::string_view text);
/// Whether mail must not have the text as it is.
bool needs_encoding(std::string_view text);

/// A text that is read from its beginning. What is taken are parts of it.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}
    std::string_view rest() const { return rest_; }
    bool empty() const { return rest_.empty(); }

    /// Takes white space of Unicode.
    void skip_spaces();
    /// Takes the text, if it is next.
    bool take(std::string_view text);
    /// Takes one character; there must be one.
    char take();
    /// Takes a token; an empty one: there is none.
    std::string_view take_token();
    /// Takes what is before `mark`, and that. False, and nothing is taken: there is no mark.
    bool take_until(std::string_view mark, std::string_view& before);

  private:
    std::string_view rest_;
};

/// The natives of each file.
void add_media_types(Package& package);
void add_words(Package& package);
void add_types(Package& package);

}  // namespace csp::stdlib::mime
