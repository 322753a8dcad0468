# `cpack -G DEB`: csp (the command, and libcsp.so.N if there is one) and libcsp-dev.
set(CPACK_PACKAGE_CONTACT "The Csp authors <csp@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime dev)
set(CPACK_COMPONENT_DEV_DEPENDS runtime)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION interpreters)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ${CSP_SHARED})

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME csp)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "ca-certificates, tzdata")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "${PROJECT_DESCRIPTION}: the command csp")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libcsp-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
# What a host that links libcsp.a needs.
set(packages libantlr4-runtime-dev libasmjit-dev libboost-context-dev libgmp-dev libre2-dev libssl-dev libutf8proc-dev zlib1g-dev)
list(JOIN packages ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS)
set(CPACK_COMPONENT_DEV_DESCRIPTION "${PROJECT_DESCRIPTION}: headers and libraries for C++ programs")

include(CPack)
