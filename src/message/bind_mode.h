// What a bind is for.
#pragma once

#include <cstdint>

namespace ringgate {

enum class BindMode : std::uint8_t { transmitter, receiver, transceiver };

}  // namespace ringgate
