#include "interpreter/compile/escape.h"

#include "interpreter/types/predicates.h"
#include "interpreter/types/typeset.h"

namespace csp::compile {

using namespace ast;
using types::Var;

namespace {

class Escapes {
  public:
    explicit Escapes(const void* owner) : owner_(owner) {}

    void function(const FuncType* type, const Field* receiver, const BlockStmt* body, const void* node) {
        const void* outer = owner_;
        owner_ = node;
        if (receiver != nullptr) declare(*receiver);
        for (Field* field : type->params) declare(*field);
        for (Field* field : type->results) {
            declare(*field);
            // A return statement assigns to results, so a literal can never capture one by value.
            for (Ident* name : field->names)
                if (Var* var = variable(name)) var->reassigned = true;
        }
        if (body != nullptr) statements(body->stmts);
        owner_ = outer;
    }

    void visit(Node* node) {
        if (node == nullptr) return;
        if (node->kind <= Kind::Ellipsis)
            expression(static_cast<Expr*>(node));
        else
            statement(static_cast<Stmt*>(node));
    }

  private:
    /// Of a type parameter: in some instance.
    static bool may_be_array(types::Type* type) {
        if (types::as<types::TypeParam>(type) == nullptr) return types::under_as<types::Array>(type) != nullptr;
        return !types::for_all_types(
            type, [](types::Type*, types::Type* under) { return types::as<types::Array>(under) == nullptr; });
    }

    static Var* variable(Ident* name) {
        Var* var = types::as<Var>(name->object);
        return var != nullptr && !var->is_field && !var->package_level ? var : nullptr;
    }

    void declare(const Field& field) {
        for (Ident* name : field.names) use(name);
    }

    /// The first time a variable is met is its declaration.
    void use(Ident* name) {
        Var* var = variable(name);
        if (var == nullptr) return;
        if (var->owner == nullptr)
            var->owner = owner_;
        else if (var->owner != owner_)
            var->captured = true;
    }

    /// The variable that `x` denotes a part of: x.f.g[1] is part of x; p.f is not, for a pointer p.
    static Var* root(Expr* x) {
        for (;;) {
            x = unparen(x);
            if (auto* name = as<Ident>(x)) return variable(name);
            if (auto* selector = as<SelectorExpr>(x)) {
                if (selector->selection == nullptr || selector->selection->indirect) return nullptr;
                if (types::under_as<types::Pointer>(selector->x->type) != nullptr) return nullptr;
                x = selector->x;
            } else if (auto* index = as<IndexExpr>(x)) {
                if (!may_be_array(index->x->type)) return nullptr;
                x = index->x;
            } else {
                return nullptr;
            }
        }
    }
    void take_address(Expr* x) {
        if (Var* var = root(x)) var->address_taken = true;
    }
    void assign(Expr* x) {
        if (Var* var = root(x)) var->reassigned = true;
    }

    void expressions(List<Expr*> list) {
        for (Expr* x : list) expression(x);
    }

    void selector(SelectorExpr* x) {
        expression(x->x);
        const types::Selection* selection = x->selection;
        if (selection == nullptr || selection->kind != types::SelectionKind::MethodVal) return;
        const auto* method = types::as<types::Func>(selection->object);
        if (method != nullptr && method->pointer_receiver && !selection->indirect) take_address(x->x);
    }

    void expression(Expr* x) {
        if (x == nullptr || x->mode == Mode::Constant || x->mode == Mode::TypeExpr) return;
        switch (x->kind) {
            case Kind::Ident: use(static_cast<Ident*>(x)); break;
            case Kind::CompositeLit:
                for (Expr* element : static_cast<CompositeLit*>(x)->elements) {
                    if (auto* pair = as<KeyValueExpr>(element)) {
                        if (types::under_as<types::Struct>(literal_type(x)) == nullptr)
                            expression(pair->key);
                        expression(pair->value_expr);
                    } else {
                        expression(element);
                    }
                }
                break;
            case Kind::FuncLit: {
                auto* literal = static_cast<FuncLit*>(x);
                function(literal->func_type, nullptr, literal->body, literal);
                break;
            }
            case Kind::ParenExpr: expression(static_cast<ParenExpr*>(x)->x); break;
            case Kind::SelectorExpr: selector(static_cast<SelectorExpr*>(x)); break;
            case Kind::IndexExpr: {
                auto* index = static_cast<IndexExpr*>(x);
                expression(index->x);
                expressions(index->indices);
                // Frame slots have no addresses, so an array indexed at run time lives in the heap.
                if (may_be_array(index->x->type) && index->indices[0]->mode != Mode::Constant)
                    take_address(index->x);
                break;
            }
            case Kind::SliceExpr: {
                auto* slice = static_cast<SliceExpr*>(x);
                expression(slice->x);
                expression(slice->low);
                expression(slice->high);
                expression(slice->max);
                if (may_be_array(slice->x->type)) take_address(slice->x);
                break;
            }
            case Kind::TypeAssertExpr: expression(static_cast<TypeAssertExpr*>(x)->x); break;
            case Kind::CallExpr: {
                auto* call = static_cast<CallExpr*>(x);
                expression(call->fun);
                if (call->spread != nullptr) expression(call->spread);
                expressions(call->args);
                break;
            }
            case Kind::StarExpr: expression(static_cast<StarExpr*>(x)->x); break;
            case Kind::UnaryExpr: {
                auto* unary = static_cast<UnaryExpr*>(x);
                expression(unary->x);
                if (unary->op == Op::And) take_address(unary->x);
                break;
            }
            case Kind::BinaryExpr: {
                auto* binary = static_cast<BinaryExpr*>(x);
                expression(binary->x);
                expression(binary->y);
                break;
            }
            default: break;
        }
    }

