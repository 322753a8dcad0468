#include "interpreter/compile/compiler.h"

#include <algorithm>

#include "interpreter/compile/effects.h"
#include "interpreter/compile/escape.h"
#include "interpreter/compile/function_compiler.h"

namespace csp::compile {

namespace {
constexpr std::string_view kReflect = "reflect";
}

Compiler::Compiler(types::Universe& universe, check::Checker& checker, NativeResolver& natives,
                   runtime::TypeTable& type_table, bytecode::Program& program)
    : universe_(universe), checker_(checker), natives_(natives), type_table_(type_table),
      program_(program) {
    type_index(type_table_.basic(runtime::Kind::UnsafePointer));
    // What fmt and the VM look for on any value, whether or not the script names an interface for it.
    for (const char* name : {"Error", "String", "GoString", "Format", "RuntimeError", "Unwrap", "Is", "As"})
        wanted_names_.insert(name);
}

Compiler::~Compiler() = default;

std::uint16_t Compiler::type_index(const runtime::Type* type) {
    const auto [at, fresh] =
        type_indices_.try_emplace(type, static_cast<std::uint16_t>(program_.types.size()));
    if (fresh) program_.types.push_back(type);
    return at->second;
}

std::uint32_t Compiler::constant(std::uint64_t bits) {
    const auto [at, fresh] =
        constants_.try_emplace(bits, static_cast<std::uint32_t>(program_.constants.size()));
    if (fresh) program_.constants.push_back(bits);
    return at->second;
}

std::uint32_t Compiler::constant_pair(std::uint64_t first, std::uint64_t second) {
    const auto [at, fresh] = pairs_.try_emplace({first, second},
                                                static_cast<std::uint32_t>(program_.constants.size()));
    if (fresh) {
        program_.constants.push_back(first);
        program_.constants.push_back(second);
    }
    return at->second;
}

std::uint32_t Compiler::string_constant(std::string_view text) {
    if (const auto known = string_constants_.find(text); known != string_constants_.end())
        return known->second;
    program_.texts.emplace_back(text);
    const std::string& owned = program_.texts.back();
    const std::uint64_t data = text.empty() ? 0 : reinterpret_cast<std::uintptr_t>(owned.data());
    const auto at = static_cast<std::uint32_t>(program_.constants.size());
    program_.constants.push_back(data);
    program_.constants.push_back(owned.size());
    string_constants_.emplace(owned, at);
    return at;
}

std::uint32_t Compiler::global_offset(types::Var& var) {
    if (var.global_offset >= 0) return static_cast<std::uint32_t>(var.global_offset);
    const runtime::Type* type = lower(var.type);
    const std::uint32_t align = type->align < 8 ? 8 : type->align;
    const std::uint32_t at = (program_.globals_size + align - 1) / align * align;
    program_.globals_size = at + type->size;
    var.global_offset = static_cast<std::int32_t>(at);
    program_.globals.push_back({std::string(var.name), type, at});
    if (const auto pending = unused_.find(&var); pending != unused_.end()) {
        later(std::move(pending->second));
        unused_.erase(pending);
    }
    return at;
}

bytecode::Function* Compiler::new_function(std::string name, source::Pos pos) {
    bytecode::Function& function = program_.functions.emplace_back();
    function.name = std::move(name);
    function.pos = pos;
    function.index = static_cast<std::uint32_t>(program_.by_index.size());
    function.static_closure.function = &function;
    program_.by_index.push_back(&function);
    return &function;
}

std::string Compiler::function_name(const types::Func& func) const {
    std::string name = func.package == nullptr ? "" : func.package->path + ".";
    const types::Signature* signature = static_cast<const types::Signature*>(func.type);
    if (signature->recv != nullptr) {
        types::Type* recv = signature->recv->type;
        const bool pointer = recv->kind == types::TypeKind::Pointer;
        if (pointer) recv = static_cast<types::Pointer*>(recv)->elem;
        if (auto* named = types::as<types::Named>(recv)) {
            const std::string type(named->object->name);
            name += pointer ? "(*" + type + ")." : type + ".";
        }
    }
    return name + std::string(func.name);
}

namespace {
/// "Type.Method" or "Func": how natives are looked up.
std::string native_name(const types::Func& func) {
    const auto* signature = static_cast<const types::Signature*>(func.type);
    std::string name;
    if (signature->recv != nullptr) {
        types::Type* recv = signature->recv->type;
        if (auto* pointer = types::as<types::Pointer>(recv)) recv = pointer->elem;
        if (auto* named = types::as<types::Named>(recv)) name = std::string(named->object->name) + ".";
    }
    return name + std::string(func.name);
}
}  // namespace

bytecode::Function* Compiler::function(types::Func& func, const std::vector<types::Type*>& args) {
    types::Func* origin = func.origin != nullptr ? func.origin : &func;
    universe_.signature_of(&func);
    universe_.signature_of(origin);
    std::vector<types::Type*> type_args = args;
    Substitution substitution;
    auto* signature = origin->signature();
    if (signature->recv != nullptr && !signature->recv_type_params.empty()) {
        // A method of an instance: its arguments are those of the receiver type.
        types::Type* recv = func.signature()->recv->type;
        if (auto* pointer = types::as<types::Pointer>(recv)) recv = pointer->elem;
        if (auto* named = types::as<types::Named>(recv)) type_args = named->type_args;
        substitution.params = signature->recv_type_params;
    } else {
        substitution.params = signature->type_params;
    }
    substitution.args = type_args;
    if (substitution.params.empty()) {
        if (const auto known = functions_.find(origin); known != functions_.end()) return known->second;
    } else {
        for (const Instance& instance : instances_[origin])
            if (std::equal(type_args.begin(), type_args.end(), instance.args.begin(), instance.args.end(),
                           [](types::Type* a, types::Type* b) { return types::identical(a, b); }))
                return instance.code;
    }
    std::string name = function_name(*origin);
    if (!substitution.params.empty()) name += "[...]";
    bytecode::Function* made = new_function(std::move(name), origin->pos);
    if (substitution.params.empty())
        functions_[origin] = made;
    else
        instances_[origin].push_back({type_args, made});

    const auto slots = [&](types::Tuple* tuple) {
        std::uint32_t sum = 0;
        for (types::Var* var : tuple->vars)
            sum += lower(types::substitute(universe_, var->type, substitution.params, substitution.args))
                       ->slots;
        return sum;
    };
    std::uint32_t receiver = 0;
    if (signature->recv != nullptr)
        receiver = lower(types::substitute(universe_, signature->recv->type, substitution.params,
                                           substitution.args))->slots;
    made->result_slots = static_cast<std::uint16_t>(slots(signature->results));
    made->param_slots = static_cast<std::uint16_t>(receiver + slots(signature->params));
    made->frame_slots = static_cast<std::uint32_t>(made->result_slots) + made->param_slots;

    if (origin->native != nullptr || origin->decl == nullptr || origin->decl->body == nullptr)
        made->type = lower(types::substitute(universe_, signature, substitution.params, substitution.args));
    if (origin->native != nullptr) {
        made->native = static_cast<const NativeEntry*>(origin->native);
        return made;
    }
    if (origin->decl == nullptr || origin->decl->body == nullptr) {
        const std::string package = origin->package == nullptr ? std::string() : origin->package->path;
        made->native = natives_.find(package, native_name(*origin));
        if (made->native == nullptr)
            report(origin->pos, "internal: no native for " + function_name(*origin));
        return made;
    }
    later([this, origin, made, substitution] {
        if (!origin->body_checked && !checker_.check_body(*origin)) return;
        if (!origin->escapes_analysed) {
            origin->escapes_analysed = true;
            analyse_escapes(*origin->decl);
        }
        for (const bool wide : {false, true}) {
            FunctionCompiler body(*this, *made, substitution, nullptr, wide);
            body.declared(*origin->decl, origin->signature());
            if (body.finish()) break;
        }
    });
    return made;
}

bytecode::Function* Compiler::method_wrapper(types::Type* recv, const types::MethodEntry& entry) {
    const runtime::Type* type = lower(recv);
    // A method promoted from an embedded interface has no code of its own: the wrapper calls through it.
    const bool dynamic = entry.method->decl == nullptr && entry.method->native == nullptr;
    bytecode::Function* callee = dynamic ? nullptr : function(*entry.method);
    const bool receiver_is_pointer = recv->kind == types::TypeKind::Pointer;
    // The word of the interface is the receiver as it is: no wrapper.
    if (!dynamic && entry.path.empty() && type->inline_in_interface && type->slots == 1 &&
        receiver_is_pointer == entry.method->pointer_receiver)
        return callee;
    bytecode::Function*& wrapper = wrappers_[{type, entry.method}];
    if (wrapper != nullptr) return wrapper;
    wrapper = new_function(dynamic ? std::string(entry.method->name) : callee->name, entry.method->pos);
    wrapper->is_wrapper = true;
    types::Signature* signature = universe_.signature_of(entry.method);
    later([this, recv, entry, callee, wrapper = wrapper, type, signature] {
        FunctionCompiler body(*this, *wrapper, {}, nullptr, false);
        const std::uint32_t results = body.results_of(signature);
        const std::uint32_t params = body.params_of(signature);
        body.synthetic(results, 1 + params, [&] {
            Place at;
            at.type = type;
            if (type->inline_in_interface) {
                at.kind = Place::Kind::Frame;
                at.slot = results;
            } else {
                at.kind = Place::Kind::Memory;
                at.slot = results;
            }
            types::Type* walked = recv;
            body.follow_path(at, walked, entry.path, entry.path.empty() ? 0 : entry.path.size(),
                             wrapper->pos);
            if (types::is_interface(walked)) {
                const std::uint32_t iface = body.temp(2);
                body.load(at, iface);
                const std::uint32_t area = body.call_area(results + 1 + params);
                body.move(area + results + 1, results + 1, params);
                std::uint32_t id = 0;
                for (const runtime::Method& method : lower(walked)->methods)
                    if (method.name == entry.method->name) id = method.id;
                body.code.emit(Opcode::CallIface, area, iface, results);
                body.code.word(id, results + 1 + params);
                body.move(0, area, results);
                return;
            }
            const std::uint32_t self = callee->param_slots - params;
            const std::uint32_t area = body.call_area(results + self + params);
            auto* pointer = types::as<types::Pointer>(walked);
            if (pointer != nullptr && !entry.method->pointer_receiver) {
                const std::uint32_t address = body.temp();
                body.load(at, address);
                Place target;
                target.kind = Place::Kind::Memory;
                target.slot = address;
                target.type = lower(pointer->elem);
                body.load(target, area + results);
            } else if (pointer == nullptr && entry.method->pointer_receiver) {
                body.move(area + results, body.address(at), 1);
            } else {
                body.load(at, area + results);
            }
            body.move(area + results + self, results + 1, params);
            body.emit_call(callee, area);
            body.move(0, area, results);
        });
        body.finish();
    });
    return wrapper;
}

bytecode::Function* Compiler::method_wrapper(types::Type* recv, std::string_view name) {
    for (const types::MethodEntry& entry : types::method_set(universe_, recv))
        if (entry.method->name == name) return method_wrapper(recv, entry);
    report({}, "internal: method " + std::string(name) + " is missing");
    return new_function(std::string(name), {});
}

bytecode::Function* Compiler::runtime_function(std::string_view name) {
    auto* func = types::as<types::Func>(runtime_->scope->lookup(name));
    if (func == nullptr) {
        report({}, "internal: runtime." + std::string(name) + " is missing");
        return new_function(std::string(name), {});
    }
    return function(*func);
}

std::uint32_t Compiler::unlock_method() {
    runtime::Method method{};
    method.name = "Unlock";
    method.type = type_table_.func_of({}, {}, false);
    wanted_names_.insert(std::string(method.name));
    return method_id(method);
}

void Compiler::note_method_use(const types::Func& method, const bytecode::Function& user) {
    if (!reflects_ || method.package == nullptr || method.package->path != kReflect) return;
    if (user.name.starts_with("reflect.")) return;
    for (const std::string_view name : {"Method", "MethodByName", "Methods", "NumMethod"})
        if (method.name == name) keeps_methods_ = true;
}

void Compiler::drain() {
    while (!queue_.empty()) {
        const std::function<void()> work = std::move(queue_.front());
        queue_.pop_front();
        work();
    }
}

/// Again and again the first by import path of those whose imports are initialised (Go spec, "Program initialization").
std::vector<types::Package*> Compiler::initialization_order() const {
    std::vector<types::Package*> waiting = checker_.packages();
    std::sort(waiting.begin(), waiting.end(), [](auto* a, auto* b) { return a->path < b->path; });
    std::vector<types::Package*> order;
    std::set<const types::Package*> done;
    while (!waiting.empty()) {
        const auto ready = std::find_if(waiting.begin(), waiting.end(), [&](const types::Package* package) {
            return std::all_of(package->imports.begin(), package->imports.end(),
                               [&](const types::Package* import) { return done.contains(import); });
        });
        types::Package* next = ready == waiting.end() ? waiting.front() : *ready;
        waiting.erase(ready == waiting.end() ? waiting.begin() : ready);
        done.insert(next);
        order.push_back(next);
    }
    return order;
}

bytecode::Function* Compiler::initializer(const types::Package& package, const types::Initializer& init) {
    // In a function of its own, so that traces and frames stay small.
    bytecode::Function* function = new_function(package.path + ".init", init.rhs->pos);
    analyse_escapes(init.rhs, function);
    for (const bool wide : {false, true}) {
        FunctionCompiler code(*this, *function, {}, nullptr, wide);
        code.synthetic(0, 0, [&] { code.initialize(init); });
        if (code.finish()) break;
    }
    return function;
}

/// Package initialisers and init functions in order. What only gives a variable its value waits until that is used.
void Compiler::collect_initializers() {
    for (types::Package* package : initialization_order()) {
        for (const types::Initializer& init : package->init_order) {
            const auto make = [this, package, &init, at = initializers_.size()] {
                initializers_[at] = initializer(*package, init);
            };
            initializers_.push_back(nullptr);
            const bool used = init.lhs.size() != 1 || (init.lhs[0] != nullptr && init.lhs[0]->global_offset >= 0);
            if (used || !is_effect_free(init.rhs, *program_.sources))
                make();
            else if (init.lhs[0] != nullptr)
                unused_.emplace(init.lhs[0], make);
        }
        for (ast::FuncDecl* init : package->init_funcs)
            if (init->object != nullptr) initializers_.push_back(function(*init->object));
    }
}

/// The body of program_.initialize, when all that is used is known.
void Compiler::compile_initialize() {
    FunctionCompiler body(*this, *initialize_, {}, nullptr, true);
    body.synthetic(0, 0, [&] {
        for (bytecode::Function* function : initializers_)
            if (function != nullptr) body.call_function(function);
    });
    body.finish();
}

/// The entry: all initialisers, then main.
void Compiler::compile_entry(types::Package& main, std::string_view name) {
    initialize_ = new_function("runtime.main", {});
    program_.initialize = initialize_;
    collect_initializers();
    bytecode::Function* entry = new_function("runtime.main", {});
    FunctionCompiler start(*this, *entry, {}, nullptr, true);
    start.synthetic(0, 0, [&] {
        start.call_function(initialize_);
        bool script = false;
        for (ast::File* file : main.files) {
            if (!file->is_script() || name != "main") continue;
            script = true;
            bytecode::Function* function = new_function("main.main", file->pos);
            for (ast::Stmt* stmt : file->script) analyse_escapes(stmt, function);
            for (const bool wide : {false, true}) {
                FunctionCompiler code(*this, *function, {}, nullptr, wide);
                code.script(file->script);
                if (code.finish()) break;
            }
            start.call_function(function);
        }
        if (!script)
            if (auto* func = types::as<types::Func>(main.scope->lookup(name)))
                start.call_function(this->function(*func));
    });
    start.finish();
    program_.entry = entry;
}

void Compiler::compile(types::Package& main, types::Package& runtime,
                       std::vector<Unsupported>& unsupported, std::string_view entry) {
    unsupported_ = &unsupported;
    runtime_ = &runtime;
    program_.type_table = &type_table_;
    const auto& packages = checker_.packages();
    reflects_ = std::any_of(packages.begin(), packages.end(), [](const types::Package* p) { return p->path == kReflect; });
    const auto runtime_type = [&](std::string_view name) -> types::Type* {
        types::Object* object = runtime.scope->lookup(name);
        if (object != nullptr) universe_.resolve(object);
        return object == nullptr ? universe_.basic(types::BasicKind::Int) : object->type;
    };
    lower(universe_.error_type());
    program_.string_type = lower(universe_.basic(types::BasicKind::String));
    program_.runtime_error = lower(runtime_type("errorString"));
    program_.bounds_error = lower(runtime_type("boundsError"));
    program_.plain_error = lower(runtime_type("plainError"));
    const auto pointer_type = [&](std::string_view name) {
        return lower(universe_.make_type<types::Pointer>(runtime_type(name)));
    };
    program_.assertion_error = pointer_type("TypeAssertionError");
    program_.native_error = pointer_type("nativeError");
    program_.nil_panic_error = pointer_type("PanicNilError");
    compile_entry(main, entry);
    for (types::Package* package : checker_.packages()) {
        if (package->lazy_bodies) continue;
        // All of the user's code is compiled, so that what cannot be is told before anything runs.
        for (ast::FuncDecl* decl : package->funcs)
            if (decl->object != nullptr && decl->object->signature()->type_params.empty() &&
                decl->object->signature()->recv_type_params.empty())
                function(*decl->object);
    }
    drain();
    finish_methods();
    compile_initialize();
}

bytecode::Function* Compiler::exported(types::Package& main, std::string_view name) {
    auto* func = types::as<types::Func>(main.scope->lookup(name));
    if (func == nullptr || !func->signature()->type_params.empty()) return nullptr;
    const auto known = functions_.find(func);
    return known == functions_.end() ? nullptr : known->second;
}

}  // namespace csp::compile
