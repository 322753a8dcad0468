#include "csp/package.hpp"
#include "runtime/sync/sync.h"

#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

Status status(runtime::Wait wait) { return wait == runtime::Wait::Parked ? Status::Parked : Status::Ok; }

template <class Words>
Words* words(Slot pointer) {
    return reinterpret_cast<Words*>(pointer);
}

constexpr const char* kNil = "invalid memory address or nil pointer dereference";

/// A method without results on a pointer to words.
template <class Words, runtime::Wait (*Operation)(runtime::Goroutine&, Words&)>
Status waiting(Call& call, const NativeEntry&) {
    const Slot self = call.slots()[0];
    if (self == 0) return call.runtime_error(kNil);
    return status(Operation(goroutine(call), *words<Words>(self)));
}

Status mutex_try_lock(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    if (s[1] == 0) return call.runtime_error(kNil);
    s[0] = runtime::mutex_try_lock(*words<runtime::MutexWords>(s[1]));
    return Status::Ok;
}
Status mutex_unlock(Call& call, const NativeEntry&) {
    const Slot self = call.slots()[0];
    if (self == 0) return call.runtime_error(kNil);
    switch (runtime::mutex_unlock(goroutine(call), *words<runtime::MutexWords>(self))) {
        case runtime::Unlock::Done: return Status::Ok;
        case runtime::Unlock::HandedOver: return Status::Yield;
        case runtime::Unlock::NotLocked: break;
    }
    return call.fatal("sync: unlock of unlocked mutex");
}

Status rw_try_read_lock(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    if (s[1] == 0) return call.runtime_error(kNil);
    s[0] = runtime::rwmutex_try_read_lock(*words<runtime::RWMutexWords>(s[1]));
    return Status::Ok;
}
Status rw_read_unlock(Call& call, const NativeEntry&) {
    const Slot self = call.slots()[0];
    if (self == 0) return call.runtime_error(kNil);
    if (!runtime::rwmutex_read_unlock(goroutine(call), *words<runtime::RWMutexWords>(self)))
        return call.fatal("sync: RUnlock of unlocked RWMutex");
    return Status::Ok;
}
Status rw_try_lock(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    if (s[1] == 0) return call.runtime_error(kNil);
    s[0] = runtime::rwmutex_try_lock(goroutine(call), *words<runtime::RWMutexWords>(s[1]));
    return Status::Ok;
}
Status rw_unlock(Call& call, const NativeEntry&) {
    const Slot self = call.slots()[0];
    if (self == 0) return call.runtime_error(kNil);
    if (!runtime::rwmutex_unlock(goroutine(call), *words<runtime::RWMutexWords>(self)))
        return call.fatal("sync: Unlock of unlocked RWMutex");
    return Status::Ok;
}

Status waitgroup_add(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    if (s[0] == 0) return call.runtime_error(kNil);
    switch (runtime::waitgroup_add(goroutine(call), *words<runtime::WaitGroupWords>(s[0]),
                                   static_cast<std::int64_t>(s[1]))) {
        case runtime::WaitGroupError::None: return Status::Ok;
        case runtime::WaitGroupError::Negative: return call.panic("sync: negative WaitGroup counter");
        case runtime::WaitGroupError::InsideAndOutside:
            return call.fatal("sync: WaitGroup.Add called from inside and outside synctest bubble");
        case runtime::WaitGroupError::SeveralBubbles:
            return call.fatal("sync: WaitGroup.Add called from multiple synctest bubbles");
        case runtime::WaitGroupError::Misuse: break;
    }
    return call.panic("sync: WaitGroup misuse: Add called concurrently with Wait");
}

Status load_word(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = words<std::atomic<std::uint32_t>>(s[1])->load(std::memory_order_acquire);
    return Status::Ok;
}
Status store_word(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    words<std::atomic<std::uint32_t>>(s[0])->store(static_cast<std::uint32_t>(s[1]), std::memory_order_release);
    return Status::Ok;
}

Status cond_add(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = runtime::condition_add(*words<runtime::NotifyListWords>(s[1]));
    return Status::Ok;
}
Status cond_wait(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    return status(runtime::condition_wait(goroutine(call), *words<runtime::NotifyListWords>(s[0]),
                                          static_cast<std::uint32_t>(s[1])));
}
Status woken(Call& call, bool done) {
    return done ? Status::Ok : call.fatal("semaphore wake of synctest goroutine from outside bubble");
}
Status cond_signal(Call& call, const NativeEntry&) {
    return woken(call, runtime::condition_notify_one(goroutine(call), *words<runtime::NotifyListWords>(call.slots()[0])));
}
Status cond_broadcast(Call& call, const NativeEntry&) {
    return woken(call, runtime::condition_notify_all(goroutine(call), *words<runtime::NotifyListWords>(call.slots()[0])));
}

}  // namespace

void bind_sync(Package& package) {
    package.raw("Mutex.Lock", waiting<runtime::MutexWords, runtime::mutex_lock>)
        .raw("Mutex.TryLock", mutex_try_lock)
        .raw("Mutex.Unlock", mutex_unlock)
        .raw("RWMutex.RLock", waiting<runtime::RWMutexWords, runtime::rwmutex_read_lock>)
        .raw("RWMutex.TryRLock", rw_try_read_lock)
        .raw("RWMutex.RUnlock", rw_read_unlock)
        .raw("RWMutex.lockWriters", waiting<runtime::RWMutexWords, runtime::rwmutex_lock>)
        .raw("RWMutex.waitReaders", waiting<runtime::RWMutexWords, runtime::rwmutex_lock_readers>)
        .raw("RWMutex.TryLock", rw_try_lock)
        .raw("RWMutex.Unlock", rw_unlock)
        .raw("WaitGroup.Add", waitgroup_add)
        .raw("WaitGroup.Wait", waiting<runtime::WaitGroupWords, runtime::waitgroup_wait>)
        .raw("load", load_word)
        .raw("store", store_word)
        .raw("condAdd", cond_add)
        .raw("condWait", cond_wait)
        .raw("condSignal", cond_signal)
        .raw("condBroadcast", cond_broadcast);
}

}  // namespace csp::stdlib
