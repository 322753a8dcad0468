#pragma once

// Natives on descriptors of the netpoll, which packages net and os share.

#include "csp/native.hpp"

namespace csp::stdlib {

/// func wait(id uint64, writing bool): until a call in that direction may succeed.
Status wait_descriptor(Call& call, const NativeEntry&);
/// func setDeadline(id uint64, writing, set bool, delay int64) bool: so many nanoseconds from now.
Status set_descriptor_deadline(Call& call, const NativeEntry&);

}  // namespace csp::stdlib
