#pragma once

// Cyclic redundancy checks a byte at a time, by the table of a polynomial.

#include <cstddef>
#include <cstdint>

#include "csp/package.hpp"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

/// func fill(table []T, poly T)
template <class T>
Status fill_crc_table(Call& call, const NativeEntry&) {
    const runtime::Slice table = slice_at(call.slots());
    const T polynomial = static_cast<T>(call.slots()[2]);
    auto* const entries = static_cast<T*>(table.data);
    Work work(call);
    for (std::uint32_t i = 0; i < table.size && work.steps(2); ++i) {
        T crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
        entries[i] = crc;
    }
    return Status::Ok;
}

/// func update(crc T, table []T, data []byte) T
template <class T>
Status update_crc(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice table = slice_at(s + 2);
    const auto* const entries = static_cast<const T*>(table.data);
    if (table.size < 256) return call.panic("hash: the table has not 256 entries");
    T crc = static_cast<T>(~s[1]);
    Work work(call);
    in_pieces(work, bytes_at(s + 4), [&crc, entries](std::string_view part) {
        for (const char byte : part) crc = entries[(crc ^ static_cast<unsigned char>(byte)) & 0xff] ^ crc >> 8;
    });
    s = call.slots();
    s[0] = static_cast<T>(~crc);
    return Status::Ok;
}

}  // namespace csp::stdlib
