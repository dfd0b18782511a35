// TLV streams: the verdict, and what is found in them, against a reader that shares no code.
#include "base/bytes.h"
#include "smpp/tlv.h"
#include "target.h"

namespace ringgate::fuzz {
namespace {

struct Item {
  unsigned tag;
  std::string value;
};

/// False when the stream does not end with a parameter's end.
bool read(Octets stream, std::vector<Item>& items) {
  std::size_t at = 0;
  while (at != stream.size()) {
    if (stream.size() - at < 4) return false;
    const unsigned tag = stream[at] * 256u + stream[at + 1];
    const std::size_t size = stream[at + 2] * 256u + stream[at + 3];
    at += 4;
    if (stream.size() - at < size) return false;
    items.push_back({tag, std::string(as_text(stream.subspan(at, size)))});
    at += size;
  }
  return true;
}

/// The row's own check, found without the binary search.
bool size_fits(const Item& item) {
  for (const wire::KeyedField& row : smpp::tlv_rows)
    if (row.tag == item.tag) return item.value.size() >= row.min && item.value.size() <= row.max;
  return true;
}

}  // namespace

void run_tlv(Octets octets) {
  const ExactCopy copy(octets);
  const Octets stream = copy.octets();
  std::vector<Item> items;
  const bool whole = read(stream, items);
  std::uint16_t culprit = 0;
  const Status status = smpp::check_tlvs(stream, &culprit);
  ASSERT(smpp::check_tlvs(stream) == status);

  const auto bad = std::find_if_not(items.begin(), items.end(), size_fits);
  const auto bad_index = static_cast<std::size_t>(bad - items.begin());
  if (bad != items.end() && bad_index < smpp::tlv_count_max) {
    ASSERT(status == Status::ESME_RINVTLVLEN);
    ASSERT(culprit == bad->tag);
  } else if (!whole || items.size() > smpp::tlv_count_max) {
    ASSERT(status == Status::ESME_RINVTLVSTREAM);
  } else {
    ASSERT(status == Status::ESME_ROK);
  }
  if (status != Status::ESME_ROK) return;

  std::string again(stream.size(), '\0');
  auto* to = reinterpret_cast<std::uint8_t*>(again.data());
  for (const Item& item : items) {
    const auto tag = static_cast<std::uint16_t>(item.tag);
    to = wire::write_keyed(tag, as_octets(item.value), to);
    const auto first = std::find_if(items.begin(), items.end(),
                                    [&](const Item& other) { return other.tag == item.tag; });
    const auto found = smpp::find_tlv(stream, static_cast<smpp::Tag>(tag));
    ASSERT(found.has_value());
    ASSERT(as_text(*found) == first->value);
  }
  ASSERT(again == as_text(stream));
  const bool has_payload = std::any_of(items.begin(), items.end(), [](const Item& item) {
    return item.tag == static_cast<unsigned>(smpp::Tag::message_payload);
  });
  ASSERT(smpp::find_tlv(stream, smpp::Tag::message_payload).has_value() == has_payload);
}

/// Each tag with its shortest and its longest value, once and twice.
Seeds seeds_of_tlv(const SeedSource&) {
  Seeds out;
  for (const wire::KeyedField& row : smpp::tlv_rows) {
    for (const std::uint16_t size : {row.min, row.max}) {
      if (size > 255) continue;
      const std::string value(size, 'v');
      std::string stream(wire::keyed_header_size + size, '\0');
      wire::write_keyed(row.tag, as_octets(value), reinterpret_cast<std::uint8_t*>(stream.data()));
      out.push_back(stream);
      out.push_back(stream + stream);
    }
  }
  return out;
}

}  // namespace ringgate::fuzz
