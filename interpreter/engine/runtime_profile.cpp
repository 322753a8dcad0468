// Package runtime: profiles of what goroutines do, but for what they do with memory.

#include <span>

#include "interpreter/engine/runtime_package.h"
#include "interpreter/vm/machine.h"
#include "runtime/sched/scheduler.h"

namespace csp::engine {

namespace {

using runtime::StackCounts;

runtime::Goroutine& goroutine(Call& call) { return *static_cast<runtime::Goroutine*>(call.goroutine()); }
runtime::BlockProfiles& profiles(Call& call) { return goroutine(call).scheduler->block_profiles(); }

/// The parameter of those functions that answer (n int, ok bool): a slice of records.
template <class Record>
std::span<Record> records(Call& call) {
    const Slot* s = call.slots();
    return {reinterpret_cast<Record*>(s[2]), static_cast<std::uint32_t>(s[3])};  // the capacity is above the length
}
Status answer(Call& call, std::size_t there_are, std::size_t room) {
    Slot* s = call.slots();
    s[0] = there_are;
    s[1] = there_are <= room;
    return Status::Ok;
}

Status set_block_profile_rate(Call& call, const NativeEntry&) {
    profiles(call).set_block_rate(static_cast<std::int64_t>(call.slots()[0]));
    return Status::Ok;
}

Status set_mutex_profile_fraction(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = static_cast<Slot>(profiles(call).set_mutex_fraction(static_cast<std::int64_t>(s[1])));
    return Status::Ok;
}

/// func BlockProfile(p []BlockProfileRecord) (n int, ok bool), and MutexProfile
template <StackCounts& (runtime::BlockProfiles::*profile)()>
Status copy_counts(Call& call, const NativeEntry&) {
    // A BlockProfileRecord, as it stands in memory, is a Total.
    static_assert(sizeof(StackCounts::Total) == 2 * sizeof(std::int64_t) + 32 * sizeof(Slot));
    const std::span<StackCounts::Total> to = records<StackCounts::Total>(call);
    return answer(call, (profiles(call).*profile)().copy(to), to.size());
}

/// func GoroutineProfile(p []StackRecord) (n int, ok bool)
Status goroutine_profile(Call& call, const NativeEntry&) {
    const std::span<StackCounts::Frames> to = records<StackCounts::Frames>(call);
    runtime::Goroutine& self = goroutine(call);
    runtime::Scheduler& scheduler = *self.scheduler;
    std::size_t count = 0;
    scheduler.stop_world(self.worker->cache(), [&] {
        scheduler.for_each([&](runtime::Goroutine&) { ++count; });
        if (count > to.size()) return;
        std::size_t filled = 0;
        const auto add = [&](runtime::Goroutine& g) {
            to[filled].fill(0);
            scheduler.executor().callers(g, to[filled++]);
        };
        add(self);
        scheduler.for_each([&](runtime::Goroutine& g) {
            if (&g != &self) add(g);
        });
    });
    return answer(call, count, to.size());
}

/// func ThreadCreateProfile(p []StackRecord) (n int, ok bool)
Status thread_profile(Call& call, const NativeEntry&) {
    const std::span<StackCounts::Frames> to = records<StackCounts::Frames>(call);
    const auto count = static_cast<std::size_t>(goroutine(call).scheduler->threads());
    if (count <= to.size())
        for (StackCounts::Frames& frames : to.first(count)) frames.fill(0);
    return answer(call, count, to.size());
}

}  // namespace

void add_profiles(Package& package) {
    package.raw("SetBlockProfileRate", set_block_profile_rate)
        .raw("SetMutexProfileFraction", set_mutex_profile_fraction)
        .raw("BlockProfile", copy_counts<&runtime::BlockProfiles::block>)
        .raw("MutexProfile", copy_counts<&runtime::BlockProfiles::mutex>)
        .raw("GoroutineProfile", goroutine_profile)
        .raw("ThreadCreateProfile", thread_profile);
}

}  // namespace csp::engine
