// Scopes, names, unused variables, initialisation order.

#include <algorithm>
#include <queue>

#include "csp/suggest.hpp"
#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;

void Checker::Impl::open_scope(source::Pos pos) {
    cx_.scope = universe_.make_scope(cx_.scope);
    cx_.scope->pos = pos;
    cx_.blocks.push_back({cx_.block, {}});
    cx_.block = static_cast<int>(cx_.blocks.size()) - 1;
}

void Checker::Impl::close_scope() {
    cx_.scope = cx_.scope->parent;
    cx_.block = cx_.blocks[static_cast<std::size_t>(cx_.block)].parent;
}

Object* Checker::Impl::lookup(std::string_view name, source::Pos pos) const {
    if (cx_.repeated_at.known()) pos = cx_.repeated_at;
    for (Scope* scope = cx_.scope; scope != nullptr; scope = scope->parent) {
        Object* object = scope->lookup(name);
        if (object == nullptr) continue;
        if (object->scope_pos.known() && pos.known() && pos < object->scope_pos) continue;
        return object;
    }
    return universe_.scope()->lookup(name);
}

std::string Checker::Impl::other_declaration(const Object& other) const {
    return "\n\t" + place(other.pos) + ": other declaration of " + std::string(other.name);
}

void Checker::Impl::declare(Ident* name, Object* object, source::Pos from) {
    name->object = object;
    if (name->name == "_") {
        name->object = nullptr;
        return;
    }
    object->scope_pos = from;
    object->parent = cx_.scope;
    if (Object* other = cx_.scope->insert(object)) {
        error(Code::Redeclared, name->pos,
              std::string(name->name) + " redeclared in this block" + other_declaration(*other));
    }
}

Var* Checker::Impl::new_var(Ident* name, Type* type) {
    auto* var = universe_.make_object<Var>(name->pos, cx_.package, name->name, type);
    var->color = types::Color::Black;
    cx_.locals.push_back(var);
    if (cx_.block >= 0) cx_.blocks[static_cast<std::size_t>(cx_.block)].variables.push_back(var);
    return var;
}

void Checker::Impl::unused_variables() {
    if (cx_.package->lazy_bodies) return;
    for (Var* var : cx_.locals)
        if (!var->used && !var->is_param && var->name != "_")
            error(Code::Unused, var->pos, "declared and not used: " + std::string(var->name));
}

/// "did you mean x?" for the name most like `name` among those that `each` passes on; empty when none is close.
std::string Checker::Impl::closest(std::string_view name, const std::function<void(const NameVisitor&)>& each) {
    Closest closest(name);
    each([&](std::string_view candidate) {
        if (candidate != "_" && candidate != name) closest.offer(candidate);
    });
    const std::string& best = closest.best();
    return best.empty() ? best : "did you mean " + best + "?";
}

/// Why the host lets the program not use what one of the library's packages declares; they may use each other's themselves.
std::string_view Checker::Impl::why_not_granted(const Object& object) const {
    const bool asks = object.package != nullptr && object.package->lazy_bodies && !cx_.package->lazy_bodies;
    return asks ? loader_.why_not_granted(object.pos) : std::string_view();
}

bool Checker::Impl::granted(source::Pos at, const Object& object, const std::function<std::string()>& name) {
    const std::string_view why = why_not_granted(object);
    if (!why.empty()) error(Code::Undefined, at, name() + " is not granted: " + std::string(why));
    return why.empty();
}

/// For an undefined name: a visible one like it, or the package to import.
std::string Checker::Impl::suggest(std::string_view name) const {
    for (const std::string& path : loader_.available())
        if (path == name || path.ends_with("/" + std::string(name))) return "import \"" + path + "\"";
    return closest(name, [&](const NameVisitor& visit) {
        for (const Scope* scope = cx_.scope; scope != nullptr; scope = scope->parent)
            for (const Object* object : scope->objects()) visit(object->name);
        for (const std::string& path : loader_.available()) visit(std::string_view(path).substr(path.rfind('/') + 1));
    });
}

/// For a selector of a value: a field or method with a name like it.
std::string Checker::Impl::suggest_member(Type* type, std::string_view name) const {
    return closest(name, [&](const NameVisitor& visit) {
        Type* base = type;
        if (auto* pointer = types::under_as<types::Pointer>(base)) base = pointer->elem;
        if (auto* structure = types::under_as<types::Struct>(base))
            for (const Var* field : structure->fields)
                if (types::same_name(field, cx_.package, field->name)) visit(field->name);
        Type* receiver = types::is_interface(base) ? base : universe_.make_type<types::Pointer>(base);
        for (const types::MethodEntry& entry : types::method_set(universe_, receiver))
            if (types::same_name(entry.method, cx_.package, entry.method->name)) visit(entry.method->name);
    });
}

