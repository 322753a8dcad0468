// Calls, go and defer, method values.
//
// A call area is two header slots and then the callee's first slots: results, parameters. It is
// allocated before the arguments are evaluated, so nothing that must survive the call lies above it.

#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

using namespace ast;
using types::SelectionKind;

namespace {
constexpr std::uint32_t kHeaderSlots = 2;
}

std::uint32_t FunctionCompiler::call_area(std::uint32_t slots) {
    temp(kHeaderSlots);
    return temp(slots);
}

std::uint32_t FunctionCompiler::results_of(types::Signature* signature) {
    return slots_of(signature->results);
}

std::uint32_t FunctionCompiler::params_of(types::Signature* signature) {
    return slots_of(signature->params);
}

void FunctionCompiler::emit_call(bytecode::Function* callee, std::uint32_t area) {
    if (callee->native != nullptr) {
        code.emit_wide(Opcode::CallNative, area, static_cast<std::int32_t>(callee->index));
        return;
    }
    // f(n - 1), f(n): the last argument is made by the call itself.
    auto argument = code.take_last(Opcode::AddI64K);
    if (!argument) {
        argument = code.take_last(Opcode::Mov);
        if (argument) argument->c = 0;
    }
    if (argument && argument->a >= area && argument->a - area < callee->result_slots + callee->param_slots) {
        code.emit_wide(Opcode::CallAddK, area, 0);
        code.word(callee->index);
        bytecode::Word word;
        word.all = 0;
        word.x[0] = static_cast<std::uint16_t>(argument->a - area);
        word.x[1] = argument->b;
        word.x[2] = argument->c;
        code.word(word);
        return;
    }
    if (argument) code.emit(argument->op, argument->a, argument->b, argument->c);
    code.emit_wide(Opcode::Call, area, 0);
    code.word(callee->index);
}

void FunctionCompiler::call_function(bytecode::Function* function) {
    Temps temps(*this);
    const std::uint32_t area = call_area(function->result_slots + function->param_slots);
    emit_call(function, area);
}

/// Evaluates the arguments into the parameter slots from `to` on.
void FunctionCompiler::arguments(CallExpr* x, types::Signature* signature, std::uint32_t to) {
    const auto& params = signature->params->vars;
    // f(g()) with a multi-value g.
    if (x->args.size() == 1 && types::as<types::Tuple>(x->args[0]->type) != nullptr) {
        auto* tuple = types::as<types::Tuple>(x->args[0]->type);
        std::uint32_t from = call(static_cast<CallExpr*>(unparen(x->args[0])));
        const std::size_t fixed = signature->variadic ? params.size() - 1 : params.size();
        for (std::size_t i = 0; i < fixed; ++i) {
            to_interface(to, from, tuple->vars[i]->type, params[i]->type);
            from += slots_of(tuple->vars[i]->type);
            to += slots_of(params[i]->type);
        }
        if (signature->variadic) {
            types::Type* elem = types::under_as<types::Slice>(subst(params.back()->type))->elem;
            const std::size_t extra = tuple->vars.size() - fixed;
            if (extra == 0) {
                code.emit_wide(Opcode::ZeroN, to, 2);
                return;
            }
            const runtime::Type* lowered = rt(elem);
            code.emit(Opcode::SliceLit, to);
            code.word(static_cast<std::uint32_t>(extra), compiler_.type_index(lowered));
            for (std::size_t i = 0; i < extra; ++i) {
                Temps temps(*this);
                const std::uint32_t value = temp(lowered->slots);
                to_interface(value, from, tuple->vars[fixed + i]->type, elem);
                store_memory(*lowered, value, to, i * lowered->size);
                from += slots_of(tuple->vars[fixed + i]->type);
            }
        }
        return;
    }
    const bool spread = x->ellipsis.known();
    const std::size_t fixed = signature->variadic && !spread ? params.size() - 1 : params.size();
    for (std::size_t i = 0; i < fixed; ++i) {
        Temps temps(*this);
        types::Type* type = subst(params[i]->type);
        expr_as_to(x->args[i], type, to);
        to += slots_of(type);
    }
    if (!signature->variadic || spread) return;
    const std::size_t extra = x->args.size() - fixed;
    if (extra == 0) {
        code.emit_wide(Opcode::ZeroN, to, 2);
        return;
    }
    types::Type* elem = subst(types::under_as<types::Slice>(subst(params.back()->type))->elem);
    const runtime::Type* lowered = rt(elem);
    Temps temps(*this);
    // Evaluated before the slice is made, since an argument may be a call that takes long or panics.
    const std::uint32_t slice = temp(2);
    code.emit(Opcode::SliceLit, slice);
    code.word(static_cast<std::uint32_t>(extra), compiler_.type_index(lowered));
    for (std::size_t i = 0; i < extra; ++i) {
        Temps inner(*this);
        const std::uint32_t value = expr_as(x->args[fixed + i], elem);
        if (lowered->size > 0) store_memory(*lowered, value, slice, i * lowered->size);
    }
    move(to, slice, 2);
}

