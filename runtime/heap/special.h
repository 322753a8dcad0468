#pragma once

// What is attached to single objects: finalizers, cleanups, weak references. Looked at when a cycle has
// marked everything: weak references to what is not marked are cleared; finalizers of such objects are
// made ready, for which the object lives on until the next cycle.

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "runtime/base/spin_lock.h"
#include "runtime/heap/scanner.h"

namespace csp::runtime {

class Heap;

/// A function to be called once because `object` is no longer reachable.
struct Finalizer {
    const void* object = nullptr;   ///< Null for cleanups: the function has what it needs.
    const Closure* function = nullptr;
    const Type* type = nullptr;     ///< Of the function's parameter, when it has one.
};

/// A place that knows an object without keeping it alive. Lives as long as its heap.
struct WeakReference {
    std::atomic<Slot> object{0};  ///< 0 once the object is gone.
};

class Specials {
  public:
    explicit Specials(const PageHeap& pages) : pages_(pages) {}

    /// One finalizer an object: replaces an earlier one; with a null function removes it.
    void set_finalizer(const void* object, Finalizer finalizer);
    /// Any number an object. Returns a number for remove_cleanup().
    std::uint64_t add_cleanup(const void* object, Finalizer cleanup);
    void remove_cleanup(std::uint64_t id);
    /// The weak reference to the object; equal for equal objects.
    WeakReference* weak(const void* object);

    /// A cycle begins: functions are kept alive by being attached, and so is what an object with a finalizer
    /// refers to, though not the object itself, so that finalizers run from the outside in. The world is stopped.
    void scan_roots(Scanner& scanner) const;
    /// After marking, while the world is stopped: clears weak references to what is unmarked, and moves the
    /// finalizers of unmarked objects to `ready`, marking what they need.
    void process(Scanner& scanner, std::vector<Finalizer>& ready);

  private:
    struct Entry {
        Finalizer what;
        std::uint64_t id = 0;  ///< 0: a finalizer.
    };
    bool is_marked(const void* object) const;

    const PageHeap& pages_;
    mutable base::SpinLock lock_;
    std::unordered_multimap<const void*, Entry> finalizers_;
    std::unordered_map<const void*, WeakReference*> weak_;
    std::deque<WeakReference> references_;
    std::uint64_t next_id_ = 1;
};

}  // namespace csp::runtime
