// Expected values were computed with Go's go/constant package.

#include "interpreter/constant/value.h"

#include <cmath>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace csp::constant {
namespace {

using ast::LitKind;
using ast::Op;

class ConstantTest : public testing::Test {
  protected:
    const Value* integer(std::string_view text) { return literal(text, LitKind::Int); }
    const Value* floating(std::string_view text) { return literal(text, LitKind::Float); }
    const Value* literal(std::string_view text, LitKind kind) {
        return make_from_literal(arena_, text, kind);
    }
    const Value* apply(const Value* x, Op op, const Value* y, bool integer_division = false) {
        return binary(arena_, x, op, y, integer_division);
    }
    std::string text_of(std::string_view text, LitKind kind) {
        return to_string(literal(text, kind));
    }

    base::Arena arena_;
};

TEST_F(ConstantTest, IntegerLiterals_AllBases) {
    EXPECT_EQ(int64_value(integer("0755")), 493);
    EXPECT_EQ(int64_value(integer("0o17")), 15);
    EXPECT_EQ(int64_value(integer("0b1011")), 11);
    EXPECT_EQ(int64_value(integer("0xFF_ff")), 65535);
    EXPECT_EQ(int64_value(integer("1_000_000")), 1000000);
    EXPECT_EQ(uint64_value(integer("18446744073709551615")), 18446744073709551615U);
}

TEST_F(ConstantTest, IntegerLiterals_Malformed) {
    for (const char* text : {"089", "0x", "0b2", "", "1x"}) {
        EXPECT_EQ(kind(integer(text)), Kind::Unknown) << text;
    }
}

TEST_F(ConstantTest, IntegersBeyond64Bits) {
    const Value* big = integer("9223372036854775808");
    EXPECT_EQ(kind(big), Kind::Int);
    EXPECT_EQ(int64_value(big), std::nullopt);
    EXPECT_EQ(uint64_value(big), 9223372036854775808U);
    EXPECT_EQ(bit_length(big), 64U);
    EXPECT_EQ(int64_value(unary(arena_, Op::Sub, big, 0)),
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(exact_string(integer("123456789012345678901234567890")),
              "123456789012345678901234567890");
}

TEST_F(ConstantTest, FloatLiterals_Values) {
    EXPECT_EQ(float64_value(floating("1e10")), 1e10);
    EXPECT_EQ(float64_value(floating("0x1.8p1")), 3.0);
    EXPECT_EQ(float64_value(floating("0x.8p10")), 512.0);
    EXPECT_EQ(float64_value(floating("09.5")), 9.5);
    EXPECT_EQ(float64_value(floating(".5")), 0.5);
    EXPECT_EQ(float64_value(floating("1_0.2_5e1_0")), 10.25e10);
}

TEST_F(ConstantTest, FloatLiterals_ExactThird) {
    const Value* third = apply(make_int64(arena_, 1), Op::Quo, floating("3.0"));
    const Value* one = apply(third, Op::Mul, make_int64(arena_, 3));
    EXPECT_TRUE(compare(one, Op::Eq, make_int64(arena_, 1)));
}

TEST_F(ConstantTest, FloatLiterals_HugeExponentsEnd) {
    EXPECT_EQ(to_string(floating("1e1000000")), "1e+1000000");
    EXPECT_EQ(kind(floating("1e99999999999999999999")), Kind::Unknown);
    EXPECT_EQ(sign(floating("1e-99999999999999999999")), 0);
    EXPECT_EQ(float64_value(floating("1e1000000")), std::numeric_limits<double>::infinity());
    EXPECT_EQ(float64_value(floating("1e-1000000")), 0.0);
}

TEST_F(ConstantTest, Float64_RoundsHalfToEven) {
    EXPECT_EQ(float64_value(integer("9007199254740993")), 9007199254740992.0);
    EXPECT_EQ(float64_value(integer("9007199254740995")), 9007199254740996.0);
    EXPECT_EQ(float64_value(floating("0x1p-1075")), 0.0);
    EXPECT_EQ(float64_value(floating("0x1.8p-1074")), 0x1p-1073);
    EXPECT_EQ(float64_value(floating("1.7976931348623157e308")),
              std::numeric_limits<double>::max());
    EXPECT_TRUE(std::isinf(float64_value(floating("1.7976931348623159e308"))));
}

TEST_F(ConstantTest, Float32_RoundsOnceFromTheExactValue) {
    EXPECT_EQ(float32_value(floating("3.4028234663852886e38")), std::numeric_limits<float>::max());
    EXPECT_TRUE(std::isinf(float32_value(floating("3.4028235677973367e38"))));
    EXPECT_EQ(float32_value(floating("7e-46")), 0.0F);
    EXPECT_EQ(float32_value(floating("7.1e-46")), std::numeric_limits<float>::denorm_min());
    // Through float64 first this would round to 16777216.
    EXPECT_EQ(float32_value(floating("16777217.0000000000001")), 16777218.0F);
}

TEST_F(ConstantTest, MakeFloat64_RefusesWhatIsNoNumber) {
    EXPECT_EQ(kind(make_float64(arena_, std::nan(""))), Kind::Unknown);
    EXPECT_EQ(kind(make_float64(arena_, INFINITY)), Kind::Unknown);
    constexpr double kSubnormal = 0x1.2345p-1070;
    EXPECT_EQ(float64_value(make_float64(arena_, kSubnormal)), kSubnormal);
}

TEST_F(ConstantTest, RuneLiterals) {
    EXPECT_EQ(int64_value(literal("'a'", LitKind::Char)), 97);
    EXPECT_EQ(int64_value(literal("'\\n'", LitKind::Char)), 10);
    EXPECT_EQ(int64_value(literal("'\\x41'", LitKind::Char)), 65);
    EXPECT_EQ(int64_value(literal("'\\377'", LitKind::Char)), 255);
    EXPECT_EQ(int64_value(literal("'\\U0010ffff'", LitKind::Char)), 0x10FFFF);
    EXPECT_EQ(int64_value(literal("'世'", LitKind::Char)), 0x4E16);
    EXPECT_EQ(kind(literal("'\\ud800'", LitKind::Char)), Kind::Unknown);
    EXPECT_EQ(kind(literal("'\\\"'", LitKind::Char)), Kind::Unknown);
}

TEST_F(ConstantTest, StringLiterals) {
    EXPECT_EQ(string_value(literal("\"a\\tb\\u00e9\\\"\"", LitKind::String)), "a\tbé\"");
    EXPECT_EQ(string_value(literal("\"\\xff\\377\"", LitKind::String)), "\xff\xff");
    EXPECT_EQ(string_value(literal("`raw\\n\r\nx`", LitKind::String)), "raw\\n\nx");
    EXPECT_EQ(kind(literal("\"\\'\"", LitKind::String)), Kind::Unknown);
}

TEST_F(ConstantTest, StringConcatenation_LongChain) {
    const Value* text = make_string(arena_, "");
    const Value* part = make_string(arena_, "ab");
    for (int i = 0; i < 50000; ++i) text = apply(text, Op::Add, part);
    EXPECT_EQ(string_value(text).size(), 100000U);
    EXPECT_EQ(string_value(text).substr(99996), "abab");
}

TEST_F(ConstantTest, IntegerDivision_TruncatesTowardsZero) {
    const Value* minus_seven = make_int64(arena_, -7);
    const Value* two = make_int64(arena_, 2);
    EXPECT_EQ(int64_value(apply(minus_seven, Op::Quo, two, true)), -3);
    EXPECT_EQ(int64_value(apply(minus_seven, Op::Rem, two)), -1);
    EXPECT_EQ(to_string(apply(minus_seven, Op::Quo, two)), "-3.5");
    const Value* least = make_int64(arena_, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(to_string(apply(least, Op::Quo, make_int64(arena_, -1), true)),
              "9223372036854775808");
}

TEST_F(ConstantTest, DivisionByZero_IsUnknown) {
    const Value* zero = make_int64(arena_, 0);
    EXPECT_EQ(kind(apply(make_int64(arena_, 1), Op::Quo, zero, true)), Kind::Unknown);
    EXPECT_EQ(kind(apply(make_int64(arena_, 1), Op::Rem, zero)), Kind::Unknown);
    EXPECT_EQ(kind(apply(floating("1.5"), Op::Quo, zero)), Kind::Unknown);
}

TEST_F(ConstantTest, Shifts_AreArithmetic) {
    const Value* one = make_int64(arena_, 1);
    const Value* big = shift(arena_, one, Op::Shl, 100);
    EXPECT_EQ(bit_length(big), 101U);
    EXPECT_EQ(int64_value(shift(arena_, big, Op::Shr, 99)), 2);
    EXPECT_EQ(int64_value(shift(arena_, make_int64(arena_, -5), Op::Shr, 1)), -3);
    EXPECT_EQ(int64_value(shift(arena_, unary(arena_, Op::Sub, big, 0), Op::Shr, 200)), -1);
}

TEST_F(ConstantTest, Complement_OfUnsignedKeepsTheWidth) {
    EXPECT_EQ(int64_value(unary(arena_, Op::Xor, make_int64(arena_, 1), 0)), -2);
    EXPECT_EQ(int64_value(unary(arena_, Op::Xor, make_int64(arena_, 1), 8)), 254);
    EXPECT_EQ(uint64_value(unary(arena_, Op::Xor, make_int64(arena_, 0), 64)), ~std::uint64_t{0});
}

TEST_F(ConstantTest, BitOperations_OnNegativeBigNumbers) {
    const Value* big = unary(arena_, Op::Sub, shift(arena_, make_int64(arena_, 1), Op::Shl, 70), 0);
    EXPECT_EQ(int64_value(apply(big, Op::Or, make_int64(arena_, -1))), -1);
    EXPECT_EQ(int64_value(apply(big, Op::And, make_int64(arena_, 255))), 0);
    EXPECT_EQ(to_string(apply(make_int64(arena_, -1), Op::AndNot, big)), "1180591620717411303423");
}

TEST_F(ConstantTest, Complex_Arithmetic) {
    const Value* i = literal("1i", LitKind::Imag);
    EXPECT_EQ(to_string(apply(i, Op::Mul, i)), "(-1 + 0i)");
    EXPECT_EQ(int64_value(to_int(arena_, apply(i, Op::Mul, i))), -1);
    const Value* z = apply(make_int64(arena_, 3), Op::Add, literal("4i", LitKind::Imag));
    EXPECT_EQ(to_string(apply(z, Op::Quo, z)), "(1 + 0i)");
    EXPECT_TRUE(compare(z, Op::Ne, i));
}

TEST_F(ConstantTest, ToInt_OfFloats) {
    EXPECT_EQ(int64_value(to_int(arena_, floating("1e3"))), 1000);
    EXPECT_EQ(kind(to_int(arena_, floating("1.5"))), Kind::Unknown);
    EXPECT_EQ(kind(to_int(arena_, floating("1e100000"))), Kind::Unknown);
    EXPECT_EQ(bit_length(to_int(arena_, floating("0x1p600"))), 601U);
}

TEST_F(ConstantTest, ToString_ShortensFloatsAndStrings) {
    EXPECT_EQ(text_of("3.14159265358979", LitKind::Float), "3.14159");
    EXPECT_EQ(text_of("1e100", LitKind::Float), "1e+100");
    EXPECT_EQ(text_of("1000000.5", LitKind::Float), "1.0000005e+06");
    EXPECT_EQ(text_of("1e-7", LitKind::Float), "1e-07");
    EXPECT_EQ(text_of("1e400", LitKind::Float), "1e+400");
    const std::string text(80, 'a');
    EXPECT_EQ(to_string(make_string(arena_, text)), '"' + text.substr(0, 68) + "...");
    EXPECT_EQ(to_string(make_string(arena_, "a\x01\xff\"é")), R"("a\x01\xff\"é")");
}

TEST_F(ConstantTest, Unknown_Spreads) {
    const Value* unknown = make_unknown(arena_);
    EXPECT_EQ(kind(apply(unknown, Op::Add, make_int64(arena_, 1))), Kind::Unknown);
    EXPECT_EQ(kind(apply(make_bool(arena_, true), Op::Add, make_int64(arena_, 1))), Kind::Unknown);
    EXPECT_FALSE(compare(unknown, Op::Eq, unknown));
    EXPECT_EQ(kind(to_float(arena_, unknown)), Kind::Unknown);
}

}  // namespace
}  // namespace csp::constant
