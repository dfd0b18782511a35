#include "message/owned_content.h"

#include "base/assert.h"
#include "base/bytes.h"

namespace ringgate {

OwnedContent::OwnedContent(const Content& from) : content_(from) {
  const bool payload = is_payload(from);
  octets_.reserve(from.service_type.size() + from.source.text.size() +
                  from.destination.text.size() + from.schedule_delivery_time.size() +
                  from.validity_period.size() + from.tlvs.size() +
                  (payload ? 0 : from.text.size()));
  const std::size_t room = octets_.capacity();
  const auto keep = [this](Octets& view) {
    const std::size_t at = octets_.size();
    octets_.insert(octets_.end(), view.begin(), view.end());
    view = Octets(octets_.data() + at, view.size());
  };
  const auto keep_text = [&keep](std::string_view& view) {
    Octets octets = as_octets(view);
    keep(octets);
    view = as_text(octets);
  };
  keep_text(content_.service_type);
  keep_text(content_.source.text);
  keep_text(content_.destination.text);
  keep_text(content_.schedule_delivery_time);
  keep_text(content_.validity_period);
  keep(content_.tlvs);
  if (payload)
    content_.text = content_.tlvs.subspan(
        static_cast<std::size_t>(from.text.data() - from.tlvs.data()), from.text.size());
  else
    keep(content_.text);
  // The views would point to where the octets were before they moved.
  ASSERT(octets_.capacity() == room);
}

}  // namespace ringgate
