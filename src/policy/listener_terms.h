// On what terms a listener takes connections, and what has been used of its rate.
#pragma once

#include <string_view>

#include <ringgate/options.h>

#include "policy/networks.h"
#include "policy/rate_limit.h"

namespace ringgate {

/// Lives as long as the server, whatever becomes of the listener. Any thread.
struct ListenerTerms {
  explicit ListenerTerms(const ListenOptions& options)
      : networks(options.networks),
        proxies(options.proxy_from),
        has_proxies(!options.proxy_from.empty()),
        rate(Rate::per_second(options.rate, options.burst)),
        over_rate(options.over_rate),
        rate_status(options.rate_status) {}

  /// Whether `peer` has to say for whom it comes.
  bool is_proxy(std::string_view peer) const { return has_proxies && proxies.contain(peer); }

  const Networks networks;  ///< of clients, as a load balancer names them
  const Networks proxies;
  const bool has_proxies;
  const Rate rate;
  const OverRate over_rate;
  const Status rate_status;
  mutable RateLimit submits{0};
};

}  // namespace ringgate
