#include "interpreter/parse/builder.h"

namespace csp::parse {

using namespace ast;

Expr* Builder::type(P::TypeContext* c) {
    if (c->typeName() != nullptr) return type_name(c->typeName());
    if (c->arrayType() != nullptr) return array_type(c->arrayType());
    if (c->parenType() != nullptr) return paren_type(c->parenType());
    return type_plain(c->typePlain());
}
Expr* Builder::type(P::TypeNoBracketContext* c) {
    if (c->typeName() != nullptr) return type_name(c->typeName());
    if (c->parenType() != nullptr) return paren_type(c->parenType());
    return type_plain(c->typePlain());
}
Expr* Builder::type(P::TypeNoParenContext* c) {
    if (c->typeName() != nullptr) return type_name(c->typeName());
    if (c->arrayType() != nullptr) return array_type(c->arrayType());
    return type_plain(c->typePlain());
}
Expr* Builder::type(P::TypeNoNameContext* c) {
    if (c->arrayType() != nullptr) return array_type(c->arrayType());
    if (c->parenType() != nullptr) return paren_type(c->parenType());
    return type_plain(c->typePlain());
}

Expr* Builder::type_name(P::TypeNameContext* c) {
    return named_type(c->IDENT(0), c->IDENT().size() > 1 ? c->IDENT(1) : nullptr, c->typeArgs());
}

Expr* Builder::named_type(antlr4::tree::TerminalNode* first, antlr4::tree::TerminalNode* second,
                          P::TypeArgsContext* args) {
    Expr* name = ident(first);
    if (second != nullptr) {
        auto* qualified = make<SelectorExpr>(pos(first), end(second));
        qualified->x = name;
        qualified->sel = ident(second);
        name = qualified;
    }
    return args == nullptr ? name : instantiate(name, type_args(args), end(args));
}

Expr* Builder::instantiate(Expr* generic, List<Expr*> args, Pos to) {
    auto* index = make<IndexExpr>(generic->pos, to);
    index->x = generic;
    index->indices = args;
    return index;
}

List<Expr*> Builder::type_args(P::TypeArgsContext* c) {
    std::vector<Expr*> args;
    for (P::TypeContext* arg : c->type()) args.push_back(type(arg));
    return list(args);
}

Expr* Builder::paren_type(P::ParenTypeContext* c) {
    auto* paren = make<ParenExpr>(c);
    paren->x = type(c->type());
    return paren;
}

Expr* Builder::type_plain(P::TypePlainContext* c) {
    if (auto* pointer = c->pointerType()) {
        auto* star = make<StarExpr>(pointer);
        star->x = type(pointer->type());
        return star;
    }
    if (auto* func = c->funcType()) return signature(func->signature(), pos(func));
    if (c->mapType() != nullptr) return map_type(c->mapType());
    if (c->chanType() != nullptr) return chan_type(c->chanType());
    if (c->structType() != nullptr) return struct_type(c->structType());
    return interface_type(c->interfaceType());
}

ArrayType* Builder::array_of(Pos from, Expr* length, Expr* elem) {
    auto* array = make<ArrayType>(from, elem->end);
    array->length = length;
    array->elem = elem;
    return array;
}

Expr* Builder::ellipsis(Pos from, Pos to, Expr* elem) {
    auto* dots = make<Ellipsis>(from, to);
    dots->elem = elem;
    return dots;
}

Expr* Builder::array_type(P::ArrayTypeContext* c) {
    Expr* length = nullptr;
    if (c->ELLIPSIS() != nullptr)
        length = ellipsis(pos(c->ELLIPSIS()), end(c->ELLIPSIS()), nullptr);
    else if (c->expression() != nullptr)
        length = expression(c->expression());
    return array_of(pos(c), length, type(c->type()));
}

Expr* Builder::bracketed(antlr4::tree::TerminalNode* name, antlr4::tree::TerminalNode* dots,
                         P::ExpressionOrNothingContext* inside, P::TypeContext* elem,
                         antlr4::tree::TerminalNode* open, antlr4::tree::TerminalNode* close, bool& named) {
    std::vector<Expr*> parts;
    if (inside != nullptr)
        for (P::ExpressionContext* part : inside->expression()) parts.push_back(expression(part));
    if (elem != nullptr) {
        named = true;
        Expr* length = nullptr;
        if (dots != nullptr)
            length = ellipsis(pos(dots), end(dots), nullptr);
        else if (!parts.empty())
            length = parts[0];
        if (parts.size() > 1) error(parts[1]->pos, "unexpected comma; expecting ]");
        return array_of(pos(open), length, type(elem));
    }
    if (parts.empty()) {
        error(end(close), "unexpected " + std::string(dots == nullptr ? "]" : "...") + ", expected type");
        return make<BadExpr>(pos(open), end(close));
    }
    return instantiate(ident(name), list(parts), end(close));
}

Expr* Builder::map_type(P::MapTypeContext* c) {
    auto* map = make<MapType>(c);
    map->key = type(c->type(0));
    map->elem = type(c->type(1));
    return map;
}

Expr* Builder::chan_type(P::ChanTypeContext* c) {
    auto* chan = make<ChanType>(c);
    if (c->ARROW() != nullptr)
        chan->dir = c->getStart()->getType() == P::ARROW ? ChanDir::Recv : ChanDir::Send;
    chan->elem = type(c->type());
    return chan;
}

Expr* Builder::struct_type(P::StructTypeContext* c) {
    auto* made = make<StructType>(c);
    std::vector<Field*> fields;
    for (P::FieldDeclContext* decl : c->fieldDecl()) fields.push_back(field_decl(decl));
    made->fields = list(fields);
    return made;
}

Field* Builder::field_decl(P::FieldDeclContext* c) {
    Field* made;
    if (c->MUL() != nullptr) {
        auto* star = make<StarExpr>(pos(c), end(c->typeName()));
        star->x = type_name(c->typeName());
        made = field({}, star, pos(c));
    } else if (c->fieldTail() == nullptr) {
        made = field({}, ident(c->IDENT()), pos(c));
    } else {
        P::FieldTailContext* tail = c->fieldTail();
        if (!tail->COMMA().empty()) {
            std::vector<Ident*> names = {ident(c->IDENT())};
            for (auto* name : tail->IDENT()) names.push_back(ident(name));
            made = field(names, type(tail->type()), pos(c));
        } else if (tail->LBRACK() != nullptr) {
            bool named = false;
            Expr* what = bracketed(c->IDENT(), tail->ELLIPSIS(), tail->expressionOrNothing(), tail->type(),
                                   tail->LBRACK(), tail->RBRACK(), named);
            std::vector<Ident*> names;
            if (named) names.push_back(ident(c->IDENT()));
            made = field(names, what, pos(c));
        } else if (tail->DOT() != nullptr) {
            made = field({}, named_type(c->IDENT(), tail->IDENT(0), tail->typeArgs()), pos(c));
        } else {
            made = field({ident(c->IDENT())}, type(tail->typeNoBracket()), pos(c));
        }
    }
    if (c->STRING() != nullptr) made->tag = string_literal(c->STRING());
    return made;
}

Expr* Builder::interface_type(P::InterfaceTypeContext* c) {
    auto* made = make<InterfaceType>(c);
    std::vector<Field*> elements;
    for (P::InterfaceElemContext* elem : c->interfaceElem()) elements.push_back(interface_elem(elem));
    made->elements = list(elements);
    return made;
}

Field* Builder::interface_elem(P::InterfaceElemContext* c) {
    if (c->signature() != nullptr) {
        Ident* name = ident(c->IDENT(0));
        return field({name}, signature(c->signature(), name->pos), pos(c));
    }
    Expr* first;
    if (c->interfaceTerm() != nullptr) {
        P::InterfaceTermContext* term = c->interfaceTerm();
        if (term->TILDE() != nullptr) {
            auto* tilde = make<UnaryExpr>(term);
            tilde->op = Op::Tilde;
            tilde->x = type(term->type());
            first = tilde;
        } else {
            first = type(term->typeNoName());
        }
    } else {
        first = named_type(c->IDENT(0), c->IDENT().size() > 1 ? c->IDENT(1) : nullptr, c->typeArgs());
    }
    return field({}, union_of(first, c->unionTail()->constraintTerm()), pos(c));
}

Expr* Builder::constraint_term(P::ConstraintTermContext* c) {
    if (c->TILDE() == nullptr) return type(c->type());
    auto* tilde = make<UnaryExpr>(c);
    tilde->op = Op::Tilde;
    tilde->x = type(c->type());
    return tilde;
}

Expr* Builder::union_of(Expr* first, const std::vector<P::ConstraintTermContext*>& rest) {
    Expr* x = first;
    for (P::ConstraintTermContext* term : rest) {
        Expr* y = constraint_term(term);
        auto* either = make<BinaryExpr>(x->pos, y->end);
        either->op = Op::Or;
        either->op_pos = x->end;
        either->x = x;
        either->y = y;
        x = either;
    }
    return x;
}

Expr* Builder::constraint(P::ConstraintContext* c) {
    std::vector<P::ConstraintTermContext*> terms = c->constraintTerm();
    Expr* first = constraint_term(terms[0]);
    terms.erase(terms.begin());
    return union_of(first, terms);
}

Expr* Builder::first_constraint(P::FirstConstraintContext* c) {
    Expr* first;
    if (c->TILDE() != nullptr) {
        auto* tilde = make<UnaryExpr>(pos(c), end(c->type()));
        tilde->op = Op::Tilde;
        tilde->x = type(c->type());
        first = tilde;
    } else if (c->typeName() != nullptr) {
        first = type_name(c->typeName());
    } else if (c->mapType() != nullptr) {
        first = map_type(c->mapType());
    } else if (c->chanType() != nullptr) {
        first = chan_type(c->chanType());
    } else if (c->structType() != nullptr) {
        first = struct_type(c->structType());
    } else {
        first = interface_type(c->interfaceType());
    }
    return union_of(first, c->constraintTerm());
}

}  // namespace csp::parse
