#pragma once

// How natives hand back tables.

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "stdlib/support/value.h"

namespace csp::stdlib {

/// Puts a []string. False: a panic is under way.
[[nodiscard]] inline bool put_texts(Call& call, Slot* to, const std::vector<std::string>& texts) {
    Slot* array = call.allocate_strings(texts.size());
    if (array == nullptr) return false;
    const auto count = static_cast<std::uint32_t>(texts.size());
    put_slice(to, {array, count, count});
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (!call.put_string(array + i * 2, texts[i]) || (i % 1024 == 1023 && !call.charge(4096))) return false;
    return true;
}

/// Puts a []int. False: a panic is under way.
[[nodiscard]] inline bool put_numbers(Call& call, Slot* to, const std::vector<std::int64_t>& numbers) {
    char* array = call.allocate_bytes(numbers.size() * sizeof(std::int64_t));
    if (array == nullptr) return false;
    if (!numbers.empty()) std::memcpy(array, numbers.data(), numbers.size() * sizeof(std::int64_t));
    const auto count = static_cast<std::uint32_t>(numbers.size());
    put_slice(to, {array, count, count});
    return true;
}

}  // namespace csp::stdlib
