#include "tls/certificate.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "tls/wolfssl.h"

namespace ringgate::tls {
namespace {

/// "991231235959Z" or "20491231235959Z" (RFC 5280 §4.1.2.5).
std::int64_t seconds_of(std::string_view text) {
  constexpr std::size_t short_length = 13;
  constexpr std::size_t long_length = 15;
  if ((text.size() != short_length && text.size() != long_length) || text.back() != 'Z') return 0;
  const auto number = [&text](std::size_t digits) {
    int out = 0;
    for (const char digit : text.substr(0, digits)) out = out * 10 + (digit - '0');
    text.remove_prefix(digits);
    return out;
  };
  const bool is_short = text.size() == short_length;
  int year = number(is_short ? 2 : 4);
  if (is_short) year += year < 50 ? 2000 : 1900;
  const int month = number(2);
  const int day = number(2);
  const std::chrono::sys_days date = std::chrono::year(year) /
                                     std::chrono::month(static_cast<unsigned>(month)) /
                                     std::chrono::day(static_cast<unsigned>(day));
  const int hours = number(2);
  const int minutes = number(2);
  const int seconds = number(2);
  return std::chrono::duration_cast<std::chrono::seconds>(date.time_since_epoch()).count() +
         (hours * 60 + minutes) * 60 + seconds;
}

void take_names(const DNS_entry* entry, std::vector<std::string>& out) {
  for (; entry != nullptr; entry = entry->next) {
    const bool is_text = entry->type == ASN_DNS_TYPE || entry->type == ASN_RFC822_TYPE ||
                         entry->type == ASN_URI_TYPE;
    if (is_text && entry->len > 0)
      out.emplace_back(entry->name, static_cast<std::size_t>(entry->len));
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool name_fits(std::string_view name, std::string_view server_name) {
  if (!name.starts_with("*.")) return lower(name) == server_name;
  const std::size_t dot = server_name.find('.');
  return dot != 0 && dot != server_name.npos && lower(name.substr(1)) == server_name.substr(dot);
}

}  // namespace

std::vector<std::string> Certificate::names() const {
  std::vector<std::string> out;
  if (!common_name.empty()) out.push_back(common_name);
  for (const std::string& name : alternative_names)
    if (name != common_name) out.push_back(name);
  return out;
}

bool Certificate::is_for(std::string_view server_name) const {
  const std::string wanted = lower(server_name);
  if (alternative_names.empty()) return name_fits(common_name, wanted);
  return std::any_of(alternative_names.begin(), alternative_names.end(),
                     [&](const std::string& name) { return name_fits(name, wanted); });
}

Result<Certificate> read_certificate(Octets der) {
  DecodedCert decoded;
  wc_InitDecodedCert(&decoded, der.data(), static_cast<word32>(der.size()), nullptr);
  const int result = wc_ParseCert(&decoded, CERT_TYPE, NO_VERIFY, nullptr);
  Certificate out;
  if (result == 0) {
    if (decoded.subjectCN != nullptr && decoded.subjectCNLen > 0)
      out.common_name.assign(decoded.subjectCN, static_cast<std::size_t>(decoded.subjectCNLen));
    take_names(decoded.altNames, out.alternative_names);
    take_names(decoded.altEmailNames, out.alternative_names);
    // Tag, length, text.
    if (decoded.afterDate != nullptr && decoded.afterDateLen > 2)
      out.not_after_s = seconds_of({reinterpret_cast<const char*>(decoded.afterDate) + 2,
                                    static_cast<std::size_t>(decoded.afterDateLen) - 2});
  }
  wc_FreeDecodedCert(&decoded);
  if (result != 0) return Error{ErrorCode::invalid, 0, reason(result)};
  return out;
}

Result<Certificate> read_pem_certificate(std::string_view pem) {
  DerBuffer* der = nullptr;
  const int result =
      wc_PemToDer(reinterpret_cast<const unsigned char*>(pem.data()), static_cast<long>(pem.size()),
                  CERT_TYPE, &der, nullptr, nullptr, nullptr);
  if (result != 0) return Error{ErrorCode::invalid, 0, reason(result)};
  auto out = read_certificate({der->buffer, der->length});
  wc_FreeDer(&der);
  return out;
}

}  // namespace ringgate::tls
