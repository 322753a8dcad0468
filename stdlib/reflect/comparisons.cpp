// Comparisons: == on values, and DeepEqual.

#include <cstring>
#include <set>
#include <tuple>

#include "runtime/value/equality.h"
#include "runtime/value/map.h"
#include "stdlib/reflect/reflection.h"
#include "stdlib/support/guarded.h"
#include "stdlib/support/search.h"
#include "stdlib/support/work.h"

namespace csp::stdlib::reflection {

using runtime::Kind;
using runtime::Slice;
using runtime::Type;

namespace {

/// A comparison that goes on through references, on as many stacks as it needs.
class DeepComparison {
  public:
    explicit DeepComparison(Call& call) : call_(call), work_(call) {}

    bool overflowed() const { return overflowed_; }
    bool equal(const Type& type, const void* a, const void* b) {
        bool same = false;
        if (!work_.steps(4)) return false;
        runtime::Goroutine& g = goroutine(call_);
        if (!g.scheduler->with_stack(g, [&] { same = compare(type, a, b); })) overflowed_ = true;
        return same && !overflowed_;
    }
    bool equal(const runtime::Interface& a, const runtime::Interface& b) {
        if (a.type == nullptr || b.type == nullptr) return a.type == b.type;
        if (a.type != b.type) return false;
        if (a.type->inline_in_interface) return equal(*a.type, &a.word, &b.word);
        return equal(*a.type, reinterpret_cast<const void*>(a.word), reinterpret_cast<const void*>(b.word));
    }

  private:
    /// Whether these two are being compared already, or have been: then they count as equal.
    bool seen(const Type& type, const void* a, const void* b) {
        if (a > b) std::swap(a, b);
        constexpr std::uint64_t kInsertion = 60;  // steps
        work_.holds(2 * seen_.size() * (sizeof(*seen_.begin()) + 32));
        return !work_.steps(kInsertion) || !seen_.emplace(a, b, &type).second;
    }

    bool compare(const Type& type, const void* a, const void* b) {
        const Value x{&type, a}, y{&type, b};
        switch (type.kind) {
            case Kind::Array: return elements(*type.elem, a, b, static_cast<std::uint64_t>(type.length));
            case Kind::Slice: return slices(type, x.as<Slice>(), y.as<Slice>());
            case Kind::Interface: return equal(x.as<runtime::Interface>(), y.as<runtime::Interface>());
            case Kind::Pointer: {
                const auto* p = x.as<const void*>();
                const auto* q = y.as<const void*>();
                if (p == q) return true;
                if (p == nullptr || q == nullptr) return false;
                return seen(type, p, q) || equal(*type.elem, p, q);
            }
            case Kind::Struct:
                for (const runtime::Field& field : type.fields)
                    if (!equal(*field.type, static_cast<const char*>(a) + field.offset, static_cast<const char*>(b) + field.offset))
                        return false;
                return true;
            case Kind::Map: return maps(type, x.as<runtime::Map*>(), y.as<runtime::Map*>());
            case Kind::Func: return x.as<Slot>() == 0 && y.as<Slot>() == 0;
            case Kind::String: return csp::stdlib::equal(work_, x.text(), y.text());
            default: return runtime::equal_memory(type, a, b).equal;
        }
    }

    bool elements(const Type& elem, const void* a, const void* b, std::uint64_t count) {
        if (elem.equality == runtime::Equality::Bits && elem.kind != Kind::Pointer && !elem.has_pointers)
            return csp::stdlib::equal(work_, {static_cast<const char*>(a), count * elem.size}, {static_cast<const char*>(b), count * elem.size});
        for (std::uint64_t i = 0; i < count; ++i)
            if (!equal(elem, static_cast<const char*>(a) + i * elem.size, static_cast<const char*>(b) + i * elem.size))
                return false;
        return true;
    }

    bool slices(const Type& type, const Slice& a, const Slice& b) {
        if ((a.data == nullptr) != (b.data == nullptr) || a.size != b.size) return false;
        if (a.data == b.data || a.size == 0) return true;
        return seen(type, a.data, b.data) || elements(*type.elem, a.data, b.data, a.size);
    }

