#pragma once

// Natives on descriptors of the netpoll, which packages net and os share.

#include <cstddef>

#include "csp/native.hpp"
#include "runtime/netpoll/netpoll.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

/// What natives answer in place of an errno for a descriptor that was closed; os/file.csp and net/fd.csp know it, too.
constexpr int kClosed = -1;

inline runtime::Netpoll& netpoll(Call& call) { return runtime::Netpoll::of(*goroutine(call).scheduler); }
inline runtime::Netpoll::Direction direction(Slot writing) {
    return writing != 0 ? runtime::Netpoll::Direction::Write : runtime::Netpoll::Direction::Read;
}

/// Puts an errno, or what stands for one.
inline Status answer(Call& call, std::size_t at, int code) {
    call.slots()[at] = static_cast<Slot>(static_cast<std::int64_t>(code));
    return Status::Ok;
}

/// func wait(id uint64, writing bool): until a call in that direction may succeed.
Status wait_descriptor(Call& call, const NativeEntry&);
/// func setDeadline(id uint64, writing, set bool, delay int64) bool: so many nanoseconds from now.
Status set_descriptor_deadline(Call& call, const NativeEntry&);

}  // namespace csp::stdlib
