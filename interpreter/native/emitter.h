#pragma once

// Translates one function. emit_*.cpp have the instructions, by kind.
//
// Registers: rbx is the frame, r12 the State, r14d the budget, r15 leads from an instruction's address to its entry in
// the tier's table; rax, rcx, rdx, xmm0 and xmm1 are scratch. The others hold copies of slots: every write goes to
// memory at once, so a copy may be dropped at any time. Where control flow meets, what all ways bring stays; the top of
// an innermost loop finds what the loop uses most, and whoever jumps there sees to that.

#include <asmjit/x86.h>

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "interpreter/bytecode/program.h"
#include "interpreter/native/registers.h"
#include "interpreter/native/state.h"

namespace csp::native {

using asmjit::Label;
using asmjit::x86::Gp;
using asmjit::x86::Mem;
using asmjit::x86::Xmm;
using bytecode::Instruction;
using bytecode::Opcode;
using bytecode::Word;

/// Addresses that all code shares.
struct Shared {
    const void* leave = nullptr;  ///< Back to the dispatch loop, with State::pc set and the Exit in eax.
};

/// Notes that the assembler has failed, for want of memory most likely: what it has made is not to be run.
struct Failures final : asmjit::ErrorHandler {
    bool any = false;
    void watch(asmjit::Error error) { any |= error != asmjit::kErrorOk; }
    void handleError(asmjit::Error error, const char*, asmjit::BaseEmitter*) override { watch(error); }
};

class Emitter {
  public:
    Emitter(asmjit::CodeHolder& code, const bytecode::Program& program, const bytecode::Function& function,
            const Environment& environment, const Shared& shared);

    /// Emits everything; false: the assembler has failed.
    bool run();
    /// Where native code can be entered: instruction and offset in the code. After run().
    std::vector<std::pair<std::uint32_t, std::size_t>> entries() const;

  private:
    void instruction();
    bool emit_move();    // emit_number.cpp
    bool emit_number();
    bool emit_float();
    bool emit_fused_number();
    bool emit_jump();    // emit_jump.cpp
    bool emit_fused_jump();
    bool emit_memory();  // emit_memory.cpp
    bool emit_element();
    bool emit_fused_memory();
    bool emit_call();    // emit_call.cpp
    bool emit_slow();
    bool emit_sync();    // emit_sync.cpp
    void lock_mutex();
    void unlock_mutex();
    void count_reader(std::int32_t change);
    void put_narrow(std::uint32_t index, bool is_signed);  ///< eax becomes a slot's value.
    bool emit_closure();
    void search_map(const void* function, bool text, bool tell);
    void slow_call();    ///< Calls the slow path; nothing is known of any slot afterwards.
    void leave_frame();  ///< Returns.
    /// The guards and the header of a call of the bytecode::Function in rax: leaves its code in rax and its frame in rdx.
    void call_dynamic();

    // ---- the instruction that is being translated ----
    const Instruction& at() const { return function_.instructions[here_]; }
    std::uint32_t a() const { return at().a; }
    std::uint32_t b() const { return at().b; }
    std::uint32_t c() const { return at().c; }
    std::int32_t sb() const { return at().sb(); }
    std::int32_t sc() const { return at().sc(); }
    Word word(std::uint32_t i = 0) const;
    std::uint32_t x(std::uint32_t i) const { return word().x[i]; }
    const Instruction* address(std::uint32_t index) const { return function_.code + index; }
    std::uint32_t next() const { return next_; }

    // ---- slots ----
    Mem slot(std::uint32_t index) const { return asmjit::x86::qword_ptr(asmjit::x86::rbx, static_cast<std::int32_t>(index * 8)); }
    Gp get(std::uint32_t index);   ///< A register that holds the slot; not to be changed.
    Xmm getd(std::uint32_t index); ///< The same for a float64.
    bool has(std::uint32_t index) const;  ///< A general register holds the slot.
    Gp fresh();                    ///< A register for something new.
    Xmm freshd();
    Xmm fresh_pair();
    Xmm get_pair(std::uint32_t index);  ///< In a register that is free to be read until the next get_pair().
    void put(std::uint32_t index, const Gp& value);
    void put(std::uint32_t index, const Xmm& value);
    void note(std::uint32_t index, const Gp& value);  ///< The register holds what has been stored there.
    /// Both halves of a pair in one store: a 16-byte load cannot be forwarded from two of 8.
    void put_pair(std::uint32_t index, const Gp& first, const Gp& second);
    void put_constant(std::uint32_t index, std::int64_t value);
    /// Memory of the slots has been, or will be, changed by other means.
    void forget(std::uint32_t index, std::uint32_t count = 1);
    void forget_all();
    void copy_pair_in(std::uint32_t to, const Mem& from);  ///< 16 bytes of memory, indivisibly.

