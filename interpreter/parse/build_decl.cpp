#include "interpreter/parse/builder.h"

namespace csp::parse {

using namespace ast;

Pos Builder::pos(antlr4::Token* token) const { return file_.pos(token->getStartIndex()); }
Pos Builder::end(antlr4::Token* token) const {
    // An inserted semicolon has no text: its stop lies before its start.
    return file_.pos(token->getStopIndex() + 1);
}
Pos Builder::end(antlr4::ParserRuleContext* c) const {
    return c->getStop() == nullptr ? pos(c) : end(c->getStop());
}
std::string_view Builder::text(antlr4::Token* token) const {
    return file_.text().substr(token->getStartIndex(), token->getStopIndex() + 1 - token->getStartIndex());
}
void Builder::error(Pos at, std::string message, std::string hint) {
    sink_.report({diag::Code::SyntaxError, at, {}, "syntax error: " + std::move(message), std::move(hint)});
}

Ident* Builder::ident(antlr4::tree::TerminalNode* node) {
    auto* name = make<Ident>(pos(node), end(node));
    name->name = text(node);
    return name;
}

List<Ident*> Builder::idents(const std::vector<antlr4::tree::TerminalNode*>& nodes) {
    std::vector<Ident*> names;
    for (auto* node : nodes) names.push_back(ident(node));
    return list(names);
}

BasicLit* Builder::string_literal(antlr4::tree::TerminalNode* node) {
    auto* literal = make<BasicLit>(pos(node), end(node));
    literal->lit = LitKind::String;
    literal->text = text(node);
    return literal;
}

namespace {
/// Is a function without a body the last declaration?
bool body_is_missing(const std::vector<Decl*>& decls) {
    auto* func = decls.empty() ? nullptr : as<FuncDecl>(decls.back());
    return func != nullptr && func->body == nullptr;
}
}  // namespace

File* Builder::file(P::SourceFileContext* c) {
    auto* file = arena_.make<File>();
    file->pos = file_.pos(0);
    file->end = file_.pos(file_.text().size());
    if (c->packageClause() != nullptr) file->package = ident(c->packageClause()->IDENT());
    std::vector<ImportSpec*> imports;
    std::vector<Decl*> decls;
    std::vector<Stmt*> script;
    for (P::TopLevelContext* item : c->topLevel()) {
        if (auto* import = item->importDecl()) {
            if (!script.empty() || (decls.size() > 0 && decls.back()->kind == Kind::FuncDecl))
                error(pos(item), "imports must appear before other declarations");
            decls.push_back(import_decl(import, imports));
        } else if (auto* func = item->funcDecl()) {
            decls.push_back(func_decl(func));
        } else if (auto* stmt = item->statement()) {
            if (auto* types = stmt->typeDecl()) {
                decls.push_back(type_decl(types));
            } else if (file->package != nullptr && stmt->constDecl() != nullptr) {
                decls.push_back(const_decl(stmt->constDecl()));
            } else if (file->package != nullptr && stmt->varDecl() != nullptr) {
                decls.push_back(var_decl(stmt->varDecl()));
            } else if (stmt->block() != nullptr && body_is_missing(decls)) {
                error(pos(item), "unexpected newline before {", "the body begins on the line of the func");
            } else if (file->package != nullptr) {
                error(pos(item), "non-declaration statement outside function body");
            } else if (Stmt* built = statement(stmt)) {
                script.push_back(built);
            }
        }
    }
    file->imports = list(imports);
    file->decls = list(decls);
    file->script = list(script);
    return file;
}

GenDecl* Builder::import_decl(P::ImportDeclContext* c, std::vector<ImportSpec*>& imports) {
    auto* decl = make<GenDecl>(c);
    decl->decl = DeclKind::Import;
    std::vector<Decl*> specs;
    for (P::ImportSpecContext* spec : c->importSpec()) {
        imports.push_back(import_spec(spec));
        specs.push_back(imports.back());
    }
    decl->specs = list(specs);
    return decl;
}

ImportSpec* Builder::import_spec(P::ImportSpecContext* c) {
    auto* spec = make<ImportSpec>(c);
    if (c->IDENT() != nullptr) spec->name = ident(c->IDENT());
    if (c->DOT() != nullptr) {
        spec->name = make<Ident>(pos(c->DOT()), end(c->DOT()));
        spec->name->name = text(c->DOT());
    }
    spec->path = string_literal(c->STRING());
    return spec;
}

GenDecl* Builder::const_decl(P::ConstDeclContext* c) {
    auto* decl = make<GenDecl>(c);
    decl->decl = DeclKind::Const;
    std::vector<Decl*> specs;
    std::int64_t iota = 0;
    for (P::ConstSpecContext* item : c->constSpec()) {
        auto* spec = make<ValueSpec>(item);
        spec->names = idents(item->identList()->IDENT());
        if (item->type() != nullptr) spec->type_expr = type(item->type());
        if (item->expressionList() != nullptr) spec->values = expressions(item->expressionList());
        spec->iota = iota++;
        specs.push_back(spec);
    }
    decl->specs = list(specs);
    return decl;
}

GenDecl* Builder::var_decl(P::VarDeclContext* c) {
    auto* decl = make<GenDecl>(c);
    decl->decl = DeclKind::Var;
    std::vector<Decl*> specs;
    for (P::VarSpecContext* item : c->varSpec()) {
        auto* spec = make<ValueSpec>(item);
        spec->names = idents(item->identList()->IDENT());
        if (item->type() != nullptr) spec->type_expr = type(item->type());
        if (item->expressionList() != nullptr) spec->values = expressions(item->expressionList());
        specs.push_back(spec);
    }
    decl->specs = list(specs);
    return decl;
}

GenDecl* Builder::type_decl(P::TypeDeclContext* c) {
    auto* decl = make<GenDecl>(c);
    decl->decl = DeclKind::Type;
    std::vector<Decl*> specs;
    for (P::TypeSpecContext* spec : c->typeSpec()) specs.push_back(type_spec(spec));
    decl->specs = list(specs);
    return decl;
}

TypeSpec* Builder::type_spec(P::TypeSpecContext* c) {
    auto* spec = make<TypeSpec>(c);
    spec->name = ident(c->IDENT());
    if (c->type() != nullptr) {
        spec->is_alias = true;
        spec->type_expr = type(c->type());
        return spec;
    }
    if (c->typeNoBracket() != nullptr) {
        spec->type_expr = type(c->typeNoBracket());
        return spec;
    }
    P::TypeSpecBracketContext* bracket = c->typeSpecBracket();
    const Pos open = pos(c->LBRACK());
    if (bracket->firstConstraint() == nullptr && bracket->COMMA().empty()) {
        Expr* length = nullptr;
        if (bracket->ELLIPSIS() != nullptr) {
            length = ellipsis(pos(bracket->ELLIPSIS()), end(bracket->ELLIPSIS()), nullptr);
        } else if (bracket->expression() != nullptr) {
            length = expression(bracket->expression());
        }
        spec->type_expr = array_of(open, length, type(bracket->type()));
        return spec;
    }
    // What was parsed as an expression is the first type parameter's name, or, with a comma behind it, name and
    // constraint: `P *T | U`.
    std::vector<Field*> fields;
    std::vector<Ident*> names;
    Expr* first = expression(bracket->expression());
    Ident* name = as<Ident>(first);
    if (name == nullptr && !bracket->COMMA().empty()) {
        Expr* constraint = without_name(first, name);
        if (name != nullptr) fields.push_back(field({name}, constraint, open));
    } else if (name != nullptr) {
        names.push_back(name);
    }
    if (name == nullptr) error(first->pos, "unexpected expression, expected type parameter name");
    for (auto* more : bracket->IDENT()) names.push_back(ident(more));
    if (bracket->firstConstraint() != nullptr)
        fields.push_back(field(names, first_constraint(bracket->firstConstraint()), open));
    else if (!names.empty())
        error(names.back()->end, "missing type constraint");
    for (Field* more : type_params(bracket->typeParam())) fields.push_back(more);
    spec->type_params = list(fields);
    spec->is_alias = bracket->ASSIGN() != nullptr;
    spec->type_expr = type(bracket->type());
    return spec;
}

/// Takes the type parameter's name off `P *T | U`, which was parsed as a product within a disjunction.
Expr* Builder::without_name(Expr* x, Ident*& name) {
    auto* binary = as<BinaryExpr>(x);
    if (binary == nullptr) return x;
    if (binary->op == Op::Or) {
        binary->x = without_name(binary->x, name);
        binary->pos = binary->x->pos;
        return binary;
    }
    name = binary->op == Op::Mul ? as<Ident>(binary->x) : nullptr;
    if (name == nullptr) return x;
    auto* star = make<StarExpr>(binary->op_pos, binary->end);
    star->x = binary->y;
    return star;
}

Field* Builder::field(std::vector<Ident*> names, Expr* type, Pos at) {
    auto* made = arena_.make<Field>();
    made->names = list(names);
    made->type = type;
    made->pos = at;
    return made;
}

List<Field*> Builder::type_params(const std::vector<P::TypeParamContext*>& params) {
    // `K, V any`: names without a constraint share the next one.
    std::vector<Field*> fields;
    std::vector<Ident*> names;
    for (P::TypeParamContext* param : params) {
        names.push_back(ident(param->IDENT()));
        if (param->constraint() == nullptr) continue;
        const Pos at = names.front()->pos;
        fields.push_back(field(std::move(names), constraint(param->constraint()), at));
        names.clear();
    }
    if (!names.empty()) error(names.back()->end, "missing type constraint");
    return list(fields);
}

FuncDecl* Builder::func_decl(P::FuncDeclContext* c) {
    auto* decl = make<FuncDecl>(c);
    decl->name = ident(c->IDENT());
    if (c->receiver() != nullptr) {
        const List<Field*> fields = parameters(c->receiver()->parameters(), false);
        if (fields.empty() || (fields.size() == 1 && fields[0]->names.size() > 1) || fields.size() > 1) {
            error(pos(c->receiver()),
                  fields.empty() ? "method has no receiver" : "method has multiple receivers");
            if (fields.empty()) return decl;
        }
        decl->receiver = fields[0];
    }
    decl->func_type = signature(c->signature(), pos(c));
    if (c->typeParams() != nullptr) {
        if (decl->receiver != nullptr)
            error(pos(c->typeParams()), "method must have no type parameters");
        decl->func_type->type_params = type_params(c->typeParams()->typeParam());
    }
    if (c->funcBody() != nullptr) decl->body = func_body(c->funcBody());
    return decl;
}

BlockStmt* Builder::func_body(P::FuncBodyContext* c) {
    auto* body = make<BlockStmt>(c);
    body->stmts = statements(c->statementList());
    body->rbrace = c->RBRACE() != nullptr ? pos(c->RBRACE()) : end(c);
    return body;
}

FuncType* Builder::signature(P::SignatureContext* c, Pos from) {
    auto* made = make<FuncType>(from, end(c));
    made->params = parameters(c->parameters(), false);
    if (c->result() == nullptr) return made;
    if (c->result()->parameters() != nullptr) {
        made->results = parameters(c->result()->parameters(), true);
    } else {
        std::vector<Field*> one = {field({}, type(c->result()->typeNoParen()), pos(c->result()))};
        made->results = list(one);
    }
    return made;
}

/// Entries are types or names with a type; if any has a name, those without a type are names too.
List<Field*> Builder::parameters(P::ParametersContext* c, bool results) {
    struct Entry {
        antlr4::tree::TerminalNode* name = nullptr;  // the name, if it has one for sure
        Ident* maybe = nullptr;                      // a lone identifier
        Expr* type = nullptr;
        Pos at;
    };
    std::vector<Entry> entries;
    bool named = false;
    for (P::ParameterContext* param : c->parameter()) {
        Entry entry;
        entry.at = pos(param);
        if (param->ELLIPSIS() != nullptr) {
            entry.type = ellipsis(pos(param), end(param), type(param->type()));
        } else if (param->typeNoName() != nullptr) {
            entry.type = type(param->typeNoName());
        } else if (param->parameterTail() == nullptr) {
            entry.maybe = ident(param->IDENT());
        } else {
            P::ParameterTailContext* tail = param->parameterTail();
            if (tail->LBRACK() != nullptr) {
                bool has_name = false;
                entry.type = bracketed(param->IDENT(), tail->ELLIPSIS(), tail->expressionOrNothing(),
                                       tail->type(), tail->LBRACK(), tail->RBRACK(), has_name);
                if (has_name) entry.name = param->IDENT();
            } else if (tail->DOT() != nullptr) {
                entry.type = named_type(param->IDENT(), tail->IDENT(), tail->typeArgs());
            } else if (tail->ELLIPSIS() != nullptr) {
                entry.name = param->IDENT();
                entry.type = ellipsis(pos(tail), end(tail), type(tail->type()));
            } else {
                entry.name = param->IDENT();
                entry.type = type(tail->typeNoBracket());
            }
            named = named || entry.name != nullptr;
        }
        entries.push_back(entry);
    }
    std::vector<Field*> fields;
    std::vector<Ident*> names;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const Entry& entry = entries[i];
        if (!named) {
            Expr* type = entry.type != nullptr ? entry.type : static_cast<Expr*>(entry.maybe);
            if (type->kind == Kind::Ellipsis && (i + 1 < entries.size() || results))
                error(type->pos, results ? "unexpected ..., cannot use ... with a result"
                                         : "can only use ... with final parameter in list");
            fields.push_back(field({}, type, entry.at));
            continue;
        }
        if (entry.maybe != nullptr) {
            names.push_back(entry.maybe);
            continue;
        }
        if (entry.name == nullptr) {
            error(entry.at, "missing parameter name");
            return list(fields);
        }
        names.push_back(ident(entry.name));
        if (entry.type->kind == Kind::Ellipsis && (i + 1 < entries.size() || names.size() > 1))
            error(entry.type->pos, "can only use ... with final parameter in list");
        const Pos at = names.front()->pos;
        fields.push_back(field(std::move(names), entry.type, at));
        names.clear();
    }
    if (!names.empty()) error(names.back()->end, "missing parameter type");
    return list(fields);
}

}  // namespace csp::parse
