#include "load/local_addresses.h"

#include <arpa/inet.h>

#include <cstdint>

namespace ringgate::load {

namespace {

constexpr std::size_t addresses_max = 65'536;

std::optional<std::uint32_t> ipv4_of(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::string ipv4_text_of(std::uint32_t number) {
  const in_addr address{htonl(number)};
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &address, text, sizeof text);
  return text;
}

}  // namespace

std::optional<std::vector<std::string>> local_addresses(std::string_view list, std::string& fault) {
  std::vector<std::string> out;
  const auto refuse = [&fault](const std::string& why) {
    fault = why;
    return std::nullopt;
  };
  for (bool more = true; more;) {
    const std::size_t comma = list.find(',');
    const std::string part(list.substr(0, comma));
    more = comma != list.npos;
    list.remove_prefix(more ? comma + 1 : list.size());
    if (is_ipv6(part)) {
      out.push_back(part);
      continue;
    }
    const std::size_t dash = part.find('-');
    const auto first = ipv4_of(part.substr(0, dash));
    const auto last = dash == part.npos ? first : ipv4_of(part.substr(dash + 1));
    if (!first || !last)
      return refuse("\"" + part +
                    "\" is no IPv4 or IPv6 address, nor a range such as 127.0.0.2-127.0.0.9");
    if (*first > *last) return refuse(part + " ends before it begins");
    if (*last - *first >= addresses_max - out.size()) return refuse("more than 65,536 addresses");
    for (std::uint32_t number = *first;; ++number) {
      out.push_back(ipv4_text_of(number));
      if (number == *last) break;
    }
  }
  return out;
}

}  // namespace ringgate::load
