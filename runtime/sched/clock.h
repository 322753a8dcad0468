#pragma once

// Time as the scheduler sees it. One object an engine: the real clock, or a virtual one that jumps to
// the next timer when nothing can run.

#include <chrono>
#include <cstdint>

namespace csp::runtime {

class Clock {
  public:
    virtual ~Clock() = default;
    virtual std::int64_t monotonic() = 0;  ///< Nanoseconds since some start; never goes back.
    virtual std::int64_t wall() = 0;       ///< Nanoseconds since 1970-01-01 UTC.
    /// True when waiting for `when` means jumping there (virtual time).
    virtual bool advance_to(std::int64_t when) = 0;
};

class RealClock final : public Clock {
  public:
    std::int64_t monotonic() override;
    std::int64_t wall() override;
    bool advance_to(std::int64_t) override { return false; }

  private:
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class VirtualClock final : public Clock {
  public:
    /// `start`: nanoseconds since 1970-01-01 UTC.
    explicit VirtualClock(std::int64_t start = kPlayground) : start_(start) {}
    std::int64_t monotonic() override { return now_; }
    std::int64_t wall() override { return now_ + start_; }
    bool advance_to(std::int64_t when) override {
        if (when > now_) now_ = when;
        return true;
    }

  private:
    static constexpr std::int64_t kPlayground = 1'257'894'000'000'000'000;  // the Go playground's start of time
    const std::int64_t start_;
    std::int64_t now_ = 0;
};

}  // namespace csp::runtime
