#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "csp/package.hpp"
#include "stdlib/fmt/printer.h"
#include "stdlib/fmt/scan.h"
#include "stdlib/support/guarded.h"

namespace csp::stdlib {

namespace {

/// What the printing natives differ in: what they print, and where the text goes.
enum class Form { Print, Println, Printf, Errorf };
enum class Target { String, Bytes, Output };

/// The frame of a native: its results, then the method caller, the format if there is one, the operands.
template <Form form, Target target>
Status print(Call& call, const NativeEntry&) {
    constexpr std::size_t kResults = form == Form::Errorf ? 4 : target == Target::Output ? 3 : 2;
    constexpr std::size_t kOperands = form == Form::Printf || form == Form::Errorf ? kResults + 3 : kResults + 1;
    return guarded(call, [&] {
        Printer printer(call, call.slots()[kResults]);
        const runtime::Slice operands = slice_at(call.slots() + kOperands);
        if constexpr (form == Form::Print) printer.print(operands);
        if constexpr (form == Form::Println) printer.println(operands);
        if constexpr (form == Form::Printf) printer.printf(text_at(call.slots() + kResults + 1), operands);
        if constexpr (form == Form::Errorf) printer.errorf(text_at(call.slots() + kResults + 1), operands);
        if (printer.status() != Status::Ok) return printer.status();
        if (call.ended()) return Status::Ended;
        if constexpr (form == Form::Errorf) {
            const std::vector<std::int64_t> wrapped = printer.wrapped();
            char* memory = call.allocate_bytes(wrapped.size() * sizeof(std::int64_t));
            if (memory == nullptr) return Status::Panic;
            std::copy(wrapped.begin(), wrapped.end(), reinterpret_cast<std::int64_t*>(memory));
            const auto count = static_cast<std::uint32_t>(wrapped.size());
            put_slice(call.slots() + 2, {memory, count, count});
        }
        if constexpr (target == Target::Output) {
            call.write(1, printer.text());
            Slot* results = call.slots();
            results[0] = printer.text().size();
            results[1] = results[2] = 0;
            return Status::Ok;
        }
        const bool put = target == Target::Bytes ? put_bytes(call, call.slots(), printer.text())
                                                 : call.put_string(call.slots(), printer.text());
        return put ? Status::Ok : Status::Panic;
    });
}

}  // namespace

void bind_fmt(Package& package) {
    package.raw("sprint", print<Form::Print, Target::String>)
        .raw("sprintln", print<Form::Println, Target::String>)
        .raw("sprintf", print<Form::Printf, Target::String>)
        .raw("bprint", print<Form::Print, Target::Bytes>)
        .raw("bprintln", print<Form::Println, Target::Bytes>)
        .raw("bprintf", print<Form::Printf, Target::Bytes>)
        .raw("writeprint", print<Form::Print, Target::Output>)
        .raw("writeprintln", print<Form::Println, Target::Output>)
        .raw("writeprintf", print<Form::Printf, Target::Output>)
        .raw("errorf", print<Form::Errorf, Target::String>);
    add_scan_natives(package);
}

}  // namespace csp::stdlib
