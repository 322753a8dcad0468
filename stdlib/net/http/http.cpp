// The natives of package net/http.

#include "stdlib/net/http/natives.h"
#include "stdlib/support/computing.h"
#include "stdlib/support/field_name.h"

namespace csp::stdlib {

void bind_net_http(Package& package) {
    package.function("isToken", linear(is_token)).function("isFieldValue", linear(is_field_value));
    http::add_parsing(package);
    http::add_formatting(package);
    http::add_cookies(package);
    http::add_sniffing(package);
}

}  // namespace csp::stdlib
