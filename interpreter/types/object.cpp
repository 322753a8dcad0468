#include "interpreter/types/object.h"

#include "interpreter/types/upper_case.h"

namespace csp::types {

namespace {

/// Most scopes hold a few names, which a scan finds sooner than a hash table is built.
constexpr std::size_t kScanLimit = 8;

}  // namespace

bool Object::exported() const { return begins_upper_case(name); }

Object* Scope::lookup(std::string_view name) const {
    if (order_.size() > kScanLimit) {
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? nullptr : found->second;
    }
    for (Object* object : order_) {
        if (object->name == name) return object;
    }
    return nullptr;
}

Object* Scope::insert(Object* object) {
    if (object->name == "_") {  // declares nothing
        if (object->parent == nullptr) object->parent = this;
        return nullptr;
    }
    if (Object* other = lookup(object->name)) return other;
    if (object->parent == nullptr) object->parent = this;
    order_.push_back(object);
    if (order_.size() == kScanLimit + 1) {
        for (Object* each : order_) by_name_.emplace(each->name, each);
    } else if (order_.size() > kScanLimit) {
        by_name_.emplace(object->name, object);
    }
    return nullptr;
}

}  // namespace csp::types
