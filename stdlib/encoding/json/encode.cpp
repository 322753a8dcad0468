#include "stdlib/encoding/json/encode.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/value/map.h"
#include "stdlib/encoding/json/scanner.h"
#include "stdlib/encoding/json/text.h"
#include "stdlib/reflect/reflection.h"
#include "stdlib/support/base64.h"
#include "stdlib/support/polled_sort.h"
#include "stdlib/support/resource_table.h"

namespace csp::stdlib::json {

using runtime::Kind;
using runtime::Slice;

namespace {

/// So deep, it may be a cycle: from here on, it is looked after.
constexpr int kSuspicious = 1000;

bool is_nil(const runtime::Interface& i) { return i.type == nullptr || (i.type->kind == Kind::Pointer && i.word == 0); }

bool is_empty(const Value& v) {
    switch (v.type->kind) {
        case Kind::Array: return v.type->length == 0;
        case Kind::Slice: return v.as<Slice>().size == 0;
        case Kind::String: return v.text().empty();
        case Kind::Map: {
            const auto* const map = v.as<const runtime::Map*>();
            return map == nullptr || map->count.load(std::memory_order_relaxed) == 0;
        }
        case Kind::Struct: return false;
        case Kind::Bool:
        case Kind::Pointer:
        case Kind::Interface: return reflection::is_zero(*v.type, v.data);
        default: return (is_signed(v.type->kind) || is_unsigned(v.type->kind) || is_float(v.type->kind)) && reflection::is_zero(*v.type, v.data);
    }
}

}  // namespace

Plans& Encoder::plans_of(Call& call) { return extension<Plans>(call); }

void Encoder::fail(Problem problem, const Value& v, std::string text) {
    if (failed()) return;
    problem_ = problem;
    problem_text_ = std::move(text);
    Slot copy[reflection::kValueSlots];
    if (!reflection::put_copy(call_, copy, *v.type, v.data, 0)) {
        status_ = Status::Panic;
        return;
    }
    problem_value_[0] = copy[0];
    problem_value_[1] = copy[1];
}

bool Encoder::enter(const void* data, std::size_t count, const Value& v) {
    if (++depth_ <= kSuspicious) return true;
    if (inside_.emplace(data, count).second) return true;
    --depth_;
    fail(Problem::Value, v, "encountered a cycle via " + std::string(v.type->string));
    return false;
}

void Encoder::leave(const void* data, std::size_t count) {
    if (depth_-- > kSuspicious) inside_.erase({data, count});
}

void Encoder::interface(const runtime::Interface& i) {
    const Value v = dynamic(i);
    if (v.type == nullptr) out_ += "null";
    else value(v, false, false);
}

bool Encoder::worked() {
    work_.holds(2 * out_.size());
    const std::size_t written = out_.size() - counted_;
    counted_ = out_.size();
    constexpr std::uint64_t kValue = 8;  // steps
    if (!work_.steps(kValue) || !work_.moved(written)) status_ = Status::Ended;
    return status_ == Status::Ok;
}

void Encoder::value(const Value& v, bool addressable, bool quoted) {
    if (failed() || !worked()) return;
    runtime::Goroutine& g = goroutine(call_);
    if (!g.scheduler->with_stack(g, [&] {
            if (!by_method(v, addressable)) by_kind(v, addressable, quoted);
        }))
        status_ = call_.fatal("stack overflow");
}

bool Encoder::as_interface(const Value& v, runtime::Interface& to) {
    if (v.type->kind == Kind::Interface) {
        to = v.as<runtime::Interface>();
        return true;
    }
    Slot copy[reflection::kValueSlots];
    if (!reflection::put_copy(call_, copy, *v.type, v.data, 0)) {
        status_ = Status::Panic;
        return false;
    }
    to = {v.type, copy[1]};
    return true;
}

bool Encoder::call_method(const runtime::Interface& receiver, Method method, std::string& text) {
    const Slot args[] = {reinterpret_cast<Slot>(receiver.type), receiver.word, method};
    Slot results[3] = {};
    status_ = call_.call(method_caller_, args, std::size(args), results, std::size(results));
    if (status_ != Status::Ok) return false;
    if (results[2] != kDone) {
        problem_ = Problem::Method;
        return false;
    }
    text = bytes_at(results);
    return true;
}

bool Encoder::by_method(const Value& v, bool addressable) {
    const Type& type = *v.type;
    if (type.methods.empty() && (!addressable || type.name.empty())) return false;
    const TypePlan& plan = plans_.of(call_, type);
    bool by_pointer = false;
    Method method = kMarshalJson;
    if (addressable && plan.pointer_marshal_json) by_pointer = true;
    else if (plan.marshal_json) by_pointer = false;
    else if (addressable && plan.pointer_marshal_text) method = kMarshalText, by_pointer = true;
    else if (plan.marshal_text) method = kMarshalText;
    else return false;
    runtime::Interface receiver{plan.pointer, reinterpret_cast<Slot>(v.data)};
    if (!by_pointer && !as_interface(v, receiver)) return true;
    if (is_nil(receiver)) {
        out_ += "null";
        return true;
    }
    std::string text;
    if (!call_method(receiver, method, text)) return true;
    if (method == kMarshalText) {
        append_string(out_, text, html_, &work_);
        return true;
    }
    std::int64_t offset = 0;
    const std::string wrong = check(text, offset, &work_);
    if (wrong.empty()) {
        append_compact(out_, text, html_, &work_);
    } else {
        fail(Problem::BadJson, dynamic(receiver), wrong);
    }
    return true;
}

void Encoder::integer(const Value& v) {
    out_ += is_signed(v.type->kind) ? std::to_string(v.integer()) : std::to_string(v.unsigned_integer());
}

void Encoder::by_kind(const Value& v, bool addressable, bool quoted) {
    const Kind kind = v.type->kind;
    switch (kind) {
        case Kind::Bool:
        case Kind::Float32:
        case Kind::Float64:
            if (quoted) out_ += '"';
            if (kind == Kind::Bool) {
                out_ += v.as<bool>() ? "true" : "false";
            } else if (!append_number(out_, v.number(), kind == Kind::Float32)) {
                const double n = v.number();
                return fail(Problem::Value, v, std::isnan(n) ? "NaN" : n > 0 ? "+Inf" : "-Inf");
            }
            if (quoted) out_ += '"';
            return;
        case Kind::String: return string(v, quoted);
        case Kind::Interface: return interface(v.as<runtime::Interface>());
        case Kind::Struct: return structure(v, addressable);
        case Kind::Map: return map(v);
        case Kind::Slice: return slice(v);
        case Kind::Array: return sequence(v, static_cast<const char*>(v.data), static_cast<std::size_t>(v.type->length), addressable);
        case Kind::Pointer: return pointer(v, quoted);
        default: break;
    }
    if (!is_signed(kind) && !is_unsigned(kind)) return fail(Problem::Type, v);
    if (quoted) out_ += '"';
    integer(v);
    if (quoted) out_ += '"';
}

void Encoder::string(const Value& v, bool quoted) {
    const std::string_view text = v.text();
    if (!v.type->name.empty() && plans_.of(call_, *v.type).is_number) {
        const std::string_view number = text.empty() ? "0" : text;
        if (!is_number(number, &work_)) return fail(Problem::Number, v, std::string(text));
        if (quoted) out_ += '"';
        out_ += number;
        if (quoted) out_ += '"';
        return;
    }
    if (!quoted) return append_string(out_, text, html_, &work_);
    std::string inner;
    append_string(inner, text, html_, &work_);
    append_string(out_, inner, false, &work_);
}

void Encoder::pointer(const Value& v, bool quoted) {
    const auto* const to = v.as<const char*>();
    if (to == nullptr) {
        out_ += "null";
        return;
    }
    if (!enter(to, 0, v)) return;
    value({v.type->elem, to}, true, quoted);
    leave(to, 0);
}

bool Encoder::omitted(const FieldPlan& field, const Value& v, bool addressable) {
    if (field.omit_empty && is_empty(v)) return true;
    if (!field.omit_zero) return false;
    if (!field.zero_method && !field.zero_pointer_method) return reflection::is_zero(*v.type, v.data);
    std::string answer;
    runtime::Interface receiver{};
    if (field.zero_pointer_method) {
        const void* variable = v.data;
        if (!addressable) {
            void* const copy = heap(call_).allocate(cache(call_), *v.type);
            if (copy == nullptr) {
                status_ = call_.out_of_memory();
                return true;
            }
            runtime::copy_memory(copy, v.data, v.type->size, v.type->align);
            variable = copy;
        }
        receiver = {plans_.of(call_, *v.type).pointer, reinterpret_cast<Slot>(variable)};
    } else if (!as_interface(v, receiver)) {
        return true;
    }
    return is_nil(receiver) || !call_method(receiver, kIsZero, answer) || !answer.empty();
}

void Encoder::structure(const Value& v, bool addressable) {
    const TypePlan& plan = plans_.of(call_, *v.type);
    out_ += '{';
    bool first = true;
    for (const FieldPlan& field : plan.fields) {
        const char* at = static_cast<const char*>(v.data);
        bool variable = addressable;
        for (const FieldPlan::Step& step : field.path) {
            at += step.offset;
            if (step.type->kind != Kind::Pointer) continue;
            at = Value{step.type, at}.as<const char*>();
            variable = true;
            if (at == nullptr) break;
        }
        if (at == nullptr) continue;
        const Value inner{field.type, at + field.offset};
        if (omitted(field, inner, variable)) {
            if (failed()) return;
            continue;
        }
        if (!first) out_ += ',';
        first = false;
        out_ += html_ ? field.html_key : field.key;
        value(inner, variable, field.quoted);
        if (failed()) return;
    }
    out_ += '}';
}

bool Encoder::map_key(const Value& key, std::string& text) {
    if (key.type->kind == Kind::String) {
        text = key.text();
        return true;
    }
    const TypePlan& plan = plans_.of(call_, *key.type);
    if (plan.marshal_text) {
        runtime::Interface receiver{};
        if (!as_interface(key, receiver)) return false;
        // A nil pointer in an interface is asked all the same.
        const bool nothing = key.type->kind == Kind::Interface ? receiver.type == nullptr : is_nil(receiver);
        return nothing || call_method(receiver, kMarshalKey, text);
    }
    text = is_signed(key.type->kind) ? std::to_string(key.integer()) : std::to_string(key.unsigned_integer());
    return true;
}

void Encoder::map(const Value& v) {
    const Kind key = v.type->key->kind;
    if (key != Kind::String && !is_signed(key) && !is_unsigned(key) && !plans_.of(call_, *v.type->key).marshal_text) return fail(Problem::Type, v);
    auto* const table = v.as<runtime::Map*>();
    if (table == nullptr) {
        out_ += "null";
        return;
    }
    if (!enter(table, 0, v)) return;
    struct Entry {
        std::string key;
        const Slot* value;  ///< In the table, which the iterator keeps.
    };
    std::vector<Entry> entries;
    runtime::MapIterator it{};
    runtime::map_iterate(it, table, 0);
    for (;;) {
        const runtime::MapStatus status = runtime::map_next(it);
        if (status == runtime::MapStatus::Missing) break;
        if (status != runtime::MapStatus::Ok) {
            status_ = call_.fatal("concurrent map iteration and map write");
            return;
        }
        std::string text;
        const Slot* const at = it.value;
        if (!map_key({v.type->key, it.key}, text)) {
            if (problem_ == Problem::Method) {
                problem_ = Problem::None;
                fail(Problem::Key, v);
            }
            return;
        }
        work_.holds(entries.size() * sizeof(Entry));
        if (!work_.steps(4) || !work_.moved(text.size())) {
            status_ = Status::Ended;
            return;
        }
        entries.push_back({std::move(text), at});
    }
    if (!sort(work_, entries.data(), entries.data() + entries.size(), [](const Entry& a, const Entry& b) { return a.key < b.key; })) {
        status_ = Status::Ended;
        return;
    }
    out_ += '{';
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (i > 0) out_ += ',';
        append_string(out_, entries[i].key, html_, &work_);
        out_ += ':';
        value({v.type->elem, entries[i].value}, false, false);
        if (failed()) return;
    }
    out_ += '}';
    leave(table, 0);
}

