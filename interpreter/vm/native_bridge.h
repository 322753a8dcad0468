#pragma once

// What native code asks of the VM.

#include "interpreter/native/state.h"

namespace csp::vm {

class Machine;

native::Environment native_environment(Machine& machine);

}  // namespace csp::vm
