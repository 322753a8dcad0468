#include "runtime/sched/blocking_pool.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace csp::runtime {

struct BlockingPool::State {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> queue;
    std::size_t idle = 0;
    std::size_t users = 1;  ///< Threads, and the pool itself.
    bool closing = false;

    static void leave(State* state, std::unique_lock<std::mutex> lock) {
        const bool last = --state->users == 0;
        lock.unlock();
        if (last) delete state;
    }

    static void serve(State* state) {
        std::unique_lock lock(state->mutex);
        while (!state->closing) {
            if (state->queue.empty()) {
                ++state->idle;
                state->wake.wait(lock);
                --state->idle;
                continue;
            }
            const std::function<void()> work = std::move(state->queue.front());
            state->queue.pop_front();
            lock.unlock();
            work();
            lock.lock();
        }
        leave(state, std::move(lock));
    }
};

BlockingPool::BlockingPool() : state_(new State) {}

BlockingPool::~BlockingPool() {
    std::unique_lock lock(state_->mutex);
    state_->closing = true;
    state_->wake.notify_all();
    State::leave(state_, std::move(lock));
}

void BlockingPool::run(std::function<void()> work) {
    std::unique_lock lock(state_->mutex);
    state_->queue.push_back(std::move(work));
    if (state_->idle >= state_->queue.size()) {
        state_->wake.notify_one();
        return;
    }
    ++state_->users;
    try {
        std::thread([state = state_] { State::serve(state); }).detach();
    } catch (const std::exception&) {
        --state_->users;
        if (state_->users > 1) return;  // the threads that there are come to it
        // Nobody else can: the caller has to wait.
        const std::function<void()> alone = std::move(state_->queue.back());
        state_->queue.pop_back();
        lock.unlock();
        alone();
    }
}

}  // namespace csp::runtime
