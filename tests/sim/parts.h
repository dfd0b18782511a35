// What a World is made of: links, nodes and clients. For the files of World only.
#pragma once

#include <set>

#include "base/hash.h"
#include "shard/mail.h"
#include "world.h"

namespace ringgate::sim {

using smpp::Command;

struct World::Link {
  unsigned shard = 0;
  LinkId id;
  ConnectionNumber number = 0;
  Esme* esme = nullptr;  // null once the client has let go
  // Octets on their way, first in first out.
  std::string up;
  std::string down;
  std::uint64_t up_arrived = 0;  // stream position that has reached the shard
  bool up_moving = false;
  bool down_moving = false;
  Octets sending;  // of the shard; in its memory
  bool paused = false;
  bool server_closed = false;
  bool reset = false;
  bool fin = false;  // no more will go up
  bool hangup_told = false;
  bool over = false;
  bool mute = false;       // reads nothing
  bool hoards = false;     // see hoards.cc
  std::string wire;        // what it has read of the next PDU
  Nanos asked_at = never;  // its enquire_link that is not answered
  struct FinalAnswer {
    std::uint64_t position;
    std::uint64_t attempt;
  };
  std::vector<FinalAnswer> final_answers;
};

/// Mail on its way, which owns what it carries until somebody takes it.
struct CarriedMail {
  explicit CarriedMail(const io::Mail& mail_in) : mail(mail_in) {}
  ~CarriedMail() {
    if (!taken) discard(mail);
  }
  CarriedMail(const CarriedMail&) = delete;
  CarriedMail& operator=(const CarriedMail&) = delete;

  io::Mail mail;
  bool taken = false;
};

struct World::Node final : io::Network, io::Mesh, io::Passwords, io::Disk {
  Node(World& world_in, unsigned index_in) : world(world_in), index(index_in) {}

  void apply(std::span<const io::LinkCommand> commands) override { world.apply(index, commands); }
  bool has_unread(LinkId link) override {
    for (const auto& one : links)
      if (one->id == link && !one->over) return !one->up.empty() || one->up_moving;
    return false;
  }
  void post(unsigned to, const io::Mail& mail) override {
    if (world.canary_ == Canary::lost_mail && mail.kind <= 3 && world.canary_countdown_ != 0 &&
        --world.canary_countdown_ == 0)
      return;
    Nanos& last = mail_arrival[to];
    last = std::max(last, world.now_ + (world.faulty_ ? world.delay(milliseconds(5)) : 0));
    world.input(to, last, [carried = std::make_shared<CarriedMail>(mail)](Shard& at) {
      carried->taken = true;
      at.on_mail(carried->mail);
    });
  }
  io::PasswordReply compare(const io::PasswordQuestion& asked) override {
    if (!asked.decoy && known(digest(asked))) return io::PasswordReply::known;
    if (world.faulty_ && world.prng_.chance(0.1)) return io::PasswordReply::full;
    const bool matches = asked.hash == "hash of " + asked.password;
    const auto verdict = matches ? io::PasswordVerdict::right : io::PasswordVerdict::wrong;
    world.input(index, world.now_ + world.delay(milliseconds(50)),
                [link = asked.link, question = asked.question, verdict](Shard& at) {
                  at.on_password(link, question, verdict);
                });
    return io::PasswordReply::asked;
  }
  io::PasswordDigest digest(const io::PasswordQuestion& asked) override {
    return {hash_64(as_octets(asked.account + "/" + asked.hash + "/" + asked.password)), 0};
  }
  // Whoever was bound is known until the node restarts.
  bool known(const io::PasswordDigest& digest) override { return passwords.contains(digest.low); }
  void hold(const io::PasswordDigest& digest) override { passwords.insert(digest.low); }

  void write(io::FileSlot file, std::uint64_t offset, Octets octets, std::uint32_t token) override {
    const bool fails = world.faulty_ && world.prng_.chance(world.disk_fault_rate_);
    auto& write = writes.emplace_back(std::make_shared<SimDisk::Write>(
        SimDisk::Write{{index, file}, offset, {octets.begin(), octets.end()}}));
    const auto size = static_cast<std::int64_t>(octets.size());
    const Nanos slow = world.faulty_ && world.prng_.chance(0.01) ? seconds(2) : 0;
    const Nanos when =
        world.now_ + microseconds(100) + world.delay(world.faulty_ ? world.disk_delay_ + slow : 0);
    world.input(index, when, [this, write, token, size, fails](Shard& at) {
      std::erase(writes, write);
      if (fails)
        world.disk_->tear(*write);
      else
        world.disk_->store(*write);
      at.on_disk(token, fails ? -EIO : size);
    });
  }
  void read(io::FileSlot file, std::uint64_t offset, std::span<std::uint8_t> to,
            std::uint32_t token) override {
    world.input(index, world.now_ + world.delay(milliseconds(2)),
                [this, file, offset, to, token](Shard& at) {
                  world.disk_->load({index, file}, offset, to);
                  at.on_disk(token, static_cast<std::int64_t>(to.size()));
                });
  }
  void outlive(std::uint8_t* memory) override { std::free(memory); }
  void prepare(io::FileSlot file) override {
    const bool full = world.faulty_ && world.prng_.chance(world.disk_full_rate_);
    world.input(index, world.now_ + world.delay(milliseconds(50)), [this, file, full](Shard& at) {
      if (!full) world.disk_->make({index, file});
      at.on_file(file, full ? -ENOSPC : 0);
    });
  }

  World& world;
  const unsigned index;
  std::vector<std::shared_ptr<SimDisk::Write>> writes;  // under way
  std::unique_ptr<Shard> shard;
  std::vector<std::function<void(Shard&)>> inputs;
  std::vector<std::shared_ptr<Link>> links;
  std::vector<Nanos> mail_arrival;
  std::set<std::uint64_t> passwords;  // digests of those that were right
  Nanos wake_at = never;
  Nanos last_turn = 0;
  std::uint64_t turns_at_once = 0;
};

struct World::Esme {
  enum class Temper : std::uint8_t { good, slow_reader, puts_off, silent, late };

  std::uint32_t account = 0;
  std::uint32_t number = 0;
  Command command = Command::bind_transceiver;
  std::uint8_t version = 0x34;
  std::uint32_t window = 1;
  Nanos submit_gap = milliseconds(100);
  Temper temper = Temper::good;
  bool drops = false;

  std::shared_ptr<Link> link;
  std::unique_ptr<Session> session;
  ConnectionNumber connection = 0;
  std::string wire;  // the stream as it came, for a look without the Session
  std::uint64_t written = 0;
  bool unbinding = false;
  bool paused = false;  // reads nothing for a while
  Nanos timer = never;

  bool receives() const { return command != Command::bind_transmitter; }
  bool transmits() const { return command != Command::bind_receiver; }
};

}  // namespace ringgate::sim
