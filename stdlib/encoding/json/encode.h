#pragma once

// The walk over a value that writes it as JSON.

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "stdlib/encoding/json/plan.h"
#include "stdlib/support/work.h"

namespace csp::stdlib::json {

/// Writes values into a string. Methods that values have are called by way of a func value of the script (marshal.csp).
class Encoder {
  public:
    Encoder(Call& call, Slot method_caller, bool html)
        : call_(call), work_(call), method_caller_(method_caller), html_(html), plans_(plans_of(call)) {}

    static Plans& plans_of(Call& call);

    /// What went wrong; marshal.csp makes the error.
    enum class Problem : Slot { None, Type, Value, Method, BadJson, Number, Key };

    void interface(const runtime::Interface& i);

    const std::string& text() const { return out_; }
    Problem problem() const { return problem_; }
    const std::string& problem_text() const { return problem_text_; }
    /// The value that could not be written, as an interface.
    const Slot* problem_value() const { return problem_value_; }
    /// Not Ok: a method ended the call.
    Status status() const { return status_; }

  private:
    enum Method : Slot { kMarshalJson, kMarshalText, kIsZero, kMarshalKey };
    enum Outcome : Slot { kDone, kFailed };

    /// Counts what has been written. False: the run is being ended.
    bool worked();
    bool failed() const { return status_ != Status::Ok || problem_ != Problem::None; }
    using Type = runtime::Type;

    void value(const Value& v, bool addressable, bool quoted);
    void by_kind(const Value& v, bool addressable, bool quoted);
    bool by_method(const Value& v, bool addressable);
    void structure(const Value& v, bool addressable);
    void map(const Value& v);
    void sequence(const Value& v, const char* data, std::size_t count, bool addressable);
    void slice(const Value& v);
    void pointer(const Value& v, bool quoted);
    void string(const Value& v, bool quoted);
    void bytes(std::string_view data);
    void integer(const Value& v);
    bool map_key(const Value& key, std::string& text);
    bool omitted(const FieldPlan& field, const Value& v, bool addressable);
    /// A copy of a value, or what it holds if it is an interface. False: a panic is under way.
    bool as_interface(const Value& v, runtime::Interface& to);
    /// Calls a method; its text goes to `text`. False: it failed, or the call has ended.
    bool call_method(const runtime::Interface& receiver, Method method, std::string& text);
    void fail(Problem problem, const Value& v, std::string text = {});
    /// Guards against cycles: whether the walk is in `data` already.
    bool enter(const void* data, std::size_t count, const Value& v);
    void leave(const void* data, std::size_t count);

    Call& call_;
    Work work_;
    std::size_t counted_ = 0;  ///< Of `out_`, in `work_`.
    Slot method_caller_;
    bool html_;
    Plans& plans_;
    std::string out_;
    int depth_ = 0;
    std::set<std::pair<const void*, std::size_t>> inside_;
    Status status_ = Status::Ok;
    Problem problem_ = Problem::None;
    std::string problem_text_;
    Slot problem_value_[2] = {};
};

}  // namespace csp::stdlib::json