    static types::Type* literal_type(Expr* literal) {
        types::Type* type = literal->type;
        if (auto* pointer = types::under_as<types::Pointer>(type)) type = pointer->elem;
        return type;
    }

    void statements(List<Stmt*> list) {
        for (Stmt* stmt : list) statement(stmt);
    }

    void declaration(GenDecl* decl) {
        if (decl->decl != DeclKind::Var) return;
        for (Decl* spec : decl->specs) {
            auto* value = as<ValueSpec>(spec);
            expressions(value->values);
            for (Ident* name : value->names) use(name);
        }
    }

    void assignment(AssignStmt* stmt) {
        expressions(stmt->rhs);
        for (Expr* x : stmt->lhs) {
            expression(x);
            auto* name = as<Ident>(x);
            const bool fresh = stmt->define && name != nullptr && name->object != nullptr &&
                               name->object->pos == name->pos;
            if (!fresh) assign(x);
        }
    }

    void statement(Stmt* s) {
        if (s == nullptr) return;
        switch (s->kind) {
            case Kind::DeclStmt: declaration(static_cast<DeclStmt*>(s)->decl); break;
            case Kind::LabeledStmt: statement(static_cast<LabeledStmt*>(s)->stmt); break;
            case Kind::ExprStmt: expression(static_cast<ExprStmt*>(s)->x); break;
            case Kind::SendStmt:
                expression(static_cast<SendStmt*>(s)->chan);
                expression(static_cast<SendStmt*>(s)->value);
                break;
            case Kind::IncDecStmt:
                expression(static_cast<IncDecStmt*>(s)->x);
                assign(static_cast<IncDecStmt*>(s)->x);
                break;
            case Kind::AssignStmt: assignment(static_cast<AssignStmt*>(s)); break;
            case Kind::GoStmt: expression(static_cast<GoStmt*>(s)->call); break;
            case Kind::DeferStmt: expression(static_cast<DeferStmt*>(s)->call); break;
            case Kind::ReturnStmt: expressions(static_cast<ReturnStmt*>(s)->results); break;
            case Kind::BlockStmt: statements(static_cast<BlockStmt*>(s)->stmts); break;
            case Kind::IfStmt: {
                auto* stmt = static_cast<IfStmt*>(s);
                statement(stmt->init);
                expression(stmt->cond);
                statement(stmt->then);
                statement(stmt->otherwise);
                break;
            }
            case Kind::SwitchStmt: {
                auto* stmt = static_cast<SwitchStmt*>(s);
                statement(stmt->init);
                expression(stmt->tag);
                for (CaseClause* clause : stmt->clauses) {
                    expressions(clause->values);
                    statements(clause->body);
                }
                break;
            }
            case Kind::TypeSwitchStmt: {
                auto* stmt = static_cast<TypeSwitchStmt*>(s);
                statement(stmt->init);
                expression(stmt->x);
                for (CaseClause* clause : stmt->clauses) {
                    if (clause->object != nullptr) clause->object->owner = owner_;
                    statements(clause->body);
                }
                break;
            }
            case Kind::SelectStmt:
                for (CommClause* clause : static_cast<SelectStmt*>(s)->clauses) {
                    statement(clause->comm);
                    statements(clause->body);
                }
                break;
            case Kind::ForStmt: {
                auto* stmt = static_cast<ForStmt*>(s);
                statement(stmt->init);
                expression(stmt->cond);
                statement(stmt->body);
                statement(stmt->post);
                break;
            }
            case Kind::RangeStmt: range(static_cast<RangeStmt*>(s)); break;
            case Kind::SyncStmt: {
                auto* stmt = static_cast<SyncStmt*>(s);
                expression(stmt->lock);
                statement(stmt->body);
                break;
            }
            default: break;
        }
    }
    void range(RangeStmt* stmt) {
        expression(stmt->x);
        // Over a function, the body becomes a function of its own, and the variables its parameters.
        const void* outer = owner_;
        if (types::core_as<types::Signature>(stmt->x->type) != nullptr) owner_ = stmt;
        expression(stmt->key);
        expression(stmt->value);
        if (!stmt->define) {
            assign_target(stmt->key);
            assign_target(stmt->value);
        }
        statement(stmt->body);
        owner_ = outer;
    }
    void assign_target(Expr* x) {
        if (x != nullptr) assign(x);
    }

    const void* owner_;
};

}  // namespace

void analyse_escapes(const FuncDecl& function) {
    Escapes(nullptr).function(function.func_type, function.receiver, function.body, &function);
}

void analyse_escapes(Node* node, const void* owner) { Escapes(owner).visit(node); }

}  // namespace csp::compile
