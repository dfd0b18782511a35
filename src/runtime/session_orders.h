// What a program asks of sessions and listeners while the server runs, carried out on the shards
// that have them.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <ringgate/server.h>

namespace ringgate::runtime {

struct Fleet;

/// As Server has them. One of a server; any thread.
class SessionOrders {
 public:
  /// The fleet outlives this.
  explicit SessionOrders(Fleet& fleet) : fleet_(fleet) {}

  std::string list(const SessionFilter& filter, std::vector<SessionInfo>& sessions);
  std::string end(const SessionFilter& filter, const SessionEnd& how, std::uint64_t& ended);
  Posted end(SessionId session, const SessionEnd& how);
  std::string listen(const ListenOptions& options, std::size_t& listener);
  std::string stop_listening(std::size_t listener);

 private:
  Fleet& fleet_;
  // One change of listeners at a time: an index is known to Listeners before the shard that accepts
  // has it, and an accept that is prepared goes to the kernel before its descriptor is closed.
  std::mutex listening_;
};

}  // namespace ringgate::runtime
