#include "runtime/type/type.h"

namespace csp::runtime {

bool implements(const Type& type, const Type& interface, const Method** missing) {
    // Both lists are sorted by name; an unexported method's package counts too.
    std::size_t at = 0;
    for (const Method& wanted : interface.methods) {
        const Method* found = nullptr;
        while (at < type.methods.size() && type.methods[at].name < wanted.name) ++at;
        for (std::size_t i = at; i < type.methods.size() && type.methods[i].name == wanted.name; ++i)
            if (type.methods[i].package == wanted.package && type.methods[i].type == wanted.type)
                found = &type.methods[i];
        if (found == nullptr) {
            if (missing != nullptr) *missing = &wanted;
            return false;
        }
    }
    return true;
}

KeyForm key_form(const Type& key) {
    if (key.kind == Kind::String) return KeyForm::Text;
    if (key.equality == Equality::Bits && key.slots == 1 && key.kind != Kind::Struct && key.kind != Kind::Array)
        return KeyForm::Word;
    return KeyForm::General;
}

}  // namespace csp::runtime
