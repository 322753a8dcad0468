// The tokens of Csp: Go's, plus `sync`.
//
// This grammar defines the vocabulary. The token source that feeds the parser is
// interpreter/parse/token_source.cpp: it also inserts semicolons and tells the three kinds of `{` and
// two kinds of `func` apart, which keeps the parser LL(1) (see README.md).

lexer grammar CspLexer;

tokens {
    LITERAL_LBRACE,  // begins the elements of a composite literal that has a type before it
    BODY_LBRACE,     // begins the body of a function
    FUNC_DECL        // `func` where a top-level declaration begins
}

BREAK: 'break';
CASE: 'case';
CHAN: 'chan';
CONST: 'const';
CONTINUE: 'continue';
DEFAULT: 'default';
DEFER: 'defer';
ELSE: 'else';
FALLTHROUGH: 'fallthrough';
FOR: 'for';
FUNC: 'func';
GO: 'go';
GOTO: 'goto';
IF: 'if';
IMPORT: 'import';
INTERFACE: 'interface';
MAP: 'map';
PACKAGE: 'package';
RANGE: 'range';
RETURN: 'return';
SELECT: 'select';
STRUCT: 'struct';
SWITCH: 'switch';
SYNC: 'sync';
TYPE: 'type';
VAR: 'var';

LPAREN: '(';
RPAREN: ')';
LBRACE: '{';
RBRACE: '}';
LBRACK: '[';
RBRACK: ']';
ASSIGN: '=';
DEFINE: ':=';
OP_ASSIGN: '+=' | '-=' | '*=' | '/=' | '%=' | '&=' | '|=' | '^=' | '<<=' | '>>=' | '&^=';
COMMA: ',';
SEMI: ';';
COLON: ':';
DOT: '.';
ELLIPSIS: '...';
INC: '++';
DEC: '--';

ARROW: '<-';
NOT: '!';
TILDE: '~';
ADD: '+';
SUB: '-';
MUL: '*';
AND: '&';
XOR: '^';
// Operators that are only binary.
BINARY_OP: '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '|' | '/' | '%' | '<<' | '>>' | '&^';

IDENT: LETTER (LETTER | DIGIT)*;
INT: DIGIT+;
FLOAT: DIGIT+ '.' DIGIT*;
IMAG: (INT | FLOAT) 'i';
CHAR: '\'' ~'\''+ '\'';
STRING: '"' ~'"'* '"' | '`' ~'`'* '`';

fragment LETTER: [\p{L}_];
fragment DIGIT: [\p{Nd}];
