// A host function's call: what its callback may do.

#include <cstring>

#include "interpreter/capi/error.h"
#include "interpreter/capi/package.h"
#include "interpreter/capi/values.h"

using namespace csp::capi;

struct csp_call {
    csp::Call& call;
    const HostFunction& function;
    std::thread::id thread;
    csp::Status status = csp::Status::Ok;  ///< Not Ok: a panic is under way, or the run is being ended.
    bool panics = false;                   ///< It is to end in a panic with this text.
    std::string text;
};

namespace {

/// Asks anew each time: charge() may return on another thread, which a compiler that inlines this does not know.
[[gnu::noinline]] std::thread::id this_thread() {
    asm volatile("");
    return std::this_thread::get_id();
}

/// Which thread uses it, and whether it has what `index` says.
csp_status usable(const csp_call* call, std::size_t index, const std::vector<csp_type>& types) {
    if (call->thread != this_thread()) return CSP_BUSY;
    return index < types.size() ? CSP_OK : CSP_INVALID;
}

const csp::Slot* place(const csp_call& call, std::size_t index) {
    const Signature& signature = call.function.signature;
    std::size_t at = slots_of(signature.results);
    for (std::size_t i = 0; i < index; ++i) at += slots_of(signature.params[i]);
    return call.call.slots() + at;
}

/// The argument, if `is` says yes to its type.
template <class Is>
csp_status argument(csp_call* call, std::size_t index, const void* to, csp_value& value, Is is) {
    if (call == nullptr || to == nullptr) return CSP_INVALID;
    const std::vector<csp_type>& params = call->function.signature.params;
    if (const csp_status status = usable(call, index, params); status != CSP_OK) return status;
    if (!is(params[index])) return CSP_TYPE;
    value = value_of(params[index], place(*call, index));
    return CSP_OK;
}
auto exactly(csp_type type) {
    return [type](csp_type found) { return found == type; };
}

bool put(csp::Call& call, csp::Slot* to, const csp_value& value) {
    const std::string_view text = value.type >= CSP_TYPE_STRING ? view(value.as.text) : std::string_view();
    switch (value.type) {
        case CSP_TYPE_STRING: return call.put_string(to, text);
        case CSP_TYPE_ERROR:
            to[0] = to[1] = 0;
            return text.data() == nullptr || call.put_error(to, text);
        case CSP_TYPE_BYTES: {
            put_bytes(to, nullptr, 0);
            if (text.data() == nullptr) return true;
            char* const bytes = call.allocate_bytes(text.size());
            if (bytes == nullptr) return false;
            if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
            put_bytes(to, bytes, text.size());
            return true;
        }
        default: to[0] = slot_of(value); return true;
    }
}

csp_status put_result(csp_call* call, std::size_t index, const csp_value& value) {
    const std::vector<csp_type>& results = call->function.signature.results;
    std::string why;
    if (const csp_status status = check(results[index], value, why); status != CSP_OK) return status;
    if (call->status != csp::Status::Ok) return call->status == csp::Status::Ended ? CSP_LIMIT : CSP_NO_MEMORY;
    std::size_t at = 0;
    for (std::size_t i = 0; i < index; ++i) at += slots_of(results[i]);
    if (put(call->call, call->call.slots() + at, value)) return CSP_OK;
    call->status = csp::Status::Panic;
    return CSP_NO_MEMORY;
}

/// Sets the result if `is` says yes to its type; `set` puts the value in.
template <class Is, class Set>
csp_status result(csp_call* call, std::size_t index, Is is, Set set) {
    if (call == nullptr) return CSP_INVALID;
    return fenced(nullptr, [&](csp_error&) -> csp_status {
        const std::vector<csp_type>& results = call->function.signature.results;
        if (const csp_status status = usable(call, index, results); status != CSP_OK) return status;
        if (!is(results[index])) return CSP_TYPE;
        csp_value value{};
        value.type = results[index];
        set(value.as);
        return put_result(call, index, value);
    });
}

csp_status text_result(csp_call* call, std::size_t index, csp_type type, csp_string text) {
    return result(call, index, exactly(type), [&](auto& as) { as.text = text; });
}

void run_callback(void* argument) {
    auto& call = *static_cast<csp_call*>(argument);
    call.thread = this_thread();
    call.function.callback(&call, call.function.user_data->get());
}

}  // namespace

