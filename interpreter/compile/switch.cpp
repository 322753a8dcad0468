// switch, type switch, select.

#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

using namespace ast;
using types::Var;

namespace {
bool has_interface_case(const SwitchStmt& stmt) {
    for (const CaseClause* clause : stmt.clauses)
        for (const Expr* value : clause->values)
            if (value->type != nullptr && types::is_interface(value->type)) return true;
    return false;
}
}  // namespace

void FunctionCompiler::switch_stmt(SwitchStmt* stmt) {
    if (stmt->init != nullptr) statement(stmt->init);
    const Label end = code.new_label();
    std::uint32_t tag = 0;
    types::Type* tag_type = nullptr;
    if (stmt->tag != nullptr) {
        tag_type = type_of(stmt->tag);
        tag = temp(slots_of(tag_type));
        expr_to(stmt->tag, tag);
    } else if (has_interface_case(*stmt)) {
        tag_type = compiler_.universe().basic(types::BasicKind::Bool);
        tag = temp();
        code.emit_wide(Opcode::LoadI, tag, 1);
    }
    std::vector<Label> bodies;
    std::optional<std::size_t> fallback;
    for (std::size_t i = 0; i < stmt->clauses.size(); ++i) {
        CaseClause* clause = stmt->clauses[i];
        bodies.push_back(code.new_label());
        if (clause->is_default) fallback = i;
        for (Expr* value : clause->values) {
            Temps temps(*this);
            code.set_pos(value->pos);
            if (stmt->tag == nullptr && !types::is_interface(type_of(value))) {
                jump_if(value, true, bodies.back());
                continue;
            }
            if (value->mode == Mode::NilValue) {
                code.compare_jump(Opcode::EqI64KJmp, tag, 0, bodies.back());
                continue;
            }
            types::Type* type = type_of(value);
            const auto k = small_constant(value);
            if (k && *k >= INT16_MIN && *k <= INT16_MAX && !types::is_interface(tag_type)) {
                code.compare_jump(Opcode::EqI64KJmp, tag, static_cast<std::uint16_t>(*k), bodies.back());
                continue;
            }
            types::Type* common = types::is_interface(tag_type)  ? tag_type
                                  : types::is_interface(type) ? type
                                                              : tag_type;
            std::uint32_t left = tag;
            if (types::is_interface(common) && !types::is_interface(tag_type)) {
                left = temp(2);
                to_interface(left, tag, tag_type, common);
            }
            const std::uint32_t right = expr_as(value, common);
            const std::uint32_t equal = temp();
            equal_to(common, equal, left, right);
            code.jump(Opcode::JmpIf, equal, bodies.back());
        }
    }
    code.jump(fallback ? bodies[*fallback] : end);
    targets_.push_back({stmt, end, end, cleanups_.size()});
    for (std::size_t i = 0; i < stmt->clauses.size(); ++i) {
        Temps temps(*this);
        code.bind(bodies[i]);
        fallthrough_.push_back(i + 1 < bodies.size() ? bodies[i + 1] : end);
        statements(stmt->clauses[i]->body);
        fallthrough_.pop_back();
        code.jump(end);
    }
    targets_.pop_back();
    code.bind(end);
}

void FunctionCompiler::type_switch(TypeSwitchStmt* stmt) {
    if (stmt->init != nullptr) statement(stmt->init);
    const Label end = code.new_label();
    const std::uint32_t value = temp(2);
    expr_as_to(stmt->x, type_of(stmt->x), value);
    std::vector<Label> bodies;
    std::optional<std::size_t> fallback;
    for (std::size_t i = 0; i < stmt->clauses.size(); ++i) {
        CaseClause* clause = stmt->clauses[i];
        bodies.push_back(code.new_label());
        if (clause->is_default) fallback = i;
        for (Expr* x : clause->values) {
            Temps temps(*this);
            if (x->mode == Mode::NilValue) {
                code.compare_jump(Opcode::EqI64KJmp, value, 0, bodies.back());
                continue;
            }
            const std::uint32_t is = temp();
            types::Type* type = type_of(x);
            code.emit(types::is_interface(type) ? Opcode::IsIface : Opcode::IsType, is, value,
                      index_of(type));
            code.jump(Opcode::JmpIf, is, bodies.back());
        }
    }
    code.jump(fallback ? bodies[*fallback] : end);
    targets_.push_back({stmt, end, end, cleanups_.size()});
    for (std::size_t i = 0; i < stmt->clauses.size(); ++i) {
        CaseClause* clause = stmt->clauses[i];
        Temps temps(*this);
        code.bind(bodies[i]);
        if (clause->object != nullptr) {
            types::Type* type = subst(clause->object->type);
            if (types::is_interface(type)) {
                declare(clause->object, value);
            } else {
                const std::uint32_t unboxed = temp(slots_of(type));
                code.emit(Opcode::Unbox, unboxed, value, index_of(type));
                declare(clause->object, unboxed);
            }
        }
        statements(clause->body);
        code.jump(end);
    }
    targets_.pop_back();
    code.bind(end);
}

