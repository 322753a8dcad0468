// From checker types to run-time descriptors: the one bridge between the two.
//
// A named type gets its descriptor first and its layout later, because types may refer to themselves
// through pointers, slices and the like. lower() always answers a complete descriptor.

#include "interpreter/compile/compiler.h"

namespace csp::compile {

using runtime::Kind;
using types::BasicKind;

namespace {

Kind basic_kind(BasicKind kind) {
    switch (kind) {
        case BasicKind::Bool:
        case BasicKind::UntypedBool: return Kind::Bool;
        case BasicKind::Int:
        case BasicKind::UntypedInt: return Kind::Int;
        case BasicKind::Int8: return Kind::Int8;
        case BasicKind::Int16: return Kind::Int16;
        case BasicKind::Int32:
        case BasicKind::UntypedRune: return Kind::Int32;
        case BasicKind::Int64: return Kind::Int64;
        case BasicKind::Uint: return Kind::Uint;
        case BasicKind::Uint8: return Kind::Uint8;
        case BasicKind::Uint16: return Kind::Uint16;
        case BasicKind::Uint32: return Kind::Uint32;
        case BasicKind::Uint64: return Kind::Uint64;
        case BasicKind::Uintptr: return Kind::Uintptr;
        case BasicKind::Float32: return Kind::Float32;
        case BasicKind::Float64:
        case BasicKind::UntypedFloat: return Kind::Float64;
        case BasicKind::Complex64: return Kind::Complex64;
        case BasicKind::Complex128:
        case BasicKind::UntypedComplex: return Kind::Complex128;
        case BasicKind::String:
        case BasicKind::UntypedString: return Kind::String;
        case BasicKind::UnsafePointer:
        case BasicKind::UntypedNil: return Kind::UnsafePointer;
        case BasicKind::Invalid: break;
    }
    return Kind::Invalid;
}

bool is_exported(const types::Object& object) { return object.exported(); }

std::string package_path(const types::Object& object) {
    return object.package == nullptr ? std::string() : object.package->path;
}

}  // namespace

const runtime::Type* Compiler::lower_basic(BasicKind kind) { return type_table_.basic(basic_kind(kind)); }

const runtime::Type* Compiler::lower(types::Type* type) {
    if (const auto known = lowered_by_address_.find(type); known != lowered_by_address_.end()) {
        if (lowering_depth_ > 0)
            if (auto* named = types::as<types::Named>(type))
                if (const auto shell = shells_.find(named); shell != shells_.end())
                    complete_named(named, shell->second);
        return known->second;
    }
    ++lowering_depth_;
    const runtime::Type* lowered = lower_shallow(type);
    if (auto* named = types::as<types::Named>(type))
        if (const auto shell = shells_.find(named); shell != shells_.end())
            complete_named(named, shell->second);
    if (lowering_depth_ == 1)
        while (!shells_.empty()) complete_named(shells_.begin()->first, shells_.begin()->second);
    --lowering_depth_;
    return lowered;
}

/// The descriptor, whose layout may not be known yet when it is a named type.
const runtime::Type* Compiler::lower_shallow(types::Type* type) {
    if (const auto known = lowered_by_address_.find(type); known != lowered_by_address_.end())
        return known->second;
    if (const auto same = lowered_.find(type); same != lowered_.end()) {
        lowered_by_address_[type] = same->second;
        return same->second;
    }
    ++lowering_depth_;
    const runtime::Type* lowered = lower_structure(type);
    --lowering_depth_;
    lowered_[type] = lowered;
    lowered_by_address_[type] = lowered;
    if (type->kind != types::TypeKind::Named) note_methods(type, lowered);
    return lowered;
}

const runtime::Type* Compiler::lower_structure(types::Type* type) {
    switch (type->kind) {
        case types::TypeKind::Basic:
            return type_table_.basic(basic_kind(static_cast<types::Basic*>(type)->basic));
        case types::TypeKind::Named: return lower_named(static_cast<types::Named*>(type));
        case types::TypeKind::Pointer:
            return type_table_.pointer_to(lower_shallow(static_cast<types::Pointer*>(type)->elem));
        case types::TypeKind::Slice:
            return type_table_.slice_of(lower_shallow(static_cast<types::Slice*>(type)->elem));
        case types::TypeKind::Array: {
            auto* array = static_cast<types::Array*>(type);
            return type_table_.array_of(lower(array->elem), array->length);
        }
        case types::TypeKind::Map: {
            auto* map = static_cast<types::Map*>(type);
            return type_table_.map_of(lower_shallow(map->key), lower_shallow(map->elem));
        }
        case types::TypeKind::Chan: {
            auto* chan = static_cast<types::Chan*>(type);
            const auto dir = chan->dir == ast::ChanDir::Both   ? runtime::ChanDir::Both
                             : chan->dir == ast::ChanDir::Send ? runtime::ChanDir::Send
                                                               : runtime::ChanDir::Recv;
            return type_table_.chan_of(lower_shallow(chan->elem), dir);
        }
        case types::TypeKind::Struct: return lower_struct(static_cast<types::Struct*>(type));
        case types::TypeKind::Signature: return lower_signature(static_cast<types::Signature*>(type));
        case types::TypeKind::Interface: return lower_interface(static_cast<types::Interface*>(type));
        case types::TypeKind::Tuple: {
            // Only its slots matter: a struct-like run of values.
            auto* tuple = static_cast<types::Tuple*>(type);
            std::vector<runtime::Field> fields;
            for (types::Var* var : tuple->vars) {
                runtime::Field field{};
                field.type = lower(var->type);
                fields.push_back(field);
            }
            return type_table_.struct_of(fields);
        }
        case types::TypeKind::TypeParam:
        case types::TypeKind::Union: break;
    }
    report({}, "internal: a type parameter without argument");
    return type_table_.basic(Kind::Int);
}

const runtime::Type* Compiler::lower_named(types::Named* type) {
    const std::string full = types::runtime_string(type);
    const std::size_t dot = type->object->package == nullptr ? std::string::npos : full.find('.');
    const std::string name = dot == std::string::npos ? full : full.substr(dot + 1);
    runtime::Type* shell = type_table_.new_named(package_path(*type->object), name, full);
    shells_[type] = shell;
    return shell;
}

void Compiler::complete_named(types::Named* type, runtime::Type* shell) {
    shells_.erase(type);
    ++lowering_depth_;
    type_table_.set_underlying(shell, lower(types::under(type)));
    --lowering_depth_;
    note_methods(type, shell);
}

const runtime::Type* Compiler::lower_struct(types::Struct* type) {
    std::vector<runtime::Field> fields;
    for (std::size_t i = 0; i < type->fields.size(); ++i) {
        types::Var* var = type->fields[i];
        runtime::Field field{};
        field.name = var->name;
        field.exported = is_exported(*var);
        field.embedded = var->embedded;
        if (!field.exported && var->package != nullptr) field.package = var->package->path;
        if (i < type->tags.size()) field.tag = type->tags[i];
        field.type = lower(var->type);
        fields.push_back(field);
    }
    return type_table_.struct_of(fields);
}

const runtime::Type* Compiler::lower_signature(types::Signature* type) {
    std::vector<const runtime::Type*> params;
    std::vector<const runtime::Type*> results;
    for (types::Var* var : type->params->vars) params.push_back(lower_shallow(var->type));
    for (types::Var* var : type->results->vars) results.push_back(lower_shallow(var->type));
    return type_table_.func_of(params, results, type->variadic);
}

const runtime::Type* Compiler::lower_interface(types::Interface* type) {
    types::complete_interface(universe_, type);
    std::vector<runtime::Method> methods;
    for (types::Func* func : type->all_methods) {
        runtime::Method method{};
        method.name = func->name;
        if (!is_exported(*func) && func->package != nullptr) method.package = func->package->path;
        method.type = lower_signature(universe_.signature_of(func));
        method.id = method_id(method);
        wanted_names_.insert(std::string(func->name));
        methods.push_back(method);
    }
    return type_table_.interface_of(methods);
}

std::uint32_t Compiler::method_id(const runtime::Method& method) {
    const auto [at, fresh] = method_ids_.try_emplace(
        {std::string(method.name), std::string(method.package), method.type},
        static_cast<std::uint32_t>(method_ids_.size() + 1));
    return at->second;
}

/// Remembers that `type` may be put into an interface, so that its methods may be asked for.
void Compiler::note_methods(types::Type* type, const runtime::Type* lowered) {
    if (types::is_interface(type)) return;
    const types::Type* base = type;
    if (auto* pointer = types::as<types::Pointer>(type)) base = pointer->elem;
    if (base->kind != types::TypeKind::Named && base->kind != types::TypeKind::Struct) return;
    methodful_.push_back({type, const_cast<runtime::Type*>(lowered), {}, {}, {}, false});
}

/// Compiles the methods that interfaces ask for by name, until nothing new comes up.
void Compiler::finish_methods() {
    for (bool again = true; again;) {
        again = false;
        for (std::size_t i = 0; i < methodful_.size(); ++i) {
            Methodful& entry = methodful_[i];
            if (!entry.known) {
                entry.known = true;
                if (reflects_ && entry.type->kind != types::TypeKind::Pointer)
                    lower(universe_.make_type<types::Pointer>(entry.type));
                entry.entries = types::method_set(universe_, entry.type);
                entry.compiled.resize(entry.entries.size());
            }
            for (std::size_t k = 0; k < entry.entries.size(); ++k) {
                const types::MethodEntry& method = entry.entries[k];
                const bool wanted = (keeps_methods_ && is_exported(*method.method)) || wanted_names_.contains(method.method->name);
                if (entry.compiled[k] || !wanted) continue;
                entry.compiled[k] = true;
                again = true;
                runtime::Method done{};
                done.name = method.method->name;
                if (!is_exported(*method.method) && method.method->package != nullptr)
                    done.package = method.method->package->path;
                done.type = lower(universe_.signature_of(method.method));
                done.id = method_id(done);
                done.code = method_wrapper(entry.type, method);
                methodful_[i].done.push_back(done);
            }
        }
        if (!queue_.empty()) again = true;
        drain();
    }
    for (Methodful& entry : methodful_)
        if (!entry.done.empty()) type_table_.set_methods(entry.lowered, entry.done);
}

}  // namespace csp::compile
