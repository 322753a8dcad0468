#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <limits>
#include <utility>
#include <vector>

#include "runtime/fiber/fiber.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(CSP_THREAD_SANITIZER)
#include <sanitizer/tsan_interface.h>
#endif

namespace csp::runtime {

namespace context = boost::context;

struct Fiber::State {
    context::fiber continuation;
    Fiber* arriving_from = nullptr;  ///< Whose continuation the switch that wakes us hands over.
    Entry entry = nullptr;
    const void* stack_bottom = nullptr;  ///< Of the stack it is on at the moment.
    std::size_t stack_size = 0;
    const char* suspended_at = nullptr;  ///< Stack pointer, or below it, where it was left.
    /// Stacks it was on when it went to a further one: from where to where they are in use.
    std::vector<std::pair<const char*, const char*>> outer;

    const char* bottom() const { return static_cast<const char*>(stack_bottom); }
    /// Of a thread's own stack it is not known: above everything.
    const char* top() const {
        return stack_size > 0 ? bottom() + stack_size : reinterpret_cast<const char*>(std::numeric_limits<std::uintptr_t>::max());
    }
    /// Notes that the stack is left in the frame of the caller. What the switch itself pushes lies below.
    __attribute__((always_inline)) const char* here() const {
        constexpr std::ptrdiff_t kSwitchFrames = 2048;
        const auto* frame = static_cast<const char*>(__builtin_frame_address(0));
        return stack_bottom == nullptr ? frame : std::max(bottom(), frame - kSwitchFrames);
    }
#if defined(__SANITIZE_ADDRESS__)
    void* fake_stack = nullptr;
#endif
#if defined(CSP_THREAD_SANITIZER)
    void* tsan = nullptr;
    bool owns_tsan = false;
#endif
};

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kFrameScale = 4;  ///< Instrumented frames are larger.
#else
constexpr std::size_t kFrameScale = 1;
#endif

/// Remembers where the stack of a fiber lies.
class RecordingStack {
  public:
    RecordingStack(std::size_t size, const void** bottom, std::size_t* used)
        : inner_(size), bottom_(bottom), used_(used) {}
    context::stack_context allocate() {
        context::stack_context made = inner_.allocate();
        *bottom_ = static_cast<char*>(made.sp) - made.size;
        *used_ = made.size;
        return made;
    }
    void deallocate(context::stack_context& stack) { inner_.deallocate(stack); }

  private:
    context::fixedsize_stack inner_;
    const void** bottom_;
    std::size_t* used_;
};

}  // namespace

Fiber::Fiber() : state_(std::make_unique<State>()) {}

void Fiber::adopt_thread() {
#if defined(CSP_THREAD_SANITIZER)
    state_->tsan = __tsan_get_current_fiber();
#endif
}

Fiber::Fiber(std::size_t stack_bytes, Entry entry) : state_(std::make_unique<State>()) {
    state_->entry = entry;
#if defined(CSP_THREAD_SANITIZER)
    state_->tsan = __tsan_create_fiber(0);
    state_->owns_tsan = true;
#endif
    auto body = [this](context::fiber&& from) {
        State& self = *state_;
#if defined(__SANITIZE_ADDRESS__)
        State& other = *self.arriving_from->state_;
        __sanitizer_finish_switch_fiber(nullptr, &other.stack_bottom, &other.stack_size);
#endif
        self.arriving_from->state_->continuation = std::move(from);
        self.entry(*this);
        Fiber& back = *home;
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_start_switch_fiber(nullptr, back.state_->stack_bottom, back.state_->stack_size);
#endif
#if defined(CSP_THREAD_SANITIZER)
        __tsan_switch_to_fiber(back.state_->tsan, 0);
#endif
        back.state_->arriving_from = nullptr;
        return std::move(back.state_->continuation);
    };
    state_->continuation = context::fiber(
        std::allocator_arg, RecordingStack(stack_bytes * kFrameScale, &state_->stack_bottom, &state_->stack_size),
        std::move(body));
}

Fiber::~Fiber() {
#if defined(CSP_THREAD_SANITIZER)
    if (state_->owns_tsan) __tsan_destroy_fiber(state_->tsan);
#endif
}