/// What x.f selects in this instance: a method that depends on a type argument is looked up on the actual type.
types::Selection FunctionCompiler::selection_of(const SelectorExpr& x) {
    types::Selection selection = *x.selection;
    if (selection.kind != SelectionKind::FieldVal)
        compiler_.note_method_use(*static_cast<const types::Func*>(selection.object), function_);
    if (substitution_.empty() || selection.kind == SelectionKind::FieldVal) return selection;
    if (!types::contains_type_param(selection.recv)) return selection;
    const auto* func = static_cast<const types::Func*>(selection.object);
    types::Type* actual = subst(selection.recv);
    const auto found = types::lookup_field_or_method(compiler_.universe(), actual, true, func->package, func->name);
    if (types::as<types::Func>(found.object) == nullptr) return selection;
    return {selection.kind, actual, found.object, found.path, found.indirect};
}

/// The function a call statically goes to, if it does. For a method: its receiver expression.
bytecode::Function* FunctionCompiler::static_callee(CallExpr* x, Expr** receiver, types::Selection* selection) {
    Expr* fun = unparen(x->fun);
    if (auto* index = as<IndexExpr>(fun); index != nullptr && types::as<types::Signature>(index->x->type) != nullptr)
        fun = unparen(index->x);
    if (auto* name = as<Ident>(fun))
        return types::as<types::Func>(name->object) == nullptr ? nullptr : named_function(*name);
    auto* selector = as<SelectorExpr>(fun);
    if (selector == nullptr) return nullptr;
    if (selector->selection == nullptr)
        return types::as<types::Func>(selector->sel->object) == nullptr ? nullptr : named_function(*selector->sel);
    if (selector->selection->kind != SelectionKind::MethodVal) return nullptr;
    types::Type* base = type_of(selector->x);
    if (types::is_interface(base)) return nullptr;
    *selection = selection_of(*selector);
    // Promoted from an embedded interface: dynamic after all.
    types::Type* walk = base;
    for (std::size_t i = 0; i + 1 < selection->path.size(); ++i) {
        if (auto* pointer = types::under_as<types::Pointer>(walk)) walk = subst(pointer->elem);
        auto* structure = types::under_as<types::Struct>(walk);
        walk = subst(structure->fields[static_cast<std::size_t>(selection->path[i])]->type);
    }
    if (types::is_interface(walk)) return nullptr;
    *receiver = selector->x;
    return compiler_.function(*static_cast<types::Func*>(selection->object));
}

/// The receiver of a statically bound method: the value, or its address for a pointer method.
void FunctionCompiler::receiver_to(Expr* x, const types::Selection& selection, std::uint32_t to) {
    auto* func = static_cast<types::Func*>(selection.object);
    types::Type* type = type_of(x);
    Place at = value_place(x);
    follow_path(at, type, selection.path, selection.path.empty() ? 0 : selection.path.size() - 1, x->pos);
    auto* pointer = types::under_as<types::Pointer>(type);
    const bool have_pointer = pointer != nullptr && types::as<types::Named>(type) == nullptr;
    if (func->pointer_receiver) {
        if (have_pointer)
            load(at, to);
        else if (at.kind == Place::Kind::Memory && at.offset == 0)
            move(to, at.slot, 1);
        else
            move(to, address(at), 1);
        return;
    }
    if (have_pointer) {
        const std::uint32_t address_slot = temp();
        load(at, address_slot);
        load(deref(address_slot, subst(pointer->elem)), to);
        return;
    }
    load(at, to);
}

/// The line that traces show for a call: where its arguments begin, or the method's name.
static source::Pos call_pos(const CallExpr* x) {
    const Expr* fun = unparen(x->fun);
    if (const auto* selector = as<SelectorExpr>(fun)) return selector->sel->pos;
    return fun->kind == ast::Kind::FuncLit ? static_cast<const FuncLit*>(fun)->body->rbrace : x->pos;
}