    // ---- ways out ----
    Label interpret();                  ///< The interpreter goes on at this instruction.
    void jump(std::uint32_t target);
    void jump_if(asmjit::x86::CondCode condition, std::uint32_t target, bool back);
    void compare_texts(std::uint32_t left, std::uint32_t right);  ///< al = 1 when two strings are equal; a call.
    void back_edge(std::uint32_t target);  ///< Jumps back, counting the budget.
    Label label_of(std::uint32_t index);
    void arrive(std::uint32_t target);   ///< A jump ahead is about to be emitted, not to the top of a loop.
    const std::vector<Kept>& expected(std::uint32_t top);
    void establish(const std::vector<Kept>& kept);
    void begin_block();

    // ---- memory ----
    Gp pointer(std::uint32_t index);    ///< Not nil, or the interpreter panics.
    /// The address of element `index` of the slice at `slice`, elements of `size` bytes; checks the bounds.
    Mem element(std::uint32_t slice, std::uint32_t index, std::uint32_t size, std::uint32_t offset = 0);
    Mem element_of(const Gp& data, const Gp& index, std::uint32_t size, std::uint32_t offset);
    /// The same in a slice of slices, at `slice`.
    Mem nested_element(std::uint32_t slice, std::uint32_t outer, std::uint32_t inner, std::uint32_t size);
    Mem array_element(std::uint32_t array, std::uint32_t index, std::uint32_t length, std::uint32_t size);
    void load_as(std::uint32_t to, char kind, std::uint32_t bytes, const Mem& from);
    void store_as(std::uint32_t bytes, const Mem& to, std::uint32_t from);
    void unless_marking();              ///< The interpreter does the store while the collector marks.

    // ---- arithmetic ----
    enum class Number : std::uint8_t { Add, Sub, Rsub, Mul };
    void integers(Number op, std::uint32_t to, std::uint32_t left, const Mem& right);
    void floats(Number op, std::uint32_t to, std::uint32_t left, const Mem& right);
    void integer(asmjit::x86::Inst::Id op, std::uint32_t to, std::uint32_t left, std::uint32_t right);
    void integer_constant(asmjit::x86::Inst::Id op, std::uint32_t to, std::uint32_t left, std::int32_t right);
    void floating(asmjit::x86::Inst::Id op, std::uint32_t to, std::uint32_t left, std::uint32_t right);
    void divide(std::uint32_t to, std::uint32_t left, std::uint32_t right, bool is_signed, bool remainder);
    void divide_constant(std::uint32_t to, std::uint32_t left, std::int32_t right, bool remainder);
    void shift(asmjit::x86::Inst::Id op, std::uint32_t to, std::uint32_t left, std::uint32_t right);
    void set_if(asmjit::x86::CondCode condition, std::uint32_t to);

    struct Stub {
        Label label;
        const Instruction* pc;
        Exit exit;
    };
    Label stub(std::uint32_t index, Exit exit);
    Label stub_at(const Instruction* pc, Exit exit);

    /// Whatever the assembler cannot encode makes the whole function stay interpreted.
    asmjit::CodeHolder& code_;
    Failures failures_;
    asmjit::x86::Assembler as_;
    const bytecode::Program& program_;
    const bytecode::Function& function_;
    const Environment& environment_;
    const Shared shared_;
    std::uint32_t here_ = 0;  ///< The instruction that is being translated, …
    std::uint32_t next_ = 0;  ///< … and the one behind it.
    bool enter_next_ = false;  ///< The interpreter may come back behind this instruction.
    std::vector<bool> leaders_;  ///< Jumps go there.
    std::vector<Label> labels_;  ///< Of leaders, where one has been asked for.
    std::vector<std::pair<std::uint32_t, Label>> entered_;  ///< Where the interpreter may enter.
    std::vector<Stub> stubs_;    ///< Ways out, behind the code.
    std::vector<std::pair<Label, std::vector<Label>>> tables_;  ///< For JmpTable.
    Copies now_;
    bool reached_ = true;  ///< From the instruction before.
    std::map<std::uint32_t, Copies> arriving_;            ///< What jumps ahead bring with them, by where they go.
    std::map<std::uint32_t, std::uint32_t> loops_;        ///< Where loops begin, and end.
    std::map<std::uint32_t, std::vector<Kept>> expected_; ///< What the tops of loops are to find in registers.
    std::vector<std::pair<Label, std::uint32_t>> loop_entries_;  ///< From the interpreter to the top of a loop.
    std::uint64_t clock_ = 0;       ///< Counts instructions: what one has used is not evicted by it.
    std::uint64_t pair_clock_ = 0;
    Label own_entry_;               ///< For calls of itself.
};

}  // namespace csp::native
