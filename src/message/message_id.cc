#include "message/message_id.h"

#include <charconv>

#include "message/id_codec.h"

namespace ringgate {
namespace {

// UUID version 8 (RFC 9562 §5.8: custom). The id fills custom_a, custom_b and the head of custom_c;
// the rest is zero.
//
//   iiiiiiii-iiii-8iii-8i00-000000000000      i = the sixteen digits of the id, in order
constexpr std::size_t uuid_size = 36;
constexpr char uuid_form[] = "iiiiiiii-iiii-8iii-8i00-000000000000";
static_assert(sizeof uuid_form == uuid_size + 1);

std::size_t write_uuid(MessageId id, char* to) {
  char digits[16];
  write_message_id(id, {}, digits);
  const char* digit = digits;
  for (std::size_t i = 0; i < uuid_size; ++i) to[i] = uuid_form[i] == 'i' ? *digit++ : uuid_form[i];
  return uuid_size;
}

std::optional<std::uint64_t> read_number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> read_uuid(std::string_view text) {
  if (text.size() != uuid_size) return std::nullopt;
  char digits[16];
  char* digit = digits;
  for (std::size_t i = 0; i < uuid_size; ++i) {
    if (uuid_form[i] == 'i')
      *digit++ = text[i];
    else if (text[i] != uuid_form[i])
      return std::nullopt;
  }
  return read_number({digits, sizeof digits}, 16);
}

}  // namespace

std::size_t write_message_id_rarely(MessageId id, IdStyle style, char* to) {
  if (style.interface_version < 0x34) {
    char digits[16];
    write_hex(style.codec != nullptr ? style.codec->short_form(id) : short_key(id, id.value),
              digits);
    std::memcpy(to, digits + 8, 8);
    return 8;
  }
  switch (style.format) {
    case IdFormat::decimal:
      return static_cast<std::size_t>(std::to_chars(to, to + message_id_text_max, id.value).ptr -
                                      to);
    case IdFormat::uuid:
      return write_uuid(id, to);
    case IdFormat::hex:
      break;
  }
  return write_message_id(id, {}, to);
}

std::optional<WrittenId> read_message_id(std::string_view text, IdStyle style) {
  std::optional<std::uint64_t> value;
  const bool is_short = style.interface_version < 0x34;
  if (is_short)
    value = text.size() == 8 ? read_number(text, 16) : std::nullopt;
  else if (style.format == IdFormat::hex)
    value = text.size() == 16 ? read_number(text, 16) : std::nullopt;
  else if (style.format == IdFormat::decimal)
    value = text.empty() || text[0] == '+' ? std::nullopt : read_number(text, 10);
  else
    value = read_uuid(text);
  if (!value) return std::nullopt;
  return WrittenId{MessageId{*value}, is_short};
}

}  // namespace ringgate

namespace ringgate {
inline namespace RINGGATE_ABI {

MessageIdText to_text(MessageId id) {
  MessageIdText out;
  write_message_id(id, {}, out.data());
  return out;
}

}  // namespace RINGGATE_ABI
}  // namespace ringgate
