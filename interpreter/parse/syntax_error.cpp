#include "interpreter/parse/syntax_error.h"

#include "CspParser.h"

namespace csp::parse {

namespace {

using P = CspParser;

/// What could have come instead, or what the rule in which parsing stopped was about.
std::string expected_instead(antlr4::Parser& parser) {
    const antlr4::misc::IntervalSet expected = parser.getExpectedTokens();
    const auto possible = [&](std::size_t type) { return expected.contains(static_cast<ssize_t>(type)); };
    const bool statement = possible(P::RETURN);
    const bool expression = possible(P::INT) && !statement;
    antlr4::Token* before = parser.getTokenStream()->LT(-1);
    const bool at_statement = before != nullptr && (before->getType() == P::SEMI || before->getType() == P::COLON ||
                                                    before->getType() == P::LBRACE || before->getType() == P::BODY_LBRACE);
    for (antlr4::RuleContext* c = parser.getRuleContext(); c != nullptr;
         c = static_cast<antlr4::RuleContext*>(c->parent)) {
        switch (c->getRuleIndex()) {
            case P::RuleLiteralValue:
            case P::RuleElidedLiteral:
            case P::RuleElements: return " in composite literal; possibly missing comma or }";
            case P::RuleArguments:
            case P::RuleArgument:
                return expression && !possible(P::RPAREN) ? ", expected expression"
                                                          : " in argument list; possibly missing comma or )";
            case P::RuleSuffix:
                if (possible(P::RPAREN)) return " in argument list; possibly missing comma or )";
                return possible(P::RBRACK) && !expression ? ", expected ]" : ", expected name or (";
            case P::RuleParameters:
            case P::RuleParameter:
            case P::RuleParameterTail:
                if (possible(P::LPAREN) && !possible(P::RPAREN)) return ", expected (";
                return " in parameter list; possibly missing comma or )";
            case P::RuleImportDecl:
            case P::RuleImportSpec: return ", expected import path";
            case P::RulePackageClause: return ", expected name";
            case P::RuleFuncDecl: return ", expected name or (";
            case P::RuleType:
            case P::RuleTypeNoBracket:
            case P::RuleTypeNoName:
            case P::RuleTypeNoParen:
            case P::RuleTypeSpec: return ", expected type";
            case P::RuleOperand:
            case P::RuleUnaryExpr: return ", expected expression";
            case P::RuleIfStmt:
                if (before != nullptr && before->getType() == P::ELSE) return ", expected if or { after else";
                return ", expected { after if clause";
            case P::RuleForStmt: return ", expected { after for clause";
            case P::RuleSyncStmt: return ", expected { after sync clause";
            case P::RuleSwitchStmt:
                return possible(P::RBRACE) ? ", expected case or default or }" : ", expected { after switch clause";
            case P::RuleSelectStmt: return possible(P::RBRACE) ? ", expected case or default or }" : ", expected {";
            case P::RuleCaseClause:
            case P::RuleCommClause:
                if (possible(P::COLON) && !statement) return ", expected :";
                break;
            case P::RuleBlock:
            case P::RuleStatementList:
            case P::RuleFuncBody:
                if (possible(P::LBRACE) && !statement) break;
                return at_statement || parser.getCurrentToken()->getType() == antlr4::Token::EOF ? ", expected }"
                                                                                               : " at end of statement";
            case P::RuleSourceFile: return " after top level declaration";
            case P::RuleFieldDecl:
            case P::RuleStructType:
                if (possible(P::IDENT)) return ", expected field name or embedded type";
                return " in struct type; possibly missing semicolon or newline or }";
            case P::RuleInterfaceType: return ", expected method or type";
            default: break;
        }
        if (expression) return ", expected expression";
    }
    return "";
}

}  // namespace

std::string SyntaxErrors::found(antlr4::Token* token) const {
    const std::size_t type = token->getType();
    if (type == antlr4::Token::EOF) return "EOF";
    const std::size_t start = token->getStartIndex();
    const std::size_t size = token->getStopIndex() + 1 - start;
    const std::string text(file_.text().substr(start, size));
    if (type == P::SEMI) return size == 0 ? (start < file_.text().size() ? "newline" : "EOF") : "semicolon";
    if (type == P::COMMA) return "comma";
    if (type == P::IDENT) return "name " + text;
    if (type >= P::INT && type <= P::STRING) return "literal " + text;
    if (type <= P::VAR || type == P::FUNC_DECL) return "keyword " + text;
    if (type == P::LITERAL_LBRACE || type == P::BODY_LBRACE) return "{";
    return text;
}

namespace {

/// The composite literals around the place where parsing stopped, up to its statement.
int literal_braces(antlr4::RuleContext* context) {
    int count = 0;
    for (auto* c = context; c != nullptr; c = static_cast<antlr4::RuleContext*>(c->parent)) {
        switch (c->getRuleIndex()) {
            case P::RuleLiteralValue:
            case P::RuleElidedLiteral: ++count; break;
            case P::RuleStatementList:
            case P::RuleStructType:
            case P::RuleInterfaceType: return count;
            default: break;
        }
    }
    return count;
}

}  // namespace

void SyntaxErrors::syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, std::size_t,
                               std::size_t, const std::string&, std::exception_ptr) {
    if (offending == nullptr) return;
    auto* parser = static_cast<antlr4::Parser*>(recognizer);
    antlr4::Token* before = parser->getTokenStream()->LT(-1);
    // "for x \n {": what is wrong is the newline.
    if (offending->getType() == P::LBRACE && before != nullptr && found(before) == "newline") offending = before;
    const std::size_t offset = offending->getStartIndex();
    const int line = file_.position(file_.pos(offset)).line;
    stop_ = {offending->getTokenIndex(), literal_braces(parser->getRuleContext())};
    went_on_ = !any_ || offset > last_offset_;
    const bool same_line = any_ && line == last_line_;
    any_ = true;
    last_offset_ = offset;
    last_line_ = line;
    if (same_line || !went_on_) return;

    std::string message = "syntax error: unexpected " + found(offending);
    std::string hint;
    const std::size_t type = offending->getType();
    if (type == P::ELSE) {
        message = "syntax error: else must be on the line of the closing brace";
    } else {
        message += expected_instead(*parser);
    }
    if (before != nullptr && before->getType() == P::IDENT && found(before) == "name while") hint = "there is no while: write for";
    if (type == P::DEFINE) hint = "names are declared by := at the beginning of a statement";
    sink_.report({diag::Code::SyntaxError, file_.pos(offset), {}, std::move(message), std::move(hint)});
}

}  // namespace csp::parse
