#include "interpreter/types/instance.h"
#include "tests/unit/interpreter/types/type_fixture.h"

namespace csp::types {
namespace {

class GenericTest : public TypeTest {
  protected:
    /// type List[T any] struct { value T; next *List[T] }, with func (l *List[E]) Get() E.
    Named* make_list() {
        Named* list = named("List", nullptr);
        TypeParam* t = type_param("T", 0);
        list->type_params = {t};
        Type* self = universe_.instantiate(list, {t});
        list->underlying = structure({{"value", t}, {"next", pointer(self)}});
        TypeParam* e = type_param("E", 0);
        Signature* get = function({}, {e});
        get->recv_type_params = {e};
        Func* method = add_method(list, "Get", get, true);
        method->signature()->recv->type = pointer(universe_.instantiate(list, {e}));
        return list;
    }
};

TEST_F(GenericTest, Instances_AreUnique) {
    Named* list = make_list();
    Named* ints = universe_.instantiate(list, {int_});
    EXPECT_EQ(universe_.instantiate(list, {int_}), ints);
    EXPECT_NE(universe_.instantiate(list, {string_}), ints);
    EXPECT_EQ(universe_.instantiate(list, {universe_.byte_type()}),
              universe_.instantiate(list, {basic(BasicKind::Uint8)}));
    EXPECT_EQ(to_string(ints, main_), "List[int]");
}

TEST_F(GenericTest, Instances_ExpandRecursively) {
    Named* ints = universe_.instantiate(make_list(), {int_});
    auto* body = under_as<Struct>(ints);
    ASSERT_NE(body, nullptr);
    EXPECT_EQ(body->fields[0]->type, int_);
    EXPECT_EQ(as<Pointer>(body->fields[1]->type)->elem, ints);
}

TEST_F(GenericTest, Instances_BeforeTheDeclarationIsComplete) {
    Named* list = named("List", nullptr);
    TypeParam* t = type_param("T", 0);
    list->type_params = {t};
    Named* ints = universe_.instantiate(list, {int_});
    EXPECT_EQ(under(ints), ints);
    list->underlying = slice(t);
    EXPECT_TRUE(identical(under(ints), slice(int_)));
}

TEST_F(GenericTest, Methods_OfAnInstance) {
    Named* list = make_list();
    Named* ints = universe_.instantiate(list, {int_});
    const LookupResult found =
        lookup_field_or_method(universe_, pointer(ints), false, main_, "Get");
    auto* get = as<Func>(found.object);
    ASSERT_NE(get, nullptr);
    EXPECT_EQ(get->origin, list->methods[0]);
    EXPECT_EQ(get->signature()->results->vars[0]->type, int_);
    EXPECT_EQ(as<Pointer>(get->signature()->recv->type)->elem, ints);
    EXPECT_EQ(method_at(universe_, ints, 0), get);
}

TEST_F(GenericTest, Methods_ResolvedOnDemand) {
    Named* list = make_list();
    Func* generic = list->methods[0];
    Type* signature = generic->type;
    generic->type = nullptr;
    universe_.resolve = [&](Object* object) { object->type = signature; };
    Named* ints = universe_.instantiate(list, {int_});
    EXPECT_EQ(method_at(universe_, ints, 0)->signature()->results->vars[0]->type, int_);
}

TEST_F(GenericTest, Substitute_SharesWhatDoesNotChange) {
    TypeParam* t = type_param("T", 0);
    Type* plain = function({int_}, {slice(string_)});
    EXPECT_EQ(substitute(universe_, plain, {t}, {int_}), plain);
    Type* generic = universe_.make_type<Map>(string_, slice(t));
    EXPECT_EQ(to_string(substitute(universe_, generic, {t}, {int_})), "map[string][]int");
    EXPECT_TRUE(contains_type_param(generic));
    EXPECT_FALSE(contains_type_param(plain));
}

TEST_F(GenericTest, Substitute_MakesAGenericFunctionOrdinary) {
    TypeParam* t = type_param("T", 0);
    Signature* zero = function({}, {});
    zero->type_params = {t};
    auto* instance = as<Signature>(substitute(universe_, zero, {t}, {int_}));
    EXPECT_TRUE(instance->type_params.empty());
    EXPECT_FALSE(zero->type_params.empty());
}

TEST_F(GenericTest, Substitute_InterfacesAndUnions) {
    TypeParam* t = type_param("T", 0);
    Interface* type = interface({method("M", function({t}, {}))});
    auto* instance = as<Interface>(substitute(universe_, type, {t}, {int_}));
    EXPECT_EQ(to_string(instance), "interface{M(int)}");
    Interface* slices = constraint({{true, slice(t)}});
    EXPECT_EQ(to_string(substitute(universe_, slices, {t}, {int_})), "~[]int");
}

TEST_F(GenericTest, LocalTypes_DifferInEachInstanceOfTheirFunction) {
    TypeParam* t = type_param("T", 0);
    Scope* function_scope = universe_.make_scope(main_->scope);
    function_scope->insert(t->object);
    Scope* body = universe_.make_scope(function_scope);
    Named* local = named("local", structure({{"x", t}}), body);
    Named* empty = named("empty", structure({}), body);
    Type* of_int = substitute(universe_, pointer(local), {t}, {int_});
    EXPECT_EQ(runtime_string(of_int), "*main.local[int]");
    EXPECT_EQ(under_as<Struct>(as<Pointer>(of_int)->elem)->fields[0]->type, int_);
    EXPECT_TRUE(contains_type_param(local));
    EXPECT_FALSE(identical(substitute(universe_, empty, {t}, {int_}),
                           substitute(universe_, empty, {t}, {string_})));
}

}  // namespace
}  // namespace csp::types
