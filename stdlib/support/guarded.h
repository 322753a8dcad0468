#pragma once

// Natives during which C++ may run out of memory: that ends them as a lack of room in the script's heap does.

#include <new>
#include <stdexcept>

#include "csp/native.hpp"

namespace csp::stdlib {

/// What `body` answers, unless memory runs out.
template <class Body>
Status guarded(Call& call, Body body) {
    try {
        return body();
    } catch (const std::bad_alloc&) {
    } catch (const std::length_error&) {  // of a string or vector, beyond what could be allocated
    }
    return call.out_of_memory();  // not in the handlers: what it calls may have to wait
}

/// A raw native, or one that does not look at its entry, guarded.
template <NativeEntry::Invoke native>
Status guarded(Call& call, const NativeEntry& entry) {
    return guarded(call, [&] { return native(call, entry); });
}
template <Status (*native)(Call&)>
Status guarded(Call& call, const NativeEntry&) {
    return guarded(call, [&] { return native(call); });
}

}  // namespace csp::stdlib
