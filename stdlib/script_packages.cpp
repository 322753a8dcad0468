// The packages that are Csp source alone.

#include "stdlib/packages.h"
#include "stdlib/support/embedded.h"

namespace csp::stdlib {

namespace {
Package scripted(const char* path, const char* source) {
    Package package(path);
    package.image(source, embedded(source));
    return package;
}
}  // namespace

Package bufio_package() { return scripted("bufio", "bufio/bufio.csp"); }
Package context_package() { return scripted("context", "context/context.csp"); }
Package heap_package() { return scripted("container/heap", "heap/heap.csp"); }
Package io_package() { return scripted("io", "io/io.csp"); }
Package log_package() { return scripted("log", "log/log.csp"); }

}  // namespace csp::stdlib
