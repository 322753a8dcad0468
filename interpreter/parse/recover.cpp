#include "interpreter/parse/recover.h"

#include "CspParser.h"

namespace csp::parse {

namespace {

using P = CspParser;

bool opens_brace(std::uint32_t type) {
    return type == P::LBRACE || type == P::LITERAL_LBRACE || type == P::BODY_LBRACE;
}
bool opens(std::uint32_t type) { return opens_brace(type) || type == P::LPAREN || type == P::LBRACK; }
bool closes(std::uint32_t type) { return type == P::RBRACE || type == P::RPAREN || type == P::RBRACK; }
bool is_end(const Token& token) { return token.type == static_cast<std::uint32_t>(antlr4::Token::EOF); }

/// Brackets of a statement that are open where it stopped.
struct Unclosed {
    int braces = 0;
    int others = 0;
    bool any() const { return braces > 0 || others > 0; }
};

std::size_t statement_begin(const std::vector<Token>& tokens, const Stop& stop, Unclosed& unclosed) {
    int closed = 0;
    int literals = stop.literal_braces;
    std::size_t i = stop.token;
    while (i > 0) {
        const std::uint32_t type = tokens[i - 1].type;
        if (closes(type)) {
            ++closed;
        } else if (opens(type) && closed > 0) {
            --closed;
        } else if (opens_brace(type) && literals == 0) {
            break;
        } else if (opens(type)) {
            if (opens_brace(type)) --literals;
            ++(opens_brace(type) ? unclosed.braces : unclosed.others);
        } else if (type == P::SEMI && closed == 0 && literals == 0) {
            break;
        }
        --i;
    }
    return i;
}

/// One past the last token of the statement; its semicolon belongs to it.
std::size_t statement_end(const std::vector<Token>& tokens, std::size_t from, Unclosed unclosed) {
    std::size_t first_semicolon = 0;
    int open = 0;
    std::size_t i = from;
    for (; !is_end(tokens[i]); ++i) {
        const std::uint32_t type = tokens[i].type;
        if (opens(type)) {
            ++open;
        } else if (closes(type)) {
            int& outer = type == P::RBRACE ? unclosed.braces : unclosed.others;
            if (open > 0)
                --open;
            else if (outer > 0)
                --outer;
            else
                break;
        } else if (type == P::SEMI && open == 0) {
            if (!unclosed.any()) return i + 1;
            if (first_semicolon == 0) first_semicolon = i + 1;
        }
    }
    // Brackets that nothing closes: the line is all that is given up.
    return unclosed.any() && first_semicolon > 0 ? first_semicolon : i;
}

}  // namespace

bool cut_statement(std::vector<Token>& tokens, const Stop& stop) {
    if (stop.token >= tokens.size() || is_end(tokens[stop.token])) return false;
    Unclosed unclosed;
    const std::size_t begin = statement_begin(tokens, stop, unclosed);
    std::size_t end = statement_end(tokens, stop.token, unclosed);
    if (end <= begin) end = stop.token + 1;  // a bracket too many
    const auto at = [&](std::size_t i) { return tokens.begin() + static_cast<std::ptrdiff_t>(i); };
    tokens.erase(at(begin), at(end));
    return true;
}

}  // namespace csp::parse
