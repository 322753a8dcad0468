// The syntax of Csp: Go's as of 1.22, plus `sync x { }`, `sync { }` and scripts without a package clause.
//
// LL(1) with the exceptions that README.md lists. Binary expressions are flat: precedence is resolved
// when the syntax tree is built. What one token cannot decide (name or type, array or type parameter)
// is parsed as a form that covers both and sorted out by the same builder.

parser grammar CspParser;

options { tokenVocab = CspLexer; }

@parser::members {
    // Below 0: in the header of if, for, switch or sync, where `{` after a name begins the block.
    int level_ = 0;
    std::vector<int> outer_levels_;
    void enter_header() { outer_levels_.push_back(level_); level_ = -1; }
    void enter_nested() { outer_levels_.push_back(level_); level_ = 0; }
    void leave() {
        if (outer_levels_.empty()) return;
        level_ = outer_levels_.back();
        outer_levels_.pop_back();
    }
    void retag(size_t from, size_t to) {
        antlr4::Token* next = _input->LT(1);
        if (next->getType() == from) static_cast<antlr4::WritableToken*>(next)->setType(to);
    }
    /// The next `{` begins a composite literal.
    void literal_brace() { retag(LBRACE, LITERAL_LBRACE); }
    void literal_brace_unless_header() { if (level_ >= 0) literal_brace(); }
    void body_brace() { retag(LBRACE, BODY_LBRACE); }
}

sourceFile: (packageClause SEMI)? topLevel? (SEMI topLevel?)* EOF;
packageClause: PACKAGE IDENT;
topLevel: importDecl | funcDecl | statement;

importDecl: IMPORT (importSpec | LPAREN importSpec? (SEMI importSpec?)* RPAREN);
importSpec: (IDENT | DOT)? STRING;

// ---- declarations ----

constDecl: CONST (constSpec | LPAREN constSpec? (SEMI constSpec?)* RPAREN);
constSpec: identList (type (ASSIGN expressionList)? | ASSIGN expressionList)?;
varDecl: VAR (varSpec | LPAREN varSpec? (SEMI varSpec?)* RPAREN);
varSpec: identList (type (ASSIGN expressionList)? | ASSIGN expressionList);
typeDecl: TYPE (typeSpec | LPAREN typeSpec? (SEMI typeSpec?)* RPAREN);
// `[` may begin type parameters, an array or a slice type.
typeSpec: IDENT (LBRACK typeSpecBracket | ASSIGN type | typeNoBracket);
typeSpecBracket
    : RBRACK type
    | ELLIPSIS RBRACK type
    | {enter_nested();} expression (RBRACK {leave();} type
                                   | (COMMA IDENT)* firstConstraint (COMMA typeParam?)* RBRACK {leave();} ASSIGN? type
                                   | COMMA RBRACK {leave();} ASSIGN? type)
    ;
identList: IDENT (COMMA IDENT)*;

funcDecl: FUNC_DECL receiver? IDENT typeParams? signature {body_brace();} funcBody?;
receiver: parameters;
typeParams: LBRACK typeParam (COMMA typeParam?)* RBRACK;
typeParam: IDENT constraint?;
constraint: constraintTerm (BINARY_OP constraintTerm)*;
constraintTerm: TILDE? type;
// Behind what may still be an array length: nothing that could go on as an expression.
firstConstraint: (TILDE type | typeName | mapType | chanType | structType | interfaceType)
                 (BINARY_OP constraintTerm)*;

funcBody: BODY_LBRACE {enter_nested();} statementList RBRACE {leave();};
signature: parameters result?;
result: parameters | typeNoParen;
parameters: LPAREN (parameter (COMMA parameter?)*)? RPAREN;
parameter
    : ELLIPSIS type
    | IDENT parameterTail?
    | typeNoName
    ;
// Behind a name: the type that makes it a parameter's name, or the rest of a type that begins with it.
parameterTail
    : LBRACK (ELLIPSIS | expressionOrNothing) RBRACK type?
    | DOT IDENT typeArgs?
    | ELLIPSIS type
    | typeNoBracket
    ;
expressionOrNothing: ({enter_nested();} expression (COMMA expression?)* {leave();})?;

// ---- types ----

