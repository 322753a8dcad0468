#pragma once

// Records that hold a fatal alert. OpenSSL sends alerts of its own choice only.

#include <string>
#include <string_view>

struct ssl_cipher_st;

namespace csp::stdlib::tls {

/// Of a connection on which nothing is encrypted yet.
std::string plain_alert(int version, int alert);
/// The first record that is encrypted with a traffic secret (in hexadecimal) of TLS 1.3. False: it could not be made.
[[nodiscard]] bool sealed_alert(const ssl_cipher_st* suite, std::string_view secret, int alert, std::string& record);

}  // namespace csp::stdlib::tls
