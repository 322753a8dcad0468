// Expected texts are those of cmd/compile's messages and of reflect's Type.String.

#include "tests/unit/interpreter/types/type_fixture.h"

namespace csp::types {
namespace {

using TypeStringTest = TypeTest;

TEST_F(TypeStringTest, Messages_TypeLiterals) {
    EXPECT_EQ(to_string(pointer(slice(universe_.make_type<Array>(int_, 3)))), "*[][3]int");
    EXPECT_EQ(to_string(universe_.make_type<Map>(string_, universe_.error_type())),
              "map[string]error");
    EXPECT_EQ(to_string(slice(universe_.byte_type())), "[]byte");
    EXPECT_EQ(to_string(universe_.empty_interface()), "any");
    EXPECT_EQ(to_string(interface({})), "interface{}");
    EXPECT_EQ(to_string(basic(BasicKind::UntypedNil)), "untyped nil");
}

TEST_F(TypeStringTest, Channels_Parentheses) {
    const auto chan = [&](Type* elem, ast::ChanDir dir) {
        return universe_.make_type<Chan>(elem, dir);
    };
    Type* receive = chan(int_, ast::ChanDir::Recv);
    EXPECT_EQ(to_string(chan(receive, ast::ChanDir::Both)), "chan (<-chan int)");
    EXPECT_EQ(runtime_string(chan(receive, ast::ChanDir::Both)), "chan (<-chan int)");
    EXPECT_EQ(to_string(chan(chan(int_, ast::ChanDir::Both), ast::ChanDir::Send)),
              "chan<- chan int");
    EXPECT_EQ(to_string(chan(chan(int_, ast::ChanDir::Send), ast::ChanDir::Recv)),
              "<-chan chan<- int");
}

TEST_F(TypeStringTest, Messages_FunctionsNameTheirParameters) {
    Signature* f = function({int_, slice(string_)}, {universe_.error_type()}, true);
    EXPECT_EQ(to_string(f), "func(int, ...string) error");
    f->params->vars[0]->name = "a";
    f->params->vars[1]->name = "b";
    EXPECT_EQ(to_string(f), "func(a int, b ...string) error");
    EXPECT_EQ(runtime_string(f), "func(int, ...string) error");
    f->results->vars[0]->name = "err";
    EXPECT_EQ(to_string(f), "func(a int, b ...string) (err error)");
    EXPECT_EQ(method_string(method("M", f), main_), "M(int, ...string) error");
}

TEST_F(TypeStringTest, Structs_WithTagsAndEmbeddedFields) {
    Struct* type = structure({{"A", int_}, {"b", slice(universe_.byte_type())},
                              {"error", universe_.error_type(), true}});
    type->tags = {"json:\"a\"", "", ""};
    EXPECT_EQ(to_string(type), R"(struct{A int "json:\"a\""; b []byte; error})");
    EXPECT_EQ(runtime_string(type), R"(struct { A int "json:\"a\""; b []uint8; error })");
    EXPECT_EQ(runtime_string(structure({})), "struct {}");
}

TEST_F(TypeStringTest, Interfaces_AtRunTime) {
    Interface* type = interface({method("m", function({}, {})),
                                 method("M", function({int_, slice(string_)},
                                                      {int_, universe_.error_type()}, true))});
    EXPECT_EQ(runtime_string(type), "interface { M(int, ...string) (int, error); main.m() }");
    EXPECT_EQ(runtime_string(universe_.empty_interface()), "interface {}");
    EXPECT_EQ(to_string(type), "interface{m(); M(int, ...string) (int, error)}");
}

TEST_F(TypeStringTest, Names_QualifiedByPackage) {
    Named* type = named("T", int_);
    EXPECT_EQ(to_string(type, main_), "T");
    EXPECT_EQ(to_string(type, other_), "main.T");
    EXPECT_EQ(runtime_string(type), "main.T");
}

TEST_F(TypeStringTest, Generics) {
    Named* pair = named("Pair", nullptr);
    TypeParam* k = type_param("K", 0, universe_.comparable_type());
    TypeParam* v = type_param("V", 1);
    pair->type_params = {k, v};
    pair->underlying = structure({{"k", k}, {"v", v}});
    EXPECT_EQ(to_string(pair, main_), "Pair[K comparable, V any]");
    Named* type = named("T", int_);
    type->object->package = other_;
    Named* instance = universe_.instantiate(pair, {type, universe_.empty_interface()});
    EXPECT_EQ(to_string(instance, main_), "Pair[other.T, any]");
    EXPECT_EQ(runtime_string(instance), "main.Pair[a/other.T,interface {}]");
    Signature* f = function({k}, {v});
    f->type_params = {k, v};
    EXPECT_EQ(to_string(f, main_), "func[K comparable, V any](K) V");
}

TEST_F(TypeStringTest, Constraints) {
    EXPECT_EQ(to_string(constraint({{true, int_}, {false, string_}})), "~int | string");
    EXPECT_EQ(to_string(universe_.comparable_type()), "comparable");
    EXPECT_EQ(to_string(interface({}, {universe_.comparable_type()})), "interface{comparable}");
}

}  // namespace
}  // namespace csp::types
