#include <csp/csp.h>
#include <stdio.h>

static void twice(csp_call* call, void* user_data) {
    int64_t x = 0;
    (void)user_data;
    csp_arg_int(call, 0, &x);
    csp_return_int(call, 0, 2 * x);
}

int main(void) {
    const csp_definition function = {.size = sizeof function, .name = csp_text("Twice"), .signature = csp_text("func(int) int"), .callback = twice};
    const csp_source source = {csp_text("hello.csp"), csp_text("import (\"fmt\"; \"host\")\n"
                                                               "fmt.Println(\"hello, script:\", host.Twice(21))\n")};
    csp_engine* engine = NULL;
    csp_package* host = NULL;
    csp_program* program = NULL;
    csp_error* error = NULL;
    if (csp_engine_create(NULL, &engine, &error) || csp_engine_add_standard(engine, NULL, 0, &error) ||
        csp_package_create(csp_text("host"), &host, &error) || csp_package_function(host, &function, &error) ||
        csp_engine_add(engine, host, &error) || csp_compile(engine, &source, 1, &program, &error) ||
        csp_run(engine, program, NULL, NULL, &error))
        fprintf(stderr, "%s\n", csp_error_text(error).data);
    csp_error_destroy(error);
    csp_program_destroy(program);
    csp_package_destroy(host);
    csp_engine_destroy(engine);
    return program == NULL;
}
