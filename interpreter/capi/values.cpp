#include "interpreter/capi/values.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "interpreter/capi/arguments.h"
#include "interpreter/capi/signature.h"

namespace csp::capi {

namespace {

/// What the lengths of slices are counted in.
constexpr std::size_t kMaxBytes = std::numeric_limits<std::int32_t>::max();

template <class... T>
struct Bits {
    static constexpr std::array<int, sizeof...(T)> value{static_cast<int>(sizeof(T) * 8)...};
};
/// From CSP_TYPE_INT and CSP_TYPE_UINT on.
constexpr auto kIntegerBits = Bits<std::int64_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t>::value;
constexpr auto kNaturalBits =
    Bits<std::uint64_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, std::uintptr_t>::value;

bool in_range(csp_type type, const csp_value& value) {
    if (is_integer(type)) {
        const int unused = 64 - kIntegerBits[type - CSP_TYPE_INT];
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(value.as.integer) << unused) >> unused == value.as.integer;
    }
    const int unused = 64 - kNaturalBits[type - CSP_TYPE_UINT];
    return value.as.natural << unused >> unused == value.as.natural;
}

float narrowed(double number) {
    constexpr double kMost = std::numeric_limits<float>::max();
    if (std::isfinite(number) && std::abs(number) > kMost) return std::copysign(std::numeric_limits<float>::infinity(), static_cast<float>(number > 0 ? 1 : -1));
    return static_cast<float>(number);
}

template <class T>
Slot bits_of(T value) {
    Slot slot = 0;
    std::memcpy(&slot, &value, sizeof value);
    return slot;
}
template <class T>
T from_bits(Slot slot) {
    T value;
    std::memcpy(&value, &slot, sizeof value);
    return value;
}

}  // namespace

csp_status check(csp_type type, const csp_value& value, std::string& error) {
    if (value.type != type) {
        const bool known = value.type != 0 && value.type <= CSP_TYPE_ERROR;
        error = (known ? std::string(name_of(value.type)) : "type " + std::to_string(value.type)) + ", not " + std::string(name_of(type));
        return known ? CSP_TYPE : CSP_INVALID;
    }
    if ((is_integer(type) || is_natural(type)) && !in_range(type, value)) {
        error = (is_integer(type) ? std::to_string(value.as.integer) : std::to_string(value.as.natural)) + " is out of the range of " +
                std::string(name_of(type));
        return CSP_TYPE;
    }
    if (type >= CSP_TYPE_STRING && !valid(value.as.text)) {
        error = "a string without data, but with a size";
        return CSP_INVALID;
    }
    if (type == CSP_TYPE_BYTES && value.as.text.size > kMaxBytes) {
        error = "more than 2147483647 bytes";
        return CSP_TYPE;
    }
    return CSP_OK;
}

Slot slot_of(const csp_value& value) {
    switch (value.type) {
        case CSP_TYPE_BOOL: return value.as.boolean ? 1 : 0;
        case CSP_TYPE_FLOAT32: return bits_of(narrowed(value.as.number));
        case CSP_TYPE_FLOAT64: return bits_of(value.as.number);
        default: return is_integer(value.type) ? static_cast<Slot>(value.as.integer) : value.as.natural;
    }
}

void put_bytes(Slot* to, const char* data, std::size_t size) {
    to[0] = reinterpret_cast<Slot>(data);
    to[1] = static_cast<Slot>(size) | static_cast<Slot>(size) << 32;
}

csp_value value_of(csp_type type, const Slot* slots) {
    csp_value value{};
    value.type = type;
    switch (type) {
        case CSP_TYPE_BOOL: value.as.boolean = slots[0] != 0; break;
        case CSP_TYPE_FLOAT32: value.as.number = static_cast<double>(from_bits<float>(slots[0])); break;
        case CSP_TYPE_FLOAT64: value.as.number = from_bits<double>(slots[0]); break;
        case CSP_TYPE_STRING: value.as.text = {slots[1] == 0 ? "" : reinterpret_cast<const char*>(slots[0]), slots[1]}; break;
        case CSP_TYPE_BYTES: value.as.text = {reinterpret_cast<const char*>(slots[0]), static_cast<std::uint32_t>(slots[1])}; break;
        case CSP_TYPE_ERROR: value.as.text = {slots[0] == 0 ? nullptr : "", 0}; break;
        default:
            if (is_integer(type))
                value.as.integer = static_cast<std::int64_t>(slots[0]);
            else
                value.as.natural = slots[0];
    }
    return value;
}

}  // namespace csp::capi
