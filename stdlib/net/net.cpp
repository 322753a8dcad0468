// To be replaced by the natives of the sockets, which call these two as well.

#include <cctype>
#include <cstring>
#include <string>

#include "csp/package.hpp"

namespace csp::stdlib {

void net_interface_natives(Package& package);
void net_lookup_natives(Package& package);

void bind_net(Package& package) {
    package.function("errnoText", [](std::int64_t code) {
        std::string text = std::strerror(static_cast<int>(code));
        if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
        return text;
    });
    net_interface_natives(package);
    net_lookup_natives(package);
}

}  // namespace csp::stdlib
