#pragma once

// What a package of the standard library keeps outside the script's heap, once a scheduler: a table of connections, a
// cache. It ends with the scheduler, after everything that ran there.

namespace csp::runtime {

class Extension {
  public:
    Extension() = default;
    Extension(const Extension&) = delete;
    Extension& operator=(const Extension&) = delete;
    virtual ~Extension() = default;
};

}  // namespace csp::runtime
