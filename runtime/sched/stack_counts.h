#pragma once

// How often something has happened at a stack, and how long that took in all: what a profile is made of. Any thread.
//
// What it holds is bounded. A stack that there is no room for, or no memory, is counted with others of that kind, as one
// without frames.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "runtime/type/value.h"

namespace csp::runtime {

class StackCounts {
  public:
    static constexpr std::size_t kMostFrames = 32;
    static constexpr std::size_t kMostStacks = 8192;

    /// Innermost first; unused ones are 0.
    using Frames = std::array<Slot, kMostFrames>;
    /// As a program gets it.
    struct Total {
        std::int64_t count;
        std::int64_t time;  ///< Nanoseconds.
        Frames frames;
    };

    /// Fractions are what a sample stands for.
    void add(const Frames& frames, double count, double time);
    /// How many there are, oldest first; nothing is copied unless `to` has room for all.
    std::size_t copy(std::span<Total> to) const;

  private:
    struct Stack {
        Frames frames{};
        double count = 0;
        double time = 0;
        std::uint32_t chain = 0;  ///< The next with that hash, as in Index::first.
    };
    static constexpr std::size_t kPerChunk = 64;
    /// By hash, each as its number plus one; 0: none.
    struct Index {
        std::array<std::uint32_t, 1024> first{};
        std::array<std::unique_ptr<Stack[]>, kMostStacks / kPerChunk> chunks;
    };

    Stack& at(std::size_t number) const { return index_->chunks[number / kPerChunk][number % kPerChunk]; }
    /// Null: there is no room.
    Stack* find_or_make(const Frames& frames);

    mutable std::mutex mutex_;
    std::unique_ptr<Index> index_;  ///< Made by the first.
    std::size_t size_ = 0;
    Stack others_;
};

}  // namespace csp::runtime
