#include "csp/version.hpp"

#include "csp/csp.h"

uint32_t csp_version(void) { return 10000U * csp::kVersionMajor + 100U * csp::kVersionMinor + csp::kVersionPatch; }
