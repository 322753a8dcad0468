#include "interpreter/types/predicates.h"
#include "tests/unit/interpreter/types/type_fixture.h"

namespace csp::types {
namespace {

class LookupTest : public TypeTest {
  protected:
    LookupResult find(Type* type, std::string_view name, bool addressable = false) {
        return lookup_field_or_method(universe_, type, addressable, main_, name);
    }
    std::string cause(Type* type, Type* target, bool constraint = false) {
        std::string out;
        EXPECT_FALSE(implements(universe_, type, target, constraint, main_, &out));
        return out;
    }
};

TEST_F(LookupTest, Field_ThroughEmbeddedPointer) {
    Named* inner = named("Inner", structure({{"pad", int_}, {"X", string_}}));
    Named* outer = named("Outer", structure({{"Y", int_}, {"Inner", pointer(inner), true}}));
    const LookupResult result = find(outer, "X");
    ASSERT_NE(result.object, nullptr);
    EXPECT_EQ(result.path, (std::vector<int>{1, 1}));
    EXPECT_TRUE(result.indirect);
    EXPECT_EQ(find(outer, "missing").object, nullptr);
    EXPECT_EQ(find(outer, "_").object, nullptr);
}

TEST_F(LookupTest, Field_ShallowHidesDeep) {
    Named* inner = named("Inner", structure({{"X", string_}}));
    Named* outer = named("Outer", structure({{"X", int_}, {"Inner", inner, true}}));
    EXPECT_EQ(find(outer, "X").path, std::vector<int>{0});
}

TEST_F(LookupTest, Field_AmbiguousAtOneDepth) {
    Named* a = named("A", structure({{"X", int_}}));
    Named* b = named("B", structure({{"X", int_}}));
    Named* outer = named("Outer", structure({{"A", a, true}, {"B", b, true}}));
    const LookupResult result = find(outer, "X");
    EXPECT_EQ(result.object, nullptr);
    EXPECT_TRUE(result.ambiguous);
}

TEST_F(LookupTest, Field_SameTypeTwiceIsAmbiguous) {
    Named* leaf = named("Leaf", structure({{"X", int_}}));
    Named* a = named("A", structure({{"Leaf", leaf, true}}));
    Named* b = named("B", structure({{"Leaf", leaf, true}}));
    Named* outer = named("Outer", structure({{"A", a, true}, {"B", b, true}}));
    EXPECT_TRUE(find(outer, "X").ambiguous);
    EXPECT_TRUE(find(outer, "Leaf").ambiguous);
}

TEST_F(LookupTest, Field_UnexportedOfAnotherPackage) {
    Named* foreign = named("Foreign", structure({{"x", int_}}, other_));
    EXPECT_EQ(find(foreign, "x").object, nullptr);
    EXPECT_NE(lookup_field_or_method(universe_, foreign, false, other_, "x").object, nullptr);
}

TEST_F(LookupTest, Field_RecursiveEmbeddingEnds) {
    Struct* body = structure({});
    Named* type = named("T", body);
    Var* self = var("T", pointer(type), main_);
    self->embedded = true;
    body->fields.push_back(self);
    EXPECT_EQ(find(type, "X").object, nullptr);
}

TEST_F(LookupTest, Method_PointerReceiverNeedsAddress) {
    Named* type = named("T", structure({}));
    add_method(type, "M", function({}, {}), true);
    EXPECT_TRUE(find(type, "M").needs_pointer_receiver);
    EXPECT_NE(find(type, "M", true).object, nullptr);
    EXPECT_NE(find(pointer(type), "M").object, nullptr);
}

TEST_F(LookupTest, Method_NotOfDefinedPointerNorPointerToInterface) {
    Named* type = named("T", structure({{"F", int_}}));
    add_method(type, "M", function({}, {}));
    Named* defined_pointer = named("P", pointer(type));
    EXPECT_EQ(find(defined_pointer, "M").object, nullptr);
    EXPECT_NE(find(defined_pointer, "F").object, nullptr);
    EXPECT_EQ(find(pointer(universe_.error_type()), "Error").object, nullptr);
}

TEST_F(LookupTest, MethodSet_OfValueAndPointer) {
    Named* inner = named("Inner", structure({}));
    add_method(inner, "Deep", function({}, {}), true);
    Named* type = named("T", structure({{"Inner", inner, true}}));
    add_method(type, "B", function({}, {}));
    add_method(type, "A", function({}, {}), true);
    EXPECT_EQ(method_set(universe_, type).size(), 1U);
    const auto all = method_set(universe_, pointer(type));
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].method->name, "A");
    EXPECT_EQ(all[1].method->name, "B");
    EXPECT_EQ(all[2].method->name, "Deep");
    EXPECT_TRUE(all[0].path.empty());
    EXPECT_EQ(all[2].path, std::vector<int>{0});
}

