#pragma once

// Which addresses a script may reach: asked about the address that is used in the end, not about what it was looked up by.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "csp/native.hpp"
#include "runtime/access/grants.h"
#include "stdlib/net/sockets.h"

namespace csp::stdlib::net {

/// Whether the resolver may be asked about a name.
bool may_look_up(Call& call, std::string_view name);
/// Notes that a name has these addresses, if it is granted by name.
void note_addresses(Call& call, std::string_view name, const std::vector<std::string>& addresses);

/// Calls `operation` with an address that may be connected to, or sent to; answers an errno.
int dialling(Call& call, const SocketAddress& to, const std::function<int(const SocketAddress&)>& operation);
/// The same for one that a socket is to be bound to.
int binding(Call& call, const SocketAddress& at, const std::function<int(const SocketAddress&)>& operation);

}  // namespace csp::stdlib::net
