#pragma once

// What the engines of a run share: OpenSSL's contexts, and certificates that have been read with their keys.

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "stdlib/crypto/tls/engine.h"
#include "stdlib/support/resource_table.h"

struct evp_pkey_st;
struct x509_st;
struct stack_st_X509;

namespace csp::stdlib::tls {

/// A private key and the certificates that belong to it.
class Identity {
  public:
    Identity() = default;
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;
    ~Identity();

    /// Not empty: what is wrong.
    [[nodiscard]] std::string read(std::string_view chain, std::string_view key);
    /// False: OpenSSL does not want it.
    [[nodiscard]] bool install(ssl_st* ssl) const;

  private:
    evp_pkey_st* key_ = nullptr;
    x509_st* leaf_ = nullptr;
    stack_st_X509* rest_ = nullptr;
};

/// Any thread. Lives as long as the scheduler, and so do its engines at most.
class Contexts {
  public:
    Contexts() = default;
    Contexts(const Contexts&) = delete;
    Contexts& operator=(const Contexts&) = delete;
    ~Contexts();

    /// Null: there is no memory.
    ssl_ctx_st* get(bool server);
    /// Null: `problem` tells what is wrong.
    std::shared_ptr<const Identity> identity(std::string_view chain, std::string_view key, std::string& problem);

  private:
    struct Known {
        std::string chain;
        std::string key;
        std::shared_ptr<const Identity> identity;
    };
    static constexpr std::size_t kMostKnown = 64;

    std::mutex mutex_;
    ssl_ctx_st* contexts_[2] = {};
    std::list<Known> known_;  ///< The one used last is the first.
};

/// The connections of a run.
class Engines final : public ResourceTable<Engine> {
  public:
    Contexts contexts;
};

}  // namespace csp::stdlib::tls
