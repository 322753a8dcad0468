// Cycles: what is kept, what is freed, finalizers, weak references, limits. One thread, whose roots are a list.

#include "runtime/heap/collector.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "runtime/type/builder.h"

namespace csp::runtime {
namespace {

/// A world of one worker. The roots are those that were there when the cycle began.
struct Host final : CollectorHost {
    void stop_world(AllocCache&, const std::function<void()>& work) override { work(); }
    void safepoint(AllocCache&) override {}
    void note_goroutines(std::uint32_t) override {
        snapshot = roots;
        scanned = false;
    }
    bool scan_goroutines(AllocCache& cache) override {
        if (scanned) return false;
        scanned = true;
        Scanner scanner(heap->pages(), heap->grey(), cache);
        scanner.range(snapshot.data(), snapshot.data() + snapshot.size());
        return true;
    }
    bool all_scanned() override { return scanned; }
    void scan_globals(Scanner&) override {}
    void finalize(std::vector<Finalizer> ready) override { finalized.insert(finalized.end(), ready.begin(), ready.end()); }
    std::int64_t now() override { return ++clock; }

    Heap* heap = nullptr;
    std::vector<void*> roots;
    std::vector<void*> snapshot;
    std::vector<Finalizer> finalized;
    bool scanned = true;
    std::int64_t clock = 0;
};

struct CollectorTest : testing::Test {
    TypeTable types;
    const Type* pointer = types.pointer_to(types.basic(Kind::Int));
    const Type* pair = types.array_of(pointer, 2);
    HeapOptions options;
    std::unique_ptr<Heap> heap;
    std::unique_ptr<AllocCache> cache;
    Host host;

