#pragma once

// Makes the syntax tree out of ANTLR's parse tree. One file a kind: build_{decl,type,expr,stmt}.cpp.

#include <string>
#include <string_view>
#include <vector>

#include "CspParser.h"
#include "interpreter/ast/nodes.h"
#include "interpreter/diag/diagnostic.h"
#include "interpreter/parse/parse.h"
#include "interpreter/source/source.h"
#include "runtime/base/arena.h"

namespace csp::parse {

using P = CspParser;

class Builder {
  public:
    Builder(const source::SourceFile& file, base::Arena& arena, diag::Sink& sink, const Limits& limits)
        : file_(file), arena_(arena), sink_(sink), limits_(limits) {}

    ast::File* file(P::SourceFileContext* c);

  private:
    // ---- positions and texts ----
    ast::Pos pos(antlr4::Token* token) const;
    ast::Pos end(antlr4::Token* token) const;
    ast::Pos pos(antlr4::tree::TerminalNode* node) const { return pos(node->getSymbol()); }
    ast::Pos end(antlr4::tree::TerminalNode* node) const { return end(node->getSymbol()); }
    ast::Pos pos(antlr4::ParserRuleContext* c) const { return pos(c->getStart()); }
    ast::Pos end(antlr4::ParserRuleContext* c) const;
    std::string_view text(antlr4::Token* token) const;
    std::string_view text(antlr4::tree::TerminalNode* node) const { return text(node->getSymbol()); }
    void error(ast::Pos at, std::string message, std::string hint = {});

    template <class T>
    T* make(ast::Pos from, ast::Pos to) {
        T* node = arena_.make<T>();
        node->pos = from;
        node->end = to;
        return node;
    }
    template <class T>
    T* make(antlr4::ParserRuleContext* c) {
        return make<T>(pos(c), end(c));
    }
    template <class T>
    ast::List<T> list(const std::vector<T>& items) {
        return arena_.copy(items);
    }
    ast::Ident* ident(antlr4::tree::TerminalNode* node);
    ast::List<ast::Ident*> idents(const std::vector<antlr4::tree::TerminalNode*>& nodes);
    ast::BasicLit* string_literal(antlr4::tree::TerminalNode* node);

    // ---- declarations ----
    ast::GenDecl* import_decl(P::ImportDeclContext* c, std::vector<ast::ImportSpec*>& imports);
    ast::ImportSpec* import_spec(P::ImportSpecContext* c);
    ast::GenDecl* const_decl(P::ConstDeclContext* c);
    ast::GenDecl* var_decl(P::VarDeclContext* c);
    ast::GenDecl* type_decl(P::TypeDeclContext* c);
    ast::TypeSpec* type_spec(P::TypeSpecContext* c);
    ast::FuncDecl* func_decl(P::FuncDeclContext* c);
    ast::BlockStmt* func_body(P::FuncBodyContext* c);
    ast::FuncType* signature(P::SignatureContext* c, ast::Pos from);
    ast::List<ast::Field*> parameters(P::ParametersContext* c, bool results);
    ast::List<ast::Field*> type_params(const std::vector<P::TypeParamContext*>& params);
    ast::Field* field(std::vector<ast::Ident*> names, ast::Expr* type, ast::Pos at);

