#include "interpreter/parse/builder.h"

namespace csp::parse {

using namespace ast;

Op operator_of(std::string_view text) {
    if (text.size() > 1 && text.ends_with('=') && text != "==" && text != "!=" && text != "<=" && text != ">=")
        text.remove_suffix(1);
    constexpr std::pair<std::string_view, Op> kOps[] = {
        {"+", Op::Add},  {"-", Op::Sub},  {"*", Op::Mul},  {"/", Op::Quo},     {"%", Op::Rem},
        {"&", Op::And},  {"|", Op::Or},   {"^", Op::Xor},  {"<<", Op::Shl},    {">>", Op::Shr},
        {"&^", Op::AndNot}, {"&&", Op::LAnd}, {"||", Op::LOr}, {"==", Op::Eq}, {"!=", Op::Ne},
        {"<", Op::Lt},   {"<=", Op::Le},  {">", Op::Gt},   {">=", Op::Ge},     {"!", Op::Not},
        {"<-", Op::Arrow}, {"~", Op::Tilde},
    };
    for (const auto& [spelled, op] : kOps)
        if (spelled == text) return op;
    return Op::None;
}

namespace {
int precedence(Op op) {
    switch (op) {
        case Op::LOr: return 1;
        case Op::LAnd: return 2;
        case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le: case Op::Gt: case Op::Ge: return 3;
        case Op::Add: case Op::Sub: case Op::Or: case Op::Xor: return 4;
        default: return 5;
    }
}
}  // namespace

/// The flat list of operands and operators as a tree, by a stack of pending operators.
Expr* Builder::expression(P::ExpressionContext* c) {
    const auto operands = c->unaryExpr();
    const auto operators = c->binaryOp();
    if (operators.empty()) return unary(operands[0]);
    if (operators.size() > static_cast<std::size_t>(limits_.operators)) {
        error(pos(c), "expression has too many operators");
        return make<BadExpr>(c);
    }
    std::vector<Expr*> values = {unary(operands[0])};
    struct Pending {
        Op op;
        Pos at;
    };
    std::vector<Pending> pending;
    const auto reduce = [&] {
        Expr* y = values.back();
        values.pop_back();
        Expr* x = values.back();
        auto* binary = make<BinaryExpr>(x->pos, y->end);
        binary->op = pending.back().op;
        binary->op_pos = pending.back().at;
        binary->x = x;
        binary->y = y;
        values.back() = binary;
        pending.pop_back();
    };
    for (std::size_t i = 0; i < operators.size(); ++i) {
        const Op op = operator_of(text(operators[i]->getStart()));
        while (!pending.empty() && precedence(pending.back().op) >= precedence(op)) reduce();
        pending.push_back({op, pos(operators[i])});
        values.push_back(unary(operands[i + 1]));
    }
    while (!pending.empty()) reduce();
    return values[0];
}

List<Expr*> Builder::expressions(P::ExpressionListContext* c) {
    std::vector<Expr*> all;
    for (P::ExpressionContext* x : c->expression()) all.push_back(expression(x));
    return list(all);
}

Expr* Builder::unary(P::UnaryExprContext* c) {
    if (c->primaryExpr() != nullptr) return primary(c->primaryExpr());
    // A run of prefix operators, innermost last.
    antlr4::Token* token = c->getStart();
    Expr* x = unary(c->unaryExpr());
    if (token->getType() == P::MUL) {
        auto* star = make<StarExpr>(c);
        star->x = x;
        return star;
    }
    if (token->getType() == P::ARROW) {
        if (auto* chan = as<ChanType>(x); chan != nullptr && receive_from(chan)) {
            chan->pos = pos(token);
            return chan;
        }
    }
    auto* made = make<UnaryExpr>(c);
    made->op = operator_of(text(token));
    made->x = x;
    return made;
}

/// The arrow before a channel type belongs to the chan on its left: <-(chan T) is <-chan T, and <-(chan<- (chan T))
/// is <-chan (<-chan T). False when that cannot be.
bool Builder::receive_from(ChanType* chan) {
    for (;;) {
        if (chan->dir == ChanDir::Recv) return false;
        const bool sends = chan->dir == ChanDir::Send;
        chan->dir = ChanDir::Recv;
        if (!sends) return true;
        chan = as<ChanType>(chan->elem);
        if (chan == nullptr) return false;
    }
}

Expr* Builder::primary(P::PrimaryExprContext* c) {
    Expr* x = operand(c->operand());
    for (P::SuffixContext* s : c->suffix()) x = suffix(x, s);
    return x;
}

Expr* Builder::operand(P::OperandContext* c) {
    antlr4::Token* first = c->getStart();
    switch (first->getType()) {
        case P::INT:
        case P::FLOAT:
        case P::IMAG:
        case P::CHAR:
        case P::STRING: {
            auto* literal = make<BasicLit>(c);
            literal->text = text(first);
            literal->lit = first->getType() == P::INT     ? LitKind::Int
                           : first->getType() == P::FLOAT ? LitKind::Float
                           : first->getType() == P::IMAG  ? LitKind::Imag
                           : first->getType() == P::CHAR  ? LitKind::Char
                                                          : LitKind::String;
            return literal;
        }
        case P::IDENT: return ident(c->IDENT());
        case P::LPAREN: {
            auto* paren = make<ParenExpr>(c);
            paren->x = expression(c->expression());
            return paren;
        }
        case P::FUNC: {
            FuncType* type = signature(c->signature(), pos(first));
            if (c->funcBody() == nullptr) return type;
            auto* literal = make<FuncLit>(c);
            literal->func_type = type;
            literal->body = func_body(c->funcBody());
            return literal;
        }
        case P::LBRACK: return array_type(c->arrayType());
        case P::MAP: return map_type(c->mapType());
        case P::STRUCT: return struct_type(c->structType());
        case P::INTERFACE: return interface_type(c->interfaceType());
        default: {
            auto* chan = make<ChanType>(c);
            if (c->ARROW() != nullptr) chan->dir = ChanDir::Send;
            chan->elem = type(c->type());
            return chan;
        }
    }
}

Expr* Builder::suffix(Expr* x, P::SuffixContext* c) {
    switch (c->getStart()->getType()) {
        case P::DOT: {
            if (c->LPAREN() != nullptr) {
                auto* assertion = make<TypeAssertExpr>(x->pos, end(c));
                assertion->x = x;
                if (c->type() != nullptr) assertion->type_expr = type(c->type());
                return assertion;
            }
            auto* selector = make<SelectorExpr>(x->pos, end(c));
            selector->x = x;
            selector->sel = ident(c->IDENT());
            return selector;
        }
        case P::LBRACK: return index(x, c);
        case P::LPAREN: return call(x, c);
        default: {
            P::LiteralValueContext* value = c->literalValue();
            CompositeLit* literal = composite(x, value->elements(), x->pos, end(value));
            return literal;
        }
    }
}

Expr* Builder::index(Expr* x, P::SuffixContext* c) {
    P::IndexContext* inside = c->index();
    const auto colons = inside->COLON();
    if (colons.empty()) {
        auto* made = make<IndexExpr>(x->pos, end(c));
        made->x = x;
        std::vector<Expr*> indices;
        for (P::ExpressionContext* part : inside->expression()) indices.push_back(expression(part));
        made->indices = list(indices);
        return made;
    }
    auto* made = make<SliceExpr>(x->pos, end(c));
    made->x = x;
    made->three = colons.size() == 2;
    for (P::ExpressionContext* part : inside->expression()) {
        const auto at = part->getStart()->getStartIndex();
        Expr* value = expression(part);
        if (at < colons[0]->getSymbol()->getStartIndex())
            made->low = value;
        else if (colons.size() == 1 || at < colons[1]->getSymbol()->getStartIndex())
            made->high = value;
        else
            made->max = value;
    }
    if (!inside->COMMA().empty()) error(pos(inside->COMMA(0)), "unexpected comma; expecting ]");
    made->second_colon = made->three ? pos(colons[1]) : Pos();
    return made;
}

Expr* Builder::call(Expr* x, P::SuffixContext* c) {
    auto* made = make<CallExpr>(x->pos, end(c));
    made->fun = x;
    made->rparen = c->RPAREN() != nullptr ? pos(c->RPAREN()) : end(c);
    if (c->arguments() == nullptr) return made;
    std::vector<Expr*> args;
    const auto all = c->arguments()->argument();
    for (std::size_t i = 0; i < all.size(); ++i) {
        args.push_back(expression(all[i]->expression()));
        if (all[i]->ELLIPSIS() == nullptr) continue;
        made->ellipsis = pos(all[i]->ELLIPSIS());
        if (i + 1 < all.size()) error(made->ellipsis, "can only use ... with final argument in list");
    }
    made->args = list(args);
    return made;
}

CompositeLit* Builder::composite(Expr* type, P::ElementsContext* c, Pos from, Pos to) {
    auto* literal = make<CompositeLit>(from, to);
    literal->type_expr = type;
    literal->rbrace = Pos(to.value() - 1);
    std::vector<Expr*> elements;
    if (c != nullptr)
        for (P::ElementContext* element : c->element()) {
            const auto values = element->elementValue();
            Expr* first = element_value(values[0]);
            if (values.size() == 1) {
                elements.push_back(first);
                continue;
            }
            auto* pair = make<KeyValueExpr>(element);
            pair->key = first;
            pair->value_expr = element_value(values[1]);
            elements.push_back(pair);
        }
    literal->elements = list(elements);
    return literal;
}

Expr* Builder::element_value(P::ElementValueContext* c) {
    if (c->expression() != nullptr) return expression(c->expression());
    P::ElidedLiteralContext* value = c->elidedLiteral();
    return composite(nullptr, value->elements(), pos(value), end(value));
}

}  // namespace csp::parse
