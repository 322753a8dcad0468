#include "interpreter/ast/print_expr.h"

namespace csp::ast {

std::string_view spelling(Op op) {
    constexpr std::string_view kTexts[] = {"",  "+",  "-",  "*",  "/",  "%", "&",  "|",  "^",  "<<", ">>", "&^",
                                           "&&", "||", "==", "!=", "<", "<=", ">", ">=", "!",  "<-", "~"};
    return kTexts[static_cast<std::size_t>(op)];
}

namespace {

std::string list(List<Expr*> items) {
    std::string out;
    for (const Expr* x : items) out += (out.empty() ? "" : ", ") + to_string(x);
    return out;
}

std::string fields(List<Field*> all, const char* separator) {
    std::string out;
    for (const Field* f : all) {
        if (!out.empty()) out += separator;
        for (std::size_t i = 0; i < f->names.size(); ++i)
            out += std::string(i == 0 ? "" : ", ") + std::string(f->names[i]->name);
        if (!f->names.empty()) out += " ";
        out += to_string(f->type);
    }
    return out;
}

std::string signature(const FuncType* type) {
    std::string out = "(" + fields(type->params, ", ") + ")";
    if (type->results.size() == 1 && type->results[0]->names.empty())
        out += " " + to_string(type->results[0]->type);
    else if (!type->results.empty())
        out += " (" + fields(type->results, ", ") + ")";
    return out;
}

}  // namespace

std::string to_string(const Expr* x) {
    if (x == nullptr) return "";
    switch (x->kind) {
        case Kind::Ident: return std::string(static_cast<const Ident*>(x)->name);
        case Kind::BasicLit: return std::string(static_cast<const BasicLit*>(x)->text);
        case Kind::CompositeLit:
            return to_string(static_cast<const CompositeLit*>(x)->type_expr) +
                   (static_cast<const CompositeLit*>(x)->elements.empty() ? "{}" : "{…}");
        case Kind::FuncLit: return "func" + signature(static_cast<const FuncLit*>(x)->func_type) + " {…}";
        case Kind::ParenExpr: return "(" + to_string(static_cast<const ParenExpr*>(x)->x) + ")";
        case Kind::SelectorExpr: {
            const auto* s = static_cast<const SelectorExpr*>(x);
            return to_string(s->x) + "." + std::string(s->sel->name);
        }
        case Kind::IndexExpr: {
            const auto* i = static_cast<const IndexExpr*>(x);
            return to_string(i->x) + "[" + list(i->indices) + "]";
        }
        case Kind::SliceExpr: {
            const auto* s = static_cast<const SliceExpr*>(x);
            std::string out = to_string(s->x) + "[" + to_string(s->low) + ":" + to_string(s->high);
            if (s->three) out += ":" + to_string(s->max);
            return out + "]";
        }
        case Kind::TypeAssertExpr: {
            const auto* t = static_cast<const TypeAssertExpr*>(x);
            return to_string(t->x) + ".(" + (t->type_expr == nullptr ? "type" : to_string(t->type_expr)) + ")";
        }
        case Kind::CallExpr: {
            const auto* c = static_cast<const CallExpr*>(x);
            return to_string(c->fun) + "(" + list(c->args) + (c->ellipsis.known() ? "..." : "") + ")";
        }
        case Kind::StarExpr: return "*" + to_string(static_cast<const StarExpr*>(x)->x);
        case Kind::UnaryExpr: {
            const auto* u = static_cast<const UnaryExpr*>(x);
            return std::string(spelling(u->op)) + to_string(u->x);
        }
        case Kind::BinaryExpr: {
            const auto* b = static_cast<const BinaryExpr*>(x);
            return to_string(b->x) + " " + std::string(spelling(b->op)) + (b->assigns ? "= " : " ") + to_string(b->y);
        }
        case Kind::KeyValueExpr: {
            const auto* k = static_cast<const KeyValueExpr*>(x);
            return to_string(k->key) + ": " + to_string(k->value_expr);
        }
        case Kind::ArrayType: {
            const auto* a = static_cast<const ArrayType*>(x);
            return "[" + to_string(a->length) + "]" + to_string(a->elem);
        }
        case Kind::StructType: {
            const auto* s = static_cast<const StructType*>(x);
            return "struct{" + fields(s->fields, "; ") + "}";
        }
        case Kind::FuncType: return "func" + signature(static_cast<const FuncType*>(x));
        case Kind::InterfaceType:
            return static_cast<const InterfaceType*>(x)->elements.empty() ? "interface{}" : "interface{…}";
        case Kind::MapType: {
            const auto* m = static_cast<const MapType*>(x);
            return "map[" + to_string(m->key) + "]" + to_string(m->elem);
        }
        case Kind::ChanType: {
            const auto* c = static_cast<const ChanType*>(x);
            return std::string(c->dir == ChanDir::Recv ? "<-chan " : c->dir == ChanDir::Send ? "chan<- " : "chan ") +
                   to_string(c->elem);
        }
        case Kind::Ellipsis: return "..." + to_string(static_cast<const Ellipsis*>(x)->elem);
        default: return "";
    }
}

}  // namespace csp::ast
