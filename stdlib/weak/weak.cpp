#include "csp/package.hpp"
#include "runtime/heap/collector.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

Status reference(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto* object = reinterpret_cast<const void*>(s[2]);
    s[0] = reinterpret_cast<Slot>(heap(call).collector().specials().weak(object));
    return Status::Ok;
}

/// func (p Pointer[T]) Value() *T
Status value(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const auto* weak = reinterpret_cast<const runtime::WeakReference*>(s[1]);
    s[0] = weak == nullptr ? 0 : weak->object.load(std::memory_order_relaxed);
    // It was not reachable before; the cycle under way has to be told.
    heap(call).keep_alive(cache(call), s[0]);
    return Status::Ok;
}

}  // namespace

void bind_weak(Package& package) {
    package.raw("reference", reference).raw("Pointer.Value", value);
}

}  // namespace csp::stdlib
