#pragma once

// Texts that are put together of digits and of zeros, as many as a script asks for.

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "stdlib/math/big/number.h"

namespace csp::stdlib::big {

inline constexpr int kMaxBase = 62;

/// Beyond base 36 Go counts a to z before A to Z; GMP does it the other way round.
inline char other_case(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter ? static_cast<char>(c ^ ('a' ^ 'A')) : c;
}

/// Digits, then zeros.
struct Piece {
    template <std::convertible_to<std::string_view> Text>
    Piece(const Text& digits, std::uint64_t more_zeros = 0) : text(digits), zeros(more_zeros) {}
    std::string_view text;
    std::uint64_t zeros;
};

/// Puts them behind each other into a string.
inline Status put_pieces(Call& call, Slot* to, std::initializer_list<Piece> pieces) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
    std::uint64_t size = 0;
    for (const Piece& piece : pieces) {
        if (piece.zeros > kMost) return call.out_of_memory();
        size += piece.text.size() + piece.zeros;
    }
    char* const text = call.allocate_bytes(size);
    if (text == nullptr) return Status::Panic;
    char* end = text;
    for (const Piece& piece : pieces)
        end = std::fill_n(std::copy(piece.text.begin(), piece.text.end(), end), piece.zeros, '0');
    to[0] = size == 0 ? 0 : reinterpret_cast<Slot>(text);
    to[1] = size;
    return Status::Ok;
}

/// The digits of a number that is not negative.
inline std::string digits_of(mpz_srcptr z, int base) {
    std::string text(mpz_sizeinbase(z, base) + 2, '\0');
    mpz_get_str(text.data(), base, z);
    text.resize(std::char_traits<char>::length(text.c_str()));
    return text;
}

}  // namespace csp::stdlib::big
