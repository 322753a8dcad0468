// Slices and strings: bounds, growth, conversions.

#include <cstring>
#include <span>

#include "interpreter/vm/memory.h"
#include "interpreter/vm/slow.h"
#include "runtime/value/slice_ops.h"
#include "runtime/value/string_ops.h"

namespace csp::vm::slow {

using bytecode::Opcode;
using bytecode::Word;
using runtime::Slice;
using runtime::String;

namespace {

const Word& word(const Instruction* at, int i = 0) { return *reinterpret_cast<const Word*>(at + 1 + i); }

Slice slice_at(const Slot* slot) {
    Slice s;
    std::memcpy(static_cast<void*>(&s), slot, sizeof s);
    return s;
}
void put(Slot* slot, const Slice& s) { std::memcpy(slot, &s, sizeof s); }
String string_at(const Slot* slot) {
    String s;
    std::memcpy(static_cast<void*>(&s), slot, sizeof s);
    return s;
}
void put(Slot* slot, const String& s) { std::memcpy(slot, &s, sizeof s); }

std::string number(Slot value) { return std::to_string(static_cast<std::int64_t>(value)); }

Flow index_error(Machine& m, Thread& t, Slot index, std::uint64_t length) {
    std::string text = "index out of range [" + number(index) + "]";
    if (static_cast<std::int64_t>(index) >= 0) text += " with length " + std::to_string(length);
    return m.raise_runtime(t, text);
}

/// The bounds of a slice expression; the texts are Go's (runtime.boundsErrorFmts).
struct Bounds {
    std::uint64_t low, high, max;
};
Flow check_bounds(Machine& m, Thread& t, const Instruction* at, const Slot* fp, std::uint64_t length,
                  std::uint64_t capacity, bool text, bool is_array, Bounds& out) {
    const Word& w = word(at);
    const unsigned given = at->c;
    out.low = (given & 1) != 0 ? fp[w.x[0]] : 0;
    out.high = (given & 2) != 0 ? fp[w.x[1]] : length;
    out.max = (given & 4) != 0 ? fp[w.x[2]] : capacity;
    const auto fail = [&](const std::string& what) {
        return m.raise_runtime(t, "slice bounds out of range " + what);
    };
    const auto negative = [](std::uint64_t v) { return static_cast<std::int64_t>(v) < 0; };
    if ((given & 4) != 0) {
        if (out.max > capacity)
            return fail(negative(out.max) ? "[::" + number(out.max) + "]"
                                          : "[::" + number(out.max) + "] with " +
                                                (is_array ? "length " : "capacity ") +
                                                std::to_string(capacity));
        if (out.high > out.max)
            return fail(negative(out.high) ? "[:" + number(out.high) + ":]"
                                           : "[:" + number(out.high) + ":" + number(out.max) + "]");
        if (out.low > out.high)
            return fail(negative(out.low) ? "[" + number(out.low) + "::]"
                                          : "[" + number(out.low) + ":" + number(out.high) + ":]");
        return Flow::Next;
    }
    if (out.high > capacity)
        return fail(negative(out.high) ? "[:" + number(out.high) + "]"
                                       : "[:" + number(out.high) + "] with " +
                                             (text || is_array ? "length " : "capacity ") +
                                             std::to_string(capacity));
    if (out.low > out.high)
        return fail(negative(out.low) ? "[" + number(out.low) + ":]"
                                      : "[" + number(out.low) + ":" + number(out.high) + "]");
    return Flow::Next;
}

}  // namespace

Flow index_panic(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    switch (at->op) {
        case Opcode::SlSt8:
        case Opcode::SlSt16:
        case Opcode::SlSt32:
        case Opcode::SlSt64:
        case Opcode::SlStPtr:
        case Opcode::SlSt128:
            return index_error(m, t, fp[at->b], static_cast<std::uint32_t>(fp[at->a + 1]));
        case Opcode::ArrAddr: return index_error(m, t, fp[at->c], word(at).lo);
        case Opcode::StrIndex: return index_error(m, t, fp[at->c], fp[at->b + 1]);
        default: return index_error(m, t, fp[at->c], static_cast<std::uint32_t>(fp[at->b + 1]));
    }
}

Flow out_of_range(Machine& m, Thread& t, Slot index, Slot length) { return index_error(m, t, index, length); }

// The loop has done the rest, or found bounds that do not fit.
Flow slice_slice(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const Slice s = slice_at(fp + at->b);
    Bounds b;
    return check_bounds(m, t, at, fp, s.size, s.capacity, false, false, b);
}

Flow slice_string(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const auto length = static_cast<std::uint64_t>(string_at(fp + at->b).size);
    Bounds b;
    return check_bounds(m, t, at, fp, length, length, true, false, b);
}

Flow slice_array(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const Slot array = fp[at->b];
    if (array == 0) return m.raise_runtime(t, "invalid memory address or nil pointer dereference");
    const std::uint64_t length = word(at, 1).lo;
    const runtime::Type& elem = *m.program().types[word(at, 1).hi];
    Bounds b;
    if (const Flow f = check_bounds(m, t, at, fp, length, length, false, true, b); f != Flow::Next) return f;
    Slice out;
    out.size = static_cast<std::uint32_t>(b.high - b.low);
    out.capacity = static_cast<std::uint32_t>(b.max - b.low);
    out.data = reinterpret_cast<char*>(array) + (out.capacity == 0 ? 0 : b.low * elem.size);
    put(fp + at->a, out);
    return Flow::Next;
}

Flow make_slice(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const runtime::Type& elem = *m.program().types[word(at).lo];
    const auto length = static_cast<std::int64_t>(fp[at->b]);
    const auto capacity = static_cast<std::int64_t>(fp[at->c]);
    const std::int64_t most = elem.size == 0 ? runtime::kMaxSliceLength
                                             : std::int64_t{1} << 47;
    if (length < 0 || length > runtime::kMaxSliceLength ||
        length > most / (elem.size == 0 ? 1 : elem.size))
        return m.raise_runtime(t, "makeslice: len out of range");
    if (capacity < length || capacity > runtime::kMaxSliceLength)
        return m.raise_runtime(t, "makeslice: cap out of range");
    Slice out;
    out.size = static_cast<std::uint32_t>(length);
    out.capacity = static_cast<std::uint32_t>(capacity);
    out.data = m.heap().allocate_array(m.cache(t), elem, static_cast<std::size_t>(capacity));
    if (out.data == nullptr) return m.out_of_memory(t);
    m.charge_bytes(t, static_cast<std::size_t>(capacity) * elem.size);
    put(fp + at->a, out);
    return Flow::Next;
}

Flow slice_literal(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const Word& w = word(at);
    Slice out;
    out.size = out.capacity = w.lo;
    out.data = m.heap().allocate_array(m.cache(t), *m.program().types[w.hi], w.lo);
    if (out.data == nullptr) return m.out_of_memory(t);
    put(fp + at->a, out);
    return Flow::Next;
}

Flow append(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const Word& w = word(at);
    const runtime::Type& elem = *m.program().types[w.hi];
    Slice s = slice_at(fp + at->b);
    const std::uint64_t needed = std::uint64_t{s.size} + w.lo;
    if (needed > s.capacity || s.data == nullptr) {
        if (!runtime::grow_slice(m.heap(), m.cache(t), elem, s, static_cast<std::int64_t>(needed)))
            return needed > static_cast<std::uint64_t>(runtime::kMaxSliceLength)
                       ? m.raise_runtime(t, "growslice: len out of range")
                       : m.out_of_memory(t);
        m.charge_bytes(t, needed * elem.size);
    }
    char* to = static_cast<char*>(s.data) + std::size_t{s.size} * elem.size;
    const Slot* from = fp + at->c;
    m.heap().will_overwrite_elements(m.cache(t), elem, to, w.lo);
    if (elem.size == 8 && elem.slots == 1) {
        for (std::uint32_t i = 0; i < w.lo; ++i) store<Slot>(reinterpret_cast<Slot>(to) + i * 8, from[i]);
    } else {
        for (std::uint32_t i = 0; i < w.lo; ++i, to += elem.size, from += elem.slots)
            runtime::store_value(to, from, elem);
    }
    s.size = static_cast<std::uint32_t>(needed);
    put(fp + at->a, s);
    return Flow::Next;
}

Flow append_slice(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    Slice s = slice_at(fp + at->b);
    const Slice from = slice_at(fp + at->c);
    const runtime::Type& elem = *m.program().types[word(at).lo];
    const bool grows = std::uint64_t{s.size} + from.size > s.capacity;
    if (!runtime::append_slice(m.heap(), m.cache(t), elem, s, from)) return m.out_of_memory(t);
    m.charge_bytes(t, std::size_t{grows ? s.size : from.size} * elem.size);
    put(fp + at->a, s);
    return Flow::Next;
}

Flow append_string(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    Slice s = slice_at(fp + at->b);
    const String from = string_at(fp + at->c);
    const bool grows = s.size + static_cast<std::uint64_t>(from.size) > s.capacity;
    if (!runtime::append_string(m.heap(), m.cache(t), *m.program().types[word(at).lo], s, from))
        return m.out_of_memory(t);
    m.charge_bytes(t, grows ? s.size : static_cast<std::size_t>(from.size));
    put(fp + at->a, s);
    return Flow::Next;
}

void copy_slice(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const Slice to = slice_at(fp + at->b);
    const Slice from = slice_at(fp + at->c);
    const runtime::Type& elem = *m.program().types[word(at).lo];
    const std::int64_t count = runtime::copy_slice(m.heap(), m.cache(t), elem, to, from);
    m.charge_bytes(t, static_cast<std::size_t>(count) * elem.size);
    fp[at->a] = static_cast<Slot>(count);
}

void copy_string(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const Slice to = slice_at(fp + at->b);
    const String from = string_at(fp + at->c);
    const std::size_t count = std::min(std::size_t{to.size}, static_cast<std::size_t>(from.size));
    if (count > 0) runtime::move_elements(to.data, from.data, count, 1);
    m.charge_bytes(t, count);
    fp[at->a] = count;
}

void clear_slice(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const Slice s = slice_at(fp + at->a);
    const runtime::Type& elem = *m.program().types[word(at).lo];
    if (s.data == nullptr) return;
    m.heap().will_overwrite_elements(m.cache(t), elem, s.data, s.size);
    runtime::clear_elements(s.data, std::size_t{s.size} * elem.size, elem.align);
    m.charge_bytes(t, std::size_t{s.size} * elem.size);
}

Flow slice_to_array(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const Slice s = slice_at(fp + at->b);
    const std::uint32_t length = word(at).lo;
    if (s.size < length)
        return m.raise_runtime(t, "cannot convert slice with length " + std::to_string(s.size) +
                                      " to array or pointer to array with length " +
                                      std::to_string(length));
    fp[at->a] = reinterpret_cast<Slot>(s.data);
    return Flow::Next;
}

Flow concat(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    const String parts[2] = {string_at(fp + at->b), string_at(fp + at->c)};
    String out;
    if (!runtime::concat(m.heap(), m.cache(t), parts, out)) return m.out_of_memory(t);
    m.charge_bytes(t, static_cast<std::size_t>(out.size));
    put(fp + at->a, out);
    return Flow::Next;
}

Flow concat_many(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    // Copied out, since frame slots need not have a String's alignment.
    std::vector<String> parts(at->c);
    std::memcpy(static_cast<void*>(parts.data()), fp + at->b, parts.size() * sizeof(String));
    String out;
    if (!runtime::concat(m.heap(), m.cache(t), parts, out)) return m.out_of_memory(t);
    m.charge_bytes(t, static_cast<std::size_t>(out.size));
    put(fp + at->a, out);
    return Flow::Next;
}

void decode_rune(const Instruction* at, Slot* fp) {
    const String text = string_at(fp + at->b);
    const Slot index = fp[at->a];
    const runtime::DecodedRune r = runtime::decode_rune(text.view().substr(index));
    fp[at->c] = static_cast<Slot>(static_cast<std::int64_t>(r.rune));
    fp[word(at).hi] = index + static_cast<Slot>(r.size);
}

Flow convert_string(Machine& m, Thread& t, const Instruction* at, Slot* fp) {
    runtime::Heap& heap = m.heap();
    runtime::AllocCache& cache = m.cache(t);
    bool ok = false;
    switch (at->op) {
        case Opcode::StrToBytes:
        case Opcode::StrToRunes: {
            Slice out;
            const runtime::Type& elem = *m.program().types[at->c];
            const String text = string_at(fp + at->b);
            ok = at->op == Opcode::StrToBytes ? runtime::bytes_from_string(heap, cache, text, elem, out)
                                              : runtime::runes_from_string(heap, cache, text, elem, out);
            if (ok) put(fp + at->a, out);
            m.charge_bytes(t, static_cast<std::size_t>(text.size));
            break;
        }
        default: {
            String out;
            if (at->op == Opcode::RuneToStr)
                ok = runtime::string_from_rune(heap, cache, static_cast<std::int64_t>(fp[at->b]), out);
            else if (at->op == Opcode::BytesToStr)
                ok = runtime::string_from_bytes(heap, cache, slice_at(fp + at->b), out);
            else
                ok = runtime::string_from_runes(heap, cache, slice_at(fp + at->b), out);
            if (ok) put(fp + at->a, out);
            m.charge_bytes(t, static_cast<std::size_t>(out.size));
        }
    }
    return ok ? Flow::Next : m.out_of_memory(t);
}

}  // namespace csp::vm::slow
