#pragma once

/// \file
/// The whole embedding interface of Csp.
///
///     csp::Engine engine;
///     engine.add(csp::standard_library());
///     auto compiled = engine.compile({{"hello.csp", text}});
///     if (compiled.program) engine.run(*compiled.program);

#include "csp/access.hpp"
#include "csp/bind.hpp"
#include "csp/channel.hpp"
#include "csp/describe.hpp"
#include "csp/engine.hpp"
#include "csp/failure.hpp"
#include "csp/hooks.hpp"
#include "csp/limits.hpp"
#include "csp/native.hpp"
#include "csp/package.hpp"
#include "csp/run.hpp"
#include "csp/stdlib.hpp"
#include "csp/version.hpp"
