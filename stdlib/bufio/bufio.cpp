#include <span>
#include <tuple>

#include "csp/package.hpp"
#include "runtime/value/string_ops.h"
#include "stdlib/support/search.h"
#include "stdlib/support/unicode.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

using Bytes = std::span<const std::uint8_t>;

std::int64_t index_byte(Call& call, Bytes p, std::uint8_t c) {
    Work work(call);
    return static_cast<std::int64_t>(find(work, {reinterpret_cast<const char*>(p.data()), p.size()}, static_cast<char>(c)));
}

runtime::DecodedRune rune_at(std::string_view text, std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) return {first, 1};
    return runtime::decode_rune(text.substr(at));
}

std::tuple<std::int64_t, std::int64_t, std::int64_t> word(Call& call, Bytes data) {
    Work work(call);
    const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
    std::size_t start = 0;
    while (start < text.size()) {
        const auto r = rune_at(text, start);
        if (!is_space(r.rune) || !work.read(1)) break;
        start += static_cast<std::size_t>(r.size);
    }
    const auto begin = static_cast<std::int64_t>(start);
    for (std::size_t at = start; at < text.size();) {
        const auto r = rune_at(text, at);
        const std::size_t next = at + static_cast<std::size_t>(r.size);
        if (is_space(r.rune)) return {begin, static_cast<std::int64_t>(at), static_cast<std::int64_t>(next)};
        at = next;
        if (!work.read(1)) break;
    }
    return {begin, begin, -1};
}

}  // namespace

void bind_bufio(Package& package) {
    package.function("indexByte", index_byte).function("word", word);
}

}  // namespace csp::stdlib
