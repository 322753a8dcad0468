#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "csp/package.hpp"
#include "runtime/netpoll/netpoll.h"
#include "stdlib/os/signal/handlers.h"
#include "stdlib/support/granted.h"
#include "stdlib/support/polling.h"
#include "stdlib/support/resource_table.h"

namespace csp::stdlib {

namespace {

using runtime::Netpoll;

/// What a run listens with, from the first time on that it wants to.
struct Listening final : runtime::Extension {
    std::unique_ptr<signals::Listener> listener = signals::listen();
};

signals::Listener& listener(Call& call) { return *extension<Listening>(call).listener; }

/// func listen() (id uint64, code int)
Status listen(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Process)) return refuse(call, 1);
    Slot* s = call.slots();
    // The listener keeps its descriptor: a handler may be about to write to it.
    const int event = listener(call).event();
    const int own = event < 0 ? -1 : ::fcntl(event, F_DUPFD_CLOEXEC, 3);
    int code = own < 0 ? errno : 0;
    s[0] = own < 0 ? 0 : Netpoll::of(*goroutine(call).scheduler).add(own, code);
    s[1] = static_cast<Slot>(code);
    return Status::Ok;
}

/// func setSignals(heard, ignored uint64)
Status set_signals(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Process)) return Status::Ok;
    const Slot* s = call.slots();
    listener(call).set(s[0], s[1]);
    return Status::Ok;
}

/// func takeSignals() uint64
Status take_signals(Call& call, const NativeEntry&) {
    call.slots()[0] = is_granted(call, Need::Process) ? listener(call).take() : 0;
    return Status::Ok;
}

/// func ignoredSignals() uint64
Status ignored_signals(Call& call, const NativeEntry&) {
    call.slots()[0] = is_granted(call, Need::Process) ? signals::ignored() : 0;
    return Status::Ok;
}

}  // namespace

void bind_os_signal(Package& package) {
    package.raw("listen", listen)
        .raw("setSignals", set_signals)
        .raw("takeSignals", take_signals)
        .raw("ignoredSignals", ignored_signals)
        .raw("wait", wait_descriptor);
}

}  // namespace csp::stdlib