std::uint32_t FunctionCompiler::call(CallExpr* x) {
    types::Signature* signature = x->signature;
    const std::uint32_t results = results_of(signature);
    const std::uint32_t params = params_of(signature);
    Expr* receiver = nullptr;
    types::Selection selection;

    if (bytecode::Function* callee = static_callee(x, &receiver, &selection)) {
        const std::uint32_t receiver_slots =
            receiver == nullptr ? 0 : callee->param_slots - params;
        const std::uint32_t area = call_area(results + receiver_slots + params);
        if (receiver != nullptr) {
            Temps temps(*this);
            receiver_to(receiver, selection, area + results);
        }
        {
            Temps temps(*this);
            arguments(x, signature, area + results + receiver_slots);
        }
        code.set_pos(call_pos(x));
        emit_call(callee, area);
        release(area + results);
        return area;
    }

    Expr* fun = unparen(x->fun);
    if (auto* selector = as<SelectorExpr>(fun);
        selector != nullptr && selector->selection != nullptr &&
        selector->selection->kind == SelectionKind::MethodVal) {
        // Through an interface, perhaps one embedded in a struct.
        const std::uint32_t area = call_area(results + 1 + params);
        Place at = value_place(selector->x);
        types::Type* type = type_of(selector->x);
        const std::vector<int> path = selection_of(*selector).path;
        follow_path(at, type, path, types::is_interface(type) || path.empty() ? 0 : path.size() - 1, x->pos);
        std::uint32_t iface;
        if (const auto slot = as_slot(at)) {
            iface = *slot;
        } else {
            iface = temp(2);
            load(at, iface);
        }
        // The arguments' temporaries must not overwrite the interface, so they stay above it.
        {
            Temps temps(*this);
            arguments(x, signature, area + results + 1);
        }
        const runtime::Type* interface = rt(type);
        std::uint32_t id = 0;
        for (const runtime::Method& method : interface->methods)
            if (method.name == selector->sel->name) id = method.id;
        code.set_pos(call_pos(x));
        code.emit(Opcode::CallIface, area, iface, results);
        code.word(id, results + 1 + params);
        release(area + results);
        return area;
    }

    const std::uint32_t area = call_area(results + params);
    const std::uint32_t closure = expr(x->fun);
    {
        Temps temps(*this);
        arguments(x, signature, area + results);
    }
    code.set_pos(call_pos(x));
    code.emit(Opcode::CallClosure, area, closure, results + params);
    release(area + results);
    return area;
}

FunctionCompiler::Prepared FunctionCompiler::prepare(CallExpr* x) {
    if (x->call == CallKind::Builtin) return prepare_builtin(x);
    types::Signature* signature = x->signature;
    const std::uint32_t closure = temp();
    if (x->call == CallKind::Conversion) {  // go T(x): evaluated, nothing to run; rejected by the checker
        discard(x->args[0]);
        code.emit(Opcode::Zero, closure);
        return {closure, call_area(0), 0};
    }
    const std::uint32_t results = results_of(signature);
    const std::uint32_t params = params_of(signature);
    Expr* receiver = nullptr;
    types::Selection selection;
    if (bytecode::Function* callee = static_callee(x, &receiver, &selection)) {
        function_value_to(callee, closure);
        const std::uint32_t receiver_slots = receiver == nullptr ? 0 : callee->param_slots - params;
        const std::uint32_t area = call_area(results + receiver_slots + params);
        if (receiver != nullptr) {
            Temps temps(*this);
            receiver_to(receiver, selection, area + results);
        }
        Temps temps(*this);
        arguments(x, signature, area + results + receiver_slots);
        return {closure, area, results + receiver_slots + params};
    }
    Expr* fun = unparen(x->fun);
    if (auto* selector = as<SelectorExpr>(fun);
        selector != nullptr && selector->selection != nullptr &&
        selector->selection->kind == SelectionKind::MethodVal) {
        const std::uint32_t area = call_area(results + 1 + params);
        Temps temps(*this);
        Place at = value_place(selector->x);
        types::Type* type = type_of(selector->x);
        const std::vector<int> path = selection_of(*selector).path;
        follow_path(at, type, path, types::is_interface(type) || path.empty() ? 0 : path.size() - 1, x->pos);
        const std::uint32_t iface = temp(2);
        load(at, iface);
        const runtime::Type* interface = rt(type);
        std::uint32_t id = 0;
        for (const runtime::Method& method : interface->methods)
            if (method.name == selector->sel->name) id = method.id;
        code.emit(Opcode::IfaceMethod, closure, iface);
        code.word(id);
        move(area + results, iface + 1, 1);
        arguments(x, signature, area + results + 1);
        return {closure, area, results + 1 + params};
    }
    expr_to(x->fun, closure);
    const std::uint32_t area = call_area(results + params);
    Temps temps(*this);
    arguments(x, signature, area + results);
    return {closure, area, results + params};
}

