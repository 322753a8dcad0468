#include "interpreter/types/predicates.h"

#include "interpreter/types/typeset.h"
#include "tests/unit/interpreter/types/type_fixture.h"

namespace csp::types {
namespace {

using PredicatesTest = TypeTest;

TEST_F(PredicatesTest, Universe_Declares) {
    for (const char* name : {"int", "any", "comparable", "error", "byte", "rune", "true", "false",
                             "iota", "nil", "append", "recover", "uintptr"}) {
        EXPECT_NE(universe_.scope()->lookup(name), nullptr) << name;
    }
    EXPECT_EQ(universe_.scope()->lookup("unsafe"), nullptr);
    EXPECT_EQ(as<BuiltinObject>(universe_.scope()->lookup("recover"))->id, Builtin::Recover);
    EXPECT_EQ(as<BuiltinObject>(universe_.scope()->lookup("clear"))->id, Builtin::Clear);
}

TEST_F(PredicatesTest, Identical_ByteAndRune) {
    EXPECT_TRUE(identical(universe_.byte_type(), basic(BasicKind::Uint8)));
    EXPECT_TRUE(identical(slice(universe_.rune_type()), slice(basic(BasicKind::Int32))));
    EXPECT_EQ(hash(slice(universe_.rune_type())), hash(slice(basic(BasicKind::Int32))));
    EXPECT_FALSE(identical(int_, basic(BasicKind::Int64)));
}

TEST_F(PredicatesTest, Identical_StructsCompareNamesTagsAndPackages) {
    EXPECT_TRUE(identical(structure({{"A", int_}}), structure({{"A", int_}}, other_)));
    EXPECT_FALSE(identical(structure({{"a", int_}}), structure({{"a", int_}}, other_)));
    EXPECT_FALSE(identical(structure({{"A", int_}}), structure({{"B", int_}})));
    EXPECT_FALSE(identical(structure({{"A", int_}}), structure({{"A", int_, true}})));
    Struct* tagged = structure({{"A", int_}});
    tagged->tags = {"json:\"a\""};
    EXPECT_FALSE(identical(tagged, structure({{"A", int_}})));
}

TEST_F(PredicatesTest, Identical_InterfacesByTypeSet) {
    Func* m = method("M", function({int_}, {}));
    Func* n = method("N", function({}, {string_}));
    Interface* flat = interface({m, n});
    Interface* embedding = interface({n}, {named("Base", interface({m}))});
    EXPECT_TRUE(identical(flat, embedding));
    EXPECT_EQ(hash(flat), hash(embedding));
    EXPECT_FALSE(identical(flat, interface({m})));
    EXPECT_FALSE(identical(interface({method("x", function({}, {}))}),
                           interface({method("x", function({}, {}), other_)})));
}

TEST_F(PredicatesTest, Identical_RecursiveInterfacesEnd) {
    // type T interface { m() interface{ T } }, twice
    const auto make = [&](std::string_view name) {
        Interface* body = interface({});
        Named* type = named(name, body);
        body->methods.push_back(method("m", function({}, {interface({}, {type})})));
        return body;
    };
    EXPECT_TRUE(identical(make("T1"), make("T2")));
}

TEST_F(PredicatesTest, Identical_GenericSignaturesByPosition) {
    const auto make = [&](std::string_view name, Type* bound) {
        TypeParam* param = type_param(name, 0, bound);
        Signature* out = function({slice(param)}, {param});
        out->type_params = {param};
        return out;
    };
    EXPECT_TRUE(identical(make("T", nullptr), make("U", nullptr)));
    EXPECT_FALSE(identical(make("T", nullptr), make("U", universe_.comparable_type())));
}

TEST_F(PredicatesTest, Under_FollowsChains) {
    Named* a = named("A", slice(int_));
    Named* b = named("B", a);
    EXPECT_EQ(under(b), a->underlying);
    Named* pending = named("Pending", nullptr);
    EXPECT_EQ(under(pending), pending);
    Named* loop = named("Loop", nullptr);
    loop->underlying = loop;
    EXPECT_EQ(under(loop), loop);
}

TEST_F(PredicatesTest, Comparable_ByKind) {
    EXPECT_TRUE(comparable(structure({{"A", int_}})));
    Struct* with_slice = structure({{"A", slice(int_)}});
    EXPECT_FALSE(comparable(with_slice));
    EXPECT_EQ(incomparable_cause(with_slice, main_), "struct containing []int cannot be compared");
    EXPECT_FALSE(comparable(function({}, {})));
    EXPECT_TRUE(comparable(universe_.empty_interface()));
    EXPECT_FALSE(comparable(universe_.empty_interface(), false));
    EXPECT_FALSE(comparable(type_param("T", 0)));
    EXPECT_TRUE(comparable(type_param("T", 0, universe_.comparable_type())));
    EXPECT_TRUE(comparable(type_param("T", 0, constraint({{true, int_}, {false, string_}}))));
}

TEST_F(PredicatesTest, TypeSet_IntersectsTerms) {
    Interface* numbers = constraint({{true, int_}, {true, float_}});
    Interface* both = interface({}, {numbers, constraint({{false, int_}, {false, string_}})});
    EXPECT_EQ(to_string(terms_of(both), main_), "int");
    Interface* none = interface({}, {int_, string_});
    EXPECT_TRUE(has_empty_type_set(none));
    EXPECT_TRUE(is_basic(type_param("T", 0, numbers), kIsNumeric));
    EXPECT_FALSE(is_basic(type_param("T", 0), kIsNumeric));
}

TEST_F(PredicatesTest, TypeSet_ProvisionalWhileAnEmbeddedTypeIsPending) {
    Named* pending = named("Pending", nullptr);
    Interface* interface_type = interface({}, {pending});
    complete_interface(universe_, interface_type);
    EXPECT_FALSE(interface_type->completed);
    pending->underlying = interface({method("M", function({}, {}))});
    complete_interface(universe_, interface_type);
    EXPECT_TRUE(interface_type->completed);
    EXPECT_EQ(interface_type->all_methods.size(), 1U);
}

TEST_F(PredicatesTest, CommonUnder_OfTypeParams) {
    Named* ints = named("Ints", slice(int_));
    Type* shared = common_under(type_param("T", 0, constraint({{false, slice(int_)},
                                                              {false, ints}})));
    EXPECT_TRUE(identical(shared, slice(int_)));
    std::string cause;
    EXPECT_EQ(common_under(type_param("T", 0, constraint({{false, int_}, {false, string_}})),
                           main_, &cause),
              nullptr);
    EXPECT_EQ(cause, "int and string have different underlying types");
}

TEST_F(PredicatesTest, Exported_UnicodeUpperCase) {
    EXPECT_TRUE(var("Abc", int_, main_)->exported());
    EXPECT_TRUE(var("Éa", int_, main_)->exported());
    EXPECT_TRUE(var("Ωmega", int_, main_)->exported());
    EXPECT_FALSE(var("éa", int_, main_)->exported());
    EXPECT_FALSE(var("世界", int_, main_)->exported());
    EXPECT_FALSE(var("_A", int_, main_)->exported());
}

TEST_F(PredicatesTest, Scope_FindsManyNames) {
    Scope* scope = universe_.make_scope(nullptr);
    static constexpr std::string_view kNames[] = {"a", "b", "c", "d", "e", "f",
                                                  "g", "h", "i", "j", "k", "l"};
    for (const auto name : kNames) EXPECT_EQ(scope->insert(var(name, int_, main_)), nullptr);
    for (const auto name : kNames) EXPECT_EQ(scope->lookup(name)->name, name);
    EXPECT_EQ(scope->insert(var("c", int_, main_)), scope->objects()[2]);
    EXPECT_EQ(scope->insert(var("_", int_, main_)), nullptr);
    EXPECT_EQ(scope->lookup("_"), nullptr);
}

}  // namespace
}  // namespace csp::types
