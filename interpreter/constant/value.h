#pragma once

// Exact constants, after Go's go/constant package. Values are immutable and live in an arena.
// Only .cpp files of this folder include Boost.Multiprecision (its headers are slow to compile).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "interpreter/ast/nodes.h"
#include "runtime/base/arena.h"

namespace csp::constant {

enum class Kind : std::uint8_t { Unknown, Bool, String, Int, Float, Complex };

class Value;  // opaque

Kind kind(const Value* value);

const Value* make_unknown(base::Arena&);
const Value* make_bool(base::Arena&, bool);
const Value* make_string(base::Arena&, std::string_view);  ///< Copies the text.
const Value* make_int64(base::Arena&, std::int64_t);
const Value* make_uint64(base::Arena&, std::uint64_t);
const Value* make_float64(base::Arena&, double);  ///< Unknown for infinities and NaN.
/// The value of a literal as written; Unknown when it is malformed or beyond the limits.
const Value* make_from_literal(base::Arena&, std::string_view text, ast::LitKind kind);

bool bool_value(const Value*);
std::string_view string_value(const Value*);
/// The value when it is an Int in range.
std::optional<std::int64_t> int64_value(const Value*);
std::optional<std::uint64_t> uint64_value(const Value*);
/// The nearest float64 (or float32) of an Int or Float; infinite when out of range.
double float64_value(const Value*);
float float32_value(const Value*);
const Value* real(base::Arena&, const Value*);
const Value* imag(base::Arena&, const Value*);

/// Conversions of representation: Unknown when the value does not fit exactly.
const Value* to_int(base::Arena&, const Value*);
const Value* to_float(base::Arena&, const Value*);
const Value* to_complex(base::Arena&, const Value*);
const Value* make_imag(base::Arena&, const Value* x);  ///< x·i for a real x.

int sign(const Value*);          ///< -1, 0, 1; for Complex 0 iff zero.
std::size_t bit_length(const Value*);  ///< Of the absolute value of an Int.

/// `width` bounds the result of ^x for unsigned types (bits; 0 = unlimited).
const Value* unary(base::Arena&, ast::Op, const Value*, unsigned width);
/// Both operands are brought to the larger kind. Integer Quo truncates when `integer_division`.
const Value* binary(base::Arena&, const Value* x, ast::Op, const Value* y, bool integer_division);
const Value* shift(base::Arena&, const Value* x, ast::Op, unsigned bits);
bool compare(const Value* x, ast::Op, const Value* y);

/// As Go prints constants in messages: quoted strings, short floats.
std::string to_string(const Value*);
/// Exact text: integers in full, strings unquoted.
std::string exact_string(const Value*);

}  // namespace csp::constant
