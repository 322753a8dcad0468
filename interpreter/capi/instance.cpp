// Instances, and calls of their functions.

#include <algorithm>
#include <array>
#include <span>

#include "interpreter/capi/engine.h"
#include "interpreter/capi/signature.h"
#include "interpreter/capi/values.h"

using namespace csp::capi;

namespace {

struct HostInstance {
    explicit HostInstance(csp::Instance made) : instance(std::move(made)) {}

    Exclusive exclusive;
    csp::Instance instance;
    std::vector<std::string> kept;  ///< Of the last call's results: errors, and what came with them.
};

/// Calls body(instance, failure) while nobody else uses it.
template <class Body>
csp_status with_instance(const std::shared_ptr<HostInstance>& held, csp_error& failure, Body&& body) {
    const Exclusive::Use use(held->exclusive);
    if (!use) return fail(failure, CSP_BUSY, "the instance is in use");
    return body(*held, failure);
}

}  // namespace

struct csp_instance {
    std::shared_ptr<HostInstance> instance;
};

namespace {

struct Callable {
    std::shared_ptr<HostInstance> instance;
    csp::detail::Exported function;
    Signature signature;
};

}  // namespace

struct csp_function {
    std::shared_ptr<const Callable> callable;
};

namespace {

class FunctionCall {
  public:
    FunctionCall(const Callable& callable, csp_error& failure)
        : callable_(callable), failure_(failure), call_(*callable.function.instance) {}

    csp_status run(const csp_value* args, csp_value* results) {
        const Signature& signature = callable_.signature;
        Slots arguments(slots_of(signature.params));
        put(signature.params, args, arguments.data());
        Slots found(slots_of(signature.results));
        std::string why;
        if (!call_.run(*callable_.function.function, arguments.all(), found.all(), why)) return failed(std::move(why));
        callable_.instance->kept.clear();
        if (has_error(signature.results, found.data())) return read_with_errors(signature.results, found.data(), results);
        read(signature.results, found.data(), results);
        return CSP_OK;
    }

  private:
    /// As many as there are, without an allocation if these are few.
    class Slots {
      public:
        explicit Slots(std::size_t count) : count_(count), many_(count > few_.size() ? count : 0) {}
        csp::Slot* data() { return many_.empty() ? few_.data() : many_.data(); }
        std::span<csp::Slot> all() { return {data(), count_}; }

      private:
        std::size_t count_;
        std::array<csp::Slot, 16> few_{};
        std::vector<csp::Slot> many_;
    };

    void put(const std::vector<csp_type>& params, const csp_value* args, csp::Slot* to) {
        for (std::size_t i = 0; i < params.size(); to += slots_of(params[i++])) {
            if (params[i] < CSP_TYPE_STRING) {
                *to = slot_of(args[i]);
                continue;
            }
            const std::string_view text = view(args[i].as.text);
            if (params[i] == CSP_TYPE_BYTES) {
                put_bytes(to, text.data() == nullptr ? nullptr : call_.keep(text), text.size());
            } else {
                to[0] = text.empty() ? 0 : reinterpret_cast<csp::Slot>(call_.keep(text));
                to[1] = text.size();
            }
        }
    }

    static bool has_error(const std::vector<csp_type>& types, const csp::Slot* at) {
        for (const csp_type type : types) {
            if (type == CSP_TYPE_ERROR && at[0] != 0) return true;
            at += slots_of(type);
        }
        return false;
    }
    static void read(const std::vector<csp_type>& types, const csp::Slot* at, csp_value* values) {
        for (std::size_t i = 0; i < types.size(); at += slots_of(types[i++])) values[i] = value_of(types[i], at);
    }

    /// Asks the errors for their texts, which are calls: what the first one has returned does not survive them.
    csp_status read_with_errors(const std::vector<csp_type>& types, const csp::Slot* at, csp_value* results) {
        std::vector<csp_value> values(types.size());
        read(types, at, values.data());
        std::vector<std::string>& kept = callable_.instance->kept;
        kept.reserve(types.size());
        for (csp_value& value : values)
            if (value.type == CSP_TYPE_STRING || (value.type == CSP_TYPE_BYTES && value.as.text.data != nullptr))
                value.as.text = string_of(kept.emplace_back(view(value.as.text)));
        std::string why;
        for (csp_value& value : values) {
            if (value.type == CSP_TYPE_ERROR && value.as.text.data != nullptr) {
                if (!call_.error_text(at, kept.emplace_back(), why)) return failed(std::move(why));
                value.as.text = string_of(kept.back());
            }
            at += slots_of(value.type);
        }
        std::copy(values.begin(), values.end(), results);
        return CSP_OK;
    }

    csp_status failed(std::string why) {
        failure_.limit = limit_of(call_.limit());
        return fail(failure_, failure_.limit == CSP_LIMIT_NONE ? CSP_FAILED : CSP_LIMIT, std::move(why));
    }

