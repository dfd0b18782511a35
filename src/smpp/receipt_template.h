// Receipt texts that are not quite 3.4 Appendix B: fields in braces, everything else as it stands.
//
//   id:{id} sub:{sub} submit date:{submit_date:12} stat:{stat} err:{err:3} text:"{text:20}"
//
// A field may have a number after a colon; the rows say what it means. "{{" and "}}" are braces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ringgate/message.h>

#include "message/long_quote.h"

namespace ringgate::smpp {

/// What a receipt can tell. All views need live only as long as the call.
struct ReceiptFields {
  std::string_view id;
  MessageState state = MessageState::delivered;
  std::int64_t submit_s = 0;  ///< wall clock; written as UTC
  std::int64_t done_s = 0;
  std::string_view err;   ///< as the client is to read it, zeros in front not needed
  std::string_view text;  ///< what is repeated of the message, in the receipt's alphabet:
  DefaultAlphabet alphabet = DefaultAlphabet::gsm7;  ///< what data_coding 0 means
  bool success = false;                              ///< whether {dlvrd} counts the message
  unsigned sub = 1;
};

enum class ReceiptField : std::uint8_t {
  literal,
  id,
  sub,
  dlvrd,
  submit_date,
  done_date,
  stat,
  err,
  text
};

/// A field of the language. Its number runs from `min` to `max` in steps of `step`; where max is 0
/// the field takes none.
struct ReceiptFieldRow {
  ReceiptField field;
  std::string_view name;
  unsigned given_none;  ///< the number where the template has none
  unsigned min;
  unsigned max;
  unsigned step;
  std::string_view meaning;
};

inline constexpr ReceiptFieldRow receipt_field_rows[] = {
    {ReceiptField::id, "id", 0, 0, 0, 1, "message id in the account's format"},
    {ReceiptField::sub, "sub", 3, 1, 3, 1, "messages submitted, with zeros up to that many digits"},
    {ReceiptField::dlvrd, "dlvrd", 3, 1, 3, 1,
     "messages delivered, with zeros up to that many digits"},
    {ReceiptField::submit_date, "submit_date", 10, 10, 14, 2,
     "when it was submitted, UTC: 10 YYMMDDhhmm, 12 YYMMDDhhmmss, 14 YYYYMMDDhhmmss"},
    {ReceiptField::done_date, "done_date", 10, 10, 14, 2, "when it ended, likewise"},
    {ReceiptField::stat, "stat", 0, 0, 0, 1, "DELIVRD, UNDELIV and the others of 3.4 Appendix B"},
    {ReceiptField::err, "err", 1, 1, 8, 1, "error, with zeros up to that many characters"},
    {ReceiptField::text, "text", 20, 1, quoted_characters_max, 1,
     "that many characters of the message at most"},
};

class ReceiptTemplate {
 public:
  /// 3.4 Appendix B: what an account without a template gets.
  static constexpr std::string_view appendix_b =
      "id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submit_date} done date:{done_date} stat:{stat} "
      "err:{err:3} text:{text}";
  /// The longest receipt that a template may make: sm_length cannot say more (3.4 §5.2.21).
  static constexpr std::size_t receipt_max = 254;
  static constexpr std::size_t id_max = 36;
  static constexpr std::size_t err_max = 8;

  /// Empty, and one line in `error` that names the position (from 1), if the text is no template or
  /// could make a receipt longer than receipt_max. Allocates; for start and reload.
  static std::optional<ReceiptTemplate> compile(std::string_view text, std::string& error);

  /// Writes the receipt, cut at `room`, without allocating; returns its size. Where id and err keep
  /// to id_max and err_max, and characters to one octet, size_max() octets are always enough, and
  /// else receipt_max.
  std::size_t write(const ReceiptFields& fields, char* to, std::size_t room) const;
  std::size_t size_max() const;
  /// The most characters of the text that one of its fields shows.
  unsigned text_characters() const;

 private:
  struct Op {
    ReceiptField field;
    std::uint16_t width;   // the field's number; the size of a literal
    std::uint16_t offset;  // of a literal in literals_
  };

  void add_literal(char octet);

  std::string literals_;
  std::vector<Op> ops_;
  std::size_t spare_ = 0;  // octets of a receipt that characters of more than one may take

  friend class ReceiptTemplateCompiler;
};

}  // namespace ringgate::smpp
