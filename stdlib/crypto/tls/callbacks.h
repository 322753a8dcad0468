#pragma once

// What OpenSSL calls while an Engine is at work. Everything is noted in the engine; what a script has to decide makes the
// call on the engine end.

struct ssl_ctx_st;
struct ssl_st;

namespace csp::stdlib::tls {

class Engine;

struct Callbacks {
    static void attach(ssl_ctx_st* context, bool server);
    /// Those of a single connection.
    static void attach(ssl_st* ssl, Engine& engine);

  private:
    struct Of;
};

}  // namespace csp::stdlib::tls
