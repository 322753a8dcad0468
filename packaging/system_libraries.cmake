# Libraries that have no CMake package on all distributions, as targets csp::NAME. The build of Csp includes this file, and
# installed it is a part of cspConfig.cmake. Those that are not there: csp_missing_libraries.
# The archives first: of a shared library every script would pay for the loading.
set(csp_system_libraries antlr4-runtime utf8proc re2 ssl crypto gmp z)
set(csp_missing_libraries "")
foreach(name IN LISTS csp_system_libraries)
    find_library(CSP_LIBRARY_${name} NAMES lib${name}.a ${name})
    mark_as_advanced(CSP_LIBRARY_${name})
    if(NOT CSP_LIBRARY_${name})
        list(APPEND csp_missing_libraries ${name})
    elseif(NOT TARGET csp::${name})
        add_library(csp::${name} UNKNOWN IMPORTED)
        set_target_properties(csp::${name} PROPERTIES IMPORTED_LOCATION ${CSP_LIBRARY_${name}})
    endif()
endforeach()
