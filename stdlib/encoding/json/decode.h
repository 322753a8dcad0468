#pragma once

// The walk over a text, known to be well-formed, that stores what it says in variables.

#include <string>
#include <string_view>
#include <vector>

#include "stdlib/encoding/json/plan.h"
#include "stdlib/support/work.h"

namespace csp::stdlib::json {

class Decoder {
  public:
    enum Option : Slot { kUseNumber = 1, kDisallowUnknownFields = 2 };

    /// `method_caller`: the func value (unmarshal.csp) that calls methods of variables. `text` must outlive it.
    Decoder(Call& call, Slot method_caller, std::string_view text, Slot options);

    /// What went wrong; unmarshal.csp makes the error.
    enum class Problem : Slot { None, Type, Method, Text, Base64, Pointer };

    /// Stores the text's value in the variable at `place`.
    void run(const runtime::Type& type, void* place) { value(type, place); }

    Status status() const { return status_; }
    Problem problem() const { return problem_; }
    const std::string& problem_text() const { return problem_text_; }
    const runtime::Type* problem_type() const { return problem_type_; }
    std::int64_t problem_offset() const { return problem_offset_; }
    const std::string& struct_name() const { return struct_name_; }
    const std::string& field_path() const { return field_path_; }

  private:
    using Type = runtime::Type;
    enum Method : Slot { kUnmarshalJson, kUnmarshalText };

    /// A variable, or the pointer whose methods take the value.
    struct Target {
        const Type* type;
        void* place;
        const Type* receiver = nullptr;  ///< Of the pointer below.
        void* pointer = nullptr;
        bool json = false;  ///< It has UnmarshalJSON; otherwise UnmarshalText.
    };

    void value(const Type& type, void* place);
    void plain_value(const Type& type, void* place);
    void object(const Target& target, std::size_t start);
    void structure(const Type& type, char* place);
    void map(const Type& type, void* place);
    void array(const Target& target, std::size_t start);
    void literal(const Type& type, void* place, std::string_view text, bool from_string);
    void store_null(const Type& type, void* place);
    void store_string(const Type& type, void* place, std::string_view literal, bool from_string);
    void store_number(const Type& type, void* place, std::string_view text, bool from_string);
    void store_bytes(void* place, std::string_view text);
    void quoted_value(const Type& type, void* place);
    /// Follows pointers, making what they lead to, up to what can take a value.
    Target target_of(const Type& type, void* place, bool null);
    bool by_method(const Target& target, const Type& type, std::size_t start, std::string_view what);
    bool call_method(const Target& target, Method method, std::string_view text);
    bool map_key(const Type& type, std::string_view name, std::size_t at, Slot* key);
    char* field_place(const FieldPlan& field, char* place);

    /// The value that comes next, as two slots of an interface. The caller's slots are looked into by the collector.
    void any(Slot* to);
    void plain_any(Slot* to);
    void any_object(Slot* to);
    void any_array(Slot* to);
    bool put_text(Slot* to, std::string_view text);
    bool box_text(Slot* to, const Type& type, std::string_view text);
    void any_number(Slot* to, std::string_view text);

    /// Overwrites a string, slice or interface.
    void assign(void* place, const Slot* pair);

    // The text.
    void space();
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    std::string_view literal_text();
    void skip();
    /// Goes to the next element of the object or array that ends in `close`; false: behind it, there is none.
    bool next(char close);
    /// The name of the member that comes next, up to behind its colon.
    std::string_view name(std::string& buffer);

    /// Counts the work for a value. False: the run is being ended.
    bool worked() {
        constexpr std::uint64_t kValue = 8;  // steps
        if (!work_.steps(kValue)) status_ = Status::Ended;
        return status_ == Status::Ok;
    }
    bool stopped() const { return status_ != Status::Ok || stopped_; }
    void out_of_memory();
    void save(Problem problem, std::string text, const Type* type, std::size_t offset);
    void mismatch(std::string what, const Type& type, std::size_t offset) { save(Problem::Type, std::move(what), &type, offset); }
    void stop(Problem problem, std::string text, const Type* type);

    Call& call_;
    Work work_;
    Slot method_caller_;
    std::string_view text_;
    Slot options_;
    Plans& plans_;
    std::size_t at_ = 0;
    bool at_root_ = true;
    std::vector<std::string_view> fields_;  ///< The names of those that are being decoded, from the outside in.
    const Type* struct_ = nullptr;          ///< The innermost one.

    Status status_ = Status::Ok;
    bool stopped_ = false;
    Problem problem_ = Problem::None;
    std::string problem_text_;
    const Type* problem_type_ = nullptr;
    std::int64_t problem_offset_ = 0;
    std::string struct_name_, field_path_;
};

/// A whole number of an integer type, in slot form. False: it is none, or does not fit.
bool parse_integer(std::string_view text, const runtime::Type& type, Slot& out);

/// A JSON number of a float type. False: it is too large.
bool parse_number(std::string_view text, float& out, Work& work);
bool parse_number(std::string_view text, double& out, Work& work);

}  // namespace csp::stdlib::json
