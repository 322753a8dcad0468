#pragma once

// Texts that are put together of digits and of zeros, as many as a script asks for.

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "stdlib/math/big/computation.h"
#include "stdlib/support/search.h"

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
    Work work(call);
    for (const Piece& piece : pieces) {
        copy(work, end, piece.text);
        end += piece.text.size();
        if (!fill(work, end, piece.zeros, '0')) return Status::Ended;
        end += piece.zeros;
    }
    to[0] = size == 0 ? 0 : reinterpret_cast<Slot>(text);
    to[1] = size;
    return Status::Ok;
}

/// Its digits, and a sign.
inline std::string text_of(mpz_srcptr z, int base) {
    std::string text(mpz_sizeinbase(z, base) + 2, '\0');
    mpz_get_str(text.data(), base, z);
    text.resize(std::char_traits<char>::length(text.c_str()));
    return text;
}

/// The same, charged before; something if the run is being ended.
inline std::string digits_of(Call& call, mpz_srcptr z, int base) {
    const std::size_t words = mpz_size(z);
    const std::uint64_t cost = std::has_single_bit(static_cast<unsigned>(base)) ? 16 * words : recursive_cost(words);
    constexpr std::uint64_t kFew = 256;
    if (cost >= kFew && !call.charge(cost)) return "0";
    if (cost < kLongCost) return text_of(z, base);
    struct State {
        Integer number;
        std::string text;
    };
    const auto state = std::make_shared<State>();
    mpz_set(state->number, z);
    if (!compute_beside(call, [state, base] { state->text = text_of(state->number, base); })) return "0";
    return std::move(state->text);
}

}  // namespace csp::stdlib::big
