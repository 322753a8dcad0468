# What `cmake --install` puts below the prefix, in two components: runtime (the command, libcsp.so.N) and dev (the rest).
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/csp)

if(TARGET csp)
    install(TARGETS csp RUNTIME COMPONENT runtime)
endif()
install(TARGETS csp_archive EXPORT cspTargets ARCHIVE COMPONENT dev)
if(CSP_SHARED)
    install(TARGETS csp_shared EXPORT cspTargets LIBRARY COMPONENT runtime NAMELINK_COMPONENT dev)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/csp ${PROJECT_BINARY_DIR}/include/csp
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev FILES_MATCHING PATTERN *.hpp PATTERN *.h)

install(EXPORT cspTargets NAMESPACE csp:: DESTINATION ${package_folder} COMPONENT dev)
configure_package_config_file(cspConfig.cmake.in cspConfig.cmake INSTALL_DESTINATION ${package_folder})
# Before 1.0, a new minor version may change what hosts see.
write_basic_package_version_file(cspConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/cspConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/cspConfigVersion.cmake
    system_libraries.cmake
    DESTINATION ${package_folder} COMPONENT dev)

# The paths in csp.pc begin at its own folder, so that a prefix can be moved.
file(RELATIVE_PATH prefix_from_pc ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" prefix_from_pc ${prefix_from_pc})
cmake_path(APPEND libdir_from_prefix "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
cmake_path(APPEND includedir_from_prefix "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
list(TRANSFORM csp_system_libraries PREPEND -l OUTPUT_VARIABLE private_libraries)
list(JOIN private_libraries " " private_libraries)
# csp for C++, csp-c for C.
function(csp_pkg_config name description cflags language_libraries)
    configure_file(csp.pc.in ${name}.pc @ONLY)
endfunction()
csp_pkg_config(csp "${PROJECT_DESCRIPTION}" " -std=c++20" "")
csp_pkg_config(csp-c "${PROJECT_DESCRIPTION}: the C interface" "" " -lstdc++ -lm")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/csp.pc ${CMAKE_CURRENT_BINARY_DIR}/csp-c.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
