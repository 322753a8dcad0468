#pragma once

// What package json has to know about a type: which methods take part, and how a struct's fields are called. Made once a type.

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/sched/extension.h"
#include "runtime/type/builder.h"
#include "stdlib/support/value.h"

namespace csp::stdlib::json {

/// A field that takes part, perhaps one of an embedded struct.
struct FieldPlan {
    /// From struct to struct: an offset, and whether a pointer is followed there.
    struct Step {
        std::uint32_t offset;
        const runtime::Type* type;  ///< Of what is there: a struct, or a pointer to one.
        bool exported;
        std::string_view name;
    };
    std::string name;
    std::string key, html_key;  ///< As they are written: "name":
    std::vector<Step> path;     ///< To the struct that has it.
    std::uint32_t offset = 0;
    const runtime::Type* type = nullptr;
    bool omit_empty = false, omit_zero = false, quoted = false;
    bool zero_method = false;          ///< The type says itself whether it is zero: IsZero.
    bool zero_pointer_method = false;  ///< Its pointer does.
};

struct TypePlan {
    bool marshal_json = false, marshal_text = false;                  ///< Of the type itself.
    bool pointer_marshal_json = false, pointer_marshal_text = false;  ///< Of its pointer.
    bool unmarshal_json = false, unmarshal_text = false;              ///< Of its pointer; of itself if it is one.
    bool is_number = false;   ///< json.Number.
    const runtime::Type* pointer = nullptr;
    std::vector<FieldPlan> fields;
    std::unordered_map<std::string_view, std::size_t> by_name;
    std::unordered_map<std::string, std::size_t> by_folded_name;

    const FieldPlan* find(std::string_view name) const;
};

/// The plans of a run.
class Plans final : public runtime::Extension {
  public:
    const TypePlan& of(Call& call, const runtime::Type& type);

    /// The types of what any is decoded to.
    struct Dynamic {
        const runtime::Type* any;
        const runtime::Type* object;  ///< map[string]any
        const runtime::Type* array;   ///< []any
        const runtime::Type* text;
        const runtime::Type* boolean;
        const runtime::Type* number;
    };
    const Dynamic& dynamic(Call& call);

  private:
    std::shared_mutex mutex_;
    std::unordered_map<const runtime::Type*, std::unique_ptr<const TypePlan>> plans_;
    std::unique_ptr<const Dynamic> dynamic_;
};

}  // namespace csp::stdlib::json
