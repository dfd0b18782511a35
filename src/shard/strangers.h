// Connections that have not bound: nobody answers for them, so they live on sufferance.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include <ringgate/types.h>

#include "base/counter.h"
#include "base/hash.h"
#include "base/intrusive_list.h"

namespace ringgate {

struct Connection;

/// What a connection keeps while it is a stranger.
struct Stranger {
  ListLink by_silence;
  ListLink of_address;
  std::string address;  ///< as policy/peer_address.h writes it
  Connection* connection = nullptr;
  Nanos heard_at = 0;  ///< when it came or last said something
};

struct StrangerLimits {
  std::uint32_t count_max = 2'500;
  std::uint32_t per_address_max = 1'000;
};

/// One shard's strangers, in the order in which they last said something. There are never too many:
/// when one more comes, the one that has been silent longest gives way, of the same address if that
/// has its share. One thread.
class Strangers {
 public:
  /// `gauge` says how many there are, and outlives this.
  Strangers(const StrangerLimits& limits, std::uint64_t hash_seed, Counter& gauge)
      : limits_(limits), gauge_(gauge), addresses_(0, SeededHash{hash_seed}) {}
  Strangers(const Strangers&) = delete;
  Strangers& operator=(const Strangers&) = delete;

  /// Who has to give way before one more may come from that address; null: nobody.
  Connection* in_the_way(const std::string& address);
  /// The one that has been silent longest; null if there is none.
  Connection* most_silent();

  void add(Stranger& stranger, Nanos now);
  /// It has said something.
  void heard(Stranger& stranger, Nanos now);
  /// It asks to be bound, or is going. Harmless for one that is no stranger.
  void remove(Stranger& stranger);

  std::size_t count() const { return by_silence_.size(); }

 private:
  const StrangerLimits limits_;
  Counter& gauge_;
  IntrusiveList<Stranger, &Stranger::by_silence> by_silence_;
  using OfAddress = IntrusiveList<Stranger, &Stranger::of_address>;
  std::unordered_map<std::string, OfAddress, SeededHash, std::equal_to<>> addresses_;
};

}  // namespace ringgate
