// Calls of natives that are an instruction each.

#include <string_view>
#include <unordered_map>

#include "interpreter/optimize/passes.h"

namespace csp::optimize {

namespace {

/// Where the instruction has its operands, in the call's frame: results first, then parameters.
enum class Form : std::uint8_t {
    Result1,  ///< r = op(p)
    Result2,  ///< r = op(p, q)
    Result3,  ///< r = op(p, q, s), the last in an extension word
    None1,    ///< op(p)
    None2,    ///< op(p, q)
};

struct Intrinsic {
    Opcode op;
    Form form;
};

using Table = std::unordered_map<std::string_view, Intrinsic>;

const Table& intrinsics() {
    static const Table table = {
        {"math.Sqrt", {Opcode::SqrtF64, Form::Result1}},
        {"math.Abs", {Opcode::AbsF64, Form::Result1}},
        {"math.Floor", {Opcode::FloorF64, Form::Result1}},
        {"math.Ceil", {Opcode::CeilF64, Form::Result1}},
        {"math.Float64bits", {Opcode::Mov, Form::Result1}},
        {"math.Float64frombits", {Opcode::Mov, Form::Result1}},
        {"sync.(*Mutex).Lock", {Opcode::MutexLock, Form::None1}},
        {"sync.(*Mutex).Unlock", {Opcode::MutexUnlock, Form::None1}},
        {"sync.(*RWMutex).RLock", {Opcode::ReadLock, Form::None1}},
        {"sync.(*RWMutex).RUnlock", {Opcode::ReadUnlock, Form::None1}},
        {"sync/atomic.LoadInt32", {Opcode::AtomicLd32S, Form::Result1}},
        {"sync/atomic.LoadUint32", {Opcode::AtomicLd32U, Form::Result1}},
        {"sync/atomic.LoadInt64", {Opcode::AtomicLd64, Form::Result1}},
        {"sync/atomic.LoadUint64", {Opcode::AtomicLd64, Form::Result1}},
        {"sync/atomic.LoadUintptr", {Opcode::AtomicLd64, Form::Result1}},
        {"sync/atomic.(*Pointer).Load", {Opcode::AtomicLd64, Form::Result1}},
        {"sync/atomic.StoreInt32", {Opcode::AtomicSt32, Form::None2}},
        {"sync/atomic.StoreUint32", {Opcode::AtomicSt32, Form::None2}},
        {"sync/atomic.StoreInt64", {Opcode::AtomicSt64, Form::None2}},
        {"sync/atomic.StoreUint64", {Opcode::AtomicSt64, Form::None2}},
        {"sync/atomic.StoreUintptr", {Opcode::AtomicSt64, Form::None2}},
        {"sync/atomic.AddInt32", {Opcode::AtomicAdd32S, Form::Result2}},
        {"sync/atomic.AddUint32", {Opcode::AtomicAdd32U, Form::Result2}},
        {"sync/atomic.AddInt64", {Opcode::AtomicAdd64, Form::Result2}},
        {"sync/atomic.AddUint64", {Opcode::AtomicAdd64, Form::Result2}},
        {"sync/atomic.AddUintptr", {Opcode::AtomicAdd64, Form::Result2}},
        {"sync/atomic.SwapInt32", {Opcode::AtomicSwap32S, Form::Result2}},
        {"sync/atomic.SwapUint32", {Opcode::AtomicSwap32U, Form::Result2}},
        {"sync/atomic.SwapInt64", {Opcode::AtomicSwap64, Form::Result2}},
        {"sync/atomic.SwapUint64", {Opcode::AtomicSwap64, Form::Result2}},
        {"sync/atomic.SwapUintptr", {Opcode::AtomicSwap64, Form::Result2}},
        {"sync/atomic.CompareAndSwapInt32", {Opcode::AtomicCas32, Form::Result3}},
        {"sync/atomic.CompareAndSwapUint32", {Opcode::AtomicCas32, Form::Result3}},
        {"sync/atomic.CompareAndSwapInt64", {Opcode::AtomicCas64, Form::Result3}},
        {"sync/atomic.CompareAndSwapUint64", {Opcode::AtomicCas64, Form::Result3}},
        {"sync/atomic.CompareAndSwapUintptr", {Opcode::AtomicCas64, Form::Result3}},
    };
    return table;
}

}  // namespace

bool use_intrinsics(Graph& graph) {
    bool changed = false;
    for (Node& node : graph.nodes) {
        if (node.at.op != Opcode::CallNative) continue;
        const std::string_view name = graph.program.by_index[node.at.uimm]->name;
        const auto known = intrinsics().find(name.substr(0, name.find('[')));
        if (known == intrinsics().end()) continue;
        const auto [op, form] = known->second;
        const auto at = [area = node.at.a](unsigned k) { return static_cast<std::uint16_t>(area + k); };
        switch (form) {
            case Form::Result1: node.at = Instruction(op, at(0), at(1), 0); break;
            case Form::Result2: node.at = Instruction(op, at(0), at(1), at(2)); break;
            case Form::Result3: {
                node.at = Instruction(op, at(0), at(1), at(2));
                Word last{};
                last.x[0] = at(3);
                graph.add_word(node, last);
                break;
            }
            case Form::None1: node.at = Instruction(op, at(0), 0, 0); break;
            case Form::None2: node.at = Instruction(op, at(0), at(1), 0); break;
        }
        changed = true;
    }
    return changed;
}

}  // namespace csp::optimize
