#include <fcntl.h>
#include <unistd.h>

#include "csp/package.hpp"
#include "stdlib/os/files.h"
#include "stdlib/support/granted.h"

namespace csp::stdlib {

namespace {

/// func access(name string) (code int): whether it may be executed, with the rights that the process has now.
Status may_execute(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Exec)) return refuse(call, 0);
    const os::Path path(text_at(call.slots() + 1));
    return answer(call, 0, !path.valid() || ::faccessat(AT_FDCWD, path.get(), X_OK, AT_EACCESS) < 0 ? errno : 0);
}

/// func stat(name string) (mode uint32, code int): programs are looked for wherever they are.
Status stat_program(Call& call, const NativeEntry&) {
    if (!is_granted(call, Need::Exec)) return refuse(call, 1);
    const os::Path path(text_at(call.slots() + 2));
    struct stat info {};
    const int code = !path.valid() || ::stat(path.get(), &info) < 0 ? errno : 0;
    call.slots()[0] = info.st_mode;
    return answer(call, 1, code);
}

}  // namespace

void bind_os_exec(Package& package) { package.raw("access", may_execute).raw("stat", stat_program); }

}  // namespace csp::stdlib
