// What may be behind a refused bind: a client is told little, so that guessers learn little.
#pragma once

#include <ringgate/status.h>

#include <string_view>

namespace ringgate::load {

/// Every cause that a status of a bind response can have at our server; empty where it sends no
/// such status.
std::string_view bind_causes(Status status);

/// Every cause for which our server closes a connection without an answer to its bind.
std::string_view silence_causes();

}  // namespace ringgate::load
