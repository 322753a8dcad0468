#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <new>

#include "csp/package.hpp"
#include "runtime/netpoll/netpoll.h"
#include "stdlib/os/signal/handlers.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

using runtime::Netpoll;
using signals::Listener;

Netpoll& netpoll(Call& call) { return Netpoll::of(*goroutine(call).scheduler); }

/// func listen() (id uint64, code int)
Status open_listener(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = 0;
    try {
        std::shared_ptr<Listener> listener = signals::listen();
        // The listener keeps its descriptor: a handler may be about to write to it.
        const int own = listener->event() < 0 ? -1 : ::fcntl(listener->event(), F_DUPFD_CLOEXEC, 3);
        int code = own < 0 ? errno : 0;
        if (own >= 0) s[0] = netpoll(call).add(own, code, std::move(listener));
        s[1] = static_cast<Slot>(code);
    } catch (const std::bad_alloc&) {
        s[1] = ENOMEM;
    }
    return Status::Ok;
}

/// func setSignals(id uint64, heard, ignored uint64)
Status set_signals(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Netpoll::Use use = netpoll(call).use(s[0]);
    if (use) static_cast<Listener*>(use.companion())->set(s[1], s[2]);
    return Status::Ok;
}

/// func takeSignals(id uint64) uint64
Status take_signals(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Netpoll::Use use = netpoll(call).use(s[1]);
    s[0] = use ? static_cast<Listener*>(use.companion())->take() : 0;
    return Status::Ok;
}

/// func ignoredSignals() uint64
Status ignored_signals(Call& call, const NativeEntry&) {
    call.slots()[0] = signals::ignored();
    return Status::Ok;
}

/// func wait(id uint64)
Status wait(Call& call, const NativeEntry&) {
    const Slot id = call.slots()[0];
    return netpoll(call).wait(goroutine(call), id, Netpoll::Direction::Read) == runtime::Wait::Parked ? Status::Parked : Status::Ok;
}

}  // namespace

void bind_os_signal(Package& package) {
    package.raw("listen", open_listener)
        .raw("setSignals", set_signals)
        .raw("takeSignals", take_signals)
        .raw("ignoredSignals", ignored_signals)
        .raw("wait", wait);
}

}  // namespace csp::stdlib
