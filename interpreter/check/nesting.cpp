// How deep types are nested. Much of the compiler and of the runtime recurses over types, so there is a limit.

#include <algorithm>

#include "interpreter/check/checker.h"

namespace csp::check {

using diag::Code;
using types::Named;

/// The nesting of `type`, whose parts are known. Declared types count where they are part of the value or of
/// the method set; behind pointers and the like they do not.
int Checker::Impl::depth_of(const Type* type) {
    if (type == nullptr || type->kind == types::TypeKind::Basic) return 0;
    if (const auto known = depths_.find(type); known != depths_.end()) return known->second;
    if (type->kind == types::TypeKind::Named) return 0;  // being declared
    int depth = 0;
    const auto inner = [&](const Type* part) { depth = std::max(depth, depth_of(part)); };
    const auto behind = [&](const Type* part) {
        if (part != nullptr && part->kind != types::TypeKind::Named) inner(part);
    };
    if (const auto* pointer = types::as<types::Pointer>(type)) behind(pointer->elem);
    if (const auto* slice = types::as<types::Slice>(type)) behind(slice->elem);
    if (const auto* chan = types::as<types::Chan>(type)) behind(chan->elem);
    if (const auto* array = types::as<types::Array>(type)) inner(array->elem);
    if (const auto* map = types::as<types::Map>(type)) {
        behind(map->key);
        behind(map->elem);
    }
    if (const auto* structure = types::as<types::Struct>(type))
        for (const Var* field : structure->fields) inner(field->type);
    if (const auto* signature = types::as<types::Signature>(type))
        for (const types::Tuple* tuple : {signature->params, signature->results})
            if (tuple != nullptr)
                for (const Var* var : tuple->vars) behind(var->type);
    if (const auto* interface = types::as<types::Interface>(type)) {
        for (const types::Func* method : interface->methods) behind(method->type);
        for (const Type* embedded : interface->embeddeds) inner(embedded);
    }
    depths_[type] = depth + 1;
    return depth + 1;
}

bool Checker::Impl::nested_too_deeply(types::TypeName* object) {
    const auto* named = types::as<Named>(object->type);
    const int depth = depth_of(named != nullptr ? named->underlying : object->type);
    if (named != nullptr) depths_[named] = depth;
    if (depth <= static_cast<int>(kMaxNesting)) return false;
    depths_[object->type] = 0;
    error(Code::TooDeep, object->pos, "type " + std::string(object->name) + " is nested too deeply");
    return true;
}

}  // namespace csp::check
