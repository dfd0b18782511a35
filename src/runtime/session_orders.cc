#include "runtime/session_orders.h"

#include <atomic>
#include <iterator>
#include <mutex>
#include <utility>

#include "base/link_id.h"
#include "options/option_faults.h"
#include "options/option_text.h"
#include "policy/peer_address.h"
#include "runtime/orders.h"
#include "uring/socket.h"

namespace ringgate::runtime {
namespace {

constexpr std::uint32_t grace_max_ms = 3'600'000;

/// Writes the address as those of peers are written. One line about it if it is none.
std::string canonical(std::string& address) {
  if (address.empty()) return {};
  const auto parsed = uring::parse_address(address, 0);
  if (!parsed) return "address: " + quoted(address) + " is no IPv4 or IPv6 address";
  address = host_of(parsed.value().text());
  return {};
}

std::string fault_of(const SessionEnd& how) {
  if (how.grace_ms <= grace_max_ms) return {};
  return "grace_ms: " + std::to_string(how.grace_ms) + " is above " + std::to_string(grace_max_ms);
}

}  // namespace

std::string SessionOrders::list(const SessionFilter& filter, std::vector<SessionInfo>& sessions) {
  if (on_shard_thread) return not_here("sessions");
  SessionFilter wanted = filter;
  if (std::string fault = canonical(wanted.address); !fault.empty()) return fault;
  std::mutex mutex;
  std::vector<SessionInfo> found;
  std::vector<SessionInfo> slice;
  on_every_shard(fleet_, [&, slice, from = std::uint32_t{0}](Core& core) mutable {
    slice.clear();
    from = core.shard().sessions().list(wanted, from, slice);
    const std::scoped_lock lock(mutex);
    std::move(slice.begin(), slice.end(), std::back_inserter(found));
    return from != 0;
  });
  sessions = std::move(found);
  return {};
}

std::string SessionOrders::end(const SessionFilter& filter, const SessionEnd& how,
                               std::uint64_t& ended) {
  if (on_shard_thread) return not_here("sessions");
  SessionFilter wanted = filter;
  std::string fault = canonical(wanted.address);
  if (fault.empty()) fault = fault_of(how);
  if (!fault.empty()) return fault;
  std::atomic<std::uint64_t> count = 0;
  on_every_shard(fleet_, [&](Core& core) {
    count += core.shard().sessions().end(wanted, how);
    return false;
  });
  ended = count;
  return {};
}

Posted SessionOrders::end(SessionId session, const SessionEnd& how) {
  const unsigned shard = shard_of(session);
  if (serial_of(session) == 0 || shard >= fleet_.shards.size() || !fault_of(how).empty())
    return Posted::misuse;
  auto work = [session, how](Core& core) {
    core.shard().sessions().end({session, {}, {}}, how);
    return false;
  };
  using Work = decltype(work);
  return fleet_.shards[shard]->inbox()->try_post(
      OrderItem{std::make_unique<SharedOrder<Work>>(std::move(work), nullptr)});
}

std::string SessionOrders::listen(const ListenOptions& options, std::size_t& listener) {
  if (on_shard_thread) return not_here("listen");
  if (std::string fault = faults_text(options); !fault.empty()) return fault;
  const std::scoped_lock lock(listening_);
  const auto opened = fleet_.listeners.open(options);
  if (!opened) return opened.error().text;
  bool accepts = false;
  on_shards(fleet_, 1, [this, &accepts](Core& core) {
    core.arrivals().listen(static_cast<std::uint32_t>(fleet_.listeners.count()));
    accepts = true;
    return false;
  });
  if (!accepts) {
    fleet_.listeners.close(opened.value());
    return "listen: the server has ended";
  }
  listener = opened.value();
  return {};
}

std::string SessionOrders::stop_listening(std::size_t listener) {
  if (on_shard_thread) return not_here("stop_listening");
  const std::scoped_lock lock(listening_);
  if (fleet_.listeners.port(listener) == 0)
    return "stop_listening: " + std::to_string(listener) + " is no listener's index";
  // Closed on the thread that accepts, where accepts are prepared at the end of a turn: none of
  // this descriptor is on its way to the kernel when another file gets its number.
  on_shards(fleet_, 1, [this, listener](Core& core) {
    core.arrivals().stop_listening(static_cast<std::uint32_t>(listener));
    fleet_.listeners.close(listener);
    return false;
  });
  fleet_.listeners.close(listener);  // where that thread has ended
  return {};
}

}  // namespace ringgate::runtime