/// The package-level variables that `info` refers to, also through functions.
std::set<Object*> Checker::Impl::variables_needed(const DeclInfo& info) const {
    std::set<Object*> variables;
    std::set<Object*> seen;
    std::vector<Object*> stack(info.uses.begin(), info.uses.end());
    while (!stack.empty()) {
        Object* next = stack.back();
        stack.pop_back();
        if (!seen.insert(next).second) continue;
        if (next->kind == types::ObjectKind::Var) {
            variables.insert(next);
            continue;
        }
        const auto found = infos_.find(next);
        if (found != infos_.end()) stack.insert(stack.end(), found->second.uses.begin(), found->second.uses.end());
    }
    return variables;
}

/// Again and again the earliest variable that is ready (Go spec, "Package initialization"). As in the Go compiler,
/// a variable without a value takes its turn too before others that need it are ready.
void Checker::Impl::init_order(Package* package) {
    if (!package->files.empty() && package->files[0]->is_script()) return;
    struct Turn {
        std::size_t unmet = 0;                 ///< How many variables it still waits for.
        std::vector<std::size_t> dependents;  ///< Those that wait for it.
        bool has_value = false;
        bool taken = false;
    };
    std::vector<Turn> turns(variables_.size());
    std::unordered_map<const Object*, std::size_t> index;
    for (std::size_t i = 0; i < variables_.size(); ++i) index[variables_[i]] = i;
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < variables_.size(); ++i) {
        const DeclInfo& info = infos_[variables_[i]];
        turns[i].has_value = info.script == nullptr && info.spec != nullptr && !info.spec->values.empty();
        if (turns[i].has_value)
            for (const Object* need : variables_needed(info))
                if (const auto at = index.find(need); at != index.end()) {
                    ++turns[i].unmet;
                    turns[at->second].dependents.push_back(i);
                }
        if (turns[i].unmet == 0) ready.push(i);
    }
    std::set<const ValueSpec*> emitted;
    while (!ready.empty()) {
        const std::size_t at = ready.top();
        ready.pop();
        turns[at].taken = true;
        for (const std::size_t dependent : turns[at].dependents)
            if (--turns[dependent].unmet == 0) ready.push(dependent);
        if (!turns[at].has_value) continue;
        Var* var = variables_[at];
        const DeclInfo& info = infos_[var];
        types::Initializer init;
        if (info.spec->values.size() == info.spec->names.size()) {
            init.lhs = {var->name == "_" ? nullptr : var};
            init.rhs = info.spec->values[info.index];
        } else {
            if (!emitted.insert(info.spec).second) continue;
            for (Ident* name : info.spec->names)
                init.lhs.push_back(name->name == "_" ? nullptr : types::as<Var>(name->object));
            init.rhs = info.spec->values[0];
        }
        package->init_order.push_back(std::move(init));
    }
    for (std::size_t i = 0; i < turns.size(); ++i)
        if (!turns[i].taken && report_init_cycle(variables_[i])) return;
}

/// Reports how `var` depends on itself, by the shortest way; false when it does not.
bool Checker::Impl::report_init_cycle(Var* var) {
    std::map<Object*, Object*> reached_from;
    std::vector<Object*> queue = {var};
    for (std::size_t next = 0; next < queue.size() && !reached_from.contains(var); ++next) {
        const auto found = infos_.find(queue[next]);
        if (found == infos_.end()) continue;
        for (Object* use : found->second.uses)
            if (use->kind != types::ObjectKind::TypeName && reached_from.try_emplace(use, queue[next]).second)
                queue.push_back(use);
    }
    if (!reached_from.contains(var)) return false;
    std::vector<Object*> cycle = {var};
    for (Object* at = reached_from[var]; at != var; at = reached_from[at]) cycle.insert(cycle.begin() + 1, at);
    report_init_cycle(cycle);
    return true;
}

void Checker::Impl::report_init_cycle(const std::vector<Object*>& cycle) {
    const std::string name(cycle[0]->name);
    if (cycle.size() == 1) {
        error(Code::InitCycle, cycle[0]->pos, "initialization cycle: " + name + " refers to itself");
        return;
    }
    std::string text = "initialization cycle for " + name;
    for (std::size_t i = 0; i < cycle.size(); ++i)
        text += "\n\t" + place(cycle[i]->pos) + ": " + std::string(cycle[i]->name) + " refers to " +
                std::string(cycle[(i + 1) % cycle.size()]->name);
    error(Code::InitCycle, cycle[0]->pos, text);
}

}  // namespace csp::check
