#include "interpreter/parse/parse.h"

#include <memory>
#include <string>

#include "CspParser.h"
#include "antlr4-runtime.h"
#include "interpreter/parse/builder.h"
#include "interpreter/parse/lexer.h"
#include "interpreter/parse/recover.h"
#include "interpreter/parse/syntax_error.h"

namespace csp::parse {

namespace {

/// Gives the scanned tokens to ANTLR.
std::vector<std::unique_ptr<antlr4::Token>> to_antlr(const std::vector<Token>& tokens) {
    std::vector<std::unique_ptr<antlr4::Token>> out;
    out.reserve(tokens.size());
    for (const Token& token : tokens) {
        auto made = std::make_unique<antlr4::CommonToken>(
            token.type == static_cast<std::uint32_t>(antlr4::Token::EOF) ? antlr4::Token::EOF
                                                                         : std::size_t{token.type});
        made->setStartIndex(token.offset);
        made->setStopIndex(token.offset + token.size - 1);
        out.push_back(std::move(made));
    }
    return out;
}

/// A file that is nothing but errors so far: too deep, unterminated, … has been reported already.
bool prefix_operators_too_long(const std::vector<Token>& tokens, const source::SourceFile& file,
                               diag::Sink& sink, const Limits& limits) {
    int run = 0;
    int elses = 0;
    for (const Token& token : tokens) {
        switch (token.type) {
            case P::NOT: case P::MUL: case P::AND: case P::SUB: case P::ADD: case P::XOR: case P::ARROW:
            case P::TILDE: case P::FUNC: case P::CHAN: case P::MAP: case P::LBRACK: ++run; break;
            case P::RBRACK: break;
            default: run = 0;
        }
        elses = token.type == P::ELSE ? elses + 1 : token.type == P::FUNC_DECL ? 0 : elses;
        if (run <= limits.nesting && elses <= limits.operators) continue;
        const char* what = elses > limits.operators ? "if statements" : "operators";
        sink.report({diag::Code::SyntaxError, file.pos(token.offset), {},
                     std::string("syntax error: ") + what + " nested too deeply", ""});
        return true;
    }
    return false;
}

/// Reports the first error and ends the parse: going on is not ANTLR's business (see recover.h).
class StopAtError final : public antlr4::DefaultErrorStrategy {
  public:
    void recover(antlr4::Parser*, std::exception_ptr) override { throw antlr4::ParseCancellationException(); }
    antlr4::Token* recoverInline(antlr4::Parser* parser) override {
        reportError(parser, antlr4::InputMismatchException(parser));
        throw antlr4::ParseCancellationException();
    }
    void sync(antlr4::Parser*) override {}
};

/// One attempt. The tree belongs to `parser`; null after an error, which `errors` then knows.
CspParser::SourceFileContext* parse_tokens(CspParser& parser, SyntaxErrors& errors) {
    parser.removeErrorListeners();
    parser.addErrorListener(&errors);
    parser.setErrorHandler(std::make_shared<StopAtError>());
    parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(antlr4::atn::PredictionMode::SLL);
    try {
        return parser.sourceFile();
    } catch (const antlr4::ParseCancellationException&) {
        return nullptr;
    }
}

constexpr std::size_t kMostErrors = 10;

}  // namespace

ast::File* parse_file(const source::SourceFile& file, base::Arena& arena, diag::Sink& sink,
                      const Limits& limits) {
    const std::size_t before = sink.size();
    std::vector<Token> tokens = scan(file, sink, limits);
    if (sink.size() > before || prefix_operators_too_long(tokens, file, sink, limits)) return nullptr;
    SyntaxErrors errors(file, sink);
    try {
        for (;;) {
            antlr4::ListTokenSource source(to_antlr(tokens));
            antlr4::CommonTokenStream stream(&source);
            CspParser parser(&stream);
            CspParser::SourceFileContext* tree = parse_tokens(parser, errors);
            if (tree != nullptr && sink.size() == before) {
                ast::File* built = Builder(file, arena, sink, limits).file(tree);
                return sink.size() > before ? nullptr : built;
            }
            const bool enough = sink.size() - before >= kMostErrors || !errors.went_on();
            if (tree != nullptr || enough || !cut_statement(tokens, errors.stop())) return nullptr;
        }
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        sink.report({diag::Code::SyntaxError, file.pos(0), {},
                     std::string("syntax error: the parser failed: ") + error.what(), ""});
    }
    return nullptr;
}

}  // namespace csp::parse
