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

/// Go spec, "Package initialization": again and again the earliest variable that is ready.
void Checker::Impl::init_order(Package* package) {
    struct Item {
        types::Initializer init;
        std::set<Object*> needs;  // variables, transitively
        std::size_t order;
    };
    std::vector<Item> items;
    std::set<const ValueSpec*> grouped;
    std::map<Object*, std::size_t> item_of;
    for (Object* object : package->scope->objects()) {
        auto* var = types::as<Var>(object);
        const auto found = infos_.find(object);
        if (var == nullptr || found == infos_.end() || found->second.script != nullptr) continue;
        ValueSpec* spec = found->second.spec;
        if (spec == nullptr || spec->values.empty()) continue;
        if (!package->files.empty() && package->files[0]->is_script()) continue;
        Item item;
        item.order = found->second.order;
        if (spec->values.size() == spec->names.size()) {
            item.init.lhs = {var->name == "_" ? nullptr : var};
            item.init.rhs = spec->values[found->second.index];
        } else {
            if (!grouped.insert(spec).second) continue;
            for (Ident* name : spec->names)
                item.init.lhs.push_back(name->name == "_" ? nullptr : types::as<Var>(name->object));
            item.init.rhs = spec->values[0];
        }
        // Everything reachable through functions.
        std::set<Object*> seen;
        std::vector<Object*> stack(found->second.uses.begin(), found->second.uses.end());
        while (!stack.empty()) {
            Object* next = stack.back();
            stack.pop_back();
            if (!seen.insert(next).second) continue;
            if (next->kind == types::ObjectKind::Var) {
                item.needs.insert(next);
                continue;
            }
            const auto info = infos_.find(next);
            if (info != infos_.end()) stack.insert(stack.end(), info->second.uses.begin(), info->second.uses.end());
        }
        for (Var* own : item.init.lhs)
            if (own != nullptr) item_of[own] = items.size();
        items.push_back(std::move(item));
    }
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.order < b.order; });
    item_of.clear();
    for (std::size_t i = 0; i < items.size(); ++i)
        for (Var* own : items[i].init.lhs)
            if (own != nullptr) item_of[own] = i;
    std::vector<bool> done(items.size());
    for (std::size_t emitted = 0; emitted < items.size();) {
        bool progress = false;
        for (std::size_t i = 0; i < items.size() && !progress; ++i) {
            if (done[i]) continue;
            bool is_ready = true;
            for (Object* need : items[i].needs) {
                const auto at = item_of.find(need);
                if (at != item_of.end() && !done[at->second]) is_ready = false;
            }
            if (!is_ready) continue;
            package->init_order.push_back(items[i].init);
            done[i] = true;
            ++emitted;
            progress = true;
        }
        if (progress) continue;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (done[i]) continue;
            Var* var = items[i].init.lhs.empty() ? nullptr : items[i].init.lhs[0];
            if (var != nullptr && items[i].needs.contains(var)) {
                error(Code::InitCycle, var->pos,
                      "initialization cycle or refers to itself: initialization cycle for " + std::string(var->name));
                break;
            }
        }
        return;
    }
}

}  // namespace csp::check
