#include <atomic>

#include "csp/package.hpp"
#include "runtime/value/equality.h"
#include "stdlib/support/value.h"

namespace csp::stdlib {

namespace {

Status nil(Call& call) { return call.runtime_error("invalid memory address or nil pointer dereference"); }

/// The value of T in canonical slot form.
template <class T>
Slot slot(T value) {
    if constexpr (std::is_signed_v<T>) return static_cast<Slot>(static_cast<std::int64_t>(value));
    return static_cast<Slot>(value);
}

template <class T>
std::atomic<T>& at(Slot pointer) {
    return *reinterpret_cast<std::atomic<T>*>(pointer);
}

template <class T>
struct Operations {
    static Status load(Call& call, const NativeEntry&) {
        Slot* s = call.slots();
        if (s[1] == 0) return nil(call);
        s[0] = slot(at<T>(s[1]).load());
        return Status::Ok;
    }
    static Status store(Call& call, const NativeEntry&) {
        const Slot* s = call.slots();
        if (s[0] == 0) return nil(call);
        at<T>(s[0]).store(static_cast<T>(s[1]));
        return Status::Ok;
    }
    static Status add(Call& call, const NativeEntry&) {
        Slot* s = call.slots();
        if (s[1] == 0) return nil(call);
        s[0] = slot(static_cast<T>(at<T>(s[1]).fetch_add(static_cast<T>(s[2])) + static_cast<T>(s[2])));
        return Status::Ok;
    }
    static Status swap(Call& call, const NativeEntry&) {
        Slot* s = call.slots();
        if (s[1] == 0) return nil(call);
        s[0] = slot(at<T>(s[1]).exchange(static_cast<T>(s[2])));
        return Status::Ok;
    }
    static Status compare_and_swap(Call& call, const NativeEntry&) {
        Slot* s = call.slots();
        if (s[1] == 0) return nil(call);
        T old = static_cast<T>(s[2]);
        s[0] = at<T>(s[1]).compare_exchange_strong(old, static_cast<T>(s[3]));
        return Status::Ok;
    }
    static Status bit_and(Call& call, const NativeEntry&) {
        Slot* s = call.slots();
        if (s[1] == 0) return nil(call);
        s[0] = slot(at<T>(s[1]).fetch_and(static_cast<T>(s[2])));
        return Status::Ok;
    }
    static Status bit_or(Call& call, const NativeEntry&) {
        Slot* s = call.slots();
        if (s[1] == 0) return nil(call);
        s[0] = slot(at<T>(s[1]).fetch_or(static_cast<T>(s[2])));
        return Status::Ok;
    }
    static void bind(Package& package, const std::string& name) {
        package.raw("Load" + name, load)
            .raw("Store" + name, store)
            .raw("Add" + name, add)
            .raw("Swap" + name, swap)
            .raw("CompareAndSwap" + name, compare_and_swap)
            .raw("And" + name, bit_and)
            .raw("Or" + name, bit_or);
    }
};

/// Where the words are pointers, the collector is told of those that are overwritten. (No cycle begins before
/// the native has returned, so it may be told afterwards.)
struct Pointers {
    static Status store(Call& call, const NativeEntry&) {
        const Slot* s = call.slots();
        if (s[0] == 0) return nil(call);
        heap(call).keep_alive(cache(call), at<Slot>(s[0]).exchange(s[1]));
        return Status::Ok;
    }
    static Status swap(Call& call, const NativeEntry& entry) {
        const Status status = Operations<std::uint64_t>::swap(call, entry);
        if (status == Status::Ok) heap(call).keep_alive(cache(call), call.slots()[0]);
        return status;
    }
    static Status compare_and_swap(Call& call, const NativeEntry& entry) {
        const Status status = Operations<std::uint64_t>::compare_and_swap(call, entry);
        if (status == Status::Ok) heap(call).keep_alive(cache(call), call.slots()[2]);
        return status;
    }
};

Status load_value(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    runtime::load_pair(s, reinterpret_cast<const void*>(s[2]));
    return Status::Ok;
}

/// One 16-byte compare-and-swap; the pair is 16-byte aligned.
bool swap_pair(Slot pointer, Slot* expected, const Slot* desired) {
    bool done;
    __asm__ __volatile__("lock cmpxchg16b %1"
                         : "=@ccz"(done), "+m"(*reinterpret_cast<__int128*>(pointer)), "+a"(expected[0]),
                           "+d"(expected[1])
                         : "b"(desired[0]), "c"(desired[1])
                         : "memory");
    return done;
}

Status swap_value(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    Slot old[2];
    runtime::load_pair(old, reinterpret_cast<const void*>(s[2]));
    while (!swap_pair(s[2], old, s + 3)) {
    }
    heap(call).will_overwrite_pair(cache(call), old);
    s[0] = old[0];
    s[1] = old[1];
    return Status::Ok;
}

Status compare_and_swap_value(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    Slot now[2];
    runtime::load_pair(now, reinterpret_cast<const void*>(s[1]));
    for (;;) {
        const runtime::Interface a{reinterpret_cast<const runtime::Type*>(now[0]), now[1]};
        const runtime::Interface b{reinterpret_cast<const runtime::Type*>(s[2]), s[3]};
        const runtime::Compared same = runtime::equal_interfaces(a, b);
        if (same.uncomparable != nullptr)
            return call.runtime_error("comparing uncomparable type " + std::string(same.uncomparable->string));
        if (!same.equal) {
            s[0] = 0;
            return Status::Ok;
        }
        if (swap_pair(s[1], now, s + 4)) break;
    }
    heap(call).will_overwrite_pair(cache(call), now);
    s[0] = 1;
    return Status::Ok;
}

Status same_type(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    s[0] = s[1] == s[3];
    return Status::Ok;
}

}  // namespace

void bind_sync_atomic(Package& package) {
    Operations<std::int32_t>::bind(package, "Int32");
    Operations<std::int64_t>::bind(package, "Int64");
    Operations<std::uint32_t>::bind(package, "Uint32");
    Operations<std::uint64_t>::bind(package, "Uint64");
    Operations<std::uint64_t>::bind(package, "Uintptr");
    package.raw("loadValue", load_value)
        .raw("swapValue", swap_value)
        .raw("compareAndSwapValue", compare_and_swap_value)
        .raw("sameType", same_type);
    package.raw("Pointer.Load", Operations<std::uint64_t>::load)
        .raw("Pointer.Store", Pointers::store)
        .raw("Pointer.Swap", Pointers::swap)
        .raw("Pointer.CompareAndSwap", Pointers::compare_and_swap);
}

}  // namespace csp::stdlib
