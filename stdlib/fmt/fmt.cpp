#include <algorithm>
#include <vector>

#include "stdlib/fmt/printer.h"
#include "stdlib/packages.h"
#include "stdlib/support/embedded.h"

namespace csp::stdlib {

namespace {

/// Puts the printed text into the string result.
Status finish(Call& call, const Printer& printer) {
    if (printer.status() != Status::Ok) return printer.status();
    return call.put_string(call.slots(), printer.text()) ? Status::Ok : Status::Panic;
}

Status sprint(Call& call, const NativeEntry&) {
    Printer printer(call);
    printer.print(slice_at(call.slots() + 2));
    return finish(call, printer);
}
Status sprintln(Call& call, const NativeEntry&) {
    Printer printer(call);
    printer.println(slice_at(call.slots() + 2));
    return finish(call, printer);
}
Status sprintf(Call& call, const NativeEntry&) {
    Printer printer(call);
    printer.printf(text_at(call.slots() + 2), slice_at(call.slots() + 4));
    return finish(call, printer);
}

/// Writes to standard output; results: n, nil error.
Status write_out(Call& call, const Printer& printer) {
    if (printer.status() != Status::Ok) return printer.status();
    call.write(1, printer.text());
    Slot* s = call.slots();
    s[0] = printer.text().size();
    s[1] = s[2] = 0;
    return Status::Ok;
}

Status print(Call& call, const NativeEntry&) {
    Printer printer(call);
    printer.print(slice_at(call.slots() + 3));
    return write_out(call, printer);
}
Status println(Call& call, const NativeEntry&) {
    Printer printer(call);
    printer.println(slice_at(call.slots() + 3));
    return write_out(call, printer);
}
Status printf(Call& call, const NativeEntry&) {
    Printer printer(call);
    printer.printf(text_at(call.slots() + 3), slice_at(call.slots() + 5));
    return write_out(call, printer);
}

Status wrapped(Call& call, const NativeEntry&) {
    const Slot* s = call.slots();
    const std::string_view format = text_at(s + 2);
    const auto count = static_cast<std::int64_t>(s[4]);
    std::vector<std::int64_t> found;
    std::int64_t next = 0;
    for (std::size_t i = 0; i + 1 < format.size(); ++i) {
        if (format[i] != '%') continue;
        std::size_t at = i + 1;
        while (at < format.size() && std::string_view("#0+- .123456789[]*").find(format[at]) != std::string_view::npos) {
            if (format[at] == '*') ++next;
            if (format[at] == '[') next = std::max(0, std::atoi(format.data() + at + 1) - 1);
            ++at;
        }
        if (at < format.size() && format[at] != '%') {
            if (format[at] == 'w' && next < count) found.push_back(next);
            ++next;
        }
        i = at;
    }
    std::sort(found.begin(), found.end());
    char* memory = call.allocate_bytes(found.size() * 8);
    if (memory == nullptr) return Status::Panic;
    std::memcpy(memory, found.data(), found.size() * 8);
    put_slice(call.slots(), {memory, static_cast<std::uint32_t>(found.size()), static_cast<std::uint32_t>(found.size())});
    return Status::Ok;
}

}  // namespace

Package fmt_package() {
    Package package("fmt");
    package.image("fmt.csp", embedded("fmt/fmt.csp"));
    package.raw("Sprint", sprint)
        .raw("Sprintln", sprintln)
        .raw("Sprintf", sprintf)
        .raw("Print", print)
        .raw("Println", println)
        .raw("Printf", printf)
        .raw("wrapped", wrapped);
    return package;
}

}  // namespace csp::stdlib
