#include "shard/mail.h"

namespace ringgate {

void discard(const io::Mail& mail) {
  switch (static_cast<MailKind>(mail.kind)) {
    case MailKind::part:
    case MailKind::mo:
    case MailKind::mo_for_session:
      take_parcel<Parcel>(mail);
      return;
    case MailKind::alert:
      take_parcel<AlertParcel>(mail);
      return;
    case MailKind::operation:
      take_parcel<OperationParcel>(mail);
      return;
    case MailKind::hunt:
      take_parcel<HuntParcel>(mail);
      return;
    case MailKind::operation_answer:
      take_parcel<OperationAnswerParcel>(mail);
      return;
    default:
      return;  // Records belong to their slabs.
  }
}

}  // namespace ringgate
