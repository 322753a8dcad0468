#pragma once

// Memory for machine code: never writable and executable through the same address.

#include <asmjit/x86.h>

namespace csp::native {

class CodeMemory {
  public:
    CodeMemory() : runtime_(parameters()) {}

    const asmjit::Environment& environment() const { return runtime_.environment(); }
    /// Places finished code; null when the system refuses.
    const char* add(asmjit::CodeHolder& code) {
        void* placed = nullptr;
        return runtime_.add(&placed, &code) == asmjit::kErrorOk ? static_cast<const char*>(placed) : nullptr;
    }

  private:
    static const asmjit::JitAllocator::CreateParams* parameters() {
        static const asmjit::JitAllocator::CreateParams dual = [] {
            asmjit::JitAllocator::CreateParams p{};
            p.options = asmjit::JitAllocatorOptions::kUseDualMapping;
            return p;
        }();
        return &dual;
    }
    asmjit::JitRuntime runtime_;
};

}  // namespace csp::native
