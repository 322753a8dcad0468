#include <algorithm>
#include <string>

#include "csp/package.hpp"
#include "runtime/value/bytes.h"
#include "runtime/value/equality.h"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

/// maphash.csp's chunkSize. The last chunk is not empty unless all is: a hash does not depend on how bytes were written.
constexpr std::size_t kChunk = 128;

std::uint64_t hash_chunks(Call& call, std::uint64_t state, std::string_view data) {
    Work work(call);
    do {
        const std::size_t size = std::min(data.size(), kChunk);
        state = runtime::hash_bytes(data.data(), size, state);
        data.remove_prefix(size);
    } while (work.read(kChunk / 4) && !data.empty());
    return state;
}

/// func hashBytes(state uint64, data []byte) uint64
Status hash_bytes(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::uint64_t hash = hash_chunks(call, s[1], bytes_at(s + 2));
    call.slots()[0] = hash;
    return Status::Ok;
}

/// func hashString(state uint64, s string) uint64
Status hash_string(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const std::uint64_t hash = hash_chunks(call, s[1], text_at(s + 2));
    call.slots()[0] = hash;
    return Status::Ok;
}

/// func hashValue(state uint64, v any) uint64
Status hash_value(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Value value = dynamic(s + 2);
    if (value.type == nullptr) {
        s[0] = hash_chunks(call, s[1], {});
        return Status::Ok;
    }
    const std::size_t size = value.type->kind == runtime::Kind::String ? value.text().size() : value.type->size;
    if (!Work(call).read(size / 4)) return Status::Ended;
    s = call.slots();
    const runtime::Hashed hashed =
        runtime::hash_slots(*value.type, static_cast<const Slot*>(value.data), runtime::mix(s[1] ^ value.type->hash, runtime::kMix0));
    if (hashed.unhashable != nullptr) return call.runtime_error("hash of unhashable type " + std::string(hashed.unhashable->string));
    s[0] = hashed.hash;
    return Status::Ok;
}

/// func random() uint64
Status random_seed(Call& call, const NativeEntry&) {
    do call.slots()[0] = goroutine(call).worker->random();
    while (call.slots()[0] == 0);
    return Status::Ok;
}

}  // namespace

void bind_hash_maphash(Package& package) {
    package.raw("hashBytes", hash_bytes).raw("hashString", hash_string).raw("hashValue", hash_value).raw("random", random_seed);
}

}  // namespace csp::stdlib
