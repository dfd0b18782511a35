// submit_multi: the list of destinations between the head and the tail of a submit_sm (5.0 §4.2.4).
#pragma once

#include "smpp/content_rows.h"

namespace ringgate::smpp {

// The head of a submit_sm, a counted list of destinations, the tail of a submit_sm, both read by
// submit_sm's own rows.
inline constexpr std::span<const Field> submit_multi_head{content_rows<ShortMessage>.data(), 4};
inline constexpr std::span<const Field> submit_multi_tail{content_rows<ShortMessage>.data() + 7,
                                                          10};
static_assert(submit_multi_head.back().name == "source_addr" &&
              submit_multi_tail.front().name == "esm_class");

/// Walks dest_address[] one entry at a time; works on a list being checked and on one that has
/// been.
class DestinationList {
 public:
  explicit DestinationList(Cursor cursor) : cursor_(cursor) {}
  explicit DestinationList(Octets list) : cursor_{list.data(), list.data() + list.size()} {}

  /// Reads the next entry; anything but ESME_ROK is the answer to the whole PDU.
  Status next(DestAddress& out) {
    if (cursor_.left() < 1) return Status::ESME_RINVCMDLEN;
    const std::uint8_t dest_flag = *cursor_.at++;
    if (dest_flag == dest_flag_distribution_list) {
      DistributionList list;
      const wire::Verdict verdict = wire::decode_any(DistributionList::fields, cursor_, &list);
      if (!verdict.ok()) return status_of<DistributionList>(verdict);
      // Distribution lists live at a message centre; an edge has none.
      return Status::ESME_RCNTSUBDL;
    }
    if (dest_flag != dest_flag_sme_address) return Status::ESME_RINVDESTFLAG;
    return status_of<DestAddress>(wire::decode_any(DestAddress::fields, cursor_, &out));
  }

  Cursor cursor() const { return cursor_; }

 private:
  Cursor cursor_;
};

/// Reads a whole submit_multi body, all but its destinations into `message`. On ESME_ROK `cursor`
/// stands on the TLVs and `list` holds the entries.
inline Status decode_submit_multi(Cursor& cursor, std::uint8_t interface_version, Content& message,
                                  Octets& list, std::uint8_t& count) {
  const wire::Verdict head = wire::decode_any(submit_multi_head, cursor, &message);
  if (!head.ok()) return status_of(head, submit_multi_head);
  if (cursor.left() < 1) return Status::ESME_RINVCMDLEN;
  count = *cursor.at++;
  if (count == 0 || (count == 255 && interface_version < 0x50)) return Status::ESME_RINVNUMDESTS;
  const std::uint8_t* const begin = cursor.at;
  DestinationList entries(cursor);
  for (unsigned i = 0; i < count; ++i) {
    DestAddress entry;
    const Status status = entries.next(entry);
    if (status != Status::ESME_ROK) return status;
  }
  cursor = entries.cursor();
  list = Octets(begin, cursor.at);
  return status_of(wire::decode_any(submit_multi_tail, cursor, &message), submit_multi_tail);
}

}  // namespace ringgate::smpp
