// What stands for TLS in the simulator: a channel with a handshake of two rounds, and records that
// are cut anywhere, which say nothing unless they are whole and in their order. It is no secret
// from anybody, and draws nothing but from its seed, so that a run can be repeated.
//
//   ESME                      server
//   hello            ->
//                    <-       hello
//   ready            ->
//   data, close      <->      data, close
//
// A record is its kind, the length of its text in two octets, and the text, masked by how many
// octets came before it.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/prng.h"
#include "base/units.h"
#include "io/channel.h"

namespace ringgate::sim {

/// One end of it.
class Seal final : public io::Channel {
 public:
  enum class Side { esme, server };

  Seal(Side side, std::uint64_t seed) : side_(side), prng_(seed) {
    if (side_ == Side::esme) add('h', "");
  }

  Stage stage() const override { return stage_; }
  void put(Octets octets) override {
    ASSERT(hears());
    in_ += as_text(octets);
    if (stage_ == Stage::shaking && side_ == Side::server && !greeted_ && in_.front() != 'h')
      stage_ = Stage::plain;
  }
  bool can_shake() const override { return whole() != 0; }
  void shake() override {
    ASSERT(stage_ == Stage::shaking);
    while (stage_ == Stage::shaking && whole() != 0) {
      const char kind = take().first;
      if (kind == 'h' && side_ == Side::server && !greeted_) {
        greeted_ = true;
        add('h', "");
      } else if (kind == 'h' && side_ == Side::esme) {
        add('r', "");
        stage_ = Stage::open;
      } else if (kind == 'r' && side_ == Side::server && greeted_) {
        stage_ = Stage::open;
      } else {
        fail();
      }
    }
  }
  std::size_t read(std::span<std::uint8_t> to) override {
    ASSERT(stage_ != Stage::shaking);
    if (to.empty() || stage_ == Stage::over) return 0;
    if (stage_ == Stage::plain) text_ += std::exchange(in_, {});
    while (text_.empty() && stage_ == Stage::open && whole() != 0) {
      auto [kind, text] = take();
      if (kind == 'd')
        text_ = std::move(text);
      else if (kind == 'c')
        stage_ = Stage::half;
      else
        fail();
    }
    const std::size_t count = std::min(to.size(), text_.size());
    std::copy_n(text_.begin(), count, to.begin());
    text_.erase(0, count);
    return count;
  }
  void write(Octets octets) override {
    ASSERT(stage_ != Stage::shaking);
    if (stage_ == Stage::over) return;
    if (stage_ == Stage::plain) {
      out_ += as_text(octets);
      return;
    }
    for (std::string_view rest = as_text(octets); !rest.empty();) {
      const std::size_t count = prng_.chance(0.2)
                                    ? 1 + prng_.below(std::min<std::size_t>(rest.size(), 40))
                                    : std::min<std::size_t>(rest.size(), record_max);
      add('d', rest.substr(0, count));
      rest.remove_prefix(count);
    }
  }
  void finish() override {
    if (stage_ == Stage::open || stage_ == Stage::half) add('c', "");
  }
  Octets outgoing() override {
    if (leaving_.empty()) leaving_ = std::exchange(out_, {});
    return as_octets(leaving_);
  }
  void sent(std::size_t count) override {
    ASSERT(count <= leaving_.size());
    leaving_.erase(0, count);
  }
  std::string_view fault() const override { return fault_; }
  std::string_view terms() const override { return stage_ == Stage::open ? "sealed" : ""; }
  bool resumed() const override { return false; }
  const std::vector<std::string>& names() const override { return names_; }

 private:
  static constexpr std::size_t head_size = 3;
  static constexpr std::size_t record_max = 16'000;

  /// Of the record that is there; 0: it is not, or not whole.
  std::size_t whole() const {
    if (in_.size() < head_size) return 0;
    const std::size_t size = head_size + load_be16(as_octets(in_).data() + 1);
    return in_.size() < size ? 0 : size;
  }
  std::pair<char, std::string> take() {
    const std::size_t size = whole();
    std::pair<char, std::string> out{in_.front(), in_.substr(head_size, size - head_size)};
    in_.erase(0, size);
    mask(out.second, taken_);
    return out;
  }
  void add(char kind, std::string_view text) {
    std::string record(head_size, kind);
    store_be16(reinterpret_cast<std::uint8_t*>(record.data()) + 1,
               static_cast<std::uint16_t>(text.size()));
    std::string masked(text);
    mask(masked, given_);
    out_ += record + masked;
  }
  static void mask(std::string& text, std::uint64_t& before) {
    for (char& octet : text) octet = static_cast<char>(octet ^ static_cast<char>(++before));
  }
  void fail() {
    stage_ = Stage::over;
    fault_ = "a record out of its order";
  }

  const Side side_;
  Prng prng_;
  Stage stage_ = Stage::shaking;
  bool greeted_ = false;
  std::string in_;
  std::string text_;  // of the last record, what was not read yet
  std::string out_;
  std::string leaving_;  // what the socket may be sending
  std::uint64_t taken_ = 0;
  std::uint64_t given_ = 0;
  std::string_view fault_;
  const std::vector<std::string> names_{};
};

}  // namespace ringgate::sim
