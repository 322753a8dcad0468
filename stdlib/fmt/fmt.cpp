#include "stdlib/packages.h"
#include "stdlib/support/embedded.h"
namespace csp::stdlib {
static Status println(Call& c, const NativeEntry&) { Slot* s = c.slots(); s[0]=s[1]=s[2]=0; c.write(1, "println " + std::to_string((unsigned)s[4]) + "\n"); return Status::Ok; }
Package fmt_package() { Package p("fmt"); p.source("fmt.csp", embedded("fmt/fmt.csp")); p.raw("Println", println); return p; }
}
