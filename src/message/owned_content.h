// Content that owns its octets.
#pragma once

#include <vector>

#include <ringgate/message.h>

namespace ringgate {

/// Whether the text came as the value of one of its TLVs (message_payload).
inline bool is_payload(const Content& content) {
  const auto from = reinterpret_cast<std::uintptr_t>(content.tlvs.data());
  const auto at = reinterpret_cast<std::uintptr_t>(content.text.data());
  return !content.text.empty() && at >= from &&
         at + content.text.size() <= from + content.tlvs.size();
}

/// A copy of what some Content says, in one piece of memory. A text that is one of the TLVs stays
/// one of them. What the views of its content point to moves with it.
class OwnedContent {
 public:
  explicit OwnedContent(const Content& from);
  OwnedContent(OwnedContent&&) = default;
  OwnedContent& operator=(OwnedContent&&) = default;

  const Content& operator*() const { return content_; }
  const Content* operator->() const { return &content_; }

 private:
  std::vector<std::uint8_t> octets_;
  Content content_;
};

}  // namespace ringgate
