#pragma once

// Every choice that a schedule is made of. The scheduler asks a Policy when it has one; without one it
// does plain work stealing with a fast random generator per worker.

#include <cstddef>
#include <cstdint>
#include <span>

namespace csp::runtime {

struct Goroutine;

class Policy {
  public:
    virtual ~Policy() = default;
    /// Which of the runnable goroutines (never empty, oldest first) runs next: an index.
    virtual std::size_t choose_next(std::span<Goroutine* const> runnable) = 0;
    /// Which of `count` ready cases a select takes.
    virtual std::size_t choose_case(std::size_t count) = 0;
    /// Whether to preempt the running goroutine at this visible operation.
    virtual bool preempt_here() = 0;
    /// A random number for map iteration and the like.
    virtual std::uint64_t random() = 0;
};

/// Repeatable: the same seed gives the same choices. Used with one worker.
class SeededPolicy final : public Policy {
  public:
    explicit SeededPolicy(std::uint64_t seed) : state_(seed) {}
    std::size_t choose_next(std::span<Goroutine* const> runnable) override;
    std::size_t choose_case(std::size_t count) override;
    bool preempt_here() override;
    std::uint64_t random() override;

  private:
    std::uint64_t state_;
};

}  // namespace csp::runtime