void FunctionCompiler::select_stmt(SelectStmt* stmt) {
    struct Case {
        std::uint32_t channel = 0, element = bytecode::kNoSlot, ok = bytecode::kNoSlot;
        bool send = false;
        types::Type* elem = nullptr;
        AssignStmt* assignment = nullptr;
        CommClause* clause = nullptr;
    };
    std::vector<Case> cases;
    CommClause* fallback = nullptr;
    for (CommClause* clause : stmt->clauses) {
        if (clause->comm == nullptr) {
            fallback = clause;
            continue;
        }
        Case c;
        c.clause = clause;
        code.set_pos(clause->comm->pos);
        Expr* channel;
        Expr* sent = nullptr;
        if (auto* send = as<SendStmt>(clause->comm)) {
            c.send = true;
            channel = send->chan;
            sent = send->value;
        } else {
            Expr* x;
            if (auto* assignment = as<AssignStmt>(clause->comm)) {
                c.assignment = assignment;
                x = assignment->rhs[0];
            } else {
                x = static_cast<ExprStmt*>(clause->comm)->x;
            }
            channel = static_cast<UnaryExpr*>(unparen(x))->x;
        }
        c.elem = subst(types::under_as<types::Chan>(type_of(channel))->elem);
        c.channel = temp();
        c.element = temp(std::max(1u, slots_of(c.elem)));
        if (c.assignment != nullptr && c.assignment->lhs.size() == 2) c.ok = temp();
        Temps temps(*this);
        expr_to(channel, c.channel);
        if (sent != nullptr) expr_as_to(sent, c.elem, c.element);
        cases.push_back(c);
    }
    const std::uint32_t taken = temp();
    code.set_pos(stmt->pos);
    code.emit(Opcode::Select, taken, static_cast<unsigned>(cases.size()), fallback != nullptr ? 1 : 0);
    for (const Case& c : cases) {
        bytecode::Word word;
        word.x[0] = static_cast<std::uint16_t>(c.channel);
        word.x[1] = static_cast<std::uint16_t>(c.element);
        word.x[2] = static_cast<std::uint16_t>(c.ok);
        word.x[3] = c.send ? 1 : 0;
        code.word(word);
    }
    const Label end = code.new_label();
    std::vector<Label> bodies;
    for (std::size_t i = 0; i < cases.size(); ++i) bodies.push_back(code.new_label());
    const Label fallback_body = code.new_label();
    const bool table = cases.size() > 8;
    if (table) {
        code.emit_wide(Opcode::JmpTable, taken, static_cast<std::int32_t>(cases.size()));
        for (std::size_t i = 0; i < cases.size(); ++i)
            code.jump_word(bodies[i], 0, static_cast<int>(cases.size() - 1 - i));
    } else {
        for (std::size_t i = 0; i < cases.size(); ++i)
            code.compare_jump(Opcode::EqI64KJmp, taken, static_cast<unsigned>(i), bodies[i]);
    }
    code.jump(fallback != nullptr ? fallback_body : end);
    targets_.push_back({stmt, end, end, cleanups_.size()});
    for (std::size_t i = 0; i < cases.size(); ++i) {
        Temps temps(*this);
        const Case& c = cases[i];
        code.bind(bodies[i]);
        if (c.assignment != nullptr) {
            assign_value(c.assignment->lhs[0], c.assignment->define, c.element, c.elem);
            if (c.ok != bytecode::kNoSlot)
                assign_value(c.assignment->lhs[1], c.assignment->define, c.ok,
                             compiler_.universe().basic(types::BasicKind::Bool));
        }
        statements(c.clause->body);
        code.jump(end);
    }
    if (fallback != nullptr) {
        Temps temps(*this);
        code.bind(fallback_body);
        statements(fallback->body);
    }
    targets_.pop_back();
    code.bind(end);
}

}  // namespace csp::compile
