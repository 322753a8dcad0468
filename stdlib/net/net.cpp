// To be replaced by the natives of the sockets, which call these two as well.

#include "csp/package.hpp"

namespace csp::stdlib {

void net_interface_natives(Package& package);
void net_lookup_natives(Package& package);

void bind_net(Package& package) {
    net_interface_natives(package);
    net_lookup_natives(package);
}

}  // namespace csp::stdlib
