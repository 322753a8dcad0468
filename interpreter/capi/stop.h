#pragma once

#include <stop_token>

#include "csp/csp.h"

struct csp_stop {
    std::stop_source source;
};
