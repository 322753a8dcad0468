#pragma once

// What the compiler makes and the VM runs: functions, constants, types, the layout of globals.
// Immutable once made; engines share it.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/bytecode/instruction.h"
#include "interpreter/source/source.h"
#include "runtime/type/type.h"
#include "runtime/type/value.h"

namespace csp {
struct NativeEntry;
}
namespace csp::runtime {
class TypeTable;
}

namespace csp::bytecode {

struct Function;

/// The source position from an instruction on (until the next entry's).
struct LineEntry {
    std::uint32_t instruction;
    source::Pos pos;
    std::uint32_t inlined = 0;  ///< The call it was inlined for: index into Function::inlined plus one; 0: none.
    std::uint32_t sync_block = 0;  ///< The innermost sync block it is in: index into Function::sync_blocks plus one; 0: none.
};

/// A call that the called function's code stands in for. Traces show it as a frame.
struct InlinedCall {
    const Function* callee;
    source::Pos pos;           ///< Of the call.
    std::uint32_t outer = 0;   ///< The call it was itself inlined for, as LineEntry::inlined.
};

/// A sync block, as far as a panic or Goexit needs it that leaves the block: a method to be called. Every other way out
/// is code.
struct SyncBlock {
    std::uint32_t slot;                ///< Of what it is called on. Nothing writes the slot while the block runs.
    const Function* leave = nullptr;   ///< The method; null: the one with id `method` of the interface in the slot.
    std::uint32_t method = 0;
    std::uint32_t outer = 0;           ///< The block around it, as LineEntry::sync_block.

    std::uint32_t slots() const { return leave != nullptr ? 1 : 2; }
};

struct Function {
    const Instruction* code = nullptr;  ///< What runs: linked, in Program::code. Null for a native.
    std::uint32_t frame_slots = 0;      ///< Slots from its frame's start that it may touch.
    std::uint16_t result_slots = 0;
    std::uint16_t param_slots = 0;      ///< Receiver included.
    const NativeEntry* native = nullptr;
    const runtime::Type* type = nullptr;  ///< Natives: the func type, without receiver.
    std::uint32_t index = 0;
    std::uint32_t recover_at = 0;  ///< Instruction to go on at after a recovered panic; 0: none.
    bool has_defers = false;
    bool is_wrapper = false;       ///< Made by the compiler: hidden in traces, transparent to recover.
    std::string name;              ///< "main.(*T).Method", "main.main.func1".
    source::Pos pos;
    std::vector<Instruction> instructions;  ///< As compiled; `code` has as many.
    const Function* shares = nullptr;  ///< Whose code this uses, having none of its own; see fold.h.
    std::vector<LineEntry> lines;
    std::vector<InlinedCall> inlined;
    std::vector<SyncBlock> sync_blocks;
    std::vector<std::uint64_t> pointer_slots;  ///< Bit set: the frame slot may hold a heap pointer.
    /// A function value without captured variables; its address is the value.
    struct {
        const void* function = nullptr;
    } static_closure;

    source::Pos pos_at(std::uint32_t instruction) const;
    /// The call that the instruction was inlined for, as LineEntry::inlined.
    std::uint32_t inlined_at(std::uint32_t instruction) const;
    /// The innermost sync block that the instruction is in, as LineEntry::sync_block.
    std::uint32_t sync_block_at(std::uint32_t instruction) const;
};

/// One package-level variable, for the collector and for debuggers.
struct Global {
    std::string name;
    const runtime::Type* type;
    std::uint32_t offset;
};

struct Program {
    std::deque<Function> functions;
    std::vector<const Function*> by_index;
    std::vector<std::uint64_t> constants;
    std::vector<const runtime::Type*> types;  ///< By the index that instructions use.
    std::deque<std::string> texts;            ///< Owns the bytes of string constants.
    std::vector<Global> globals;
    std::uint32_t globals_size = 0;           ///< Bytes.
    std::vector<Instruction> code;            ///< Of all functions, one behind the other, linked: see link.h.
    std::vector<bool> in_sync_block;          ///< By place in `code`; empty: nothing is. Made by link().
    Function root;       ///< Trampolines, made by link(): what a goroutine begins in, …
    Function deferred;   ///< … a deferred call, …
    Function panicking;  ///< … and one that a panic makes.
    const Function* initialize = nullptr;     ///< Initialises all packages, in order.
    const Function* entry = nullptr;          ///< initialize, then main.
    source::SourceSet* sources = nullptr;
    runtime::TypeTable* type_table = nullptr;  ///< Where reflection makes types that the program does not mention.

    // Types the VM itself makes values of.
    const runtime::Type* runtime_error = nullptr;   ///< runtime.errorString: a string kind.
    const runtime::Type* bounds_error = nullptr;    ///< runtime.boundsError: a string kind.
    const runtime::Type* plain_error = nullptr;     ///< runtime.plainError: no "runtime error: " prefix.
    const runtime::Type* assertion_error = nullptr; ///< runtime.TypeAssertionError.
    const runtime::Type* native_error = nullptr;    ///< *runtime.nativeError: errors made by natives.
    const runtime::Type* nil_panic_error = nullptr; ///< *runtime.PanicNilError.
    const runtime::Type* string_type = nullptr;
};

}  // namespace csp::bytecode
