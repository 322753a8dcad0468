#pragma once

// The work of natives that takes the longer, the more they are given: counted, and charged in portions, so that a limit or
// the host ends it, and others get their turn. What has answered that the run is being ended goes on doing so; a native
// returns then, whatever it returns.
//
// Meanwhile other goroutines run, and collections: what a native has in C++ variables is found, but not what is in memory
// from malloc. Counts depend on nothing but a native's arguments, or runs would not repeat their fuel.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

#include "csp/native.hpp"

namespace csp::stdlib {

class Work {
  public:
    explicit Work(Call& call) : call_(call) {}
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    // ---- More work has been done. False: the run is being ended. ----
    /// Bytes that were copied, compared or searched as fast as memory allows.
    bool moved(std::size_t bytes) { return add(bytes); }
    /// Bytes that were looked at one by one.
    bool read(std::size_t bytes) { return add(bytes * (kUnit / 4)); }
    /// Steps of five nanoseconds: the units of Call::charge().
    bool steps(std::uint64_t count) { return add(count * kUnit); }

    bool ended() const { return call_.ended(); }
    Call& call() { return call_; }

    /// So much memory outside of the script's heap is wanted for a result: std::bad_alloc if that heap may not be so large.
    void holds(std::size_t bytes) {
        constexpr std::size_t kFew = 1 << 16;
        if (bytes > kFew) check(bytes);
    }

  private:
    static constexpr std::uint64_t kUnit = 64;          // bytes at the speed of memory
    static constexpr std::uint64_t kPortion = 256 * kUnit;

    bool add(std::uint64_t bytes) {
        pending_ += bytes;
        return pending_ < kPortion || charge();
    }
    bool charge();
    void check(std::size_t bytes);

    Call& call_;
    std::uint64_t pending_ = 0;
};

/// Where a part of `text` may end that begins at `from` and is some 64 KiB long: not inside of a character.
std::size_t part_end(std::string_view text, std::size_t from);

/// Calls `body` with `text` in parts that hold whole characters, each a portion of work; false: the run is being ended.
template <class Body>
bool in_parts(Work& work, std::string_view text, Body body) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = part_end(text, at);
        body(text.substr(at, end - at));
        if (!work.read(end - at)) return false;
        at = end;
    }
    return true;
}

/// Calls `body` with `bytes` in pieces, each a portion of work; false: the run is being ended.
template <class Bytes, class Body>
bool in_pieces(Work& work, Bytes bytes, Body body) {
    constexpr std::size_t kAtOnce = 1 << 15;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = std::min(bytes.size() - at, kAtOnce);
        body(Bytes(bytes.data() + at, size));
        if (!work.read(size)) return false;
        at += size;
    }
    return true;
}

/// What `map` makes of a text part by part, put together.
template <class Text, class Map>
Text mapped(Call& call, std::string_view text, Map map) {
    Work work(call);
    if (part_end(text, 0) == text.size()) {
        Text out = map(text);
        work.read(text.size());
        return out;
    }
    Text out;
    in_parts(work, text, [&](std::string_view part) {
        const auto made = map(part);
        work.holds(2 * (out.size() + made.size()));
        out.insert(out.end(), made.begin(), made.end());
    });
    return out;
}

}  // namespace csp::stdlib