    bool maps(const Type& type, runtime::Map* a, runtime::Map* b) {
        if (a == b) return true;
        if (a == nullptr || b == nullptr) return false;
        if (a->count.load(std::memory_order_relaxed) != b->count.load(std::memory_order_relaxed)) return false;
        if (seen(type, a, b)) return true;
        runtime::MapIterator it{};
        runtime::map_iterate(it, a, 0);
        while (runtime::map_next(it) == runtime::MapStatus::Ok) {
            const runtime::MapResult other = runtime::map_find(b, it.key);
            if (other.status != runtime::MapStatus::Ok || !equal(*type.elem, it.value, other.value)) return false;
        }
        return true;
    }

    Call& call_;
    Work work_;
    std::set<std::tuple<const void*, const void*, const Type*>> seen_;
    bool overflowed_ = false;
};

runtime::Interface interface_at(const Slot* s) { return {reinterpret_cast<const Type*>(s[0]), s[1]}; }

Status deep_equal(Call& call, const NativeEntry&) {
    return guarded(call, [&] {
        DeepComparison comparison(call);
        Slot* s = call.slots();
        const bool same = comparison.equal(interface_at(s + 1), interface_at(s + 3));
        call.slots()[0] = same;
        return comparison.overflowed() ? call.fatal("stack overflow") : Status::Ok;
    });
}

bool comparable(Call& call, const Type& type, const void* data, bool& overflowed);

bool comparable_parts(Call& call, const Type& type, const void* data, bool& overflowed) {
    const auto* bytes = static_cast<const char*>(data);
    switch (type.kind) {
        case Kind::Interface: {
            const auto held = Value{&type, data}.as<runtime::Interface>();
            if (held.type == nullptr) return true;
            const void* const inner = held.type->inline_in_interface ? &held.word : reinterpret_cast<const void*>(held.word);
            return comparable(call, *held.type, inner, overflowed);
        }
        case Kind::Struct:
            for (const runtime::Field& field : type.fields)
                if (!comparable(call, *field.type, bytes + field.offset, overflowed)) return false;
            return true;
        case Kind::Array:
            for (std::int64_t i = 0; i < type.length; ++i)
                if (!comparable(call, *type.elem, bytes + i * type.elem->size, overflowed)) return false;
            return true;
        default: return type.equality != runtime::Equality::None;
    }
}

bool comparable(Call& call, const Type& type, const void* data, bool& overflowed) {
    if (type.equality == runtime::Equality::None) return false;
    if (type.equality <= runtime::Equality::String) return true;
    if (!call.charge(4)) return false;
    bool answer = false;
    runtime::Goroutine& g = goroutine(call);
    if (!g.scheduler->with_stack(g, [&] { answer = comparable_parts(call, type, data, overflowed); })) overflowed = true;
    return answer;
}

Status comparable_value(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + 1);
    bool overflowed = false;
    const bool answer = v.type != nullptr && (v.flags & kMethod) == 0 && comparable(call, *v.type, v.data(), overflowed);
    if (overflowed) return call.fatal("stack overflow");
    call.slots()[0] = answer;
    return Status::Ok;
}

Status equal_values(Call& call, const NativeEntry&) {
    Slot* s = call.slots();
    const Reflected v(s + 2);
    const Reflected u(s + 2 + kValueSlots);
    s[0] = s[1] = 0;
    if (v.type == nullptr || v.type != u.type || ((v.flags | u.flags) & kMethod) != 0) return Status::Ok;
    const runtime::Compared result = runtime::equal_memory(*v.type, v.data(), u.data());
    s[0] = result.equal;
    s[1] = result.uncomparable == nullptr;
    return Status::Ok;
}

}  // namespace

void add_comparisons(Package& package) {
    package.raw("DeepEqual", deep_equal).raw("comparableValue", comparable_value).raw("equalValues", equal_values);
}

}  // namespace csp::stdlib::reflection