    const Callable& callable_;
    csp_error& failure_;
    csp::detail::HostCall call_;
};

csp_status check_arguments(const Signature& signature, const csp_value* args, std::size_t arg_count, const csp_value* results,
                           std::size_t result_count, csp_error& failure) {
    if (arg_count != signature.params.size())
        return fail(failure, CSP_TYPE, std::to_string(arg_count) + " arguments, not " + std::to_string(signature.params.size()));
    if (result_count != signature.results.size())
        return fail(failure, CSP_TYPE, "room for " + std::to_string(result_count) + " results, not " + std::to_string(signature.results.size()));
    if (args == nullptr && arg_count > 0) return null(failure, "args");
    if (results == nullptr && result_count > 0) return null(failure, "results");
    std::string why;
    for (std::size_t i = 0; i < arg_count; ++i)
        if (const csp_status status = check(signature.params[i], args[i], why); status != CSP_OK)
            return fail(failure, status, "argument " + std::to_string(i + 1) + ": " + why);
    return CSP_OK;
}

csp_status find(HostInstance& instance, std::string_view name, csp_string signature, Callable& to, csp_error& failure) {
    std::string why;
    std::optional<Signature> wanted;
    if (signature.data != nullptr) {
        wanted = parse_signature(view(signature), why);
        if (!wanted) return fail(failure, CSP_TYPE, "signature \"" + std::string(view(signature)) + "\": " + why);
    }
    to.function = instance.instance.exported(name);
    if (to.function.function == nullptr) return fail(failure, CSP_NOT_FOUND, "no exported function " + std::string(name));
    const auto found = parse_signature(to.function.signature, why);
    const std::string has = std::string(name) + " has type " + std::string(to.function.signature);
    if (wanted && (!found || *found != *wanted)) return fail(failure, CSP_TYPE, has + ", not " + wanted->text());
    if (!found) return fail(failure, CSP_TYPE, has + ": " + why);
    to.signature = *found;
    return CSP_OK;
}

csp_type type_at(const std::vector<csp_type>& types, std::size_t index) { return index < types.size() ? types[index] : 0; }

}  // namespace

csp_status csp_instantiate(csp_engine* engine, const csp_program* program, const csp_limits* limits, csp_instance** instance,
                           csp_error** error) {
    return with_engine(engine, error, [&](csp::Engine& by, csp_error& failure) -> csp_status {
        if (program == nullptr) return null(failure, "program");
        if (instance == nullptr) return null(failure, "instance");
        csp::Limits bounds;
        if (const csp_status status = read_limits(limits, bounds, failure); status != CSP_OK) return status;
        const csp::Program held = program->program;
        std::string why;
        auto made = by.instantiate(held, why, bounds);
        if (!made) return fail(failure, CSP_FAILED, why);
        *instance = new csp_instance{std::make_shared<HostInstance>(std::move(*made))};
        return CSP_OK;
    });
}

csp_status csp_instance_limit(csp_instance* instance, const csp_limits* limits, csp_error** error) {
    return fenced(error, [&](csp_error& failure) -> csp_status {
        if (instance == nullptr) return null(failure, "instance");
        csp::Limits bounds;
        if (const csp_status status = read_limits(limits, bounds, failure); status != CSP_OK) return status;
        return with_instance(instance->instance, failure, [&](HostInstance& of, csp_error&) {
            of.instance.limit(bounds);
            return csp_status{CSP_OK};
        });
    });
}

csp_status csp_instance_fuel(csp_instance* instance, uint64_t* units) {
    if (instance == nullptr || units == nullptr) return CSP_INVALID;
    return fenced(nullptr, [&](csp_error& failure) {
        return with_instance(instance->instance, failure, [&](HostInstance& of, csp_error&) {
            *units = of.instance.fuel();
            return csp_status{CSP_OK};
        });
    });
}

void csp_instance_destroy(csp_instance* instance) { delete instance; }

csp_status csp_instance_function(csp_instance* instance, csp_string name, csp_string signature, csp_function** function,
                                 csp_error** error) {
    return fenced(error, [&](csp_error& failure) -> csp_status {
        if (instance == nullptr) return null(failure, "instance");
        if (function == nullptr) return null(failure, "function");
        if (!valid(name) || !valid(signature)) return invalid(failure, "name or signature has no data, but a size");
        return with_instance(instance->instance, failure, [&](HostInstance& of, csp_error&) {
            const auto made = std::make_shared<Callable>();
            const csp_status status = find(of, view(name), signature, *made, failure);
            if (status != CSP_OK) return status;
            made->instance = instance->instance;
            *function = new csp_function{made};
            return status;
        });
    });
}

size_t csp_function_params(const csp_function* function) { return function == nullptr ? 0 : function->callable->signature.params.size(); }
size_t csp_function_results(const csp_function* function) { return function == nullptr ? 0 : function->callable->signature.results.size(); }
csp_type csp_function_param(const csp_function* function, size_t index) {
    return function == nullptr ? 0 : type_at(function->callable->signature.params, index);
}
csp_type csp_function_result(const csp_function* function, size_t index) {
    return function == nullptr ? 0 : type_at(function->callable->signature.results, index);
}

csp_status csp_function_call(csp_function* function, const csp_value* args, size_t arg_count, csp_value* results, size_t result_count,
                             csp_error** error) {
    return fenced(error, [&](csp_error& failure) -> csp_status {
        if (function == nullptr) return null(failure, "function");
        // A callback may destroy the function meanwhile.
        const std::shared_ptr<const Callable> held = function->callable;
        return with_instance(held->instance, failure, [&](HostInstance&, csp_error&) {
            const csp_status status = check_arguments(held->signature, args, arg_count, results, result_count, failure);
            return status == CSP_OK ? FunctionCall(*held, failure).run(args, results) : status;
        });
    });
}

void csp_function_destroy(csp_function* function) { delete function; }
