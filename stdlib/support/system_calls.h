#pragma once

// Calls of the operating system, and those that may take long beside the workers: only the goroutine waits.

#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "csp/native.hpp"
#include "stdlib/support/guarded.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

/// Repeats a system call that a signal has interrupted.
template <class Operation>
auto uninterrupted(Operation operation) {
    for (;;) {
        const auto result = operation();
        if (result >= 0 || errno != EINTR) return result;
    }
}

/// Runs `work` beside the workers. It owns what it uses: the goroutine may be gone before it ends. Ok, or what the native
/// answers: the run has ended, or there was not the memory for it.
template <class Work>
[[nodiscard]] Status beside(Call& call, Work work) {
    return guarded(call, [&] {
        runtime::Goroutine& g = goroutine(call);
        const auto failed = std::make_shared<bool>(false);
        g.scheduler->run_blocking(g, [failed, work = std::move(work)]() mutable {
            try {
                work();
            } catch (const std::exception&) {
                *failed = true;
            }
        });
        if (g.resume == runtime::Resume::Cancelled) return Status::Ended;
        return *failed ? call.out_of_memory() : Status::Ok;
    });
}

/// Has `read` fill a buffer beside the workers, which then is copied into the slice in slot 3. `read` answers as read() does.
/// Results: n int, code int.
template <class Read>
Status read_beside(Call& call, Read read) {
    struct Reading {
        std::vector<char> bytes;
        ssize_t n = 0;
        int code = 0;
    };
    constexpr std::size_t kAtOnce = 1 << 20;
    const auto reading = std::make_shared<Reading>();
    reading->bytes.resize(std::min<std::size_t>(slice_at(call.slots() + 3).size, kAtOnce));
    if (const Status done = beside(call, [reading, read] {
            reading->n = read(reading->bytes.data(), reading->bytes.size());
            reading->code = reading->n < 0 ? errno : 0;
        }); done != Status::Ok) return done;
    Slot* s = call.slots();
    if (reading->n > 0) std::memcpy(slice_at(s + 3).data, reading->bytes.data(), static_cast<std::size_t>(reading->n));
    s[0] = static_cast<Slot>(std::max<ssize_t>(reading->n, 0));
    s[1] = static_cast<Slot>(reading->code);
    return Status::Ok;
}

}  // namespace csp::stdlib