type: typeName | arrayType | parenType | typePlain;
typeNoBracket: typeName | parenType | typePlain;
typeNoParen: typeName | arrayType | typePlain;
typeNoName: arrayType | parenType | typePlain;
parenType: LPAREN type RPAREN;
typeName: IDENT (DOT IDENT)? typeArgs?;
typeArgs: LBRACK type (COMMA type?)* RBRACK;
typePlain: pointerType | funcType | mapType | chanType | structType | interfaceType;
pointerType: MUL type;
arrayType: LBRACK (ELLIPSIS | {enter_nested();} expression {leave();})? RBRACK type;
mapType: MAP LBRACK type RBRACK type;
chanType: CHAN ARROW? type | ARROW CHAN type;
funcType: FUNC signature;
structType: STRUCT LBRACE fieldDecl? (SEMI fieldDecl?)* RBRACE;
fieldDecl: (IDENT fieldTail? | MUL typeName) STRING?;
fieldTail
    : (COMMA IDENT)+ type
    | LBRACK (ELLIPSIS | expressionOrNothing) RBRACK type?
    | DOT IDENT typeArgs?
    | typeNoBracket
    ;
interfaceType: INTERFACE LBRACE interfaceElem? (SEMI interfaceElem?)* RBRACE;
interfaceElem: IDENT (signature | (DOT IDENT)? typeArgs? unionTail) | interfaceTerm unionTail;
interfaceTerm: TILDE type | typeNoName;
unionTail: (BINARY_OP constraintTerm)*;

// ---- statements ----

block: LBRACE statementList RBRACE;
statementList: statement? (SEMI statement?)*;

statement
    : constDecl | typeDecl | varDecl
    | labelledOrSimple
    | goStmt | deferStmt | returnStmt | breakStmt | continueStmt | gotoStmt | fallthroughStmt
    | block | ifStmt | switchStmt | selectStmt | forStmt | syncStmt
    ;
labelledOrSimple: expressionList (COLON statement? | simpleTail)?;
simpleStmt: expressionList simpleTail?;
simpleTail
    : (DEFINE | ASSIGN) (RANGE expression | expressionList)
    | OP_ASSIGN expressionList
    | INC
    | DEC
    | ARROW expression
    ;
goStmt: GO expression;
deferStmt: DEFER expression;
returnStmt: RETURN expressionList?;
breakStmt: BREAK IDENT?;
continueStmt: CONTINUE IDENT?;
gotoStmt: GOTO IDENT;
fallthroughStmt: FALLTHROUGH;

ifStmt: IF {enter_header();} simpleStmt? (SEMI simpleStmt?)? {leave();} block (ELSE (ifStmt | block))?;
switchStmt: SWITCH {enter_header();} simpleStmt? (SEMI simpleStmt?)? {leave();} LBRACE caseClause* RBRACE;
caseClause: (CASE expressionList | DEFAULT) COLON statementList;
selectStmt: SELECT LBRACE commClause* RBRACE;
commClause: (CASE simpleStmt | DEFAULT) COLON statementList;
forStmt: FOR {enter_header();} (RANGE expression | simpleStmt? (SEMI simpleStmt? SEMI simpleStmt?)?) {leave();} block;
syncStmt: SYNC {enter_header();} expression? {leave();} block;

// ---- expressions ----

expressionList: expression (COMMA expression)*;
expression: unaryExpr (binaryOp unaryExpr)*;
binaryOp: BINARY_OP | ADD | SUB | MUL | AND | XOR;
unaryExpr: (ADD | SUB | NOT | XOR | MUL | AND | ARROW | TILDE) unaryExpr | primaryExpr;
primaryExpr: operand suffix*;
operand
    : (INT | FLOAT | IMAG | CHAR | STRING)
    | IDENT {literal_brace_unless_header();}
    | LPAREN {enter_nested();} expression {leave();} RPAREN
    | FUNC signature {body_brace();} funcBody?
    | arrayType {literal_brace();}
    | mapType {literal_brace();}
    | structType {literal_brace();}
    | CHAN ARROW? type
    | interfaceType
    ;
suffix
    : DOT (IDENT {literal_brace_unless_header();} | LPAREN (TYPE | type) RPAREN)
    | LBRACK {enter_nested();} index RBRACK {leave(); literal_brace_unless_header();}
    | LPAREN {enter_nested();} arguments? RPAREN {leave();}
    | literalValue
    ;
index
    : expression (COMMA expression?)* (COLON expression? (COLON expression?)?)?
    | COLON expression? (COLON expression?)?
    ;
arguments: argument (COMMA argument?)*;
argument: expression ELLIPSIS?;
literalValue: LITERAL_LBRACE {enter_nested();} elements {leave();} RBRACE;
elidedLiteral: LBRACE {enter_nested();} elements {leave();} RBRACE;
elements: (element (COMMA element?)*)?;
element: elementValue (COLON elementValue)?;
elementValue: expression | elidedLiteral;
