// Password hashes take milliseconds by design, so a shard asks for the comparison and goes on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/link_id.h"
#include "base/secret.h"

namespace ringgate::io {

/// What a pair of account and password is remembered by; see PasswordPool for how little it tells.
struct PasswordDigest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const PasswordDigest&, const PasswordDigest&) = default;
};

struct PasswordQuestion {
  LinkId link;
  std::uint64_t question = 0;  ///< the asker's name for it, which it never uses twice
  std::string account;         ///< system_id as the peer sent it
  std::string address;         ///< of the peer, as address_of() gives it
  std::string hash;            ///< as crypt(3) writes it; empty for a pair that is never compared
  Secret password;
  /// The comparison is made for the time it takes, so that a name that nobody has costs what others
  /// cost. Its outcome means nothing and is not remembered.
  bool decoy = false;
};

/// All of what is compared. None of the fields holds a NUL: they come from C-octet strings and from
/// crypt(3).
inline Secret text_of(const PasswordQuestion& question) {
  constexpr std::string_view gap("\0", 1);
  Secret text;
  text.reserve(question.account.size() + question.hash.size() + question.password.size() + 2);
  text.append(question.account).append(gap).append(question.hash).append(gap);
  text.append(question.password);
  return text;
}

enum class PasswordReply : std::uint8_t {
  asked,  ///< the answer comes as Shard::on_password in a later turn
  known,  ///< this pair has been found right before: there will be no other answer
  full,   ///< too many wait, and this asker has had more than they: refuse, the peer will be back
};

enum class PasswordVerdict : std::uint8_t {
  right,
  wrong,
  unchecked,  ///< gave way to others who have had less: refuse, but it was no wrong guess
};

class Passwords {
 public:
  /// Compares off the shard.
  virtual PasswordReply compare(const PasswordQuestion& question) = 0;

  // What has been found right is remembered for an hour from its last use. The defaults remember
  // nothing.

  virtual PasswordDigest digest(const PasswordQuestion&) { return {}; }
  /// Whether this pair has been found right before.
  virtual bool known(const PasswordDigest&) { return false; }
  /// A bind with this pair begins: it stays known while there is one.
  virtual void hold(const PasswordDigest&) {}
  /// Such a bind ends; the last one is the last use.
  virtual void release(const PasswordDigest&) {}

 protected:
  ~Passwords() = default;
};

}  // namespace ringgate::io
