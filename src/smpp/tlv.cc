#include "smpp/tlv.h"

#include <algorithm>

namespace ringgate::smpp {

const wire::KeyedField* tlv_row(std::uint16_t tag) {
  const auto* found = std::lower_bound(
      tlv_rows.begin(), tlv_rows.end(), tag,
      [](const wire::KeyedField& row, std::uint16_t wanted) { return row.tag < wanted; });
  return found != tlv_rows.end() && found->tag == tag ? found : nullptr;
}

Status check_tlvs(Octets stream, std::uint16_t* culprit) {
  Cursor cursor{stream.data(), stream.data() + stream.size()};
  unsigned count = 0;
  while (cursor.left() != 0) {
    const auto item = wire::next_keyed(cursor);
    if (!item || ++count > tlv_count_max) return Status::ESME_RINVTLVSTREAM;
    const wire::KeyedField* row = tlv_row(item->tag);
    if (row != nullptr && (item->value.size() < row->min || item->value.size() > row->max)) {
      if (culprit != nullptr) *culprit = item->tag;
      return Status::ESME_RINVTLVLEN;
    }
  }
  return Status::ESME_ROK;
}

}  // namespace ringgate::smpp