    // ---- types ----
    ast::Expr* type(P::TypeContext* c);
    ast::Expr* type(P::TypeNoBracketContext* c);
    ast::Expr* type(P::TypeNoParenContext* c);
    ast::Expr* type(P::TypeNoNameContext* c);
    ast::Expr* type_name(P::TypeNameContext* c);
    ast::Expr* named_type(antlr4::tree::TerminalNode* first, antlr4::tree::TerminalNode* second,
                          P::TypeArgsContext* args);
    ast::Expr* instantiate(ast::Expr* generic, ast::List<ast::Expr*> args, ast::Pos to);
    ast::List<ast::Expr*> type_args(P::TypeArgsContext* c);
    ast::Expr* paren_type(P::ParenTypeContext* c);
    ast::Expr* type_plain(P::TypePlainContext* c);
    ast::Expr* array_type(P::ArrayTypeContext* c);
    ast::ArrayType* array_of(ast::Pos from, ast::Expr* length, ast::Expr* elem);
    ast::Expr* ellipsis(ast::Pos from, ast::Pos to, ast::Expr* elem);
    ast::Expr* map_type(P::MapTypeContext* c);
    ast::Expr* chan_type(P::ChanTypeContext* c);
    ast::Expr* struct_type(P::StructTypeContext* c);
    ast::Field* field_decl(P::FieldDeclContext* c);
    ast::Expr* interface_type(P::InterfaceTypeContext* c);
    ast::Field* interface_elem(P::InterfaceElemContext* c);
    ast::Expr* without_name(ast::Expr* x, ast::Ident*& name);
    ast::Expr* constraint(P::ConstraintContext* c);
    ast::Expr* constraint_term(P::ConstraintTermContext* c);
    ast::Expr* first_constraint(P::FirstConstraintContext* c);
    ast::Expr* union_of(ast::Expr* first, const std::vector<P::ConstraintTermContext*>& rest);
    /// `name[…] T?` where a name or a type may stand: an array type for the name, or an instance.
    ast::Expr* bracketed(antlr4::tree::TerminalNode* name, antlr4::tree::TerminalNode* dots,
                         P::ExpressionOrNothingContext* inside, P::TypeContext* elem,
                         antlr4::tree::TerminalNode* open, antlr4::tree::TerminalNode* close, bool& named);

    // ---- expressions ----
    ast::Expr* expression(P::ExpressionContext* c);
    ast::List<ast::Expr*> expressions(P::ExpressionListContext* c);
    ast::Expr* unary(P::UnaryExprContext* c);
    static bool receive_from(ast::ChanType* chan);
    ast::Expr* primary(P::PrimaryExprContext* c);
    ast::Expr* operand(P::OperandContext* c);
    ast::Expr* suffix(ast::Expr* x, P::SuffixContext* c);
    ast::Expr* index(ast::Expr* x, P::SuffixContext* c);
    ast::Expr* call(ast::Expr* x, P::SuffixContext* c);
    ast::CompositeLit* composite(ast::Expr* type, P::ElementsContext* c, ast::Pos from, ast::Pos to);
    ast::Expr* element_value(P::ElementValueContext* c);

    // ---- statements ----
    ast::Stmt* statement(P::StatementContext* c);
    ast::List<ast::Stmt*> statements(P::StatementListContext* c);
    ast::BlockStmt* block(P::BlockContext* c);
    ast::Stmt* simple(P::ExpressionListContext* list, P::SimpleTailContext* tail, ast::Pos from, ast::Pos to,
                      bool range_allowed);
    ast::Stmt* simple(P::SimpleStmtContext* c, bool range_allowed = false);
    ast::Stmt* labelled(P::LabelledOrSimpleContext* c);
    ast::Stmt* decl_stmt(ast::GenDecl* decl);
    ast::Stmt* branch(ast::Branch kind, antlr4::ParserRuleContext* c, antlr4::tree::TerminalNode* label);
    ast::Stmt* if_stmt(P::IfStmtContext* c);
    ast::Stmt* switch_stmt(P::SwitchStmtContext* c);
    ast::Stmt* select_stmt(P::SelectStmtContext* c);
    ast::Stmt* for_stmt(P::ForStmtContext* c);
    ast::Expr* call_of(P::ExpressionContext* c, const char* keyword);
    ast::Expr* condition(ast::Stmt* stmt, const char* keyword, ast::Pos at);
    std::string_view op_text(antlr4::tree::TerminalNode* node) const { return text(node); }

    const source::SourceFile& file_;
    base::Arena& arena_;
    diag::Sink& sink_;
    const Limits& limits_;
};

/// The operator spelled `text`; for op= without the =.
ast::Op operator_of(std::string_view text);

}  // namespace csp::parse
