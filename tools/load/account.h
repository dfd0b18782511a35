// Who binds.
#pragma once

#include <string>

namespace ringgate::load {

struct Account {
  std::string system_id;
  std::string password;
};

}  // namespace ringgate::load