    void SetUp() override { make(); }
    void TearDown() override {
        cache.reset();
        heap.reset();
    }
    void make() {
        cache.reset();
        heap = std::make_unique<Heap>(options);
        cache = std::make_unique<AllocCache>();
        cache->owner = this;
        host.heap = heap.get();
        heap->collector().attach(&host);
    }
    void** node() { return static_cast<void**>(heap->allocate(*cache, *pair)); }
    void collect() { heap->collector().collect(*cache); }
    std::size_t used_objects() { return heap->collector().stats().used_objects; }
};

TEST_F(CollectorTest, FreesWhatIsNotReachableAndKeepsTheRest) {
    void** list = nullptr;
    for (int i = 0; i < 10000; ++i) {
        void** const kept = node();
        kept[0] = list;
        list = kept;
        node();  // garbage
    }
    host.roots = {list};
    collect();
    // The rest of the cache's run counts as used.
    EXPECT_GE(used_objects(), 10000u);
    EXPECT_LT(used_objects(), 10600u);
    int length = 0;
    for (void** n = list; n != nullptr; n = static_cast<void**>(n[0])) ++length;
    EXPECT_EQ(length, 10000);
    host.roots.clear();
    collect();
    EXPECT_LT(used_objects(), 600u);
}

TEST_F(CollectorTest, AnInteriorPointerKeepsItsObject) {
    char* const bytes = heap->allocate_bytes(*cache, 100'000);
    std::memset(bytes, 7, 100'000);
    host.roots = {bytes + 99'999};
    collect();
    EXPECT_EQ(heap->find(bytes).start, bytes);
    EXPECT_EQ(bytes[50'000], 7);
    host.roots.clear();
    collect();
    EXPECT_EQ(heap->find(bytes).start, nullptr);
}

TEST_F(CollectorTest, WhatIsOverwrittenWhileMarkingSurvivesTheCycle) {
    void** const holder = node();
    void** const held = node();
    holder[0] = held;
    host.roots = {holder};
    // Grows the heap until a cycle begins, and takes the only reference away before the holder is scanned.
    while (!heap->marking()) heap->allocate_bytes(*cache, 30'000);
    heap->will_overwrite(*cache, &holder[0]);
    holder[0] = nullptr;
    held[1] = holder;
    while (heap->marking()) heap->collector().work(*cache, 1 << 20);
    while (heap->collector().work(*cache, 1 << 20)) {
    }
    EXPECT_EQ(held[1], holder);
    EXPECT_NE(heap->find(held).start, nullptr);
}

TEST(GreyList, OthersNeedNotWaitForOneThatHasBeenHandedOn) {
    GreyPool pool;
    GreyList list;
    const char object = 0;
    list.push({&object, 0}, pool);
    Grey popped{};
    ASSERT_TRUE(list.pop(popped, pool));
    EXPECT_FALSE(list.looks_empty());  // it is being scanned
    list.donate(pool, list.size());
    EXPECT_TRUE(list.looks_empty());
}

TEST_F(CollectorTest, LargeObjectsAreScannedToTheirEnds) {
    constexpr std::size_t kCount = 100'000;
    auto** const array = static_cast<void**>(heap->allocate_array(*cache, *pointer, kCount));
    for (std::size_t i = 0; i < kCount; ++i) {
        void** const n = node();
        n[1] = n;
        array[i] = n;
    }
    host.roots = {array};
    collect();
    for (std::size_t i = 0; i < kCount; ++i) ASSERT_EQ(static_cast<void**>(array[i])[1], array[i]);
    EXPECT_GE(used_objects(), kCount);
}

TEST_F(CollectorTest, SlotsAreReusedAndZeroed) {
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 50'000; ++i) {
            void** const n = node();
            ASSERT_EQ(n[0], nullptr);
            ASSERT_EQ(n[1], nullptr);
            n[0] = n[1] = n;
        }
        collect();
    }
    EXPECT_LT(heap->held_bytes(), std::size_t{8} << 20);
}

TEST_F(CollectorTest, MemoryFreedInQuantityGoesBackToTheSystem) {
    host.roots = {nullptr};
    for (int i = 0; i < 1'000'000; ++i) {
        void** const n = node();
        n[0] = host.roots[0];
        host.roots[0] = n;
    }
    collect();
    const std::size_t before = heap->held_bytes() + heap->pages().retained();
    EXPECT_GE(before, std::size_t{15} << 20);
    host.roots.clear();
    collect();
    while (heap->collector().work(*cache, 1 << 20)) {
    }
    EXPECT_LT(heap->held_bytes() + heap->pages().retained(), before / 2 + (std::size_t{8} << 20));
    EXPECT_GT(heap->pages().released(), 0u);
}

TEST_F(CollectorTest, FinalizersRunOnceFromTheOutsideIn) {
    void** const outer = node();
    void** const inner = node();
    outer[0] = inner;
    const Closure* const function = static_cast<const Closure*>(heap->allocate_slots(*cache, 2));
    heap->collector().specials().set_finalizer(outer, {outer, function, pointer});
    heap->collector().specials().set_finalizer(inner, {inner, function, pointer});
    host.roots = {outer};
    collect();
    EXPECT_TRUE(host.finalized.empty());
    host.roots.clear();
    collect();
    ASSERT_EQ(host.finalized.size(), 1u);
    EXPECT_EQ(host.finalized[0].object, outer);
    EXPECT_NE(heap->find(outer).start, nullptr);
    collect();
    ASSERT_EQ(host.finalized.size(), 2u);
    EXPECT_EQ(host.finalized[1].object, inner);
    collect();
    collect();
    EXPECT_EQ(host.finalized.size(), 2u);
}

TEST_F(CollectorTest, CleanupsCanBeTakenBack) {
    void** const object = node();
    const Closure* const function = static_cast<const Closure*>(heap->allocate_slots(*cache, 2));
    Specials& specials = heap->collector().specials();
    specials.add_cleanup(object, {nullptr, function, nullptr});
    const std::uint64_t second = specials.add_cleanup(object, {nullptr, function, nullptr});
    specials.remove_cleanup(second);
    collect();
    EXPECT_EQ(host.finalized.size(), 1u);
}

TEST_F(CollectorTest, WeakReferencesAreClearedWithTheirObject) {
    void** const object = node();
    WeakReference* const weak = heap->collector().specials().weak(object);
    EXPECT_EQ(heap->collector().specials().weak(object), weak);
    host.roots = {object};
    collect();
    EXPECT_EQ(weak->object.load(), reinterpret_cast<Slot>(object));
    host.roots.clear();
    collect();
    EXPECT_EQ(weak->object.load(), 0u);
}

TEST_F(CollectorTest, TheLimitIsForWhatIsReachable) {
    options.limit = std::size_t{8} << 20;
    make();
    for (int i = 0; i < 100; ++i) ASSERT_NE(heap->allocate_bytes(*cache, 1 << 20), nullptr);  // garbage
    for (std::size_t i = 0; i < 100; ++i) {
        host.roots.push_back(heap->allocate_bytes(*cache, 1 << 20));
        if (host.roots.back() == nullptr) break;
    }
    EXPECT_EQ(host.roots.back(), nullptr);
    EXPECT_GE(host.roots.size(), 6u);
    EXPECT_LE(heap->held_bytes(), options.limit);
}

TEST_F(CollectorTest, StressModeCollectsAtEveryAllocationAndOverwritesWhatIsFreed) {
    options.gc_stress = true;
    make();
    void** const kept = node();
    host.roots = {kept};
    char* const text = heap->allocate_bytes(*cache, 16);
    std::memset(text, 'x', 16);
    heap->allocate_bytes(*cache, 16);
    heap->allocate_bytes(*cache, 16);
    EXPECT_NE(text[0], 'x');
    EXPECT_EQ(kept[0], nullptr);
    EXPECT_GE(heap->collector().stats().cycles, 3u);
}

}  // namespace
}  // namespace csp::runtime
