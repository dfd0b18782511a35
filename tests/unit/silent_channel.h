// A channel that does nothing, for tests that want some of it.
#pragma once

#include <string>
#include <vector>

#include "io/channel.h"

namespace ringgate::test {

class SilentChannel : public io::Channel {
 public:
  Stage stage() const override { return Stage::shaking; }
  void put(Octets) override {}
  bool can_shake() const override { return true; }
  void shake() override {}
  std::size_t read(std::span<std::uint8_t>) override { return 0; }
  void write(Octets) override {}
  void finish() override {}
  Octets outgoing() override { return {}; }
  void sent(std::size_t) override {}
  std::string_view fault() const override { return {}; }
  std::string_view terms() const override { return {}; }
  bool resumed() const override { return false; }
  const std::vector<std::string>& names() const override { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace ringgate::test
