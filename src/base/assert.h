// Assertions that stay on in production: they guard against our own mistakes, never against the
// peer or the world.
#pragma once

namespace ringgate {

/// Writes `expression` and its place as one line to stderr and aborts. Any thread; never returns.
[[noreturn, gnu::cold]] void assert_failed(const char* expression, const char* file, int line);

}  // namespace ringgate

/// Aborts the process unless the condition holds. Variadic so that a condition may contain the
/// commas of template arguments.
#define ASSERT(...)                                                \
  do {                                                             \
    if (!(__VA_ARGS__)) [[unlikely]]                               \
      ::ringgate::assert_failed(#__VA_ARGS__, __FILE__, __LINE__); \
  } while (false)

/// Marks a place that control cannot reach, such as the end of a switch over every case; aborts if
/// it does.
#define UNREACHABLE() ::ringgate::assert_failed("unreachable", __FILE__, __LINE__)
