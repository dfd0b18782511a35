// Small numbers for the accounts that the simulator has met.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/rarely.h"

namespace ringgate {

/// From 1; 0 is nobody's.
using AccountNumber = std::uint32_t;

/// One shard's: the same number for the same system_id and never for another, because names are
/// compared in full. It grows by one entry per account, of which the server has so many. One
/// thread.
class AccountNumbers {
 public:
  /// That account's number; a new one for a new account.
  AccountNumber number(std::string_view system_id) {
    const auto found = numbers_.find(system_id);
    if (found != numbers_.end()) return found->second;
    const auto fresh = static_cast<AccountNumber>(numbers_.size() + 1);
    numbers_.emplace(system_id, fresh);
    return fresh;
  }
  /// 0 if nothing has come from that account.
  AccountNumber find(std::string_view system_id) const {
    const auto found = numbers_.find(system_id);
    return found == numbers_.end() ? 0 : found->second;
  }

  /// number() for a batch, in which most are of one account whose name lies at one place. Only
  /// between begin_batch() and the end of the batch do names stay where they are.
  AccountNumber number_in_batch(std::string_view system_id) {
    if (system_id.data() != last_name_ || system_id.size() != last_size_ ||
        RARELY("a name is looked up once more")) [[unlikely]] {
      last_ = number(system_id);
      last_name_ = system_id.data();
      last_size_ = system_id.size();
    }
    return last_;
  }
  /// Before a batch and after it: a backend may be called again out of its own answers.
  void begin_batch() { last_name_ = nullptr; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  std::unordered_map<std::string, AccountNumber, Hash, std::equal_to<>> numbers_;
  const char* last_name_ = nullptr;
  std::size_t last_size_ = 0;
  AccountNumber last_ = 0;
};

}  // namespace ringgate