csp::Status csp::capi::invoke(Call& call, const NativeEntry& entry) {
    const auto& function = *static_cast<const HostFunction*>(entry.callable.get());
    std::memset(call.slots(), 0, slots_of(function.signature.results) * sizeof(Slot));
    csp_call handle{call, function, {}, Status::Ok, false, {}};
    if (function.stack == 0)
        run_callback(&handle);
    else if (!call.with_stack(function.stack, run_callback, &handle))
        return call.panic("no stack for host function " + entry.name);
    if (handle.status != Status::Ok || !handle.panics) return handle.status;
    return call.panic(handle.text);
}

size_t csp_arg_count(const csp_call* call) { return call == nullptr ? 0 : call->function.signature.params.size(); }

csp_status csp_arg(csp_call* call, size_t index, csp_value* value) {
    csp_value found{};
    const csp_status status = argument(call, index, value, found, [](csp_type) { return true; });
    if (status == CSP_OK) *value = found;
    return status;
}
csp_status csp_arg_bool(csp_call* call, size_t index, bool* value) {
    csp_value found{};
    const csp_status status = argument(call, index, value, found, exactly(CSP_TYPE_BOOL));
    if (status == CSP_OK) *value = found.as.boolean;
    return status;
}
csp_status csp_arg_int(csp_call* call, size_t index, int64_t* value) {
    csp_value found{};
    const csp_status status = argument(call, index, value, found, is_integer);
    if (status == CSP_OK) *value = found.as.integer;
    return status;
}
csp_status csp_arg_uint(csp_call* call, size_t index, uint64_t* value) {
    csp_value found{};
    const csp_status status = argument(call, index, value, found, is_natural);
    if (status == CSP_OK) *value = found.as.natural;
    return status;
}
csp_status csp_arg_float(csp_call* call, size_t index, double* value) {
    csp_value found{};
    const csp_status status = argument(call, index, value, found, is_number);
    if (status == CSP_OK) *value = found.as.number;
    return status;
}
csp_status csp_arg_string(csp_call* call, size_t index, csp_string* value) {
    csp_value found{};
    const csp_status status = argument(call, index, value, found, exactly(CSP_TYPE_STRING));
    if (status == CSP_OK) *value = found.as.text;
    return status;
}
csp_status csp_arg_bytes(csp_call* call, size_t index, csp_string* value) {
    csp_value found{};
    const csp_status status = argument(call, index, value, found, exactly(CSP_TYPE_BYTES));
    if (status == CSP_OK) *value = found.as.text;
    return status;
}

csp_status csp_return(csp_call* call, size_t index, const csp_value* value) {
    if (value == nullptr) return CSP_INVALID;
    return result(call, index, exactly(value->type), [&](auto& as) { as = value->as; });
}
csp_status csp_return_bool(csp_call* call, size_t index, bool value) {
    return result(call, index, exactly(CSP_TYPE_BOOL), [&](auto& as) { as.boolean = value; });
}
csp_status csp_return_int(csp_call* call, size_t index, int64_t value) {
    return result(call, index, is_integer, [&](auto& as) { as.integer = value; });
}
csp_status csp_return_uint(csp_call* call, size_t index, uint64_t value) {
    return result(call, index, is_natural, [&](auto& as) { as.natural = value; });
}
csp_status csp_return_float(csp_call* call, size_t index, double value) {
    return result(call, index, is_number, [&](auto& as) { as.number = value; });
}
csp_status csp_return_string(csp_call* call, size_t index, csp_string value) {
    return text_result(call, index, CSP_TYPE_STRING, value);
}
csp_status csp_return_bytes(csp_call* call, size_t index, csp_string value) {
    return text_result(call, index, CSP_TYPE_BYTES, value);
}
csp_status csp_return_error(csp_call* call, size_t index, csp_string text) {
    return text_result(call, index, CSP_TYPE_ERROR, text);
}

csp_status csp_panic(csp_call* call, csp_string text) {
    if (call == nullptr || !valid(text)) return CSP_INVALID;
    if (call->thread != this_thread()) return CSP_BUSY;
    return fenced(nullptr, [&](csp_error&) {
        call->text = view(text);
        call->panics = true;
        return csp_status{CSP_OK};
    });
}

csp_status csp_charge(csp_call* call, uint64_t units) {
    if (call == nullptr) return CSP_INVALID;
    if (call->thread != this_thread()) return CSP_BUSY;
    if (call->status == csp::Status::Panic) return CSP_NO_MEMORY;
    if (call->status == csp::Status::Ended || !call->call.charge(units)) {
        call->status = csp::Status::Ended;
        call->thread = this_thread();
        return CSP_LIMIT;
    }
    call->thread = this_thread();
    return CSP_OK;
}
