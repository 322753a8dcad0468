#include "interpreter/parse/syntax_error.h"

#include "CspParser.h"

namespace csp::parse {

namespace {

using P = CspParser;

/// What the rule in which parsing stopped was about, as Go's compiler says it.
std::string context_of(antlr4::RuleContext* context, antlr4::Token* token) {
    for (auto* c = context; c != nullptr; c = static_cast<antlr4::RuleContext*>(c->parent)) {
        switch (c->getRuleIndex()) {
            case P::RuleLiteralValue:
            case P::RuleElidedLiteral:
            case P::RuleElements: return " in composite literal; possibly missing comma or }";
            case P::RuleArguments:
            case P::RuleArgument: return " in argument list; possibly missing comma or )";
            case P::RuleSuffix:
                if (token->getType() == P::SEMI || token->getType() == static_cast<std::size_t>(P::EOF))
                    return " in argument list; possibly missing comma or )";
                return ", expected expression";
            case P::RuleParameters:
            case P::RuleParameter:
            case P::RuleParameterTail: return " in parameter list; possibly missing comma or )";
            case P::RuleImportDecl: return ", expected import path";
            case P::RuleImportSpec: return ", expected import path";
            case P::RulePackageClause: return ", expected name";
            case P::RuleFuncDecl: return ", expected name or (";
            case P::RuleType:
            case P::RuleTypeNoBracket:
            case P::RuleTypeNoName:
            case P::RuleTypeNoParen:
            case P::RuleTypeSpec: return ", expected type";
            case P::RuleOperand:
            case P::RuleUnaryExpr:
            case P::RuleExpression: return ", expected expression";
            case P::RuleIfStmt: return ", expected { after if clause";
            case P::RuleForStmt: return ", expected { after for clause";
            case P::RuleSwitchStmt: return ", expected { after switch clause";
            case P::RuleSelectStmt: return ", expected case or default or }";
            case P::RuleBlock:
            case P::RuleStatementList:
            case P::RuleFuncBody: return " at end of statement";
            case P::RuleSourceFile: return " after top level declaration";
            case P::RuleFieldDecl:
            case P::RuleStructType: return ", expected field name or embedded type";
            case P::RuleInterfaceType: return ", expected method or type";
            default: break;
        }
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

void SyntaxErrors::syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, std::size_t,
                               std::size_t, const std::string&, std::exception_ptr) {
    if (offending == nullptr) return;
    auto* parser = static_cast<antlr4::Parser*>(recognizer);
    antlr4::RuleContext* context = parser->getRuleContext();
    std::string message = "syntax error: unexpected " + found(offending);
    std::string hint;
    const std::size_t type = offending->getType();
    if (type == P::ELSE) {
        message = "syntax error: unexpected keyword else, expected }";
        hint = "put else on the line of the closing brace";
    } else {
        message += context_of(context, offending);
    }
    if (type == P::ASSIGN) hint = "to declare a variable use :=";
    sink_.report({diag::Code::SyntaxError, file_.pos(offending->getStartIndex()), {}, std::move(message),
                  std::move(hint)});
}

}  // namespace csp::parse
