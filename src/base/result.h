// What a function returns when the world (the kernel, a file, the network) may refuse.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace ringgate {

/// What a caller can do something about; the errno and the text are for people.
enum class ErrorCode : std::uint8_t {
  io,             ///< The operation failed; trying it again is not known to help.
  busy,           ///< Somebody else holds the thing; trying again later may help.
  permission,     ///< We are not allowed to; an operator must act.
  not_supported,  ///< This kernel or build cannot do it.
  invalid,        ///< What was given makes no sense.
  full,           ///< A bound is reached; trying again next turn is normal.
};

/// One refusal. `os_errno` is 0 where no system call was involved; `text` is a sentence for the
/// operator.
struct Error {
  ErrorCode code;
  int os_errno = 0;
  std::string text = {};
};

/// Holds a T or the Error that came instead. Test it before asking: asking for the one that is
/// absent is our mistake and aborts.
template <class T>
class [[nodiscard]] Result {
 public:
  // Implicit, so that a function returns its value or an Error without ceremony.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  /// True if there is a value.
  explicit operator bool() const { return state_.index() == 0; }

  T& value() & {
    ASSERT(state_.index() == 0);
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    ASSERT(state_.index() == 0);
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    ASSERT(state_.index() == 0);
    return std::move(*std::get_if<0>(&state_));
  }

  const Error& error() const {
    ASSERT(state_.index() == 1);
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  /// True on success.
  explicit operator bool() const { return !error_.has_value(); }

  const Error& error() const {
    ASSERT(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace ringgate
