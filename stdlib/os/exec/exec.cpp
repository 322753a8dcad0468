#include <fcntl.h>
#include <unistd.h>

#include "csp/package.hpp"
#include "stdlib/os/files.h"

namespace csp::stdlib {

namespace {

/// func access(name string) (code int): whether it may be executed, with the rights that the process has now.
Status may_execute(Call& call, const NativeEntry&) {
    const os::Path path(text_at(call.slots() + 1));
    return answer(call, 0, !path.valid() || ::faccessat(AT_FDCWD, path.get(), X_OK, AT_EACCESS) < 0 ? errno : 0);
}

}  // namespace

void bind_os_exec(Package& package) { package.raw("access", may_execute); }

}  // namespace csp::stdlib
