#include "runtime/sched/stack_counts.h"

#include <new>

#include "runtime/base/splitmix.h"

namespace csp::runtime {

namespace {

std::uint64_t hash(const StackCounts::Frames& frames) {
    std::uint64_t h = 0;
    for (const Slot frame : frames) {
        if (frame == 0) break;
        h ^= frame;
        h = base::splitmix64(h);
    }
    return h;
}

std::int64_t whole(double number) {
    constexpr double kMost = 9.2e18;  // beyond that is no std::int64_t
    return static_cast<std::int64_t>(number < kMost ? number : kMost);
}

}  // namespace

StackCounts::Stack* StackCounts::find_or_make(const Frames& frames) {
    if (index_ == nullptr) index_.reset(new (std::nothrow) Index);
    if (index_ == nullptr) return nullptr;
    std::uint32_t& first = index_->first[hash(frames) % index_->first.size()];
    for (std::uint32_t i = first; i != 0;) {
        Stack& stack = at(i - 1);
        if (stack.frames == frames) return &stack;
        i = stack.chain;
    }
    if (size_ == kMostStacks) return nullptr;
    std::unique_ptr<Stack[]>& chunk = index_->chunks[size_ / kPerChunk];
    if (chunk == nullptr) chunk.reset(new (std::nothrow) Stack[kPerChunk]);
    if (chunk == nullptr) return nullptr;
    Stack& made = at(size_++);
    made.frames = frames;
    made.chain = first;
    first = static_cast<std::uint32_t>(size_);
    return &made;
}

void StackCounts::add(const Frames& frames, double count, double time) {
    const std::lock_guard lock(mutex_);
    Stack* const found = find_or_make(frames);
    Stack& stack = found != nullptr ? *found : others_;
    stack.count += count;
    stack.time += time;
}

std::size_t StackCounts::copy(std::span<Total> to) const {
    const std::lock_guard lock(mutex_);
    const std::size_t size = size_ + (others_.count > 0 ? 1 : 0);
    if (to.size() < size) return size;
    for (std::size_t i = 0; i < size; ++i) {
        const Stack& stack = i < size_ ? at(i) : others_;
        to[i] = {whole(stack.count), whole(stack.time), stack.frames};
    }
    return size;
}

}  // namespace csp::runtime
