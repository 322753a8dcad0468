#include "interpreter/native/emitter.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "interpreter/bytecode/effects.h"
#include "interpreter/native/loop.h"

namespace csp::native {

using namespace asmjit::x86;

Emitter::Emitter(asmjit::CodeHolder& code, const bytecode::Program& program, const bytecode::Function& function,
                 const Environment& environment, const Shared& shared)
    : code_(code),
      as_(&code),
      program_(program),
      function_(function),
      environment_(environment),
      shared_(shared),
      leaders_(function.instructions.size() + 1),
      labels_(function.instructions.size() + 1) {
    as_.setErrorHandler(&failures_);
}

Word Emitter::word(std::uint32_t i) const {
    Word word;
    std::memcpy(&word, &function_.instructions[here_ + 1 + i], sizeof word);
    return word;
}

// ---- the function ----

namespace {

std::size_t length_of(const Instruction& at) { return std::size_t{1} + bytecode::extension_words(at); }

/// Calls f(target) for where the instruction at `index` may jump to.
template <class F>
void each_target(const bytecode::Function& function, std::size_t index, F f) {
    const Instruction& at = function.instructions[index];
    const auto word = [&](std::size_t i) {
        Word w;
        std::memcpy(&w, &function.instructions[index + 1 + i], sizeof w);
        return w;
    };
    const auto end = static_cast<std::int64_t>(index + length_of(at));
    switch (bytecode::jump_kind(at.op)) {
        case bytecode::JumpKind::None: break;
        case bytecode::JumpKind::Short: f(static_cast<std::int64_t>(index) + 1 + at.sc()); break;
        case bytecode::JumpKind::Wide: f(static_cast<std::int64_t>(index) + 1 + at.imm); break;
        case bytecode::JumpKind::Word: f(end + word(0).slo); break;
        case bytecode::JumpKind::Table:
            for (std::size_t i = 0; i < at.uimm; ++i) f(end + word(i).slo);
            break;
    }
}

}  // namespace

bool Emitter::run() {
    const auto size = static_cast<std::uint32_t>(function_.instructions.size());
    leaders_[0] = true;
    for (std::uint32_t i = 0; i < size; i += static_cast<std::uint32_t>(length_of(function_.instructions[i])))
        each_target(function_, i, [&](std::int64_t to) {
            const auto target = static_cast<std::uint32_t>(to);
            leaders_[target] = true;
            // A table's jumps bring nothing to the top of a loop.
            if (function_.instructions[i].op == Opcode::JmpTable) expected_[target] = {};
            if (target <= i) loops_[target] = std::max(loops_[target], i + static_cast<std::uint32_t>(length_of(function_.instructions[i])));
        });
    if (function_.recover_at != 0) leaders_[function_.recover_at] = true;
    for (here_ = 0; here_ < size; here_ = next_) {
        next_ = here_ + static_cast<std::uint32_t>(length_of(at()));
        ++clock_;
        if (leaders_[here_] || enter_next_) begin_block();
        enter_next_ = false;
        instruction();
    }
    // A function ends with a return, a jump or a panic, so all of this is reached by jumps only.
    for (const auto& [label, top] : loop_entries_) {
        as_.bind(label);
        now_.forget_all();
        establish(expected(top));
        as_.jmp(label_of(top));
    }
    for (const Stub& stub : stubs_) {
        as_.bind(stub.label);
        as_.mov(rax, reinterpret_cast<std::uint64_t>(stub.pc));
        as_.mov(qword_ptr(r12, offsetof(State, pc)), rax);
        as_.mov(eax, static_cast<std::uint32_t>(stub.exit));
        as_.jmp(reinterpret_cast<std::uint64_t>(shared_.leave));
    }
    for (const auto& [label, targets] : tables_) {
        as_.align(asmjit::AlignMode::kData, 8);
        as_.bind(label);
        for (const Label& target : targets) as_.embedLabel(target);
    }
    return !failures_.any;
}

std::vector<std::pair<std::uint32_t, std::size_t>> Emitter::entries() const {
    std::vector<std::pair<std::uint32_t, std::size_t>> out;
    for (const auto& [index, label] : entered_) out.push_back({index, code_.labelOffset(label)});
    return out;
}

/// The place may be reached by jumps, or by the interpreter.
void Emitter::begin_block() {
    const auto arriving = arriving_.find(here_);
    if (loops_.contains(here_)) {
        const std::vector<Kept>& kept = expected(here_);
        if (reached_) establish(kept);
        as_.bind(label_of(here_));
        now_.forget_all();
        for (const Kept& k : kept) {
            if (k.is_float) now_.xmms[k.reg].slot = k.slot;
            else now_.gps[k.reg].slots[0] = k.slot, now_.gps[k.reg].checked = false;
        }
        const Label entry = as_.newLabel();
        loop_entries_.push_back({entry, here_});
        if (here_ == 0) own_entry_ = entry;
        entered_.push_back({here_, entry});
    } else {
        // The interpreter brings nothing.
        const bool entered = enter_next_ || here_ == 0 || here_ == function_.recover_at || arriving == arriving_.end();
        if (arriving != arriving_.end() && !reached_) now_ = arriving->second;
        else if (arriving != arriving_.end()) now_.keep_common(arriving->second);
        if (entered) now_.forget_all();
        as_.bind(label_of(here_));
        if (entered) entered_.push_back({here_, labels_[here_]});
        if (here_ == 0) own_entry_ = labels_[0];
    }
    reached_ = true;
}

const std::vector<Kept>& Emitter::expected(std::uint32_t top) {
    const auto known = expected_.find(top);
    if (known != expected_.end()) return known->second;
    const std::uint32_t end = loops_.at(top);
    std::vector<Kept>& kept = expected_[top];
    // Innermost loops only.
    const auto inner = loops_.upper_bound(top);
    if (inner == loops_.end() || inner->first >= end) kept = kept_by_loop(function_, top, end, environment_);
    return kept;
}

/// Brings the slots into the registers where they are expected. Changes no flags.
void Emitter::establish(const std::vector<Kept>& kept) {
    std::vector<Gp> lost;
    std::vector<Xmm> lost_floats;
    const auto is_lost = [](const auto& regs, const auto& reg) { return std::find(regs.begin(), regs.end(), reg) != regs.end(); };
    for (const Kept& k : kept) {
        if (k.is_float) {
            const Xmm to = now_.xmms[k.reg].reg;
            lost_floats.push_back(to);
            if (now_.xmms[k.reg].slot == k.slot) continue;
            const auto from = std::find_if(now_.xmms.begin(), now_.xmms.end(), [&](const XmmCopy& c) { return c.slot == k.slot; });
            if (from != now_.xmms.end() && !is_lost(lost_floats, from->reg)) as_.movapd(to, from->reg);
            else as_.movsd(to, slot(k.slot));
        } else {
            const Gp to = now_.gps[k.reg].reg;
            lost.push_back(to);
            if (now_.gps[k.reg].holds(k.slot)) continue;
            const auto from = std::find_if(now_.gps.begin(), now_.gps.end(), [&](const GpCopy& c) { return c.holds(k.slot); });
            if (from != now_.gps.end() && !is_lost(lost, from->reg)) as_.mov(to, from->reg);
            else as_.mov(to, slot(k.slot));
        }
    }
}

void Emitter::arrive(std::uint32_t target) {
    const auto known = arriving_.find(target);
    if (known == arriving_.end()) arriving_.emplace(target, now_);
    else known->second.keep_common(now_);
}

void Emitter::instruction() {
    if (emit_move() || emit_number() || emit_float() || emit_jump() || emit_memory() || emit_element() || emit_call() ||
        emit_fused_number() || emit_fused_memory() || emit_fused_jump() || emit_sync() || emit_slow())
        return;
    as_.jmp(interpret());
    enter_next_ = true;
    reached_ = false;
}

// ---- slots ----

Gp Emitter::get(std::uint32_t index) {
    for (GpCopy& copy : now_.gps)
        if (copy.holds(index)) {
            copy.used = clock_;
            return copy.reg;
        }
    const Gp reg = fresh();
    for (const XmmCopy& copy : now_.xmms)
        if (copy.slot == index) {
            as_.movq(reg, copy.reg);
            for (GpCopy& mine : now_.gps)
                if (mine.reg == reg) mine.slots[0] = index;
            return reg;
        }
    const auto pair = std::find_if(now_.pairs.begin(), now_.pairs.end(), [&](const XmmCopy& copy) {
        return copy.slot != kNoCopy && (copy.slot == index || copy.slot + 1 == index);
    });
    if (pair == now_.pairs.end()) {
        as_.mov(reg, slot(index));
    } else if (pair->slot == index) {
        as_.movq(reg, pair->reg);
    } else {
        as_.movhlps(xmm1, pair->reg);
        as_.movq(reg, xmm1);
    }
    for (GpCopy& copy : now_.gps)
        if (copy.reg == reg) copy.slots[0] = index;
    return reg;
}

bool Emitter::has(std::uint32_t index) const {
    for (const GpCopy& copy : now_.gps)
        if (copy.holds(index)) return true;
    return false;
}

Xmm Emitter::getd(std::uint32_t index) {
    for (XmmCopy& copy : now_.xmms)
        if (copy.slot == index) {
            copy.used = clock_;
            return copy.reg;
        }
    const Xmm reg = freshd();
    bool found = false;
    for (const GpCopy& copy : now_.gps)
        if (copy.holds(index)) {
            as_.movq(reg, copy.reg);
            found = true;
            break;
        }
    if (!found) as_.movsd(reg, slot(index));
    for (XmmCopy& copy : now_.xmms)
        if (copy.reg == reg) copy.slot = index;
    return reg;
}

// The copy that has not been used for longest makes room. One instruction needs fewer registers than there are.
Gp Emitter::fresh() {
    GpCopy* oldest = &now_.gps[0];
    for (GpCopy& copy : now_.gps) {
        const bool empty = copy.slots[0] == kNoCopy && copy.slots[1] == kNoCopy && copy.used != clock_;
        if (empty) {
            oldest = &copy;
            break;
        }
        if (copy.used < oldest->used) oldest = &copy;
    }
    oldest->slots = {kNoCopy, kNoCopy};
    oldest->used = clock_;
    oldest->checked = false;
    return oldest->reg;
}

Xmm Emitter::freshd() {
    XmmCopy* oldest = &now_.xmms[0];
    for (XmmCopy& copy : now_.xmms) {
        if (copy.slot == kNoCopy && copy.used != clock_) {
            oldest = &copy;
            break;
        }
        if (copy.used < oldest->used) oldest = &copy;
    }
    oldest->slot = kNoCopy;
    oldest->used = clock_;
    return oldest->reg;
}

void Emitter::put(std::uint32_t index, const Gp& value) {
    as_.mov(slot(index), value);
    note(index, value);
}

void Emitter::put_pair(std::uint32_t index, const Gp& first, const Gp& second) {
    const Xmm pair = fresh_pair();
    as_.movq(pair, first);
    as_.movq(xmm1, second);
    as_.punpcklqdq(pair, xmm1);
    as_.movdqu(xmmword_ptr(rbx, static_cast<std::int32_t>(index * 8)), pair);
    note(index, first);
    note(index + 1, second);
    for (XmmCopy& copy : now_.pairs)
        if (copy.reg == pair) copy.slot = index;
}

Xmm Emitter::fresh_pair() {
    XmmCopy& oldest = now_.pairs[0].used <= now_.pairs[1].used ? now_.pairs[0] : now_.pairs[1];
    oldest.slot = kNoCopy;
    oldest.used = ++pair_clock_;
    return oldest.reg;
}

Xmm Emitter::get_pair(std::uint32_t index) {
    for (XmmCopy& copy : now_.pairs)
        if (copy.slot == index) {
            copy.used = ++pair_clock_;
            return copy.reg;
        }
    as_.movdqu(xmm0, xmmword_ptr(rbx, static_cast<std::int32_t>(index * 8)));
    return xmm0;
}

void Emitter::note(std::uint32_t index, const Gp& value) {
    forget(index);
    for (GpCopy& copy : now_.gps) {
        if (copy.reg != value) continue;
        copy.used = clock_;
        if (copy.slots[0] == kNoCopy) copy.slots[0] = index;
        else copy.slots[1] = index;
    }
}

void Emitter::put(std::uint32_t index, const Xmm& value) {
    as_.movsd(slot(index), value);
    forget(index);
    for (XmmCopy& copy : now_.xmms)
        if (copy.reg == value && copy.slot == kNoCopy) {
            copy.slot = index;
            copy.used = clock_;
        }
}

void Emitter::put_constant(std::uint32_t index, std::int64_t value) {
    const Gp reg = fresh();
    if (value == 0) as_.xor_(reg.r32(), reg.r32());
    else as_.mov(reg, value);
    put(index, reg);
}

void Emitter::forget(std::uint32_t index, std::uint32_t count) { now_.forget(index, count); }
void Emitter::forget_all() { now_.forget_all(); }

void Emitter::copy_pair_in(std::uint32_t to, const Mem& from) {
    const Xmm pair = fresh_pair();
    as_.movdqa(pair, from);
    as_.movdqu(xmmword_ptr(rbx, static_cast<std::int32_t>(to * 8)), pair);
    forget(to, 2);
    for (XmmCopy& copy : now_.pairs)
        if (copy.reg == pair) copy.slot = to;
}

// ---- ways out ----

Label Emitter::label_of(std::uint32_t index) {
    if (!labels_[index].isValid()) labels_[index] = as_.newLabel();
    return labels_[index];
}

Label Emitter::stub_at(const Instruction* pc, Exit exit) {
    for (auto known = stubs_.rbegin(); known != stubs_.rend() && known - stubs_.rbegin() < 4; ++known)
        if (known->pc == pc && known->exit == exit) return known->label;
    stubs_.push_back({as_.newLabel(), pc, exit});
    return stubs_.back().label;
}

Label Emitter::stub(std::uint32_t index, Exit exit) { return stub_at(address(index), exit); }
Label Emitter::interpret() { return stub(here_, Exit::Interpret); }

void Emitter::jump(std::uint32_t target) {
    if (loops_.contains(target)) establish(expected(target));
    else arrive(target);
    as_.jmp(label_of(target));
    reached_ = false;
}

void Emitter::jump_if(CondCode condition, std::uint32_t target, bool back) {
    if (!back && !loops_.contains(target)) {
        arrive(target);
        as_.j(condition, label_of(target));
        return;
    }
    const Label on = as_.newLabel();
    as_.j(negateCond(condition), on);
    if (back) back_edge(target);
    else jump(target);
    as_.bind(on);
    reached_ = true;
}

void Emitter::back_edge(std::uint32_t target) {
    as_.sub(r14, 1);
    as_.jle(stub(target, Exit::Budget));
    jump(target);
}

}  // namespace csp::native
