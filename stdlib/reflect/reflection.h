#pragma once

// What the natives of package reflect share: how a reflect.Value and a reflect.Type look to them.
//
// A Value is an interface and flags (value.csp). Either the interface holds the value itself, or, with kIndirect, a
// pointer to it: then the value is a variable, or a part of something that is not copied. Racing writers may mix up
// the two halves. So nothing here trusts the flags with more than what the interface says: it is always whole.

#include "csp/package.hpp"
#include "runtime/type/builder.h"
#include "stdlib/support/value.h"

namespace csp::stdlib::reflection {

enum Flag : Slot {
    kIndirect = 1,
    kAddressable = 2,
    kStickyReadOnly = 4,  ///< Reached through an unexported field.
    kEmbedReadOnly = 8,   ///< Reached through an unexported embedded one.
    kReadOnly = kStickyReadOnly | kEmbedReadOnly,
    kMethod = 16,         ///< A method of the value, whose index is above kIndexShift.
    kExpression = 32,     ///< A method of the type that is the value; takes its receiver as an argument.
};
constexpr int kIndexShift = 8;

constexpr std::size_t kValueSlots = 4;

/// A Value that has been read. Its word stays where it is: not to be copied.
struct Reflected {
    explicit Reflected(const Slot* s);
    Reflected(const Reflected&) = delete;
    Reflected& operator=(const Reflected&) = delete;

    const runtime::Type* type = nullptr;  ///< Null: the zero Value.
    Slot word = 0;                        ///< As in an interface, unless it has an address.
    char* address = nullptr;              ///< Of a variable, or of a box that is never written to.
    Slot flags = 0;

    const void* data() const { return address != nullptr ? address : reinterpret_cast<const char*>(&word); }
    Value value() const { return {type, data()}; }
    runtime::Kind kind() const { return type == nullptr ? runtime::Kind::Invalid : type->kind; }
    Slot read_only() const { return flags & kReadOnly; }
    /// Whether it is a variable: what may be written to.
    bool is_variable() const { return (flags & (kIndirect | kAddressable)) == (kIndirect | kAddressable); }
};

inline runtime::TypeTable& types(Call& call) { return *static_cast<runtime::TypeTable*>(call.type_table()); }
inline Status nil_pointer(Call& call) { return call.runtime_error("invalid memory address or nil pointer dereference"); }

/// The descriptor behind an rtype's address; null when it is none, but something that a script made.
const runtime::Type* type_at(Call& call, Slot address);

/// Whether a type may be made of `type`: scripts may make up types without end, which are never freed. False: a panic
/// is under way.
[[nodiscard]] bool may_make_of(Call& call, const runtime::Type& type);

inline void put_type(Slot* to, const runtime::Type* type) { to[0] = reinterpret_cast<Slot>(type); }
inline void put_nothing(Slot* to) { to[0] = to[1] = to[2] = to[3] = 0; }
inline void put_text(Slot* to, std::string_view text) {
    to[0] = text.empty() ? 0 : reinterpret_cast<Slot>(text.data());
    to[1] = text.size();
}

/// Puts a Value that holds a copy of what lies at `data` in memory form. False: a panic is under way.
[[nodiscard]] bool put_copy(Call& call, Slot* to, const runtime::Type& type, const void* data, Slot flags);
/// The same of what lies at `slots` in slot form.
[[nodiscard]] bool put_slots(Call& call, Slot* to, const runtime::Type& type, const Slot* slots, Slot flags);
/// Puts a Value that is the variable, or the part, at `address`.
void put_place(Call& call, Slot* to, const runtime::Type& type, void* address, Slot flags);

/// Writes a value of the same type, in memory form, to a variable.
void store(Call& call, const runtime::Type& type, void* to, const void* from);
/// What is in `r`, as an interface: two slots. False: a panic is under way.
[[nodiscard]] bool to_interface(Call& call, const Reflected& r, Slot* to);

/// Whether a value of type `from` can be assigned to one of type `to` (Go spec, "Assignability").
bool assignable(const runtime::Type& from, const runtime::Type& to);
bool convertible(const runtime::Type& from, const runtime::Type& to);
bool identical_underlying(const runtime::Type& a, const runtime::Type& b, bool with_tags);
/// Turns `r` into memory form as an assignment to `to` does, into `buffer` if it has to be made; null: not assignable.
const void* as_assigned(const Reflected& r, const runtime::Type& to, runtime::Interface& buffer);

bool is_zero(const runtime::Type& type, const void* data);

/// Finds a key's value in a struct tag, `key:"value"` pairs with spaces before each. The value keeps its quotes.
bool find_tag(std::string_view tag, std::string_view key, std::string_view& value);

/// The exported methods of a type; of an interface, all. By number; null: there is none.
const runtime::Method* method_at(const runtime::Type& type, std::uint64_t index);

void add_types(Package& package);
void add_fields(Package& package);
void add_values(Package& package);
void add_setters(Package& package);
void add_sequences(Package& package);
void add_maps(Package& package);
void add_calls(Package& package);
void add_conversions(Package& package);
void add_comparisons(Package& package);
void add_channels(Package& package);

}  // namespace csp::stdlib::reflection
