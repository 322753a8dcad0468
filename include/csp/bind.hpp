#pragma once

/// \file
/// Conversions between C++ and Csp values, and adapters that turn C++ functions into natives.
///
/// | C++                                  | Csp                                     |
/// |--------------------------------------|-----------------------------------------|
/// | bool, std::int8_t … std::uint64_t    | bool, int8 … uint64                     |
/// | long long / std::int64_t             | int (as a parameter or result)          |
/// | float, double                        | float32, float64                        |
/// | std::string, std::string_view        | string                                  |
/// | std::span<const std::uint8_t>        | []byte (parameters; valid in the call)  |
/// | std::vector<std::uint8_t>            | []byte (results)                        |
/// | csp::Shared (results)                | string: part of a parameter, not copied |
/// | std::vector<csp::Shared> (results)   | []string of such parts                  |
/// | csp::Error (as the last result)      | error                                   |
/// | std::pair, std::tuple (results)      | several results                         |
///
/// A first parameter csp::Call& is the call under way, and no parameter of the Csp function: see Call::charge().
///
/// A C++ exception that leaves a bound function becomes a panic with its what(); std::bad_alloc ends the
/// run as a lack of room in the script's heap does.

#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "csp/native.hpp"

namespace csp {

/// An error result: empty text means nil.
struct Error {
    std::string text;  ///< What the error says.
    bool failed() const { return !text.empty(); }  ///< There is an error.
};

/// A result that is part of a string that the function got as a parameter.
struct Shared {
    std::string_view text;  ///< Inside the parameter's bytes.
};

namespace detail {

/// How one C++ type is read from and written to slots.
template <class T, class = void>
struct Convert;

template <class T>
struct Convert<T, std::enable_if_t<std::is_integral_v<T>>> {
    static constexpr std::size_t slots = 1;
    static T get(const Slot* s) { return static_cast<T>(*s); }
    [[nodiscard]] static bool put(Call&, std::size_t at, Slot* const frame, T value) {
        if constexpr (std::is_signed_v<T>)
            frame[at] = static_cast<Slot>(static_cast<std::int64_t>(value));
        else
            frame[at] = static_cast<Slot>(value);
        return true;
    }
    static std::string type() {
        if constexpr (std::is_same_v<T, bool>) return "bool";
        if constexpr (std::is_same_v<T, std::int64_t> || std::is_same_v<T, long long>) return "int";
        return (std::is_signed_v<T> ? "int" : "uint") + std::to_string(sizeof(T) * 8);
    }
};

template <>
struct Convert<double> {
    static constexpr std::size_t slots = 1;
    static double get(const Slot* s) {
        double d;
        std::memcpy(&d, s, sizeof d);
        return d;
    }
    [[nodiscard]] static bool put(Call&, std::size_t at, Slot* const frame, double value) {
        std::memcpy(frame + at, &value, sizeof value);
        return true;
    }
    static std::string type() { return "float64"; }
};

template <>
struct Convert<float> {
    static constexpr std::size_t slots = 1;
    static float get(const Slot* s) {
        float f;
        std::memcpy(&f, s, sizeof f);
        return f;
    }
    [[nodiscard]] static bool put(Call&, std::size_t at, Slot* const frame, float value) {
        frame[at] = 0;
        std::memcpy(frame + at, &value, sizeof value);
        return true;
    }
    static std::string type() { return "float32"; }
};

template <>
struct Convert<std::string_view> {
    static constexpr std::size_t slots = 2;
    static std::string_view get(const Slot* s) {
        return {reinterpret_cast<const char*>(s[0]), static_cast<std::size_t>(s[1])};
    }
    [[nodiscard]] static bool put(Call& call, std::size_t at, Slot* const frame, std::string_view value) {
        return call.put_string(frame + at, value);
    }
    static std::string type() { return "string"; }
};

template <>
struct Convert<std::string> : Convert<std::string_view> {
    static std::string get(const Slot* s) { return std::string(Convert<std::string_view>::get(s)); }
};

/// As an argument of a call by the host.
template <>
struct Convert<const char*> {
    static std::string type() { return "string"; }
};

template <>
struct Convert<std::span<const std::uint8_t>> {
    static constexpr std::size_t slots = 2;
    static std::span<const std::uint8_t> get(const Slot* s) {
        return {reinterpret_cast<const std::uint8_t*>(s[0]), static_cast<std::uint32_t>(s[1])};
    }
    static std::string type() { return "[]byte"; }
};

template <>
struct Convert<std::vector<std::uint8_t>> {
    static constexpr std::size_t slots = 2;
    [[nodiscard]] static bool put(Call& call, std::size_t at, Slot* const frame,
                                  const std::vector<std::uint8_t>& value) {
        char* const bytes = call.copy({reinterpret_cast<const char*>(value.data()), value.size()});
        if (bytes == nullptr) return false;
        frame[at] = reinterpret_cast<Slot>(bytes);
        frame[at + 1] = static_cast<Slot>(value.size()) | static_cast<Slot>(value.size()) << 32;
        return true;
    }
    static std::string type() { return "[]byte"; }
};

template <>
struct Convert<Error> {
    static constexpr std::size_t slots = 2;
    [[nodiscard]] static bool put(Call& call, std::size_t at, Slot* const frame, const Error& value) {
        frame[at] = frame[at + 1] = 0;
        return !value.failed() || call.put_error(frame + at, value.text);
    }
    static std::string type() { return "error"; }
};

/// A result that is part of a string parameter: shares its bytes instead of copying them.
template <>
struct Convert<Shared> {
    static constexpr std::size_t slots = 2;
    [[nodiscard]] static bool put(Call&, std::size_t at, Slot* const frame, Shared value) {
        frame[at] = value.text.empty() ? 0 : reinterpret_cast<Slot>(value.text.data());
        frame[at + 1] = value.text.size();
        return true;
    }
    static std::string type() { return "string"; }
};

/// A []string whose elements are parts of string parameters.
template <>
struct Convert<std::vector<Shared>> {
    static constexpr std::size_t slots = 2;
    [[nodiscard]] static bool put(Call& call, std::size_t at, Slot* const frame, const std::vector<Shared>& value) {
        Slot* array = call.allocate_strings(value.size());
        if (array == nullptr) return false;
        constexpr std::size_t kAtOnce = 4096;
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i % kAtOnce == kAtOnce - 1 && !call.charge(kAtOnce)) return false;
            array[i * 2] = value[i].text.empty() ? 0 : reinterpret_cast<Slot>(value[i].text.data());
            array[i * 2 + 1] = value[i].text.size();
        }
        frame[at] = reinterpret_cast<Slot>(array);
        frame[at + 1] = value.size() | static_cast<Slot>(value.size()) << 32;
        return true;
    }
    static std::string type() { return "[]string"; }
};

