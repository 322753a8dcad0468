#include "interpreter/parse/lexer.h"

#include <string_view>
#include <unordered_map>

#include "CspParser.h"
#include "interpreter/parse/literal.h"

namespace csp::parse {

namespace {

using P = CspParser;

const std::unordered_map<std::string_view, std::uint32_t>& keywords() {
    static const std::unordered_map<std::string_view, std::uint32_t> kWords = {
        {"break", P::BREAK},   {"case", P::CASE},           {"chan", P::CHAN},
        {"const", P::CONST},   {"continue", P::CONTINUE},   {"default", P::DEFAULT},
        {"defer", P::DEFER},   {"else", P::ELSE},           {"fallthrough", P::FALLTHROUGH},
        {"for", P::FOR},       {"func", P::FUNC},           {"go", P::GO},
        {"goto", P::GOTO},     {"if", P::IF},               {"import", P::IMPORT},
        {"interface", P::INTERFACE}, {"map", P::MAP},       {"package", P::PACKAGE},
        {"range", P::RANGE},   {"return", P::RETURN},       {"select", P::SELECT},
        {"struct", P::STRUCT}, {"switch", P::SWITCH},       {"sync", P::SYNC},
        {"type", P::TYPE},     {"var", P::VAR},
    };
    return kWords;
}

class Lexer {
  public:
    Lexer(const source::SourceFile& file, diag::Sink& sink, const Limits& limits)
        : file_(file), text_(file.text()), sink_(sink), limits_(limits) {}

    std::vector<Token> run() {
        tokens_.reserve(text_.size() / 4 + 16);
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
        if (text_.substr(at_).starts_with("#!"))
            while (at_ < text_.size() && text_[at_] != '\n') ++at_;
        while (!stopped_ && at_ < text_.size()) next();
        insert_semicolon();
        tokens_.push_back({static_cast<std::uint32_t>(antlr4::Token::EOF),
                           static_cast<std::uint32_t>(text_.size()), 0});
        return std::move(tokens_);
    }

  private:
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    void error(std::size_t offset, std::string message) {
        sink_.report({diag::Code::SyntaxError, file_.pos(offset), {}, std::move(message), ""});
    }

    void push(std::uint32_t type, std::size_t start) {
        tokens_.push_back({type, static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(at_ - start)});
    }

    /// Does a line end behind the last token end a statement?
    bool ends_statement() const {
        if (tokens_.empty()) return false;
        switch (tokens_.back().type) {
            case P::IDENT:
            case P::INT:
            case P::FLOAT:
            case P::IMAG:
            case P::CHAR:
            case P::STRING:
            case P::BREAK:
            case P::CONTINUE:
            case P::FALLTHROUGH:
            case P::RETURN:
            case P::INC:
            case P::DEC:
            case P::RPAREN:
            case P::RBRACK:
            case P::RBRACE: return true;
            default: return false;
        }
    }
    void insert_semicolon() {
        if (ends_statement()) tokens_.push_back({P::SEMI, static_cast<std::uint32_t>(at_), 0});
    }

    void next() {
        const char c = text_[at_];
        if (c == '\n') {
            insert_semicolon();
            ++at_;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            ++at_;
        } else if (c == '/' && peek(1) == '/') {
            while (at_ < text_.size() && text_[at_] != '\n') ++at_;
        } else if (c == '/' && peek(1) == '*') {
            block_comment();
        } else if (is_letter()) {
            word();
        } else if ((c >= '0' && c <= '9') || (c == '.' && peek(1) >= '0' && peek(1) <= '9')) {
            number();
        } else if (c == '"' || c == '`' || c == '\'') {
            quoted();
        } else {
            symbol();
        }
    }

    bool is_letter() const {
        const char c = text_[at_];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') return true;
        return static_cast<unsigned char>(c) >= 0x80 && unicode_letter(text_.substr(at_)).size > 0;
    }

    void block_comment() {
        const std::size_t start = at_;
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) {
            error(start, "comment not terminated");
            at_ = text_.size();
            return;
        }
        if (text_.substr(start, end - start).find('\n') != std::string_view::npos) insert_semicolon();
        at_ = end + 2;
    }

