#include "interpreter/capi/package.h"

#include <algorithm>

#include "interpreter/capi/error.h"

using namespace csp::capi;

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_part(char c) { return is_letter(c) || c == '_' || (c >= '0' && c <= '9'); }
bool is_path_part(char c) { return is_name_part(c) || c == '-' || c == '.' || c == '/'; }

bool is_name(std::string_view text) {
    return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::all_of(text.begin(), text.end(), is_name_part);
}
bool is_path(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_path_part) && !text.starts_with('/') && text.find("//") == std::string_view::npos &&
           is_name(text.substr(text.rfind('/') + 1)) && text != "main" && text != "runtime";
}

/// More than any stack that a host needs; far from what overflows.
constexpr std::size_t kMaxStack = std::size_t{1} << 30;

csp_status check(const csp_definition& definition, csp_error& failure) {
    for (const csp_string& text : {definition.name, definition.signature, definition.doc})
        if (!valid(text)) return invalid(failure, "a string has no data, but a size");
    const std::string_view name = view(definition.name);
    if (!is_name(name) || name[0] < 'A' || name[0] > 'Z')
        return invalid(failure, "not an exported name: \"" + std::string(name) + "\"");
    if (definition.callback == nullptr) return null(failure, "callback");
    if (definition.stack > kMaxStack) return invalid(failure, "stack is more than 1 GB");
    return CSP_OK;
}

}  // namespace

csp_status csp_package_create(csp_string path, csp_package** package, csp_error** error) {
    return fenced(error, [&](csp_error& failure) {
        if (package == nullptr) return null(failure, "package");
        if (!valid(path) || !is_path(view(path))) return invalid(failure, "not an import path for a package: \"" + std::string(valid(path) ? view(path) : "") + "\"");
        *package = new csp_package{std::make_shared<HostPackage>(std::string(view(path)))};
        return csp_status{CSP_OK};
    });
}

csp_status csp_package_function(csp_package* package, const csp_definition* definition, csp_error** error) {
    return fenced(error, [&](csp_error& failure) -> csp_status {
        if (package == nullptr) return null(failure, "package");
        if (definition == nullptr) return null(failure, "definition");
        csp_definition known;
        if (!read_struct(definition, known)) return invalid(failure, "wrong size of csp_definition");
        if (const csp_status status = check(known, failure); status != CSP_OK) return status;
        std::string why;
        auto signature = parse_signature(view(known.signature), why);
        if (!signature) return fail(failure, CSP_TYPE, "signature \"" + std::string(view(known.signature)) + "\": " + why);

        HostPackage& to = *package->package;
        const Exclusive::Use use(to.exclusive);
        if (!use) return fail(failure, CSP_BUSY, "the package is in use");
        if (to.given) return invalid(failure, "an engine has the package already");
        const std::string_view name = view(known.name);
        if (to.names.contains(name)) return invalid(failure, "there is a function " + std::string(name) + " already");

        auto function = std::make_shared<HostFunction>();
        function->signature = std::move(*signature);
        function->callback = known.callback;
        function->user_data = std::make_unique<UserData>(known.user_data);
        function->stack = known.stack;
        csp::NativeEntry entry;
        entry.name = name;
        entry.signature = function->signature.text();
        entry.doc = view(known.doc);
        entry.invoke = &invoke;
        entry.callable = function;
        to.package.add(std::move(entry));
        function->user_data->own(known.destroy);
        to.names.emplace(name);
        return CSP_OK;
    });
}

void csp_package_destroy(csp_package* package) { delete package; }
