#include "csp/engine.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <system_error>

#include "interpreter/bytecode/disasm.h"
#include "interpreter/bytecode/fold.h"
#include "interpreter/bytecode/link.h"
#include "interpreter/bytecode/verify.h"
#include "interpreter/engine/compiled.h"
#include "interpreter/engine/describe.h"
#include "interpreter/engine/engine_state.h"
#include "interpreter/engine/instance_state.h"
#include "interpreter/engine/runtime_package.h"
#include "interpreter/optimize/optimize.h"
#include "interpreter/parse/parse.h"

namespace csp {

namespace {

/// Short enough for a string to need no memory.
constexpr const char* kOutOfMemory = "out of memory";

Diagnostic out_of_memory() {
    Diagnostic out;
    out.message = kOutOfMemory;
    return out;
}

Diagnostic to_public(const diag::Diagnostic& diagnostic, const source::SourceSet& sources) {
    const source::Position at = sources.position(diagnostic.pos);
    Diagnostic out;
    out.file = at.file;
    out.line = at.line;
    out.column = at.column;
    out.message = diagnostic.message;
    out.hint = diagnostic.hint;
    const std::string shown = diag::render(diagnostic, sources, true);
    if (const std::size_t line = shown.find('\n'); line != std::string::npos) out.snippet = shown.substr(line + 1);
    return out;
}

/// A file that cannot be parsed leads to errors wherever it is used; they are not reported then.
std::vector<Diagnostic> to_public(const diag::Sink& sink, const source::SourceSet& sources) {
    const std::vector<diag::Diagnostic> all = sink.sorted();
    const auto syntax = [](const diag::Diagnostic& d) { return d.code == diag::Code::SyntaxError; };
    const bool only_those = std::any_of(all.begin(), all.end(), syntax);
    std::vector<Diagnostic> out;
    for (const diag::Diagnostic& diagnostic : all)
        if (!only_those || syntax(diagnostic)) out.push_back(to_public(diagnostic, sources));
    return out;
}

/// The front end's objects, which live as long as one compilation.
struct FrontEnd {
    base::Arena arena;
    diag::Sink sink;
    types::Universe universe{arena};
    engine::Library library;
    check::Checker checker;
    types::Package* runtime = nullptr;
    types::Package* main = nullptr;

    FrontEnd(const detail::EngineState& engine, source::SourceSet& sources)
        : library(engine.supply(), sources, arena, sink), checker(universe, arena, sources, library, sink) {}

    /// Parses and checks; false when there were errors.
    bool check(const std::vector<Source>& texts, source::SourceSet& sources, std::string_view entry = "main") {
        check::PackageSource program;
        program.path = "main";
        program.name = "main";
        program.entry = entry;
        for (const Source& text : texts) {
            const source::SourceFile& file = sources.add(text.name, text.text);
            if (ast::File* parsed = parse::parse_file(file, arena, sink)) program.files.push_back(parsed);
        }
        if (sink.has(diag::Code::SyntaxError)) return false;
        const check::PackageSource* prelude = library.load("runtime");
        if (prelude != nullptr) runtime = checker.check(*prelude);
        main_source = std::move(program);
        main = checker.check(main_source);
        return sink.empty();
    }

