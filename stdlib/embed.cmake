# Writes a C++ file with the texts of the packages' Csp sources: csp::stdlib::embedded("fmt/fmt.csp").
set(text "#include \"stdlib/support/embedded.h\"\n\nnamespace csp::stdlib {\n\nstd::string_view embedded(std::string_view name) {\n")
foreach(script IN LISTS SCRIPTS)
    file(READ ${ROOT}/${script} source)
    # String literals have a length limit, so long sources are several in a row.
    string(REPLACE "\n\n" "\n\n)csp\"\nR\"csp(" source "${source}")
    string(APPEND text "    if (name == \"${script}\")\n        return R\"csp(${source})csp\";\n")
endforeach()
string(APPEND text "    return {};\n}\n\n}  // namespace csp::stdlib\n")
file(WRITE ${OUT} "${text}")
