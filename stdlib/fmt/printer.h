#pragma once

// The formatting engine behind package fmt. Source: the documentation of Go's package fmt.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

/// Formats values into a string. One printer a call; values are read, never kept.
class Printer {
  public:
    /// `method_caller`: the func value (method.csp) that calls a value's formatting methods.
    Printer(Call& call, Slot method_caller) : call_(call), work_(call), method_caller_(method_caller) {}

    /// Sprint: spaces between operands when neither is a string.
    void print(const runtime::Slice& operands);
    /// Sprintln: spaces between all, a newline at the end.
    void println(const runtime::Slice& operands);
    void printf(std::string_view format, const runtime::Slice& operands);
    /// printf that knows %w.
    void errorf(std::string_view format, const runtime::Slice& operands);
    /// The operands that %w verbs referred to: sorted, each once.
    std::vector<std::int64_t> wrapped() const;

    const std::string& text() const { return out_; }
    /// Not Ok: a method of a value ended the call.
    Status status() const { return status_; }

  private:
    struct Flags {
        bool plus = false, minus = false, sharp = false, space = false, zero = false;
        bool plus_v = false, sharp_v = false;
        bool has_width = false, has_precision = false;
        int width = 0, precision = 0;
    };

    /// A copy, as others may be writing there.
    static runtime::Interface operand(const runtime::Slice& operands, std::size_t i) {
        return Value{nullptr, static_cast<const Slot*>(operands.data) + i * 2}.as<runtime::Interface>();
    }
    void argument(const runtime::Interface& interface, char32_t verb);
    // Printf (printf.cpp).
    struct Format;
    void read_flags(Format& format);
    void read_width(Format& format);
    void read_precision(Format& format);
    void directive(Format& format);
    /// Operand `i` for %w.
    void wrapping(const runtime::Interface& interface, std::size_t i);
    /// Complains of the operands that no directive used.
    void extra(const Format& format);

    void value(const Value& v, char32_t verb, int depth, bool accessible);
    void plain_value(const Value& v, char32_t verb, int depth, bool accessible);
    void reflected(const Value& v, char32_t verb, int depth);
    /// Lets the value's own methods format it; false: it has none for this verb.
    bool methods(const Value& v, char32_t verb);
    void bad_verb(const Value& v, char32_t verb);
    void boolean(bool b, char32_t verb, const Value& v);
    void integer(std::uint64_t magnitude, bool negative, bool is_signed, char32_t verb, const Value& v);
    void format_integer(std::uint64_t magnitude, bool negative, int base, char32_t verb, bool upper);
    void unicode(std::uint64_t code);
    void floating(double d, int bits, char32_t verb, const Value& v);
    void format_float(double d, int bits, char format, int precision);
    void complex(double re, double im, int bits, char32_t verb, const Value& v);
    void string(std::string_view s, char32_t verb, const Value& v);
    void bytes(std::string_view s, char32_t verb, const Value& v, std::string_view type);
    void hex_string(std::string_view s, bool upper);
    void quoted(std::string_view s);
    void pointer(const Value& v, std::uint64_t address, char32_t verb);
    void structure(const Value& v, char32_t verb, int depth, bool accessible);
    void sequence(const Value& v, const char* data, std::size_t count, char32_t verb, int depth, bool accessible);
    void map(const Value& v, char32_t verb, int depth, bool accessible);
    void pad(std::string_view s);
    void append(std::string_view s);
    /// Counts what has been written. False: the run is being ended.
    bool worked();
    std::string_view truncated(std::string_view s) const;

    Call& call_;
    Work work_;
    std::size_t counted_ = 0;  ///< Of `out_`, in `work_`.
    std::string out_;
    Flags f_;
    Status status_ = Status::Ok;
    Slot method_caller_;
    bool in_bad_verb_ = false;
    bool wraps_ = false;
    std::vector<std::int64_t> wrapped_;
};

std::string utf8(char32_t rune);

}  // namespace csp::stdlib
