#pragma once

// Inference of type arguments. Source: Go spec, "Type inference". Errors are in the words of Go's
// compiler, without its "in call to f, " in front.

#include <optional>
#include <string>
#include <vector>

#include "interpreter/types/object.h"
#include "interpreter/types/universe.h"

namespace csp::types {

/// An argument of the call, as inference sees it.
struct InferArg {
    Type* type;             ///< May be untyped (a constant, nil) or a generic function's signature.
    std::string_view text;  ///< The expression's source text, for messages. Outlives the call.
};

struct InferError {
    std::string message;
    int arg = -1;  ///< The argument that it is about; negative: the call.
    /// For "cannot infer T": the parameter (Go's compiler adds " (declared at file:line:col)").
    const TypeParam* not_inferred = nullptr;
};

/// The types for all of `params`, or nothing, and then `error` tells why (it stays empty when an
/// argument's type is invalid, which has been reported). `given`: the explicit type arguments; may
/// be shorter, and null where unknown. `callee_params` and `args` must be of one length (of a
/// variadic function, expand the parameters first).
///
/// The arguments' types must not mention `params`: in a recursive call they do, so rename the
/// callee's parameters with rename_type_params() first. Only the (renamed) parameters of generic
/// functions that are arguments themselves are meant to occur in both `params` and `args`.
std::optional<std::vector<Type*>> infer(Universe&, const std::vector<TypeParam*>& params,
                                        std::vector<Type*> given, const Tuple* callee_params,
                                        const std::vector<InferArg>& args,
                                        const Package* relative_to, InferError* error);

struct RenamedParams {
    std::vector<TypeParam*> params;
    Type* type;
};
/// Fresh copies of `params`, and `type` (null allowed) with them in place of the old ones. A
/// generic function's signature becomes one that declares the copies.
RenamedParams rename_type_params(Universe&, const std::vector<TypeParam*>& params, Type* type);

}  // namespace csp::types
