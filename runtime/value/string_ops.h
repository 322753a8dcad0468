#pragma once

// Strings: concatenation, comparison, conversions. All allocate in the heap given; a null `data` with
// nonzero `size` never occurs. Functions that return bool return false when memory is exhausted.

#include <span>

#include "runtime/heap/heap.h"
#include "runtime/type/value.h"

namespace csp::runtime {

[[nodiscard]] bool make_string(Heap&, AllocCache&, std::string_view text, String& out);
[[nodiscard]] bool concat(Heap&, AllocCache&, std::span<const String> parts, String& out);
int compare(const String& a, const String& b);  ///< <0, 0, >0, bytewise.

/// Decodes the rune at `text[0]`: {rune, bytes}; {0xFFFD, 1} for invalid UTF-8, {0xFFFD, 0} for empty.
struct DecodedRune {
    std::int32_t rune;
    int size;
};
DecodedRune decode_rune(std::string_view text);
int encode_rune(std::int32_t rune, char* to);  ///< Writes 1 to 4 bytes; invalid runes as U+FFFD.

[[nodiscard]] bool string_from_rune(Heap&, AllocCache&, std::int64_t rune, String& out);
[[nodiscard]] bool string_from_bytes(Heap&, AllocCache&, const Slice& bytes, String& out);
[[nodiscard]] bool string_from_runes(Heap&, AllocCache&, const Slice& runes, String& out);
[[nodiscard]] bool bytes_from_string(Heap&, AllocCache&, const String& text, const Type& elem, Slice& out);
[[nodiscard]] bool runes_from_string(Heap&, AllocCache&, const String& text, const Type& elem, Slice& out);

}  // namespace csp::runtime
