#pragma once

// What the dispatch loop leaves to functions: anything long, rare, allocating or blocking. `at` is the
// instruction, `fp` its frame; the thread's pc and fp are saved.

#include <cstdint>

#include "interpreter/vm/machine.h"
#include "runtime/value/map.h"

namespace csp::vm::slow {

using bytecode::Instruction;

// slow_number.cpp
void complex_arithmetic(const Instruction* at, Slot* fp);
Slot to_int64(double x);
Slot to_uint64(double x);
int compare_strings(const Slot* a, const Slot* b);

// slow_slice.cpp
Flow index_panic(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow out_of_range(Machine&, Thread&, Slot index, Slot length);
Flow slice_slice(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow slice_string(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow slice_array(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow make_slice(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow slice_literal(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow append(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow append_slice(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow append_string(Machine&, Thread&, const Instruction* at, Slot* fp);
void copy_slice(Machine&, Thread&, const Instruction* at, Slot* fp);
void copy_string(Machine& m, Thread& t, const Instruction* at, Slot* fp);
void clear_slice(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow slice_to_array(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow concat(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow concat_many(Machine&, Thread&, const Instruction* at, Slot* fp);
void decode_rune(const Instruction* at, Slot* fp);
Flow convert_string(Machine&, Thread&, const Instruction* at, Slot* fp);

// slow_call.cpp
Flow call_native(Machine&, Thread&, const bytecode::Function& callee, std::uint32_t area);
Flow make_closure(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow go(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow go_scoped(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow defer(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow defer_outer(Machine&, Thread&, const Instruction* at, Slot* fp);

// slow_value.cpp
Flow equal_interfaces(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow equal_values(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow box(Machine&, Thread&, const Instruction* at, Slot* fp);
void unbox(const runtime::Type& type, Slot* to, Slot word);
Flow assertion_failed(Machine&, Thread&, const Instruction* at, Slot* fp);
void assert_type_ok(const runtime::Type& type, const Instruction* at, Slot* fp);
Flow assert_interface(Machine&, Thread&, const Instruction* at, Slot* fp);
void assert_interface_ok(Machine&, const Instruction* at, Slot* fp);
bool is_interface(Machine&, Slot type, const runtime::Type& interface);
void print_value(Machine&, const Instruction* at, Slot* fp);

// slow_map.cpp
runtime::MapResult map_find_word(Slot map, Slot key);
runtime::MapResult map_find_text(Slot map, const Slot* key);
Flow map_failed(Machine&, Thread&, const runtime::MapResult& result);
Flow make_map(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow map_get(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow map_get_ok(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow map_add(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow map_set(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow map_delete(Machine&, Thread&, const Instruction* at, Slot* fp);
Slot map_length(Slot map);
Flow map_clear(Machine&, Thread&, const Instruction* at, Slot* fp);
void map_iterate(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow map_next(Machine&, Thread&, const Instruction* at, Slot* fp);

// slow_sync.cpp
Flow lock(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow unlock(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow read_lock(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow read_unlock(Machine&, Thread&, const Instruction* at, Slot* fp);

// slow_chan.cpp
Flow make_chan(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow send(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow receive(Machine&, Thread&, const Instruction* at, Slot* fp);
Flow close(Machine&, Thread&, const Instruction* at, Slot* fp);
Slot chan_length(Slot channel);
Slot chan_capacity(Slot channel);
Flow select(Machine&, Thread&, const Instruction* at, Slot* fp);

}  // namespace csp::vm::slow
