// The packages that are Csp source alone.

#include <initializer_list>

#include "stdlib/packages.h"
#include "stdlib/support/embedded.h"

namespace csp::stdlib {

namespace {
Package scripted(const char* path, std::initializer_list<const char*> sources) {
    Package package(path);
    for (const char* source : sources) package.image(source, embedded(source));
    return package;
}
}  // namespace

Package bufio_package() { return scripted("bufio", {"bufio/bufio.csp"}); }
Package cmp_package() { return scripted("cmp", {"cmp/cmp.csp"}); }
Package context_package() { return scripted("context", {"context/context.csp"}); }
Package heap_package() { return scripted("container/heap", {"heap/heap.csp"}); }
Package io_package() { return scripted("io", {"io/io.csp"}); }
Package iter_package() { return scripted("iter", {"iter/iter.csp"}); }
Package log_package() { return scripted("log", {"log/log.csp"}); }
Package maps_package() { return scripted("maps", {"maps/maps.csp"}); }
Package slices_package() { return scripted("slices", {"slices/slices.csp", "slices/iter.csp", "slices/sort.csp"}); }

}  // namespace csp::stdlib
