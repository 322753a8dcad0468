#pragma once

// Comparison and hashing of values by type, for ==, map keys and interfaces.

#include "runtime/type/value.h"

namespace csp::runtime {

/// Result of a comparison that may meet an uncomparable dynamic type.
struct Compared {
    bool equal = false;
    const Type* uncomparable = nullptr;  ///< Not null: Go's run-time panic names this type.
};

/// Two values in slot form.
Compared equal_slots(const Type& type, const Slot* a, const Slot* b);
/// Two values in memory form.
Compared equal_memory(const Type& type, const void* a, const void* b);
Compared equal_interfaces(const Interface& a, const Interface& b);

struct Hashed {
    std::uint64_t hash = 0;
    const Type* unhashable = nullptr;  ///< Not null: panic "hash of unhashable type".
};
Hashed hash_slots(const Type& type, const Slot* value, std::uint64_t seed);

}  // namespace csp::runtime
