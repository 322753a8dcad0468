#include "runtime/sched/blocking_calls.h"

#include <exception>
#include <utility>

namespace csp::runtime {

void BlockingCalls::run(std::function<void()> work, std::function<void()> done) {
    auto call = std::make_shared<Call>();
    call->owner = this;
    {
        const std::lock_guard lock(mutex_);
        calls_.push_back(call);
    }
    try {
        pool_.run([call, work = std::move(work), done = std::move(done)] {
            work();
            const std::lock_guard lock(call->mutex);
            if (call->owner == nullptr) return;
            done();  // before it is forgotten: abandon() waits for what it knows of
            call->owner->forget(*call);
        });
    } catch (const std::exception&) {
        forget(*call);
        throw;
    }
}

void BlockingCalls::forget(const Call& call) {
    const std::lock_guard lock(mutex_);
    std::erase_if(calls_, [&](const auto& one) { return one.get() == &call; });
}

void BlockingCalls::abandon() {
    std::vector<std::shared_ptr<Call>> calls;
    {
        const std::lock_guard lock(mutex_);
        calls.swap(calls_);
    }
    for (const auto& call : calls) {
        const std::lock_guard lock(call->mutex);
        call->owner = nullptr;
    }
}

}  // namespace csp::runtime
