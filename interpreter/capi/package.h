#pragma once

// Packages of host functions.

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "csp/csp.h"
#include "csp/package.hpp"
#include "interpreter/capi/arguments.h"
#include "interpreter/capi/signature.h"

namespace csp::capi {

struct HostFunction {
    Signature signature;
    csp_callback callback = nullptr;
    std::unique_ptr<UserData> user_data;
    std::size_t stack = 0;
};

struct HostPackage {
    explicit HostPackage(std::string path) : package(std::move(path)) {}

    Exclusive exclusive;
    Package package;
    std::set<std::string, std::less<>> names;
    bool given = false;  ///< An engine has it.
};

/// Carries out the call of a HostFunction, which the entry's callable is.
Status invoke(Call& call, const NativeEntry& entry);

}  // namespace csp::capi

struct csp_package {
    std::shared_ptr<csp::capi::HostPackage> package;
};
