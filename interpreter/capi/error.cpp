#include "interpreter/capi/error.h"

#include "interpreter/capi/arguments.h"

using namespace csp::capi;


void csp_error_destroy(csp_error* error) { delete error; }

csp_status csp_error_status(const csp_error* error) { return error == nullptr ? CSP_NO_MEMORY : error->status; }

csp_string csp_error_text(const csp_error* error) {
    if (error == nullptr || error->status == CSP_NO_MEMORY) return csp_text("out of memory");
    return string_of(error->text);
}

csp_limit csp_error_limit(const csp_error* error) { return error == nullptr ? CSP_LIMIT_NONE : error->limit; }

size_t csp_error_diagnostics(const csp_error* error) { return error == nullptr ? 0 : error->diagnostics.size(); }

csp_status csp_error_diagnostic(const csp_error* error, size_t index, csp_diagnostic* diagnostic) {
    if (error == nullptr || diagnostic == nullptr) return CSP_INVALID;
    if (index >= error->diagnostics.size()) return CSP_NOT_FOUND;
    const csp::Diagnostic& from = error->diagnostics[index];
    csp_diagnostic to{};
    to.line = from.line;
    to.column = from.column;
    to.file = string_of(from.file);
    to.message = string_of(from.message);
    to.hint = string_of(from.hint);
    to.snippet = string_of(from.snippet);
    return write_struct(to, diagnostic) ? CSP_OK : CSP_INVALID;
}