void Fiber::switch_from(Fiber& from) {
    from.state_->suspended_at = from.state_->here();
    state_->arriving_from = &from;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&from.state_->fake_stack, state_->stack_bottom, state_->stack_size);
#endif
#if defined(CSP_THREAD_SANITIZER)
    __tsan_switch_to_fiber(state_->tsan, 0);
#endif
    context::fiber came = std::move(state_->continuation).resume();
    // Back on `from`'s stack: `came` is the one that switched here (empty when it has ended).
    State& self = *from.state_;
#if defined(__SANITIZE_ADDRESS__)
    const void* bottom = nullptr;
    std::size_t size = 0;
    __sanitizer_finish_switch_fiber(self.fake_stack, &bottom, &size);
    if (self.arriving_from != nullptr) {
        self.arriving_from->state_->stack_bottom = bottom;
        self.arriving_from->state_->stack_size = size;
    }
#endif
    if (self.arriving_from != nullptr) self.arriving_from->state_->continuation = std::move(came);
}

std::size_t Fiber::stack_left() const {
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    return (here - reinterpret_cast<std::uintptr_t>(state_->stack_bottom)) / kFrameScale;
}

void Fiber::run_on_further_stack(std::size_t stack_bytes, void (*work)(void*), void* argument) {
    State& self = *state_;
    const void* const outer_bottom = self.stack_bottom;
    const std::size_t outer_size = self.stack_size;
    const void* bottom = nullptr;
    std::size_t size = 0;
#if defined(CSP_THREAD_SANITIZER)
    void* const outer_tsan = std::exchange(self.tsan, __tsan_create_fiber(0));
#endif
    std::exception_ptr thrown;
    context::fiber inner(std::allocator_arg, RecordingStack(stack_bytes * kFrameScale, &bottom, &size),
                         [&](context::fiber&& outer) {
#if defined(__SANITIZE_ADDRESS__)
                             __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
                             try {
                                 work(argument);
                             } catch (const context::detail::forced_unwind&) {
                                 throw;
                             } catch (...) {
                                 thrown = std::current_exception();
                             }
#if defined(__SANITIZE_ADDRESS__)
                             __sanitizer_start_switch_fiber(nullptr, outer_bottom, outer_size);
#endif
#if defined(CSP_THREAD_SANITIZER)
                             __tsan_switch_to_fiber(outer_tsan, 0);
#endif
                             return std::move(outer);
                         });
    self.outer.emplace_back(self.here(), self.top());
    self.stack_bottom = bottom;
    self.stack_size = size;
#if defined(__SANITIZE_ADDRESS__)
    void* fake_stack = nullptr;
    __sanitizer_start_switch_fiber(&fake_stack, bottom, size);
#endif
#if defined(CSP_THREAD_SANITIZER)
    __tsan_switch_to_fiber(self.tsan, 0);
#endif
    inner = std::move(inner).resume();
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
#if defined(CSP_THREAD_SANITIZER)
    __tsan_destroy_fiber(std::exchange(self.tsan, outer_tsan));
#endif
    self.stack_bottom = outer_bottom;
    self.stack_size = outer_size;
    self.outer.pop_back();
    if (thrown != nullptr) std::rethrow_exception(thrown);
}

void Fiber::visit_stacks(StackVisitor visit, void* argument) const {
    visit(argument, state_->suspended_at, state_->top());
    for (const auto& [begin, end] : state_->outer) visit(argument, begin, end);
}

void Fiber::visit_own_stacks(StackVisitor visit, void* argument) const {
    // The registers that a callee has to preserve may hold what callers have nowhere else.
    void* registers[6];
    const char* stack_pointer;
    __asm__ __volatile__(
        "movq %%rbx, 0(%1)\n\tmovq %%rbp, 8(%1)\n\tmovq %%r12, 16(%1)\n\t"
        "movq %%r13, 24(%1)\n\tmovq %%r14, 32(%1)\n\tmovq %%r15, 40(%1)\n\tmovq %%rsp, %0"
        : "=&r"(stack_pointer)
        : "r"(registers)
        : "memory");
    visit(argument, stack_pointer, state_->top());
    for (const auto& [begin, end] : state_->outer) visit(argument, begin, end);
}

}  // namespace csp::runtime
