// Types that are declared by way of themselves.

#include "interpreter/check/checker.h"

#include <algorithm>

namespace csp::check {

using diag::Code;

/// Gives the types that were declared as `named` its underlying type.
void Checker::Impl::release_waiting(types::Named* named) {
    std::vector<types::Named*> ready;
    for (const auto& [waiting, awaited] : waits_for_)
        if (awaited.named == named) ready.push_back(waiting);
    for (types::Named* waiting : ready) {
        waiting->underlying = types::under(waits_for_[waiting].from);
        waits_for_.erase(waiting);
        release_waiting(waiting);
    }
}

/// Reports the cycle of declarations that `named` is on.
void Checker::Impl::report_waiting(types::Named* named) {
    std::vector<types::Named*> cycle = {named};
    for (types::Named* at = waits_for_[named].named; at != named; at = waits_for_[at].named) cycle.push_back(at);
    const auto first = std::min_element(cycle.begin(), cycle.end(),
                                        [](auto* a, auto* b) { return a->object->pos < b->object->pos; });
    std::rotate(cycle.begin(), first, cycle.end());
    report_recursive(cycle);
}

void Checker::Impl::report_recursive(const std::vector<types::Named*>& cycle) {
    std::string text = "invalid recursive type " + std::string(cycle[0]->object->name);
    for (std::size_t i = 0; i < cycle.size(); ++i) {
        const types::Named* next = cycle[(i + 1) % cycle.size()];
        text += "\n\t" + place(cycle[i]->object->pos) +
                ": " + std::string(cycle[i]->object->name) + " refers to " + std::string(next->object->name);
    }
    error(Code::InvalidType, cycle[0]->object->pos, text);
}

/// Reports a type that contains itself by value.
void Checker::Impl::check_recursive(types::Named* named) {
    std::vector<types::Named*> on_path;
    std::set<types::Named*> done;
    std::function<bool(Type*)> contains = [&](Type* type) -> bool {
        if (auto* n = types::as<types::Named>(type)) {
            if ((n == named || n->origin == named) && !on_path.empty()) return true;
            if (done.contains(n) || on_path.size() > kMaxNesting) return false;
            if (n->origin != nullptr && n->origin->underlying == invalid()) return false;  // reported
            done.insert(n);
            on_path.push_back(n);
            Type* under = types::under(n);
            const bool found = under != n && contains(under);
            if (!found) on_path.pop_back();
            return found;
        }
        if (auto* s = types::as<types::Struct>(type)) {
            for (Var* field : s->fields)
                if (field->type != nullptr && contains(field->type)) return true;
            return false;
        }
        if (auto* a = types::as<types::Array>(type)) return contains(a->elem);
        if (auto* i = types::as<types::Interface>(type))
            return std::any_of(i->embeddeds.begin(), i->embeddeds.end(), contains);
        if (auto* u = types::as<types::Union>(type))
            return std::any_of(u->terms.begin(), u->terms.end(), [&](const types::Term& term) { return contains(term.type); });
        return false;
    };
    if (!contains(named)) return;
    // The first of the cycle in source order reports it.
    for (types::Named* n : on_path)
        if (n->origin == nullptr && n->object->pos < named->object->pos) return;
    report_recursive(on_path);
    named->underlying = invalid();
}

}  // namespace csp::check
