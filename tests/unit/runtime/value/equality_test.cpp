// Equality and hashes of values by type.

#include "runtime/value/equality.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "runtime/type/builder.h"

namespace csp::runtime {
namespace {

struct EqualityTest : testing::Test {
    TypeTable types;
    const Type& any = *types.interface_of({});

    bool equal(const Type& type, const void* a, const void* b) {
        const Compared c = equal_memory(type, a, b);
        EXPECT_EQ(c.uncomparable, nullptr);
        return c.equal;
    }
};

TEST_F(EqualityTest, FloatsCompareAsNumbers) {
    const Type& type = *types.basic(Kind::Float64);
    const double zero = 0.0, negative_zero = -0.0, nan = std::nan("");
    EXPECT_TRUE(equal(type, &zero, &negative_zero));
    EXPECT_FALSE(equal(type, &nan, &nan));
    Slot a = 0, b = 0;
    std::memcpy(&a, &zero, 8);
    std::memcpy(&b, &negative_zero, 8);
    EXPECT_EQ(hash_slots(type, &a, 5).hash, hash_slots(type, &b, 5).hash);
}

TEST_F(EqualityTest, InterfacesCompareByDynamicTypeAndValue) {
    const Interface one{types.basic(Kind::Int), 1}, other{types.basic(Kind::Int), 1}, two{types.basic(Kind::Int), 2},
        narrow{types.basic(Kind::Int8), 1}, none{};
    EXPECT_TRUE(equal(any, &one, &other));
    EXPECT_FALSE(equal(any, &one, &two));
    EXPECT_FALSE(equal(any, &one, &narrow));
    EXPECT_FALSE(equal(any, &one, &none));
    EXPECT_TRUE(equal(any, &none, &none));
}

TEST_F(EqualityTest, UncomparableDynamicTypesAreNamed) {
    const Type* slice = types.slice_of(types.basic(Kind::Int));
    const Interface value{slice, 0x1000};
    EXPECT_EQ(equal_memory(any, &value, &value).uncomparable, slice);
    EXPECT_EQ(hash_slots(any, reinterpret_cast<const Slot*>(&value), 0).unhashable, slice);
}

TEST_F(EqualityTest, ArraysOfInterfacesNestedBeyondAnyStackAreCompared) {
    // [1]any in [1]any in …: each level is boxed in the next.
    const Type* box = types.array_of(&any, 1);
    constexpr std::size_t kDepth = 300000;
    std::vector<Interface> left(kDepth + 1), right(kDepth + 1);
    left[0] = right[0] = Interface{types.basic(Kind::Int), 1};
    for (std::size_t i = 1; i <= kDepth; ++i) {
        left[i] = Interface{box, reinterpret_cast<Slot>(&left[i - 1])};
        right[i] = Interface{box, reinterpret_cast<Slot>(&right[i - 1])};
    }
    EXPECT_TRUE(equal(any, &left[kDepth], &right[kDepth]));
    EXPECT_EQ(hash_slots(any, reinterpret_cast<const Slot*>(&left[kDepth]), 9).hash,
              hash_slots(any, reinterpret_cast<const Slot*>(&right[kDepth]), 9).hash);
    right[0].word = 2;
    EXPECT_FALSE(equal(any, &left[kDepth], &right[kDepth]));
}

}  // namespace
}  // namespace csp::runtime
