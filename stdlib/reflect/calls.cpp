// Calls of functions and methods whose types are known at run time only, and functions of such types.

#include <cstring>
#include <vector>

#include "stdlib/reflect/reflection.h"

namespace csp::stdlib::reflection {

using runtime::Kind;
using runtime::Slice;
using runtime::Type;

namespace {

/// Values larger than this are not passed (docs/language.md).
constexpr std::size_t kMostSlots = 1 << 16;

std::size_t slots_of(std::span<const Type* const> types) {
    std::size_t sum = 0;
    for (const Type* type : types) sum += type->slots;
    return sum;
}

/// Slots that the collector looks into: on the C++ stack, or in the heap if they are many.
class Area {
  public:
    Area(Call& call, std::size_t slots) {
        if (slots <= std::size(few_)) return;
        slots_ = slots > kMostSlots ? nullptr : static_cast<Slot*>(heap(call).allocate_slots(cache(call), slots));
    }
    Area(const Area&) = delete;
    Area& operator=(const Area&) = delete;
    Slot* get() { return slots_; }

  private:
    Slot few_[32] = {};
    Slot* slots_ = few_;
};

/// Loads Values of exactly these types. False: one is of another type.
bool load_all(const Slice& values, std::size_t first, std::span<const Type* const> types, Slot* to) {
    if (values.size != first + types.size()) return false;
    for (std::size_t i = 0; i < types.size(); ++i) {
        const Reflected r(static_cast<const Slot*>(values.data) + (first + i) * kValueSlots);
        if (r.type != types[i] || (r.flags & kMethod) != 0) return false;
        if (r.type->slots > 0) runtime::load_value(to, r.data(), *r.type);
        to += r.type->slots;
    }
    return true;
}

/// Puts `types.size()` Values into a new []Value at frame slot `at`.
Status put_all(Call& call, std::size_t at, const Type& value_type, std::span<const Type* const> types, const Slot* from) {
    const auto count = static_cast<std::uint32_t>(types.size());
    auto* const values = static_cast<Slot*>(heap(call).allocate_array(cache(call), value_type, count));
    if (values == nullptr) return call.out_of_memory();
    put_slice(call.slots() + at, {values, count, count});
    for (std::uint32_t i = 0; i < count; ++i) {
        Slot value[kValueSlots];
        if (!put_slots(call, value, *types[i], from, 0)) return Status::Panic;
        std::memcpy(values + i * kValueSlots, value, sizeof value);
        from += types[i]->slots;
    }
    return Status::Ok;
}

/// What a call goes to.
struct Callee {
    const Type* type = nullptr;  ///< The func type, without receiver.
    Slot closure = 0;
    const void* code = nullptr;  ///< Of a method.
    Slot receiver = 0;           ///< As an interface's word.
    std::size_t first = 0;       ///< Where in the arguments the parameters begin.
};

/// The method of an interface's value that `v` is. Null code: there is none.
Callee method_of(Call& call, const Reflected& v) {
    Callee callee;
    Slot pair[2];
    if (!to_interface(call, v, pair)) return callee;
    const runtime::Method* method = method_at(*v.type, v.flags >> kIndexShift);
    const auto* dynamic_type = reinterpret_cast<const Type*>(pair[0]);
    if (method == nullptr || dynamic_type == nullptr) return callee;
    callee.type = method->type;
    callee.code = v.kind() == Kind::Interface ? dynamic_type->find_method(method->id) : method->code;
    callee.receiver = pair[1];
    return callee;
}

/// A method of the type that `v` is; the first argument is the receiver.
Callee expression_of(Call& call, const Reflected& v, const Slice& args) {
    Callee callee;
    const Type* type = v.kind() == Kind::Pointer ? type_at(call, v.value().as<Slot>()) : nullptr;
    if (type == nullptr || args.size == 0) return callee;
    const Reflected receiver(static_cast<const Slot*>(args.data));
    const runtime::Method* method = method_at(*type, v.flags >> kIndexShift);
    Slot pair[2];
    if (method == nullptr || receiver.type != type || !to_interface(call, receiver, pair)) return callee;
    callee.type = method->type;
    callee.code = method->code;
    callee.receiver = pair[1];
    callee.first = 1;
    return callee;
}

Status invoke(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const Reflected v(s + 2);
    const Slice args = slice_at(s + 2 + kValueSlots);
    const Type& value_type = *static_cast<const Type*>(call.function_type())->results[0]->elem;
    Callee callee;
    if ((v.flags & kExpression) != 0) {
        // Only package reflect makes these of types; a mixed-up one could be of any pointer.
        if (v.type == nullptr || v.type->elem == nullptr || v.type->elem->name != "rtype") return nil_pointer(call);
        callee = expression_of(call, v, args);
    } else if ((v.flags & kMethod) != 0 && v.type != nullptr) {
        callee = method_of(call, v);
    } else if (v.kind() == Kind::Func) {
        callee.type = v.type;
        callee.closure = v.value().as<Slot>();
    }
    if (callee.type == nullptr || (callee.closure == 0 && callee.code == nullptr)) return nil_pointer(call);
    const std::size_t param_slots = slots_of(callee.type->params);
    const std::size_t result_slots = slots_of(callee.type->results);
    Area params(call, param_slots);
    Area results(call, result_slots);
    if (params.get() == nullptr || results.get() == nullptr) return call.out_of_memory();
    if (!load_all(args, callee.first, callee.type->params, params.get()))
        return call.panic("reflect: arguments of other types than the parameters");
    const Status status =
        callee.code != nullptr
            ? call.call_method(callee.code, callee.receiver, params.get(), param_slots, results.get(), result_slots)
            : call.call(callee.closure, params.get(), param_slots, results.get(), result_slots);
    if (status != Status::Ok) return status;
    return put_all(call, 0, value_type, callee.type->results, results.get());
}

/// What a made function has captured.
struct Made {
    Slot function;                ///< func(args []Value) []Value
    const Type* type;             ///< Its own.
    const Type* value_type;       ///< reflect.Value
};
constexpr std::size_t kMadeSlots = sizeof(Made) / sizeof(Slot);

Status call_made(Call& call, const NativeEntry&) {
    Made made;
    std::memcpy(&made, call.captured(), sizeof made);
    const std::size_t result_slots = slots_of(made.type->results);
    const std::size_t param_slots = slots_of(made.type->params);
    Area params(call, param_slots);
    Area results(call, result_slots);
    if (params.get() == nullptr || results.get() == nullptr) return call.out_of_memory();
    std::memcpy(params.get(), call.slots() + result_slots, param_slots * sizeof(Slot));
    const auto count = static_cast<std::uint32_t>(made.type->params.size());
    auto* const values = static_cast<Slot*>(heap(call).allocate_array(cache(call), *made.value_type, count));
    if (values == nullptr) return call.out_of_memory();
    const Slot* from = params.get();
    for (std::uint32_t i = 0; i < count; ++i) {
        const Type& type = *made.type->params[i];
        if (!put_slots(call, values + i * kValueSlots, type, from, 0)) return Status::Panic;
        from += type.slots;
    }
    Slot list[2];
    put_slice(list, {values, count, count});
    Slot answer[2] = {};
    const Status status = call.call(made.function, list, 2, answer, 2);
    if (status != Status::Ok) return status;
    if (!load_all(slice_at(answer), 0, made.type->results, results.get()))
        return call.panic("reflect: function created by MakeFunc returned other types than its results");
    std::memcpy(call.slots(), results.get(), result_slots * sizeof(Slot));
    return Status::Ok;
}

Status make_func(Call& call, const NativeEntry&) {
    static const NativeEntry made_entry{"callMade", "", "", call_made, false, nullptr};
    Slot* s = call.slots();
    const Type* type = type_at(call, s[kValueSlots]);
    if (type == nullptr || type->kind != Kind::Func) return nil_pointer(call);
    if (slots_of(type->params) + slots_of(type->results) > kMostSlots) return call.panic("reflect.MakeFunc: values too large");
    const Made made{s[kValueSlots + 1], type, static_cast<const Type*>(call.function_type())->results[0]};
    Slot captured[kMadeSlots];
    std::memcpy(captured, &made, sizeof made);
    const Slot function = call.make_function(type, made_entry, captured, kMadeSlots);
    if (function == 0) return Status::Panic;
    put_nothing(s);
    put_type(s, type);
    s[1] = function;
    return Status::Ok;
}

}  // namespace

void add_calls(Package& package) { package.raw("invoke", invoke).raw("makeFunc", make_func); }

}  // namespace csp::stdlib::reflection
