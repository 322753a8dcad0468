#include <cstdint>
#include <utility>

#include "csp/package.hpp"
#include "stdlib/crypto/openssl.h"
#include "stdlib/support/computing.h"

namespace csp::stdlib {

using namespace openssl;

namespace {

Owned<EC_GROUP> group_of(std::int64_t bits) {
    const char* const name = curve_name(bits);
    return Owned<EC_GROUP>(name != nullptr ? EC_GROUP_new_by_curve_name(EC_curve_nist2nid(name)) : nullptr);
}

Owned<BIGNUM> number_of(Bytes bytes) {
    const Vector own = copy(bytes);
    return Owned<BIGNUM>(BN_bin2bn(own.data(), static_cast<int>(own.size()), nullptr));
}

/// A point in its encoding: one byte 0 is infinity. Null: there is none such on the curve.
Owned<EC_POINT> point_of(const EC_GROUP* group, Bytes encoded) {
    const Vector own = copy(encoded);
    Owned<EC_POINT> point(EC_POINT_new(group));
    if (point == nullptr || EC_POINT_oct2point(group, point.get(), own.data(), own.size(), nullptr) != 1) return nullptr;
    return point;
}

Vector encoded(const EC_GROUP* group, const EC_POINT* point) {
    const std::size_t size = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, nullptr, 0, nullptr);
    Vector out(size);
    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out.data(), size, nullptr);
    return out;
}

/// scalar * point; an empty point is the generator.
std::pair<Vector, bool> multiply(std::int64_t bits, Bytes point_bytes, Bytes scalar_bytes) {
    const Owned<EC_GROUP> group = group_of(bits);
    const Owned<BIGNUM> scalar = number_of(scalar_bytes);
    if (group == nullptr || scalar == nullptr) return {};
    const Owned<EC_POINT> out(EC_POINT_new(group.get()));
    bool ok = out != nullptr;
    if (point_bytes.empty()) {
        ok = ok && EC_POINT_mul(group.get(), out.get(), scalar.get(), nullptr, nullptr, nullptr) == 1;
    } else {
        const Owned<EC_POINT> point = point_of(group.get(), point_bytes);
        ok = ok && point != nullptr && EC_POINT_mul(group.get(), out.get(), nullptr, point.get(), scalar.get(), nullptr) == 1;
    }
    ERR_clear_error();
    return ok ? std::pair{encoded(group.get(), out.get()), true} : std::pair{Vector{}, false};
}

std::pair<Vector, bool> add(std::int64_t bits, Bytes a_bytes, Bytes b_bytes) {
    const Owned<EC_GROUP> group = group_of(bits);
    if (group == nullptr) return {};
    const Owned<EC_POINT> a = point_of(group.get(), a_bytes), b = point_of(group.get(), b_bytes);
    const Owned<EC_POINT> out(EC_POINT_new(group.get()));
    const bool ok = a != nullptr && b != nullptr && out != nullptr &&
                    EC_POINT_add(group.get(), out.get(), a.get(), b.get(), nullptr) == 1;
    ERR_clear_error();
    return ok ? std::pair{encoded(group.get(), out.get()), true} : std::pair{Vector{}, false};
}

/// The point without compression; false: there is none such on the curve.
std::pair<Vector, bool> expand(std::int64_t bits, Bytes point_bytes) {
    const Owned<EC_GROUP> group = group_of(bits);
    if (group == nullptr) return {};
    const Owned<EC_POINT> point = point_of(group.get(), point_bytes);
    ERR_clear_error();
    return point != nullptr ? std::pair{encoded(group.get(), point.get()), true} : std::pair{Vector{}, false};
}

}  // namespace

void bind_crypto_elliptic(Package& package) {
    package.function("multiply", curved(multiply)).function("add", curved(add)).function("expand", curved(expand));
}

}  // namespace csp::stdlib
