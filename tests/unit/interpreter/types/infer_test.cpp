#include "interpreter/types/infer.h"

#include "tests/unit/interpreter/types/type_fixture.h"

namespace csp::types {
namespace {

class InferTest : public TypeTest {
  protected:
    /// Infers `params` from a call with `args` to a function with parameters of `types`; the result
    /// is the list of types, or the error.
    std::string infer_text(const std::vector<TypeParam*>& params,
                           std::initializer_list<Type*> types, std::vector<Type*> args,
                           std::vector<Type*> given = {}) {
        std::vector<InferArg> list;
        static constexpr std::string_view kNames[] = {"a", "b", "c", "d"};
        for (std::size_t i = 0; i < args.size(); ++i) list.push_back({args[i], kNames[i]});
        InferError error;
        const auto result =
            infer(universe_, params, std::move(given), tuple(types), list, main_, &error);
        if (!result) return error.message;
        std::string out;
        for (Type* type : *result) out += (out.empty() ? "" : ", ") + to_string(type, main_);
        return out;
    }

    TypeParam* t_ = type_param("T", 0);
    TypeParam* u_ = type_param("U", 1);
};

TEST_F(InferTest, FromTypedArguments) {
    Type* map_type = universe_.make_type<Map>(t_, u_);
    EXPECT_EQ(infer_text({t_, u_}, {map_type}, {universe_.make_type<Map>(string_, int_)}),
              "string, int");
    EXPECT_EQ(infer_text({t_}, {slice(t_), t_}, {slice(int_), int_}), "int");
}

TEST_F(InferTest, FromCallbacks) {
    // func Map[T, U any](s []T, f func(T) U)
    EXPECT_EQ(infer_text({t_, u_}, {slice(t_), function({t_}, {u_})},
                         {slice(int_), function({int_}, {string_})}),
              "int, string");
}

TEST_F(InferTest, UntypedConstantsTakeTheLargestKind) {
    Type* untyped_int = basic(BasicKind::UntypedInt);
    Type* untyped_float = basic(BasicKind::UntypedFloat);
    EXPECT_EQ(infer_text({t_}, {t_}, {untyped_int}), "int");
    EXPECT_EQ(infer_text({t_}, {t_, t_}, {untyped_int, untyped_float}), "float64");
    EXPECT_EQ(infer_text({t_}, {t_, t_}, {untyped_int, string_}), "string");
    EXPECT_EQ(infer_text({t_}, {t_, t_}, {untyped_int, basic(BasicKind::UntypedString)}),
              "mismatched types untyped int and untyped string (cannot infer T)");
    EXPECT_EQ(infer_text({t_}, {t_}, {basic(BasicKind::UntypedNil)}), "cannot infer T");
}

TEST_F(InferTest, Mismatches) {
    EXPECT_EQ(infer_text({t_}, {slice(t_)}, {int_}),
              "type int of a does not match []T (cannot infer T)");
    EXPECT_EQ(infer_text({t_}, {t_, t_}, {int_, string_}),
              "type string of b does not match inferred type int for T");
    EXPECT_EQ(infer_text({t_, u_}, {t_}, {int_}), "cannot infer U");
}

TEST_F(InferTest, GivenArgumentsAreKept) {
    EXPECT_EQ(infer_text({t_, u_}, {t_, u_}, {basic(BasicKind::UntypedInt), string_}, {float_}),
              "float64, string");
}

TEST_F(InferTest, CoreTypeOfConstraint) {
    // func Sort[S ~[]E, E any](s S)
    TypeParam* e = type_param("E", 1);
    TypeParam* s = type_param("S", 0, constraint({{true, slice(e)}}));
    Named* names = named("Names", slice(string_));
    EXPECT_EQ(infer_text({s, e}, {s}, {names}), "Names, string");
    EXPECT_EQ(infer_text({s, e}, {s}, {int_}), "S (type int) does not satisfy ~[]E");
}

TEST_F(InferTest, PointerMethodPattern) {
    // func New[T any, P interface{ *T; Set(string) }]() P, called as New[Settable]()
    Named* settable = named("Settable", int_);
    add_method(settable, "Set", function({string_}, {}), true);
    Interface* bound = interface({method("Set", function({string_}, {}))}, {pointer(t_)});
    TypeParam* p = type_param("P", 1, bound);
    EXPECT_EQ(infer_text({t_, p}, {}, {}, {settable}), "Settable, *Settable");
}

TEST_F(InferTest, MethodsOfConstraint) {
    // [T interface{ Get() U }, U any](x T)
    Named* box = named("Box", structure({}));
    add_method(box, "Get", function({}, {float_}));
    TypeParam* t = type_param("T", 0, interface({method("Get", function({}, {u_}))}));
    EXPECT_EQ(infer_text({t, u_}, {t}, {box}), "Box, float64");
    EXPECT_EQ(infer_text({t, u_}, {t}, {int_}),
              "T (type int) does not satisfy interface{Get() U} (missing method Get)");
}

TEST_F(InferTest, DefinedTypesAgainstLiterals) {
    Named* ints = named("Ints", slice(int_));
    EXPECT_EQ(infer_text({t_}, {slice(t_)}, {ints}), "int");
    EXPECT_EQ(infer_text({t_}, {t_, t_}, {slice(int_), ints}), "Ints");
    Type* receive = universe_.make_type<Chan>(int_, ast::ChanDir::Recv);
    Type* both = universe_.make_type<Chan>(int_, ast::ChanDir::Both);
    EXPECT_EQ(infer_text({t_}, {t_, t_}, {both, receive}), "<-chan int");
}

TEST_F(InferTest, InstancesOfGenericTypes) {
    Named* list = named("List", nullptr);
    TypeParam* of = type_param("X", 0);
    list->type_params = {of};
    list->underlying = slice(of);
    EXPECT_EQ(infer_text({t_}, {universe_.instantiate(list, {t_})},
                         {universe_.instantiate(list, {string_})}),
              "string");
}

TEST_F(InferTest, CyclesEnd) {
    TypeParam* p = type_param("P", 0);
    p->constraint = constraint({{false, pointer(p)}});
    EXPECT_EQ(infer_text({p}, {}, {}), "cannot infer P");
}

TEST_F(InferTest, RecursiveCallsRenameTheirParameters) {
    // func f[T any](x T) { f([]T{x}) }
    const RenamedParams renamed = rename_type_params(universe_, {t_}, t_);
    EXPECT_NE(renamed.params[0], t_);
    EXPECT_EQ(infer_text(renamed.params, {renamed.type}, {slice(t_)}), "[]T");
}

TEST_F(InferTest, GenericFunctionAsArgument) {
    // func apply[T any](s []T, less func(T, T) bool), called with []int and a generic less[X]
    TypeParam* x = type_param("X", 0);
    Type* boolean = basic(BasicKind::Bool);
    Signature* less = function({x, x}, {boolean});
    less->type_params = {x};
    EXPECT_EQ(infer_text({t_, x}, {slice(t_), function({t_, t_}, {boolean})}, {slice(int_), less}),
              "int, int");
}

}  // namespace
}  // namespace csp::types