TEST_F(LookupTest, MethodSet_OfInterface) {
    Interface* type = interface({method("b", function({}, {})), method("Z", function({}, {}))},
                                {universe_.error_type()});
    const auto all = method_set(universe_, type);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].method->name, "Error");
    EXPECT_EQ(all[1].method->name, "Z");
    EXPECT_EQ(all[2].method->name, "b");
}

TEST_F(LookupTest, Implements_Causes) {
    Named* target = named("I", interface({method("M", function({int_}, {string_}))}));
    EXPECT_EQ(cause(int_, target), "int does not implement I (missing method M)");

    Named* by_pointer = named("P", structure({}));
    add_method(by_pointer, "M", function({int_}, {string_}), true);
    EXPECT_EQ(cause(by_pointer, target), "P does not implement I (method M has pointer receiver)");
    EXPECT_TRUE(implements(universe_, pointer(by_pointer), target, false, main_, nullptr));

    Named* wrong = named("W", structure({}));
    add_method(wrong, "M", function({}, {string_}));
    EXPECT_EQ(cause(wrong, target),
              "W does not implement I (wrong type for method M)\n\t\thave M() string\n\t\twant "
              "M(int) string");

    Named* lower = named("L", structure({}));
    add_method(lower, "m", function({int_}, {string_}));
    EXPECT_EQ(cause(lower, target),
              "L does not implement I (missing method M)\n\t\thave m(int) string\n\t\twant "
              "M(int) string");

    EXPECT_EQ(cause(pointer(target), target),
              "*I does not implement I (type *I is pointer to interface, not interface)");
    EXPECT_EQ(cause(named("F", structure({{"M", int_}})), target),
              "F does not implement I (F.M is a field, not a method)");
}

TEST_F(LookupTest, Implements_Constraints) {
    Named* number = named("Number", constraint({{true, int_}, {false, float_}}));
    Named* my_int = named("MyInt", int_);
    Named* my_float = named("MyFloat", float_);
    EXPECT_TRUE(implements(universe_, my_int, number, true, main_, nullptr));
    EXPECT_EQ(cause(my_float, number, true),
              "MyFloat does not satisfy Number (possibly missing ~ for float64 in Number)");
    EXPECT_EQ(cause(string_, number, true),
              "string does not satisfy Number (string missing in ~int | float64)");
    EXPECT_EQ(cause(slice(int_), universe_.comparable_type(), true),
              "[]int does not satisfy comparable");
    EXPECT_TRUE(implements(universe_, universe_.empty_interface(), universe_.comparable_type(),
                           true, main_, nullptr));
}

TEST_F(LookupTest, MissingMethod_DynamicAssertion) {
    Interface* source = interface({method("M", function({}, {}))});
    Interface* target = interface({method("N", function({}, {}))});
    EXPECT_NE(missing_method(universe_, source, target).method, nullptr);
    EXPECT_EQ(missing_method(universe_, source, target, false).method, nullptr);
}

}  // namespace
}  // namespace csp::types
