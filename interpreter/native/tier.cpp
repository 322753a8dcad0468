#include "interpreter/native/tier.h"

#include <new>

#include "interpreter/native/code_memory.h"
#include "interpreter/native/emitter.h"

namespace csp::native {

using namespace asmjit::x86;

namespace {

/// How often the interpreter has to be found in a function: each time stands for as many back-edges and calls as a
/// budget has.
constexpr std::uint32_t kHot = 2;
/// Translating a larger function would keep a worker from its safepoint for longer than a collection may wait.
constexpr std::size_t kMostInstructions = 8000;

}  // namespace

Tier::Tier(const bytecode::Program& program, const Environment& environment, Mode mode)
    : program_(program),
      environment_(environment),
      mode_(mode),
      heat_(std::make_unique<std::atomic<std::uint32_t>[]>(program.functions.size())) {
    if (mode != Mode::Always || !prepare()) return;
    for (const bytecode::Function& function : program.functions)
        if (!function.instructions.empty()) translate(function);
}

Tier::~Tier() = default;

bool Tier::met(const bytecode::Function& function) {
    if (mode_ == Mode::Always) return false;
    for (const bytecode::Function* trampoline : {&program_.root, &program_.deferred, &program_.panicking})
        if (&function == trampoline) return false;
    // Counted no further than it matters.
    std::atomic<std::uint32_t>& heat = heat_[function.index];
    if (heat.load(std::memory_order_relaxed) >= kHot || heat.fetch_add(1, std::memory_order_relaxed) + 1 != kHot) return false;
    const std::lock_guard lock(mutex_);
    try {
        return !refused_ && prepare() && translate(function);
    } catch (const std::bad_alloc&) {
        return false;  // it can be interpreted
    }
}

/// The code that all share, and the table.
bool Tier::prepare() {
    if (table_.load(std::memory_order_relaxed) != nullptr) return true;
    auto memory = std::make_unique<CodeMemory>();
    asmjit::CodeHolder code;
    Failures failures;
    failures.watch(code.init(memory->environment()));
    Assembler as(&code);
    as.setErrorHandler(&failures);
    const asmjit::Label leave = as.newLabel();
    const asmjit::Label missing = as.newLabel();
    const std::size_t size = program_.code.size();
    entries_ = std::make_unique<const void*[]>(size);
    const auto table_from_code = reinterpret_cast<std::uintptr_t>(entries_.get()) - reinterpret_cast<std::uintptr_t>(program_.code.data());
    const Gp saved[] = {rbx, rbp, r12, r13, r14, r15};
    for (const Gp& reg : saved) as.push(reg);
    as.sub(rsp, 8);
    as.mov(r12, rdi);
    as.mov(rbx, qword_ptr(r12, offsetof(State, fp)));
    as.mov(r14, qword_ptr(r12, offsetof(State, budget)));
    as.mov(r15, static_cast<std::uint64_t>(table_from_code));
    as.jmp(rsi);
    as.bind(missing);
    as.mov(qword_ptr(r12, offsetof(State, pc)), rax);
    as.mov(eax, static_cast<std::uint32_t>(Exit::NotNative));
    as.bind(leave);
    as.mov(dword_ptr(r12, offsetof(State, exit)), eax);
    as.mov(qword_ptr(r12, offsetof(State, fp)), rbx);
    as.mov(qword_ptr(r12, offsetof(State, budget)), r14);
    as.add(rsp, 8);
    for (std::size_t i = std::size(saved); i-- > 0;) as.pop(saved[i]);
    as.ret();
    const char* const placed = failures.any ? nullptr : memory->add(code);
    if (placed == nullptr) {
        refused_ = true;
        return false;
    }
    enter_ = reinterpret_cast<void (*)(State*, const void*)>(reinterpret_cast<std::uintptr_t>(placed));
    missing_ = placed + code.labelOffset(missing);
    leave_ = placed + code.labelOffset(leave);
    for (std::size_t i = 0; i < size; ++i) entries_[i] = missing_;
    memory_ = std::move(memory);
    table_.store(entries_.get(), std::memory_order_release);
    return true;
}

bool Tier::translate(const bytecode::Function& function) {
    if (function.instructions.size() > kMostInstructions) return false;
    asmjit::CodeHolder code;
    if (code.init(memory_->environment()) != asmjit::kErrorOk) return false;
    Emitter emitter(code, program_, function, environment_, {leave_});
    if (!emitter.run()) return false;
    const char* const placed = memory_->add(code);
    if (placed == nullptr) return false;
    const std::size_t first = static_cast<std::size_t>(function.code - program_.code.data());
    for (const auto& [instruction, offset] : emitter.entries())
        __atomic_store_n(&entries_[first + instruction], static_cast<const void*>(placed + offset), __ATOMIC_RELEASE);
    if (environment_.translated) environment_.translated(function);
    return true;
}

}  // namespace csp::native
