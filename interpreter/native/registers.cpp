#include "interpreter/native/registers.h"

namespace csp::native {

using namespace asmjit::x86;

Copies::Copies() {
    const Gp regs[] = {rsi, rdi, r8, r9, r10, r11, r13, rbp};
    for (std::size_t i = 0; i < gps.size(); ++i) gps[i].reg = regs[i];
    for (std::size_t i = 0; i < xmms.size(); ++i) xmms[i].reg = xmm(static_cast<std::uint32_t>(i + 2));
    for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i].reg = xmm(static_cast<std::uint32_t>(i + 2 + xmms.size()));
}

void Copies::forget(std::uint32_t slot, std::uint32_t count) {
    const auto in = [&](std::uint32_t other) { return other != kNoCopy && other >= slot && other - slot < count; };
    for (GpCopy& copy : gps)
        for (std::uint32_t& held : copy.slots)
            if (in(held)) held = kNoCopy;
    for (XmmCopy& copy : xmms)
        if (in(copy.slot)) copy.slot = kNoCopy;
    for (XmmCopy& copy : pairs)
        if (copy.slot != kNoCopy && (in(copy.slot) || in(copy.slot + 1))) copy.slot = kNoCopy;
}

void Copies::forget_all() {
    for (GpCopy& copy : gps) copy.slots = {kNoCopy, kNoCopy};
    for (XmmCopy& copy : xmms) copy.slot = kNoCopy;
    for (XmmCopy& copy : pairs) copy.slot = kNoCopy;
}

void Copies::keep_common(const Copies& other) {
    for (std::size_t i = 0; i < gps.size(); ++i) {
        for (std::uint32_t& slot : gps[i].slots)
            if (slot != kNoCopy && !other.gps[i].holds(slot)) slot = kNoCopy;
        gps[i].checked = gps[i].checked && other.gps[i].checked;
    }
    for (std::size_t i = 0; i < xmms.size(); ++i)
        if (xmms[i].slot != other.xmms[i].slot) xmms[i].slot = kNoCopy;
    for (std::size_t i = 0; i < pairs.size(); ++i)
        if (pairs[i].slot != other.pairs[i].slot) pairs[i].slot = kNoCopy;
}

}  // namespace csp::native
