#pragma once

// Owns the types and objects of one compilation, and the predeclared ones. No state is shared
// between universes.

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "interpreter/types/object.h"
#include "interpreter/types/types.h"
#include "runtime/base/arena.h"

namespace csp::types {

class Universe {
  public:
    explicit Universe(base::Arena& arena);
    ~Universe();

    template <class T, class... Args>
    T* make_type(Args&&... args) {
        auto owned = std::make_unique<T>(std::forward<Args>(args)...);
        T* raw = owned.get();
        types_.push_back(std::move(owned));
        return raw;
    }
    template <class T, class... Args>
    T* make_object(Args&&... args) {
        auto owned = std::make_unique<T>(std::forward<Args>(args)...);
        T* raw = owned.get();
        objects_.push_back(std::move(owned));
        return raw;
    }
    Scope* make_scope(Scope* parent);
    Package* make_package(std::string_view path, std::string_view name);
    Selection* make_selection(Selection selection);

    Basic* basic(BasicKind kind) const { return basics_[static_cast<std::size_t>(kind)]; }
    Basic* byte_type() const { return byte_; }
    Basic* rune_type() const { return rune_; }
    Named* error_type() const { return error_; }
    Named* comparable_type() const { return comparable_; }
    Interface* empty_interface() const { return empty_interface_; }  ///< `any`
    Scope* scope() const { return scope_; }
    base::Arena& arena() { return arena_; }

    /// The instance of `generic` with `args`: the same object for identical arguments.
    Named* instantiate(Named* generic, const std::vector<Type*>& args);

    /// Set by the checker, which declares objects lazily: gives `object` its type. May be empty.
    std::function<void(Object*)> resolve;
    /// The signature of `method`, resolved first when need be.
    Signature* signature_of(Func* method);

  private:
    friend class UniverseBuilder;
    base::Arena& arena_;
    std::vector<std::unique_ptr<Type>> types_;
    std::vector<std::unique_ptr<Object>> objects_;
    std::vector<std::unique_ptr<Scope>> scopes_;
    std::vector<std::unique_ptr<Package>> packages_;
    std::vector<std::unique_ptr<Selection>> selections_;
    std::unordered_map<std::size_t, std::vector<Named*>> instances_;  ///< By hash.
    Basic* basics_[32] = {};
    Basic* byte_ = nullptr;
    Basic* rune_ = nullptr;
    Named* error_ = nullptr;
    Named* comparable_ = nullptr;
    Interface* empty_interface_ = nullptr;
    Scope* scope_ = nullptr;
};

}  // namespace csp::types