    void word() {
        const std::size_t start = at_;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') {
                ++at_;
            } else if (static_cast<unsigned char>(c) >= 0x80) {
                const Letter letter = unicode_letter_or_digit(text_.substr(at_));
                if (letter.size == 0) break;
                at_ += letter.size;
            } else {
                break;
            }
        }
        const auto keyword = keywords().find(text_.substr(start, at_ - start));
        std::uint32_t type = keyword == keywords().end() ? static_cast<std::uint32_t>(P::IDENT) : keyword->second;
        if (type == P::SYNC && !begins_sync_block()) type = P::IDENT;
        if (type == P::FUNC && depth_ == 0 && (tokens_.empty() || tokens_.back().type == P::SEMI))
            type = P::FUNC_DECL;
        push(type, start);
    }

    /// `sync` is a keyword where a statement begins and `{`, or an operand and a `{` on the same line, follows:
    /// sync { }, sync mu { }, sync &x.mu { }, sync (x) { }. Elsewhere it is a name, of the package, a variable or a
    /// field; sync(x), without a blank, is a call.
    bool begins_sync_block() const {
        if (!tokens_.empty()) {
            switch (tokens_.back().type) {
                case P::SEMI: case P::LBRACE: case P::RBRACE: case P::COLON: break;
                default: return false;
            }
        }
        std::size_t i = at_;
        while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\t')) ++i;
        const std::string_view line = text_.substr(i, text_.find('\n', i) - i);
        if (line.find('{') == std::string_view::npos) return false;
        const char c = line[0];
        if (i > at_ && (c == '(' || c == '*')) return line.find_first_of(" \t") != 1;
        return c == '{' || c == '&' || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               static_cast<unsigned char>(c) >= 0x80;
    }

    void number() {
        const std::size_t start = at_;
        const Scanned scanned = scan_number(text_.substr(at_));
        at_ += scanned.size;
        if (!scanned.error.empty()) error(start + scanned.error_at, scanned.error);
        push(scanned.kind == ast::LitKind::Int     ? P::INT
             : scanned.kind == ast::LitKind::Float ? P::FLOAT
                                                   : P::IMAG,
             start);
    }

    void quoted() {
        const std::size_t start = at_;
        const Scanned scanned = scan_quoted(text_.substr(at_));
        at_ += scanned.size;
        if (!scanned.error.empty()) error(start + scanned.error_at, scanned.error);
        push(scanned.kind == ast::LitKind::Char ? P::CHAR : P::STRING, start);
    }

    void symbol();

    void open() {
        if (++depth_ > limits_.nesting) {
            error(at_, "syntax error: brackets nested too deeply");
            stopped_ = true;
        }
    }

    const source::SourceFile& file_;
    std::string_view text_;
    diag::Sink& sink_;
    const Limits& limits_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool stopped_ = false;
    int prefix_run_ = 0;
    std::vector<Token> tokens_;
};

struct Spelling {
    std::string_view text;
    std::uint32_t type;
};
// Longer spellings before their prefixes.
constexpr Spelling kSymbols[] = {
    {"<<=", P::OP_ASSIGN}, {">>=", P::OP_ASSIGN}, {"&^=", P::OP_ASSIGN}, {"...", P::ELLIPSIS},
    {"&&", P::BINARY_OP},  {"||", P::BINARY_OP},  {"<-", P::ARROW},      {"++", P::INC},
    {"--", P::DEC},        {"==", P::BINARY_OP},  {"!=", P::BINARY_OP},  {"<=", P::BINARY_OP},
    {">=", P::BINARY_OP},  {":=", P::DEFINE},     {"<<", P::BINARY_OP},  {">>", P::BINARY_OP},
    {"&^", P::BINARY_OP},  {"+=", P::OP_ASSIGN},  {"-=", P::OP_ASSIGN},  {"*=", P::OP_ASSIGN},
    {"/=", P::OP_ASSIGN},  {"%=", P::OP_ASSIGN},  {"&=", P::OP_ASSIGN},  {"|=", P::OP_ASSIGN},
    {"^=", P::OP_ASSIGN},  {"<", P::BINARY_OP},   {">", P::BINARY_OP},   {"|", P::BINARY_OP},
    {"/", P::BINARY_OP},   {"%", P::BINARY_OP},   {"+", P::ADD},         {"-", P::SUB},
    {"*", P::MUL},         {"&", P::AND},         {"^", P::XOR},         {"!", P::NOT},
    {"~", P::TILDE},       {"=", P::ASSIGN},      {",", P::COMMA},       {";", P::SEMI},
    {":", P::COLON},       {".", P::DOT},         {"(", P::LPAREN},      {")", P::RPAREN},
    {"{", P::LBRACE},      {"}", P::RBRACE},      {"[", P::LBRACK},      {"]", P::RBRACK},
};

void Lexer::symbol() {
    const std::size_t start = at_;
    const std::string_view rest = text_.substr(at_);
    for (const Spelling& symbol : kSymbols) {
        if (!rest.starts_with(symbol.text)) continue;
        if (symbol.type == P::LPAREN || symbol.type == P::LBRACE || symbol.type == P::LBRACK) open();
        if ((symbol.type == P::RPAREN || symbol.type == P::RBRACE || symbol.type == P::RBRACK) && depth_ > 0)
            --depth_;
        at_ += symbol.text.size();
        push(symbol.type, start);
        return;
    }
    const Letter bad = any_rune(rest);
    at_ += bad.size;
    error(start, bad.rune == 0        ? "invalid NUL character"
                 : bad.rune == 0xFFFD ? "invalid UTF-8 encoding"
                 : bad.rune == 0xFEFF ? "invalid BOM in the middle of the file"
                                      : "invalid character " + describe_rune(bad.rune));
}

}  // namespace

std::vector<Token> scan(const source::SourceFile& file, diag::Sink& sink, const Limits& limits) {
    return Lexer(file, sink, limits).run();
}

}  // namespace csp::parse
