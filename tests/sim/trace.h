// What happened, for people and for the comparison of two runs of one seed.
#pragma once

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>

#include <ringgate/types.h>

namespace ringgate::sim {

class Trace {
 public:
  /// `what` is a literal; the numbers mean what it says.
  void note(Nanos now, const char* what, std::uint64_t a = 0, std::uint64_t b = 0,
            std::uint64_t c = 0) {
    for (const char* at = what; *at != '\0'; ++at) mix(static_cast<std::uint8_t>(*at));
    for (const std::uint64_t number : {static_cast<std::uint64_t>(now), a, b, c}) mix(number);
    ++count_;
    entries_.push_back({now, what, a, b, c});
    if (entries_.size() > kept_max) entries_.pop_front();
  }
  std::uint64_t hash() const { return hash_; }
  std::uint64_t count() const { return count_; }

  void print() const {
    for (const Entry& entry : entries_)
      std::fprintf(stderr, "%14.6f %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                   static_cast<double>(entry.at) / 1e9, entry.what, entry.a, entry.b, entry.c);
  }

 private:
  static constexpr std::size_t kept_max = 200;
  struct Entry {
    Nanos at;
    const char* what;
    std::uint64_t a, b, c;
  };
  void mix(std::uint64_t number) {
    hash_ ^= number;
    hash_ *= 0x100'0000'01b3U;
    hash_ ^= hash_ >> 29;
  }

  std::deque<Entry> entries_;
  std::uint64_t hash_ = 0xcbf2'9ce4'8422'2325U;
  std::uint64_t count_ = 0;
};

}  // namespace ringgate::sim
