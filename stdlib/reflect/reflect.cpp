#include "stdlib/reflect/reflection.h"

namespace csp::stdlib {

void bind_reflect(Package& package) {
    reflection::add_types(package);
    reflection::add_fields(package);
    reflection::add_values(package);
    reflection::add_setters(package);
    reflection::add_sequences(package);
    reflection::add_maps(package);
    reflection::add_calls(package);
    reflection::add_conversions(package);
    reflection::add_comparisons(package);
    reflection::add_channels(package);
}

}  // namespace csp::stdlib