/// x.Method as a value: a closure over the receiver.
void FunctionCompiler::method_value_to(SelectorExpr* x, std::uint32_t to) {
    const types::Selection selection = selection_of(*x);
    auto* signature = types::under_as<types::Signature>(type_of(x));
    const std::uint32_t results = results_of(signature);
    const std::uint32_t params = params_of(signature);
    types::Type* type = type_of(x->x);
    Temps temps(*this);

    Place at = value_place(x->x);
    types::Type* walked = type;
    const auto& path = selection.path;
    const std::size_t steps = types::is_interface(type) || path.empty() ? 0 : path.size() - 1;
    follow_path(at, walked, path, steps, x->pos);
    const bool dynamic = types::is_interface(walked);
    const std::string name = function_.name + "." + std::string(x->sel->name) + "-fm";
    bytecode::Function* wrapper = compiler_.new_function(name, x->pos);
    wrapper->is_wrapper = true;
    std::uint32_t captured;
    std::uint32_t width;
    bytecode::Function* callee = nullptr;
    std::uint32_t id = 0;
    if (dynamic) {
        captured = temp(2);
        load(at, captured);
        width = 2;
        for (const runtime::Method& method : rt(walked)->methods)
            if (method.name == x->sel->name) id = method.id;
        // A method value of a nil interface panics when it is made.
        code.emit(Opcode::IfaceMethod, temp(), captured);
        code.word(id);
    } else {
        callee = compiler_.function(*static_cast<types::Func*>(selection.object));
        width = callee->param_slots - params;
        captured = temp(width);
        receiver_to(x->x, selection, captured);
    }
    FunctionCompiler inner(compiler_, *wrapper, substitution_, nullptr, false);
    inner.synthetic(results, params, [&] {
        const std::uint32_t self = dynamic ? 1 : width;
        const std::uint32_t iface = dynamic ? inner.temp(2) : 0;
        const std::uint32_t area = inner.call_area(results + self + params);
        if (dynamic)
            inner.code.emit(Opcode::LdCapN, iface, 0, 2);
        else if (width > 0)
            inner.code.emit(Opcode::LdCapN, area + results, 0, width);
        inner.move(area + results + self, results, params);
        if (dynamic) {
            inner.code.emit(Opcode::CallIface, area, iface, results);
            inner.code.word(id, results + 1 + params);
        } else {
            inner.emit_call(callee, area);
        }
        inner.move(0, area, results);
    });
    inner.finish();
    code.emit(Opcode::MakeClosure, to, captured, width);
    code.word(wrapper->index);
}

/// T.Method as a function with the receiver as first parameter.
void FunctionCompiler::method_expression_to(SelectorExpr* x, std::uint32_t to) {
    auto* signature = types::under_as<types::Signature>(type_of(x));
    const std::uint32_t results = results_of(signature);
    const std::uint32_t params = params_of(signature);
    types::Type* recv = subst(x->selection->recv);
    const types::Selection selection = selection_of(*x);
    const std::string name = "main." + std::string(x->sel->name) + "-expr";
    bytecode::Function* wrapper = compiler_.new_function(name, x->pos);
    wrapper->is_wrapper = true;
    FunctionCompiler inner(compiler_, *wrapper, substitution_, nullptr, false);
    inner.synthetic(results, params, [&] {
        const std::uint32_t self = inner.slots_of(recv);
        Place at;
        at.kind = Place::Kind::Frame;
        at.slot = results;
        at.type = rt(recv);
        types::Type* type = recv;
        const auto& path = selection.path;
        inner.follow_path(at, type, path, types::is_interface(recv) || path.empty() ? 0 : path.size() - 1,
                          x->pos);
        const std::uint32_t rest = params - self;
        if (types::is_interface(type)) {
            std::uint32_t iface = inner.temp(2);
            inner.load(at, iface);
            const std::uint32_t area = inner.call_area(results + 1 + rest);
            std::uint32_t id = 0;
            for (const runtime::Method& method : rt(type)->methods)
                if (method.name == x->sel->name) id = method.id;
            inner.move(area + results + 1, results + self, rest);
            inner.code.emit(Opcode::CallIface, area, iface, results);
            inner.code.word(id, results + 1 + rest);
            inner.move(0, area, results);
            return;
        }
        auto* func = static_cast<types::Func*>(selection.object);
        bytecode::Function* callee = compiler_.function(*func);
        const std::uint32_t area = inner.call_area(callee->result_slots + callee->param_slots);
        const std::uint32_t width = callee->param_slots - rest;
        auto* pointer = types::under_as<types::Pointer>(type);
        if (func->pointer_receiver && pointer == nullptr)
            inner.move(area + results, inner.address(at), 1);
        else if (!func->pointer_receiver && pointer != nullptr && types::as<types::Named>(type) == nullptr) {
            const std::uint32_t slot = inner.temp();
            inner.load(at, slot);
            inner.load(inner.deref(slot, pointer->elem), area + results);
        } else {
            inner.load(at, area + results);
        }
        inner.move(area + results + width, results + self, rest);
        inner.emit_call(callee, area);
        inner.move(0, area, results);
    });
    inner.finish();
    function_value_to(wrapper, to);
}

}  // namespace csp::compile
