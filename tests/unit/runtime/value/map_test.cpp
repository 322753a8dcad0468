#include "runtime/value/map.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

#include "runtime/type/builder.h"

namespace csp::runtime {
namespace {

struct MapTest : testing::Test {
    Heap heap{HeapOptions{}};
    AllocCache cache;
    TypeTable types;
    const Type* int_map = types.map_of(types.basic(Kind::Int), types.basic(Kind::Int));

    template <class Distribution>
    void expect_agreement(Distribution next_key) {
        Map* map = make_map(heap, cache, *int_map, 0, 42);
        std::unordered_map<Slot, Slot> model;
        std::mt19937_64 random(7);
        for (int i = 0; i < 100000; ++i) {
            const Slot key = next_key(random());
            switch (random() % 3) {
                case 0: {
                    const MapResult r = map_assign(heap, cache, map, &key);
                    ASSERT_EQ(r.status, MapStatus::Ok);
                    *r.value = static_cast<Slot>(i);
                    model[key] = static_cast<Slot>(i);
                    break;
                }
                case 1:
                    EXPECT_EQ(map_delete(heap, cache, map, &key).status == MapStatus::Ok, model.erase(key) == 1);
                    break;
                default: {
                    const MapResult r = map_find(map, &key);
                    const auto at = model.find(key);
                    ASSERT_EQ(r.status == MapStatus::Ok, at != model.end());
                    if (at != model.end()) EXPECT_EQ(*r.value, at->second);
                }
            }
            ASSERT_EQ(static_cast<std::size_t>(map->count.load()), model.size());
        }
    }
};

TEST_F(MapTest, AgreesWithAnotherMapUnderRandomOperations) {
    // Numbers close to each other, multiples of a power of two, a few far ones among them, any words.
    const auto few = [](std::uint64_t r) { return r % 1000; };
    const auto multiples = [](std::uint64_t r) { return r % 1000 << 20; };
    const auto mixed = [](std::uint64_t r) { return r % 100 == 0 ? r : r % 777; };
    const auto any = [](std::uint64_t r) { return r; };
    expect_agreement(few);
    expect_agreement(multiples);
    expect_agreement(mixed);
    expect_agreement(any);
}

TEST_F(MapTest, AMapThatFillsAndDrainsStaysSmall) {
    Map* map = make_map(heap, cache, *int_map, 0, 3);
    for (Slot k = 0; k < 1'000'000; ++k) {
        const Slot key = k * 8191;
        map_assign(heap, cache, map, &key);
        if (k < 50) continue;
        const Slot old = (k - 50) * 8191;
        ASSERT_EQ(map_delete(heap, cache, map, &old).status, MapStatus::Ok);
    }
    EXPECT_EQ(map->count.load(), 50);
    EXPECT_LE(map->table.load()->capacity, 256u);
}

TEST_F(MapTest, IterationProducesEachEntryOnceAndNoneThatWasDeleted) {
    Map* map = make_map(heap, cache, *int_map, 0, 1);
    for (Slot k = 0; k < 100; ++k) *map_assign(heap, cache, map, &k).value = k;
    MapIterator it{};
    map_iterate(it, map, 12345);
    std::vector<bool> seen(300);
    while (map_next(it) == MapStatus::Ok) {
        const Slot key = *it.key;
        if (key >= 200) continue;  // added on the way: may come or not
        ASSERT_FALSE(seen[key]);
        seen[key] = true;
        // Deletes the next key and makes the map grow while it is walked.
        const Slot victim = (key + 1) % 100;
        if (!seen[victim]) {
            map_delete(heap, cache, map, &victim);
            seen[victim] = true;  // must not come any more
        }
        const Slot fresh = 200 + key;
        map_assign(heap, cache, map, &fresh);
    }
}

}  // namespace
}  // namespace csp::runtime
