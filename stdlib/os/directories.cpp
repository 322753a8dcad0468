// Entries of directories.

#include <dirent.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#include "stdlib/os/files.h"

namespace csp::stdlib::os {

namespace {

using runtime::Netpoll;

/// func readdir(id uint64) (names []string, types []byte, code int): some entries; none at the end.
Status read_directory(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Slot id = s[5];
    s[0] = s[1] = s[2] = s[3] = 0;
    alignas(dirent64) std::array<char, 32 << 10> buffer;
    ssize_t size = 0;
    {
        const Netpoll::Use use = netpoll(call).use(id);
        if (!use) return answer(call, 4, kClosed);
        size = uninterrupted([&] { return ::getdents64(use.fd(), buffer.data(), buffer.size()); });
    }
    if (size < 0) return answer(call, 4, errno);
    struct Entry {
        std::string_view name;
        unsigned char type;
    };
    std::vector<Entry> entries;
    for (ssize_t at = 0; at < size;) {
        const char* const entry = buffer.data() + at;
        unsigned short length = 0;
        std::memcpy(&length, entry + offsetof(dirent64, d_reclen), sizeof length);
        const std::string_view name(entry + offsetof(dirent64, d_name));
        if (name != "." && name != "..") entries.push_back({name, static_cast<unsigned char>(entry[offsetof(dirent64, d_type)])});
        at += length;
    }
    // More may follow entries that are not told of; none at all is the end.
    if (entries.empty() && size > 0) return read_directory(call, {});
    Slot* const names = call.allocate_strings(entries.size());
    if (names == nullptr) return Status::Panic;
    const Slot count = entries.size();
    s = call.slots();
    s[0] = reinterpret_cast<Slot>(names);
    s[1] = count | count << 32;
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (!call.put_string(names + i * 2, entries[i].name)) return Status::Panic;
    char* const types = call.allocate_bytes(entries.size());
    if (types == nullptr) return Status::Panic;
    for (std::size_t i = 0; i < entries.size(); ++i) types[i] = static_cast<char>(entries[i].type);
    s = call.slots();
    s[2] = reinterpret_cast<Slot>(types);
    s[3] = count | count << 32;
    return answer(call, 4, 0);
}

}  // namespace

void add_directories(Package& package) { package.raw("readdir", read_directory); }

}  // namespace csp::stdlib::os
