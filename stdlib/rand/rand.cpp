#include "stdlib/packages.h"
#include "stdlib/support/embedded.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

Package rand_package() {
    Package package("math/rand");
    package.image("rand.csp", embedded("rand/rand.csp"));
    package.raw("random", [](Call& call, const NativeEntry&) {
        call.slots()[0] = goroutine(call).worker->random();
        return Status::Ok;
    });
    return package;
}

}  // namespace csp::stdlib
