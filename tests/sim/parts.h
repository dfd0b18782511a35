// What a World is made of: links, nodes and clients. For the files of World only.
#pragma once

#include <set>

#include "base/hash.h"
#include "seal.h"
#include "shard/mail.h"
#include "world.h"

namespace ringgate::sim {

using smpp::Command;

/// A connection: what its client, the net and the kernel know of it.
struct World::Link {
  // What the kernel holds of each direction.
  static constexpr std::size_t socket_size = 32 * 1024;

  enum class Receive : std::uint8_t { none, one, stream };

  ConnectionNumber number = 0;
  std::string peer;
  Esme* esme = nullptr;  // null once the client has let go
  bool established = false;

  // Octets on their way, first in first out.
  std::string up;
  std::string arrived;  // in the server's kernel
  std::string down;
  std::uint64_t received = 0;  // stream position that the server has read
  std::uint64_t said = 0;      // ... and of what its client has said in it
  /// Where the words of its client end in the stream, and among themselves.
  struct Mark {
    std::uint64_t position;
    std::uint64_t said;
  };
  std::deque<Mark> marks;
  bool up_moving = false;
  bool down_moving = false;
  bool fin = false;  // no more will go up
  bool fin_arrived = false;
  bool reset = false;

  // The server's socket.
  int socket = -1;
  unsigned shard = 0;
  LinkId id;
  Receive receive = Receive::none;
  bool receive_due = false;  // it completes in the next turn
  bool cancelled = false;
  Octets sending;  // in the shard's memory
  bool send_due = false;
  bool broken_off = false;
  bool server_closed = false;
  bool over = false;

  bool mute = false;                 // reads nothing
  bool hoards = false;               // see hoards.cc
  std::string wire;                  // what it has read of the next PDU
  std::uint64_t enquire_behind = 0;  // its enquire_link ends there
  Nanos asked_at = never;            // the server has read it, and has not answered
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
    if (taken) return;
    if (mail.kind == Arrivals::mail_adopt)
      take_parcel<Arrival>(mail);
    else
      discard(mail);
  }
  CarriedMail(const CarriedMail&) = delete;
  CarriedMail& operator=(const CarriedMail&) = delete;

  io::Mail mail;
  bool taken = false;
};

struct World::Node final : io::Sockets, io::Mesh, io::Passwords, io::Disk, io::Channels {
  Node(World& world_in, unsigned index_in) : world(world_in), index(index_in) {}

  // network.cc
  void accept(std::uint32_t listener) override;
  const ListenerTerms* terms(std::uint32_t) override { return nullptr; }
  void read_whole(int, std::uint32_t, std::span<std::uint8_t>) override {}
  void hang_up(int) override {}
  std::string peer(int socket) override;
  void tune(int) override {}
  void receive(int socket, LinkId link, bool streaming) override;
  void cancel_receive(LinkId link) override;
  void send(int socket, LinkId link, Octets octets) override;
  void end_sending(int socket) override;
  void break_off(int socket, LinkId link) override;
  void close(int socket) override { world.close_socket(socket); }
  bool has_unread(int socket) override;
  std::unique_ptr<io::Channel> make(std::uint32_t) override {
    return std::make_unique<Seal>(Seal::Side::server, world.seal_prng_.next());
  }
  void shake(LinkId link, io::Channel& channel, std::string_view address, bool begins) override;
  bool withdraw(io::Channel& channel) override { return steps.erase(&channel) != 0; }

  void post(unsigned to, const io::Mail& mail) override {
    if (world.canary_ == Canary::lost_mail && mail.kind <= 3 && world.canary_countdown_ != 0 &&
        --world.canary_countdown_ == 0)
      return;
    Nanos& last = mail_arrival[to];
    last = std::max(last, world.now_ + (world.faulty_ ? world.delay(milliseconds(5)) : 0));
    world.input(to, last, [this, carried = std::make_shared<CarriedMail>(mail)](Core& at) {
      carried->taken = true;
      world.follow(at);
      at.on_mail(carried->mail);
    });
  }
  io::PasswordReply compare(const io::PasswordQuestion& asked) override {
    if (!asked.decoy && known(digest(asked))) return io::PasswordReply::known;
    if (world.faulty_ && world.prng_.chance(0.1)) return io::PasswordReply::full;
    const bool matches = asked.hash == "hash of " + asked.password.text();
    const auto verdict = matches ? io::PasswordVerdict::right : io::PasswordVerdict::wrong;
    world.input(index, world.now_ + world.delay(milliseconds(50)),
                [link = asked.link, question = asked.question, verdict](Core& at) {
                  at.shard().on_password(link, question, verdict);
                });
    return io::PasswordReply::asked;
  }
  io::PasswordDigest digest(const io::PasswordQuestion& asked) override {
    return {hash_64(as_octets(asked.account + "/" + asked.hash + "/" + asked.password.text())), 0};
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
    ++disk_operations;
    world.input(index, when, [this, write, token, size, fails](Core& at) {
      --disk_operations;
      std::erase(writes, write);
      if (fails)
        world.disk_->tear(*write);
      else
        world.disk_->store(*write);
      at.shard().on_disk(token, fails ? -EIO : size);
    });
  }
  void read(io::FileSlot file, std::uint64_t offset, std::span<std::uint8_t> to,
            std::uint32_t token) override {
    ++disk_operations;
    world.input(index, world.now_ + world.delay(milliseconds(2)),
                [this, file, offset, to, token](Core& at) {
                  --disk_operations;
                  world.disk_->load({index, file}, offset, to);
                  at.shard().on_disk(token, static_cast<std::int64_t>(to.size()));
                });
  }
  void outlive(std::uint8_t* memory) override { std::free(memory); }
  void prepare(io::FileSlot file) override {
    const bool full = world.faulty_ && world.prng_.chance(world.disk_full_rate_);
    world.input(index, world.now_ + world.delay(milliseconds(50)), [this, file, full](Core& at) {
      if (!full) world.disk_->make({index, file});
      at.shard().on_file(file, full ? -ENOSPC : 0);
    });
  }

  Shard& shard() { return core->shard(); }

  World& world;
  const unsigned index;
  std::vector<std::shared_ptr<SimDisk::Write>> writes;  // under way
  unsigned disk_operations = 0;
  std::unique_ptr<Core> core;
  std::vector<std::function<void(Core&)>> inputs;
  std::vector<Nanos> mail_arrival;
  std::set<io::Channel*> steps;       // of handshakes, that wait for their thread
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
  std::unique_ptr<SmppSession> session;
  ConnectionNumber connection = 0;
  std::unique_ptr<Seal> seal;  // null: it speaks as it is
  std::string wire;            // the stream as it came, for a look without the Session
  std::uint64_t written = 0;
  std::uint64_t said = 0;  // octets that have left the session
  bool unbinding = false;
  bool paused = false;  // reads nothing for a while
  Nanos timer = never;

  bool receives() const { return command != Command::bind_transmitter; }
  bool transmits() const { return command != Command::bind_receiver; }
};

}  // namespace ringgate::sim