    check::PackageSource main_source;
};

}  // namespace

std::string Program::disassemble() const { return bytecode::disassemble(compiled_->program); }

Engine::Engine(Options options) : state_(new detail::EngineState(std::move(options))) {
    add(engine::runtime_package());
}

Engine::~Engine() = default;

void Engine::add(Package package) {
    const std::lock_guard lock(state_->mutex);
    state_->packages.insert_or_assign(package.path(), package);
}

void Engine::add(std::vector<Package> packages) {
    for (Package& package : packages) add(std::move(package));
}

namespace {
/// What is wrong with the host's own settings is wrong for every program.
std::vector<Diagnostic> problems_of(const runtime::Grants& grants) {
    std::vector<Diagnostic> out;
    for (const std::string& problem : grants.problems()) {
        Diagnostic& diagnostic = out.emplace_back();
        diagnostic.file = "csp::Access";
        diagnostic.message = problem;
    }
    return out;
}
}  // namespace

std::vector<Diagnostic> Engine::check(const std::vector<Source>& sources) try {
    if (!state_->grants->problems().empty()) return problems_of(*state_->grants);
    const std::lock_guard lock(state_->mutex);
    source::SourceSet set;
    FrontEnd front(*state_, set);
    front.check(sources, set);
    return to_public(front.sink, set);
} catch (const std::bad_alloc&) {
    return {out_of_memory()};
}

std::vector<std::string> Engine::packages() {
    const std::lock_guard lock(state_->mutex);
    source::SourceSet set;
    base::Arena arena;
    diag::Sink sink;
    std::vector<std::string> paths =
        engine::Library(state_->supply(), set, arena, sink).available();
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::optional<PackageDoc> Engine::describe(std::string_view path) {
    const std::lock_guard lock(state_->mutex);
    return engine::describe(state_->supply(), path);
}

std::optional<PackageDoc> Engine::describe(const std::vector<Source>& sources) {
    const std::lock_guard lock(state_->mutex);
    return engine::describe(state_->supply(), sources);
}

Compiled Engine::compile(const std::vector<Source>& sources, std::string_view entry) try {
    Compiled out;
    out.diagnostics = problems_of(*state_->grants);
    if (!out.diagnostics.empty()) return out;
    const std::lock_guard lock(state_->mutex);
    auto compiled = std::make_shared<detail::CompiledProgram>();
    for (const auto& [path, package] : state_->packages) compiled->packages.push_back(package);
    FrontEnd front(*state_, compiled->sources);
    if (!front.check(sources, compiled->sources, entry) || front.main == nullptr || front.runtime == nullptr) {
        out.diagnostics = to_public(front.sink, compiled->sources);
        return out;
    }
    compiled->program.sources = &compiled->sources;
    compile::Compiler compiler(front.universe, front.checker, front.library, compiled->types,
                               compiled->program);
    std::vector<compile::Unsupported> unsupported;
    compiler.compile(*front.main, *front.runtime, unsupported, entry);
    for (const compile::Unsupported& what : unsupported) {
        const bool internal = what.what.starts_with("internal");
        front.sink.report({diag::Code::Unsupported, what.pos, {},
                           internal ? what.what : what.what + " is not supported yet", ""});
    }
    if (front.sink.empty()) {
        optimize::optimize(compiled->program);
        bytecode::fold_instances(compiled->program);
        const std::string problem = bytecode::verify(compiled->program);
        if (!problem.empty())
            front.sink.report({diag::Code::Unsupported, {}, {}, "internal error: bad code for " + problem, ""});
    }
    if (!front.sink.empty()) {
        out.diagnostics = to_public(front.sink, compiled->sources);
        return out;
    }
    bytecode::link(compiled->program);
    for (types::Object* object : front.main->scope->objects()) {
        auto* func = types::as<types::Func>(object);
        if (func == nullptr || !func->exported()) continue;
        if (const bytecode::Function* function = compiler.exported(*front.main, func->name))
            compiled->exported[std::string(func->name)] = {function, types::to_string(func->type), types::runtime_string(func->type)};
    }
    compiled->name = front.main->name;
    out.program = Program(std::move(compiled));
    return out;
} catch (const std::bad_alloc&) {
    return {std::nullopt, {out_of_memory()}};
}

Ended Engine::run(const Program& program, const Limits& limits) try {
    detail::InstanceState state(program.compiled_, *state_);
    if (std::optional<Ended> ended = state.refuse_main()) return *ended;
    state.limits = limits;
    return detail::to_public(state.run(*state.compiled->program.entry));
} catch (const std::bad_alloc&) {
    return {2, kOutOfMemory};
}

std::optional<Instance> Engine::instantiate(const Program& program, std::string& error, const Limits& limits) try {
    auto state = std::make_unique<detail::InstanceState>(program.compiled_, *state_);
    state->limits = limits;
    const vm::Outcome& outcome = state->run(*state->compiled->program.initialize);
    if (outcome.status != 0) {
        error = outcome.message;
        return std::nullopt;
    }
    return Instance(std::move(state));
} catch (const std::bad_alloc&) {
    error = kOutOfMemory;
    return std::nullopt;
}

Instance::Instance(std::unique_ptr<detail::InstanceState> state) : handle_(std::make_shared<detail::InstanceHandle>(std::move(state))) {}
Instance::~Instance() {
    if (handle_ != nullptr) handle_->drop();
}
Instance::Instance(Instance&&) noexcept = default;
Instance& Instance::operator=(Instance&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
}
void Instance::limit(const Limits& limits) {
    if (handle_ != nullptr) handle_->state->limits = limits;
}
std::uint64_t Instance::fuel() const { return handle_ != nullptr ? handle_->state->fuel : 0; }

namespace {
/// A signature without parameter names: "func(a int, b string) bool" → "func(int, string) bool".
std::string without_names(const std::string& signature);
/// The same with all channels' directions left out.
std::string undirected(std::string signature);
}  // namespace

const bytecode::Function* Instance::find(std::string_view name, const std::string& signature, std::string& error) const {
    if (handle_ == nullptr) {
        error = detail::InstanceHandle::kGone;
        return nullptr;
    }
    const auto& exported = handle_->state->compiled->exported;
    const auto found = exported.find(std::string(name));
    if (found == exported.end()) {
        error = "no exported function " + std::string(name);
        return nullptr;
    }
    const std::string declared = without_names(found->second.signature);
    // A channel of the host may be passed for one direction.
    if (declared != signature && undirected(declared) != signature) {
        error = std::string(name) + " has type " + found->second.signature + ", not " + signature;
        return nullptr;
    }
    return found->second.function;
}

detail::Exported Instance::exported(std::string_view name) const {
    if (handle_ == nullptr) return {};
    const auto& exported = handle_->state->compiled->exported;
    const auto found = exported.find(std::string(name));
    if (found == exported.end()) return {};
    return {handle_.get(), found->second.function, found->second.plain};
}

namespace detail {

HostCall::HostCall(const InstanceHandle& instance) {
    state_ = instance.begin_use(refused_);
    // Arguments that earlier calls were given may be garbage by now; those of this call are not there yet.
    if (state_ != nullptr) state_->scheduler->collect_if_due();
}

HostCall::~HostCall() { InstanceHandle::end_use(state_); }

std::shared_ptr<const Failure> HostCall::failure() const { return state_ != nullptr ? state_->failure : nullptr; }

void HostCall::put_channel(ChannelHandle& channel, Slot* to) {
    if (state_ != nullptr) channel.enter(*state_, to, state_->refused);
}

const char* HostCall::keep(std::string_view text) {
    if (state_ == nullptr) return nullptr;
    const char* const copy = state_->machine->copy_in(text);
    return copy != nullptr ? copy : state_->kept.emplace_back(std::make_unique<std::string>(text))->data();
}

bool HostCall::run(const bytecode::Function& function, std::span<const Slot> args, std::span<Slot> results, std::string& error) try {
    if (state_ == nullptr) {
        error = refused_;
        return false;
    }
    if (!state_->refused.empty()) {
        error = std::exchange(state_->refused, {});
        state_->failure = nullptr;
        return false;
    }
    if (!state_->ended.empty()) {
        state_->failure = state_->end;
        error = "the instance has ended: " + state_->ended;
        return false;
    }
    const vm::Outcome& outcome = state_->call(function, args, results);
    if (outcome.status == 0) return true;
    state_->failure = outcome.failure;
    error = outcome.message.empty() ? "exit status " + std::to_string(outcome.status) : outcome.message;
    return false;
} catch (const std::bad_alloc&) {
    // What its goroutines wait for may be half done.
    error = state_->ended = kOutOfMemory;
    return false;
}

Limit HostCall::limit() const { return state_ != nullptr ? state_->ended_by : Limit::None; }

bool HostCall::error_text(const Slot* value, std::string& text, std::string& error) {
    const auto* const type = reinterpret_cast<const runtime::Type*>(value[0]);
    const auto method = std::find_if(type->methods.begin(), type->methods.end(), [](const runtime::Method& m) {
        return m.name == "Error" && m.type->string == "func() string";
    });
    const std::uint64_t before = state_->fuel;
    if (method == type->methods.end() || method->code == nullptr) {
        text = type->string;
        return true;
    }
    Slot result[2] = {};
    const bool ok = run(*static_cast<const bytecode::Function*>(method->code), {value + 1, 1}, result, error);
    state_->fuel += before;
    if (ok) text.assign(reinterpret_cast<const char*>(result[0]), result[1]);
    return ok;
}

}  // namespace detail

namespace {

std::string without_names(const std::string& signature) {
    // Splits the parameter list at top-level commas and drops a first word that is followed by a space
    // and a type; channel and func types begin with words of their own.
    std::string out;
    std::string part;
    int depth = 0;
    const auto flush = [&] {
        const std::size_t space = part.find(' ');
        const std::string first = part.substr(0, space);
        const bool named = space != std::string::npos && first != "chan" && first != "<-chan" &&
                           first != "chan<-" && first.find('(') == std::string::npos &&
                           first.find('{') == std::string::npos && first != "struct" && first != "interface";
        out += named ? part.substr(space + 1) : part;
        part.clear();
    };
    const std::size_t open = signature.find('(');
    out = signature.substr(0, open + 1);
    std::size_t i = open + 1;
    for (; i < signature.size(); ++i) {
        const char c = signature[i];
        if (c == '(' || c == '{' || c == '[') ++depth;
        if (c == ')' && depth == 0) break;
        if (c == ')' || c == '}' || c == ']') --depth;
        if (c == ',' && depth == 0) {
            flush();
            out += ", ";
            if (i + 1 < signature.size() && signature[i + 1] == ' ') ++i;
            continue;
        }
        part += c;
    }
    flush();
    return out + signature.substr(i);
}

std::string undirected(std::string signature) {
    for (std::size_t at = 0; (at = signature.find("<-", at)) != std::string::npos;) signature.erase(at, 2);
    return signature;
}

}  // namespace

}  // namespace csp
