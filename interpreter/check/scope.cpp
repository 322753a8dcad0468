// Scopes, names, unused variables, initialisation order.

#include <algorithm>

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

void Checker::Impl::declare(Ident* name, Object* object, source::Pos from) {
    name->object = object;
    if (name->name == "_") {
        name->object = nullptr;
        return;
    }
    object->scope_pos = from;
    object->parent = cx_.scope;
    if (Object* other = cx_.scope->insert(object)) {
        const source::Position at = sources_.position(other->pos);
        error(Code::Redeclared, name->pos,
              std::string(name->name) + " redeclared in this block\n\t" + std::string(at.file) + ":" +
                  std::to_string(at.line) + ":" + std::to_string(at.column) + ": other declaration of " +
                  std::string(name->name));
    }
}

Var* Checker::Impl::new_var(Ident* name, Type* type) {
    auto* var = universe_.make_object<Var>(name->pos, cx_.package, name->name, type);
    var->color = types::Color::Black;
    cx_.locals.push_back(var);
    if (cx_.block >= 0) cx_.blocks[static_cast<std::size_t>(cx_.block)].variables.push_back(name->pos);
    return var;
}

void Checker::Impl::unused_variables() {
    if (cx_.package->lazy_bodies) return;
    for (Var* var : cx_.locals)
        if (!var->used && !var->is_param && var->name != "_")
            error(Code::Unused, var->pos, "declared and not used: " + std::string(var->name));
}

namespace {
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}
}  // namespace

/// The visible name most like `name`, when one is close.
std::string Checker::Impl::suggest(std::string_view name) const {
    std::string best;
    std::size_t least = name.size() < 4 ? 2 : 3;
    const auto consider = [&](const Scope* scope) {
        for (const Object* object : scope->objects()) {
            const std::size_t d = distance(name, object->name);
            if (d < least && object->name != "_") {
                least = d;
                best = object->name;
            }
        }
    };
    for (const Scope* scope = cx_.scope; scope != nullptr; scope = scope->parent) consider(scope);
    return best.empty() ? best : "did you mean " + best + "?";
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
    std::set<Object*> waiting(variables_.begin(), variables_.end());
    std::unordered_map<Object*, std::set<Object*>> needs;
    for (Var* var : variables_) {
        const DeclInfo& info = infos_[var];
        if (info.script == nullptr && info.spec != nullptr && !info.spec->values.empty()) needs[var] = variables_needed(info);
    }
    const auto is_ready = [&](Var* var) {
        const auto found = needs.find(var);
        return found == needs.end() ||
               std::none_of(found->second.begin(), found->second.end(), [&](Object* need) { return waiting.contains(need); });
    };
    std::set<const ValueSpec*> emitted;
    while (!waiting.empty()) {
        const auto next = std::find_if(variables_.begin(), variables_.end(),
                                       [&](Var* var) { return waiting.contains(var) && is_ready(var); });
        if (next == variables_.end()) break;
        waiting.erase(*next);
        const DeclInfo& info = infos_[*next];
        if (!needs.contains(*next)) continue;
        types::Initializer init;
        if (info.spec->values.size() == info.spec->names.size()) {
            init.lhs = {(*next)->name == "_" ? nullptr : *next};
            init.rhs = info.spec->values[info.index];
        } else {
            if (!emitted.insert(info.spec).second) continue;
            for (Ident* name : info.spec->names)
                init.lhs.push_back(name->name == "_" ? nullptr : types::as<Var>(name->object));
            init.rhs = info.spec->values[0];
        }
        package->init_order.push_back(std::move(init));
    }
    for (Var* var : variables_)
        if (waiting.contains(var) && needs[var].contains(var)) {
            error(Code::InitCycle, var->pos,
                  "initialization cycle or refers to itself: initialization cycle for " + std::string(var->name));
            return;
        }
}

}  // namespace csp::check
