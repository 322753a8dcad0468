// Interfaces: comparison, boxing, assertions; the built-in print.

#include <charconv>
#include <cmath>
#include <cstring>

#include "interpreter/vm/slow.h"
#include "runtime/value/equality.h"
#include "runtime/value/float_format.h"

namespace csp::vm::slow {

using bytecode::Word;
using runtime::Interface;
using runtime::Kind;

namespace {

const Word& word(const Instruction* at) { return *reinterpret_cast<const Word*>(at + 1); }

Interface interface_at(const Slot* slot) {
    return {reinterpret_cast<const runtime::Type*>(slot[0]), slot[1]};
}

Flow uncomparable(Machine& m, Thread& t, const runtime::Type& type) {
    return m.raise_runtime(t, "comparing uncomparable type " + std::string(type.string));
}

/// Go's TypeAssertionError texts.
std::string assertion_text(const runtime::Type& interface, const runtime::Type* dynamic,
                           const runtime::Type& target, const runtime::Method* missing) {
    std::string text = "interface conversion: ";
    const std::string shown(interface.name.empty() && interface.methods.empty() ? "interface {}"
                                                                               : interface.string);
    if (dynamic == nullptr)
        return text + (target.kind == Kind::Interface ? "interface" : shown) + " is nil, not " +
               std::string(target.string);
    if (missing != nullptr)
        return text + std::string(dynamic->string) + " is not " + std::string(target.string) +
               ": missing method " + std::string(missing->name);
    text += shown + " is " + std::string(dynamic->string) + ", not " + std::string(target.string);
    if (dynamic->string == target.string)
        text += dynamic->package == target.package ? " (types from different scopes)"
                                                   : " (types from different packages)";
    return text;
}

}  // namespace

Flow equal_interfaces(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const runtime::Compared r =
        runtime::equal_interfaces(interface_at(fp + at->b), interface_at(fp + at->c));
    if (r.uncomparable != nullptr) return uncomparable(m, t, *r.uncomparable);
    fp[at->a] = r.equal;
    return Flow::Next;
}

Flow equal_values(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const runtime::Type& type = *m.program().types[word(at).lo];
    const runtime::Compared r = runtime::equal_slots(type, fp + at->b, fp + at->c);
    if (r.uncomparable != nullptr) return uncomparable(m, t, *r.uncomparable);
    fp[at->a] = r.equal;
    return Flow::Next;
}

Flow box(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const runtime::Type& type = *m.program().types[at->c];
    void* const copy = m.heap().allocate(m.cache(t), type);
    if (copy == nullptr) return m.out_of_memory(t);
    runtime::store_value(copy, fp + at->b, type);
    fp[at->a] = reinterpret_cast<Slot>(&type);
    fp[at->a + 1] = reinterpret_cast<Slot>(copy);
    return Flow::Next;
}

void unbox(const runtime::Type& type, Slot* to, Slot word) {
    if (type.slots == 0) return;
    if (type.inline_in_interface)
        to[0] = word;
    else
        runtime::load_value(to, reinterpret_cast<const void*>(word), type);
}

namespace {
Flow raise_assertion(Machine& m, Thread& t, const std::string& text) {
    return m.raise_error(t, m.program().assertion_error, text);
}
}  // namespace

Flow assertion_failed(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const auto& types = m.program().types;
    return raise_assertion(m, t, assertion_text(*types[word(at).lo], interface_at(fp + at->b).type,
                                                *types[at->c], nullptr));
}

void assert_type_ok(const runtime::Type& type, const Instruction* at, Slot* fp) {
    const Slot dynamic = fp[at->b];
    const Slot value = fp[at->b + 1];
    const bool ok = dynamic == reinterpret_cast<Slot>(&type);
    if (ok)
        unbox(type, fp + at->a, value);
    else
        std::memset(fp + at->a, 0, type.slots * sizeof(Slot));
    fp[word(at).lo] = ok;
}

bool is_interface(Machine&, Slot type, const runtime::Type& interface) {
    return type != 0 &&
           runtime::implements(*reinterpret_cast<const runtime::Type*>(type), interface, nullptr);
}

Flow assert_interface(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const auto& types = m.program().types;
    const runtime::Type& target = *types[at->c];
    const Interface value = interface_at(fp + at->b);
    const runtime::Method* missing = nullptr;
    if (value.type == nullptr || !runtime::implements(*value.type, target, &missing))
        return raise_assertion(m, t, assertion_text(*types[word(at).lo], value.type, target, missing));
    runtime::copy_pair(fp + at->a, fp + at->b);
    return Flow::Next;
}

void assert_interface_ok(Machine& m, const Instruction* at, Slot* fp) {
    const bool ok = is_interface(m, fp[at->b], *m.program().types[at->c]);
    if (ok) {
        runtime::copy_pair(fp + at->a, fp + at->b);
    } else {
        fp[at->a] = 0;
        fp[at->a + 1] = 0;
    }
    fp[word(at).lo] = ok;
}

namespace {

std::string print_float(double x, int bits) { return runtime::format_float(x, 'g', -1, bits); }

/// Two parts as print shows a complex number: (1+2i).
std::string print_complex(double re, double im, int bits) {
    const std::string imaginary = print_float(im, bits);
    const bool is_signed = imaginary[0] == '-' || imaginary[0] == '+';
    return "(" + print_float(re, bits) + (is_signed ? "" : "+") + imaginary + "i)";
}

double float_at(const Slot* slot) {
    double d;
    std::memcpy(&d, slot, sizeof d);
    return d;
}

std::string hex(Slot value) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
    return "0x" + std::string(digits, end);
}

}  // namespace

void print_value(Machine& m, const Instruction* at, Slot* fp) {
    const runtime::Type& type = *m.program().types[at->b];
    const Slot* value = fp + at->a;
    std::string text;
    switch (type.kind) {
        case Kind::Bool: text = *value != 0 ? "true" : "false"; break;
        case Kind::Int:
        case Kind::Int8:
        case Kind::Int16:
        case Kind::Int32:
        case Kind::Int64: text = std::to_string(static_cast<std::int64_t>(*value)); break;
        case Kind::Uint:
        case Kind::Uint8:
        case Kind::Uint16:
        case Kind::Uint32:
        case Kind::Uint64:
        case Kind::Uintptr: text = std::to_string(*value); break;
        case Kind::Float64: text = print_float(float_at(value), 64); break;
        case Kind::Float32: {
            float f;
            std::memcpy(&f, value, sizeof f);
            text = print_float(static_cast<double>(f), 32);
            break;
        }
        case Kind::Complex128:
            text = print_complex(float_at(value), float_at(value + 1), 64);
            break;
        case Kind::Complex64: {
            float parts[2];
            std::memcpy(parts, value, sizeof parts);
            text = print_complex(static_cast<double>(parts[0]), static_cast<double>(parts[1]), 32);
            break;
        }
        case Kind::String: text.assign(reinterpret_cast<const char*>(value[0]), value[1]); break;
        case Kind::Interface: text = "(" + hex(value[0]) + "," + hex(value[1]) + ")"; break;
        case Kind::Slice:
            text = "[" + std::to_string(static_cast<std::uint32_t>(value[1])) + "/" +
                   std::to_string(value[1] >> 32) + "]" + hex(value[0]);
            break;
        default: text = hex(*value); break;
    }
    m.write(2, text);
}

}  // namespace csp::vm::slow