/// The results of a C++ function: nothing, one value, or a tuple of them.
template <class R>
struct Results {
    static constexpr std::size_t slots = Convert<R>::slots;
    [[nodiscard]] static bool put(Call& call, R value) {
        return Convert<R>::put(call, 0, call.slots(), std::move(value));
    }
    static std::string type() { return Convert<R>::type(); }
};
template <>
struct Results<void> {
    static constexpr std::size_t slots = 0;
    static std::string type() { return ""; }
};
template <class... R>
struct Results<std::tuple<R...>> {
    static constexpr std::size_t slots = (Convert<R>::slots + ... + 0);
    [[nodiscard]] static bool put(Call& call, std::tuple<R...> values) {
        std::size_t at = 0;
        bool ok = true;
        std::apply(
            [&](auto&&... value) {
                ((ok = ok && Convert<R>::put(call, at, call.slots(), std::move(value)),
                  at += Convert<R>::slots),
                 ...);
            },
            std::move(values));
        return ok;
    }
    static std::string type() {
        std::string text;
        ((text += (text.empty() ? "" : ", ") + Convert<R>::type()), ...);
        return "(" + text + ")";
    }
};
template <class A, class B>
struct Results<std::pair<A, B>> : Results<std::tuple<A, B>> {
    [[nodiscard]] static bool put(Call& call, std::pair<A, B> values) {
        return Results<std::tuple<A, B>>::put(call, {std::move(values.first), std::move(values.second)});
    }
};

/// \cond
template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
/// \endcond
template <class R, class... P>
struct Signature<R (*)(P...)> {
    using Result = R;
    using Params = std::tuple<std::decay_t<P>...>;
    static constexpr bool takes_call = false;
};
template <class R, class... P>
struct Signature<R (*)(Call&, P...)> : Signature<R (*)(P...)> {
    static constexpr bool takes_call = true;
};
template <class C, class R, class... P>
struct Signature<R (C::*)(P...) const> : Signature<R (*)(P...)> {};
template <class C, class R, class... P>
struct Signature<R (C::*)(P...)> : Signature<R (*)(P...)> {};

template <class F>
struct Bound {
    using Result = typename Signature<F>::Result;
    using Params = typename Signature<F>::Params;
    static constexpr std::size_t kParams = std::tuple_size_v<Params>;
    static constexpr bool kTakesCall = Signature<F>::takes_call;

    static std::string signature() {
        return signature_of(std::make_index_sequence<kParams>{});
    }

    static Status invoke(Call& call, const NativeEntry& entry) {
        std::string failure;
        bool no_memory = false;
        // What the handler learns is carried out of it: nothing may wait or panic inside a handler.
        try {
            return apply(call, *static_cast<const F*>(entry.callable.get()),
                         std::make_index_sequence<kParams>{});
        } catch (const std::bad_alloc&) {
            no_memory = true;
        } catch (const std::exception& error) {
            failure = error.what();
        } catch (...) {
            failure = "unknown C++ exception";
        }
        return no_memory ? call.out_of_memory() : call.panic(failure);
    }

  private:
    template <std::size_t... I>
    static std::string signature_of(std::index_sequence<I...>) {
        std::string text = "func(";
        ((text += (I == 0 ? "" : ", ") + Convert<std::tuple_element_t<I, Params>>::type()), ...);
        text += ")";
        const std::string results = Results<Result>::type();
        return results.empty() ? text : text + " " + results;
    }

    template <std::size_t... I>
    static Status apply(Call& call, const F& callable, std::index_sequence<I...>) {
        std::size_t offsets[kParams + 1] = {};
        [[maybe_unused]] std::size_t at = Results<Result>::slots;
        ((offsets[I] = at, at += Convert<std::tuple_element_t<I, Params>>::slots), ...);
        const Slot* slots = call.slots();
        const auto with_call = [&](auto&&... args) -> Result {
            if constexpr (Signature<F>::takes_call)
                return callable(call, std::forward<decltype(args)>(args)...);
            else
                return callable(std::forward<decltype(args)>(args)...);
        };
        if constexpr (std::is_void_v<Result>) {
            with_call(Convert<std::tuple_element_t<I, Params>>::get(slots + offsets[I])...);
            return Status::Ok;
        } else {
            auto result = with_call(Convert<std::tuple_element_t<I, Params>>::get(slots + offsets[I])...);
            if (call.ended()) return Status::Ended;
            return Results<Result>::put(call, std::move(result)) ? Status::Ok : Status::Panic;
        }
    }
};

}  // namespace detail
}  // namespace csp
