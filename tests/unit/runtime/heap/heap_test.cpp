// Allocation: alignment, zeroing, finding objects, limits.

#include "runtime/heap/heap.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "runtime/type/builder.h"

namespace csp::runtime {
namespace {

TEST(Heap, ObjectsAreZeroedAlignedAndApart) {
    Heap heap{HeapOptions{}};
    AllocCache cache;
    std::set<char*> starts;
    for (std::size_t size = 1; size < 100000; size = size * 5 / 4 + 1)
        for (int i = 0; i < 20; ++i) {
            char* p = heap.allocate_bytes(cache, size);
            ASSERT_NE(p, nullptr);
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(p) % 16, 0u);
            for (std::size_t k = 0; k < size; ++k) ASSERT_EQ(p[k], 0);
            std::memset(p, 0x5a, size);
            const auto next = starts.lower_bound(p);
            if (next != starts.end()) EXPECT_GE(*next - p, static_cast<std::ptrdiff_t>(size));
            starts.insert(p);
        }
}

TEST(Heap, FindsTheObjectOfAnInteriorPointer) {
    Heap heap{HeapOptions{}};
    AllocCache cache;
    TypeTable types;
    const Type* type = types.array_of(types.pointer_to(types.basic(Kind::Int)), 10);
    char* p = static_cast<char*>(heap.allocate(cache, *type));
    const Heap::Object found = heap.find(p + 37);
    EXPECT_EQ(found.start, p);
    EXPECT_GE(found.size, 80u);
    EXPECT_TRUE(found.scan);
    int outside = 0;
    EXPECT_EQ(heap.find(&outside).start, nullptr);
    char* large = heap.allocate_bytes(cache, 10'000'000);
    EXPECT_EQ(heap.find(large + 9'999'999).start, large);
}

TEST(Heap, AnswersNullAtItsLimitAndOnOverflow) {
    HeapOptions options;
    options.limit = 4 * 1024 * 1024;
    Heap heap{options};
    AllocCache cache;
    TypeTable types;
    EXPECT_EQ(heap.allocate_bytes(cache, 64 * 1024 * 1024), nullptr);
    EXPECT_EQ(heap.allocate_array(cache, *types.basic(Kind::Int64), std::size_t{1} << 62), nullptr);
    std::size_t count = 0;
    while (count < options.limit && heap.allocate_bytes(cache, 1024) != nullptr) ++count;
    EXPECT_LE(count * 1024, options.limit);
    EXPECT_LE(heap.held_bytes(), options.limit);
}

}  // namespace
}  // namespace csp::runtime
