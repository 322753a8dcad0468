#pragma once

// The parts of the natives of package net/http.

#include "csp/package.hpp"

namespace csp::stdlib::http {

void add_parsing(Package& package);
void add_formatting(Package& package);
void add_cookies(Package& package);
void add_sniffing(Package& package);

}  // namespace csp::stdlib::http
