// What an operator is told of a file that cannot be used.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "base/result.h"

namespace ringgate::runtime {

/// `what` names the file, `number` is the errno.
inline Error error_of(const std::string& what, int number) {
  const ErrorCode code = number == EACCES || number == EPERM ? ErrorCode::permission
                         : number == ENOSPC                  ? ErrorCode::full
                                                             : ErrorCode::io;
  return {code, number, what + ": " + std::strerror(number)};
}

}  // namespace ringgate::runtime
