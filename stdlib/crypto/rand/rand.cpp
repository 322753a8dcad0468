#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "csp/package.hpp"
#include "stdlib/support/value.h"
#include "stdlib/support/work.h"

namespace csp::stdlib {

namespace {

/// func fill(b []byte) bool
Status fill(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const runtime::Slice to = slice_at(s + 1);
    s[0] = 1;
    Work work(call);
    constexpr std::size_t kAtOnce = 1 << 14;
    for (std::size_t done = 0; done < to.size;) {
        const ssize_t part = getrandom(static_cast<char*>(to.data) + done, std::min(to.size - done, kAtOnce), 0);
        constexpr std::uint64_t kSystemCall = 100;  // steps
        if (!work.steps(kSystemCall) || !work.read(2 * static_cast<std::size_t>(std::max<ssize_t>(part, 0)))) return Status::Ended;
        s = call.slots();
        if (part >= 0) {
            done += static_cast<std::size_t>(part);
        } else if (errno != EINTR) {
            s[0] = 0;
            break;
        }
    }
    return Status::Ok;
}

/// func fatal(text string)
Status fatal(Call& call, const NativeEntry&) { return call.fatal(text_at(call.slots())); }

}  // namespace

void bind_crypto_rand(Package& package) { package.raw("fill", fill).raw("fatal", fatal); }

}  // namespace csp::stdlib
