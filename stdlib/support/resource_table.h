#pragma once

// Objects of C++ that scripts hold by a number, which is never given twice: whatever a script does with one that has been
// removed, it reaches no other object. An object that is removed during a call lives until that returns.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "csp/native.hpp"
#include "runtime/sched/extension.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

template <class T>
class ResourceTable : public runtime::Extension {
  public:
    using Id = std::uint64_t;  ///< 0 is none.

    /// Takes an object over. 0: there are `most` already.
    Id add(std::shared_ptr<T> object, std::size_t most) {
        const std::lock_guard lock(mutex_);
        if (objects_.size() >= most) return 0;
        objects_.emplace(++last_, std::move(object));
        return last_;
    }
    /// Null: it has been removed.
    std::shared_ptr<T> find(Id id) const {
        const std::lock_guard lock(mutex_);
        const auto found = objects_.find(id);
        return found == objects_.end() ? nullptr : found->second;
    }
    void remove(Id id) {
        std::shared_ptr<T> last;  // goes after the lock: its end may take long
        const std::lock_guard lock(mutex_);
        const auto found = objects_.find(id);
        if (found == objects_.end()) return;
        last = std::move(found->second);
        objects_.erase(found);
    }

  private:
    mutable std::mutex mutex_;
    std::unordered_map<Id, std::shared_ptr<T>> objects_;
    Id last_ = 0;
};

/// The extension of type E of the scheduler that the call runs on.
template <class E>
E& extension(Call& call) {
    return static_cast<E&>(
        goroutine(call).scheduler->extension([]() -> std::unique_ptr<runtime::Extension> { return std::make_unique<E>(); }));
}

}  // namespace csp::stdlib
