#pragma once

// Makes the run-time types of a program and computes their layout. Unnamed types are made once each, so
// identical types have one address; named types are made by the caller once each. Reflection goes on making
// unnamed types while the program runs, on any thread: what makes those takes the table's lock.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/arena.h"
#include "runtime/type/type.h"

namespace csp::runtime {

class TypeTable {
  public:
    TypeTable();

    const Type* basic(Kind kind);
    const Type* pointer_to(const Type* elem);
    const Type* slice_of(const Type* elem);
    /// `elem` must have its layout.
    const Type* array_of(const Type* elem, std::int64_t length);
    const Type* map_of(const Type* key, const Type* elem);
    const Type* chan_of(const Type* elem, ChanDir dir);
    const Type* func_of(const std::vector<const Type*>& params, const std::vector<const Type*>& results,
                        bool variadic);
    /// Offsets are computed; the fields' types must have their layout.
    const Type* struct_of(const std::vector<Field>& fields);
    const Type* interface_of(const std::vector<Method>& methods);

    /// A defined type without layout yet; `string` is its name as %T prints it.
    Type* new_named(std::string_view package, std::string_view name, std::string_view string);
    void set_underlying(Type* named, const Type* underlying);
    /// The methods callable through interfaces, with their code.
    void set_methods(Type* type, const std::vector<Method>& methods);

    /// How many types there are; hosts run programs whose appetite for new ones has to end somewhere.
    std::size_t size() const;

  private:
    Type* make(Kind kind, std::string string);
    std::string_view keep(std::string text);
    void lay_out_struct(Type* type);
    void set_pointer_bits(Type* type);

    const Type* make_pointer_to(const Type* elem);

    mutable std::mutex mutex_;
    base::Arena arena_;
    std::deque<Type> types_;
    std::deque<std::string> texts_;
    const Type* basics_[32] = {};
    using Key = std::vector<std::uintptr_t>;
    std::map<Key, const Type*> made_;
};

}  // namespace csp::runtime
