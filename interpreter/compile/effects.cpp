#include "interpreter/compile/effects.h"

#include <algorithm>
#include <string_view>

#include "interpreter/types/object.h"
#include "interpreter/types/predicates.h"

namespace csp::compile {

namespace {

using ast::Expr;
using ast::Kind;
using ast::Mode;
using ast::Op;

/// Values of it compare and hash without a panic.
bool is_plain(types::Type* type) { return types::under_as<types::Basic>(type) != nullptr; }

class EffectFree {
  public:
    explicit EffectFree(const source::SourceSet& sources) : sources_(sources) {}

    bool check(const Expr* x) const {
        if (x->mode == Mode::Constant || x->mode == Mode::NilValue || x->mode == Mode::TypeExpr) return true;
        switch (x->kind) {
            case Kind::BasicLit:
            case Kind::FuncLit:
            case Kind::Ident: return true;
            case Kind::ParenExpr: return check(static_cast<const ast::ParenExpr*>(x)->x);
            case Kind::CompositeLit: return literal(static_cast<const ast::CompositeLit*>(x));
            case Kind::SelectorExpr: return static_cast<const ast::SelectorExpr*>(x)->selection == nullptr;
            case Kind::UnaryExpr: return unary(static_cast<const ast::UnaryExpr*>(x));
            case Kind::BinaryExpr: return binary(static_cast<const ast::BinaryExpr*>(x));
            case Kind::IndexExpr: return index(static_cast<const ast::IndexExpr*>(x));
            case Kind::CallExpr: return call(static_cast<const ast::CallExpr*>(x));
            default: return false;
        }
    }

  private:
    bool all(ast::List<Expr*> list) const {
        return std::all_of(list.begin(), list.end(), [this](const Expr* x) { return check(x); });
    }

    bool literal(const ast::CompositeLit* x) const {
        const auto* map = types::under_as<types::Map>(x->type);
        const auto hashes = [&](const Expr* key) { return is_plain(map->key) ? check(key) : key->mode == Mode::Constant || key->mode == Mode::NilValue; };
        return std::all_of(x->elements.begin(), x->elements.end(), [&](const Expr* element) {
            if (element->kind != Kind::KeyValueExpr) return check(element);
            const auto* pair = static_cast<const ast::KeyValueExpr*>(element);
            return (map == nullptr || hashes(pair->key)) && check(pair->value_expr);
        });
    }

    bool unary(const ast::UnaryExpr* x) const {
        if (x->op == Op::And) {
            const Kind kind = ast::unparen(x->x)->kind;
            return (kind == Kind::CompositeLit || kind == Kind::Ident) && check(x->x);
        }
        return x->op != Op::Arrow && check(x->x);
    }

    bool binary(const ast::BinaryExpr* x) const {
        if (x->op == Op::Quo || x->op == Op::Rem || x->op == Op::Shl || x->op == Op::Shr) return false;
        return is_plain(x->x->type) && is_plain(x->y->type) && check(x->x) && check(x->y);
    }

    bool index(const ast::IndexExpr* x) const {
        const auto* map = x->x->type == nullptr ? nullptr : types::under_as<types::Map>(x->x->type);
        return map != nullptr && is_plain(map->key) && check(x->x) && check(x->indices[0]);
    }

    bool call(const ast::CallExpr* x) const {
        switch (x->call) {
            case ast::CallKind::Conversion: {
                const bool counts = types::under_as<types::Array>(x->type) != nullptr || types::under_as<types::Pointer>(x->type) != nullptr;
                return !(counts && types::under_as<types::Slice>(x->args[0]->type) != nullptr) && check(x->args[0]);
            }
            case ast::CallKind::Builtin: {
                const auto id = static_cast<types::Builtin>(x->builtin);
                if (id == types::Builtin::Make) return x->args.size() == 1;
                return (id == types::Builtin::New || id == types::Builtin::Len) && all(x->args);
            }
            case ast::CallKind::Call: return calls_pure(x) && all(x->args);
            case ast::CallKind::Unknown: return false;
        }
        return false;
    }

    bool calls_pure(const ast::CallExpr* x) const {
        const Expr* callee = ast::unparen(x->fun);
        if (callee->kind == Kind::SelectorExpr) {
            const auto* selector = static_cast<const ast::SelectorExpr*>(callee);
            if (selector->selection != nullptr) return false;
            callee = selector->sel;
        }
        if (callee->kind != Kind::Ident) return false;
        auto* func = types::as<types::Func>(static_cast<const ast::Ident*>(callee)->object);
        if (func == nullptr) return false;
        if (func->origin != nullptr) func = func->origin;
        return func->package != nullptr && func->package->lazy_bodies && func->decl != nullptr && is_marked(func->decl->pos);
    }

    /// Whether the line above says so.
    bool is_marked(source::Pos pos) const {
        const source::SourceFile* file = sources_.file(pos);
        if (file == nullptr) return false;
        const std::string_view before = file->text().substr(0, file->offset(pos));
        return before.ends_with("\n//csp:pure\n");
    }

    const source::SourceSet& sources_;
};

}  // namespace

bool is_effect_free(const Expr* x, const source::SourceSet& sources) { return EffectFree(sources).check(x); }

}  // namespace csp::compile
