#include <string>

#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

/// A string of the same memory: result (2), slice (2).
Status view(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice slice = slice_at(s + 2);
    s[0] = slice.size == 0 ? 0 : reinterpret_cast<Slot>(slice.data);
    s[1] = slice.size;
    return Status::Ok;
}

}  // namespace

void bind_bytes(Package& package) {
    package.raw("view", view);
}

}  // namespace csp::stdlib
