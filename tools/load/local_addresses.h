// Addresses of this machine to connect from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringgate::load {

/// "127.0.0.2,127.0.0.8-127.0.0.10,::1" one by one; a range is of IPv4 addresses. Nothing where it
/// cannot be read, and `fault` says why. 65,536 addresses at most.
std::optional<std::vector<std::string>> local_addresses(std::string_view list, std::string& fault);

}  // namespace ringgate::load