void Encoder::bytes(std::string_view data) {
    out_ += '"';
    const std::size_t at = out_.size();
    const std::size_t size = base64::encoded_length(data.size(), '=');
    work_.holds(2 * (at + size));
    out_.resize(at + size);
    if (!base64::encode(work_, base64::kStandard, '=', data, out_.data() + at)) status_ = Status::Ended;
    out_ += '"';
}

void Encoder::slice(const Value& v) {
    const auto data = v.as<Slice>();
    if (data.data == nullptr) {
        out_ += "null";
        return;
    }
    if (v.type->elem->kind == Kind::Uint8) {
        const TypePlan& elem = plans_.of(call_, *v.type->elem);
        if (!elem.pointer_marshal_json && !elem.pointer_marshal_text) return bytes({static_cast<const char*>(data.data), data.size});
    }
    if (!enter(data.data, data.size + std::size_t{1}, v)) return;
    sequence(v, static_cast<const char*>(data.data), data.size, true);
    leave(data.data, data.size + std::size_t{1});
}

void Encoder::sequence(const Value& v, const char* data, std::size_t count, bool addressable) {
    out_ += '[';
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) out_ += ',';
        value({v.type->elem, data + i * v.type->elem->size}, addressable, false);
        if (failed()) return;
    }
    out_ += ']';
}

}  // namespace csp::stdlib::json
