#include "csp/package.hpp"
#include "stdlib/support/value.h"

namespace csp::stdlib {

void bind_math_rand(Package& package) {
    package.raw("random", [](Call& call, const NativeEntry&) {
        call.slots()[0] = goroutine(call).worker->random();
        return Status::Ok;
    });
}

}  // namespace csp::stdlib
