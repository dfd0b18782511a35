// Shards without a kernel: a network, a mesh and a clock that do exactly what a test says.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pdus.h"
#include "session/smpp_session.h"
#include "shard/shard.h"

namespace ringgate::test {

/// Answers as it is told, at once or by the test's hand.
class FakeBackend final : public Backend {
 public:
  struct Held {
    Ticket ticket;
    MessageId id;
    std::string system_id;
    std::string text;
    ReceiptWish wish;
    std::string destination{};
    SessionId session{};
  };
  struct Ended {
    MessageId id;
    DeliverResult how;
  };

  BackendWishes wishes() const noexcept override { return wished; }
  void on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept override {
    ++batches;
    for (const Submit& submit : submits) {
      EXPECT_EQ(submit.ticket.shard, replies.shard());
      held.push_back({submit.ticket, submit.id, std::string(submit.system_id),
                      std::string(as_text(submit.text)), submit.receipt(),
                      std::string(submit.destination.text), submit.session});
      if (report_first) replies.report(submit.ticket, outcome);
      if (refuses.contains(held.back().destination))
        replies.answer(submit.ticket, Status::ESME_RINVDSTADR);
      else if (answer)
        replies.answer(submit.ticket, *answer);
      if (report && !report_first) replies.report(submit.ticket, outcome);
    }
  }
  void on_delivered(std::span<const Delivered> all, Replies&) noexcept override {
    for (const Delivered& one : all) {
      ended.push_back({one.id, one.result});
      delivered.push_back(one);
    }
  }
  void on_safe(std::span<const MessageId> ids, Replies&) noexcept override {
    safe.insert(safe.end(), ids.begin(), ids.end());
  }
  void on_messages(std::span<const WholeMessage> messages, Now,
                   Replies& replies) noexcept override {
    for (const WholeMessage& message : messages)
      longs.push_back({{message.ids.begin(), message.ids.end()},
                       std::string(message.text),
                       message.is_text,
                       replies.shard()});
  }
  void on_incomplete_messages(std::span<const IncompleteMessage> messages, Now,
                              Replies&) noexcept override {
    for (const IncompleteMessage& message : messages)
      incomplete.push_back({message.ids.begin(), message.ids.end()});
  }
  void on_operations(std::span<const Operation> asked, Now, Replies& replies) noexcept override {
    for (const Operation& operation : asked) {
      operations.push_back({operation.kind, operation.ticket, operation.id, operation.names_id,
                            std::string(operation.source.text),
                            std::string(operation.destination.text), replies.shard(),
                            operation.session});
      if (operation_answer) replies.answer(operation.ticket, *operation_answer);
    }
  }

  struct Long {
    std::vector<MessageId> ids;
    std::string text;
    bool is_text;
    unsigned shard;
  };
  struct Asked {
    OperationKind kind;
    OperationTicket ticket;
    MessageId id;
    bool names_id;
    std::string source;
    std::string destination;
    unsigned shard;
    SessionId session;
  };
  std::optional<OperationAnswer> operation_answer =
      OperationAnswer{};  ///< at once; empty = not yet
  std::vector<Long> longs;
  std::vector<std::vector<MessageId>> incomplete;
  std::vector<Asked> operations;

  std::optional<Status> answer = Status::ESME_ROK;  ///< at once; empty = not yet
  std::set<std::string> refuses;                    ///< destinations, at once
  bool report = false;                              ///< at once, behind the answer
  bool report_first = false;                        ///< at once, before the answer
  Outcome outcome{MessageState::delivered, 0};
  std::deque<Held> held;
  BackendWishes wished;
  std::vector<Delivered> delivered;
  std::vector<MessageId> safe;
  std::vector<Ended> ended;
  unsigned batches = 0;
};

struct Peer {
  unsigned shard = 0;
  LinkId link;
  PduReader in;
  std::string text;           ///< all that it was sent, where it speaks another protocol
  std::string unsent;         ///< asked to be sent and not reported as gone
  bool reads = true;          ///< takes all it is sent
  std::size_t at_most = ~0u;  ///< octets per send
  bool paused = false;
  bool close_asked = false;
  bool released = false;
  unsigned pauses = 0;

  std::optional<Pdu> next() {
    if (in.pdus.empty()) return std::nullopt;
    Pdu out = std::move(in.pdus.front());
    in.pdus.pop_front();
    return out;
  }
};

struct WorldOptions {
  unsigned shards = 1;
  std::vector<AccountOptions> accounts;
  SessionLimits limits;
  Nanos ghost_probe = seconds(2);
  std::uint32_t connections_max = 32;
  std::uint32_t messages_max = 1'000;
  std::int64_t receipt_expiry_s = 3'600;
  std::vector<NumberOptions> numbers;
  LongMessageOptions long_messages;
  MessageIdCodec ids{IdKey{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8}};
  Log* log = nullptr;
  const Protocol* protocol = nullptr;  ///< null: SMPP
  Gate* gate = nullptr;
  bool journal = false;          ///< on disks that answer in the next turn, unless hold_disk
  journal::ShardStart restored;  ///< what each journal begins with; the test restores it
  /// Records of an earlier run, for one shard with a journal, and of how many messages.
  std::vector<std::uint8_t> restored_records{};
  std::uint32_t restored_messages = 0;
  std::uint32_t states_max = 65'536;
  std::uint32_t files_max = 16;  ///< of each journal, which has four to begin with
};

inline AccountOptions account(std::string system_id) {
  AccountOptions out;
  out.system_id = std::move(system_id);
  out.password = "secret";
  return out;
}

class World {
 public:
  /// `prepare` comes before the shards, which ask the backend for its wishes.
  explicit World(WorldOptions options, const std::function<void(FakeBackend&)>& prepare = {})
      : options_(std::move(options)),
        roster_(std::make_shared<const Roster>(options_.accounts, options_.numbers, now.mono)) {
    if (prepare) prepare(backend);
    for (unsigned i = 0; i < options_.shards; ++i) {
      Node& node = *nodes_.emplace_back(std::make_unique<Node>(*this, i));
      ShardOptions shard;
      shard.index = i;
      shard.count = options_.shards;
      shard.limits = options_.limits;
      shard.budget = make_budget(options_.connections_max, options_.shards, options_.messages_max);
      shard.receipt_expiry_s = options_.receipt_expiry_s;
      shard.seed = i;
      shard.ghost_probe = options_.ghost_probe;
      shard.long_messages = options_.long_messages;
      shard.ids = options_.ids;
      if (options_.journal) {
        ShardJournal& journal = shard.journal.emplace();
        journal.options = {static_cast<std::uint16_t>(i),
                           static_cast<std::uint16_t>(options_.shards),
                           {1},
                           std::uint64_t{1} << 20,
                           options_.files_max};
        journal.files = 4;
        journal.states_max = options_.states_max;
        journal.start = options_.restored;
        journal.start.messages = std::max(journal.start.messages, options_.restored_messages);
      }
      node.shard = std::make_unique<Shard>(
          shard, roster_, backend, node,
          ShardWorld{options_.protocol != nullptr ? *options_.protocol : smpp_, node, node,
                     options_.log != nullptr ? options_.log : &log, &node, options_.gate},
          now);
    }
    if (!options_.restored_records.empty()) restore(options_.restored_records);
  }

  /// Whatever a test does, nothing of one account is about to go to another.
  ~World() {
    for (unsigned i = 0; i < nodes_.size(); ++i) EXPECT_EQ(counters(i).misrouted.get(), 0U);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Shard& shard(unsigned index = 0) { return *nodes_[index]->shard; }
  const Directory& directory() const { return roster_->directory; }
  /// These are the accounts from now on, for the next roster that a shard is given.
  void change_accounts(std::vector<AccountOptions> accounts) {
    options_.accounts = std::move(accounts);
    const auto before = roster_;
    roster_ =
        std::make_shared<const Roster>(*before, options_.accounts, options_.numbers, now.mono);
    roster_->directory.take_over(before->directory, now.mono);
  }
  void adopt(unsigned index = 0) {
    turn(index, [this](Shard& at) { at.adopt(roster_); });
    settle();
  }
  void adopt_all() {
    for (unsigned i = 0; i < nodes_.size(); ++i) adopt(i);
  }
  const ShardCounters& counters(unsigned index = 0) { return shard(index).counters(); }
  std::uint64_t messages_open() {
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < nodes_.size(); ++i) sum += counters(i).messages_open.get();
    return sum;
  }

  /// One turn with whatever is under way for this shard, and `extra` in the middle of it.
  void turn(unsigned index, const std::function<void(Shard&)>& extra = {}) {
    Node& node = *nodes_[index];
    node.shard->begin_turn(now);
    for (Peer& peer : peers_)
      if (peer.shard == index && peer.reads && !peer.unsent.empty())
        carry(peer, std::min(peer.at_most, peer.unsent.size()));
    std::vector<LinkId> released;
    released.swap(node.released);
    for (const LinkId link : released) node.shard->on_released(link);
    for (auto& from : nodes_) {
      std::deque<io::Mail> mails;
      if (!hold_mail) mails.swap(from->mails[index]);
      for (const io::Mail& mail : mails) node.shard->on_mail(mail);
    }
    if (!hold_disk) {
      std::deque<std::pair<std::uint32_t, std::int64_t>> done;
      done.swap(node.disk);
      for (const auto& [token, result] : done)
        node.shard->on_disk(token, disk_error != 0 ? -disk_error : result);
    }
    if (node.wanted) node.shard->on_file(*std::exchange(node.wanted, std::nullopt), -ENOSPC);
    if (extra) extra(*node.shard);
    node.shard->end_turn();
  }

  /// Turns until nothing happens any more at this instant.
  void settle() {
    for (int i = 0; i < 2'000; ++i) {
      bool idle = true;
      for (unsigned shard = 0; shard < nodes_.size(); ++shard) {
        if (!has_work(shard)) continue;
        idle = false;
        turn(shard);
      }
      if (idle) return;
    }
    ADD_FAILURE() << "the shards never come to rest";
  }

  /// Lets time pass, with turns when a shard wants them and at no other time.
  void advance(Nanos period) {
    const Nanos until = now.mono + period;
    for (int i = 0; i < 100'000; ++i) {
      settle();
      Nanos next = never;
      for (auto& node : nodes_) next = std::min(next, node->shard->deadline());
      if (next > until) {
        set_time(until);
        return settle();
      }
      set_time(std::max(next, now.mono));
    }
    ADD_FAILURE() << "time does not pass";
  }

  /// A program hands it over on that shard. `id` is what it is called.
  Routed deliver(unsigned shard, const Deliver& message, MessageId* id = nullptr) {
    Routed routed = Routed::ok;
    MessageId given;
    turn(shard, [&](Shard& at) { routed = at.deliver(message, given); });
    settle();
    if (id != nullptr) *id = given;
    return routed;
  }

  Peer& connect(unsigned shard = 0, const char* from = "test",
                const ListenerTerms* terms = nullptr) {
    Peer& peer = peers_.emplace_back();
    peer.shard = shard;
    turn(shard, [&](Shard& at) { peer.link = at.on_link(from, false, 0, terms); });
    return peer;
  }
  Peer& connect_by_outbind(std::string_view system_id, std::string_view password) {
    Peer& peer = peers_.emplace_back();
    turn(0, [&](Shard& at) { peer.link = at.on_outbind("test", system_id, password); });
    settle();
    return peer;
  }
  void write(Peer& peer, const std::string& octets) {
    turn(peer.shard, [&](Shard& at) { at.on_bytes(peer.link, as_octets(octets)); });
    settle();
  }
  /// The connection ends from the peer's side.
  void drop(Peer& peer) {
    turn(peer.shard, [&](Shard& at) { at.on_hangup(peer.link, true); });
    settle();
  }
  /// Reports `count` octets of the send in flight as gone.
  void carry(Peer& peer, std::size_t count) {
    ASSERT_LE(count, peer.unsent.size());
    if (options_.protocol == nullptr)
      peer.in.add(as_octets(peer.unsent).first(count));
    else
      peer.text += peer.unsent.substr(0, count);
    peer.unsent.clear();
    nodes_[peer.shard]->shard->on_sent(peer.link, count);
  }
  /// What it is told next, ESME_RUNKNOWNERR for nothing.
  static Status answer_of(Peer& peer) {
    const auto answer = peer.next();
    return answer ? answer->status() : Status::ESME_RUNKNOWNERR;
  }
  Status bind(Peer& peer, smpp::Command command, const std::string& system_id,
              const std::string& password = "secret") {
    write(peer, bind_pdu(command, system_id, password));
    return answer_of(peer);
  }
  /// A bound connection.
  Peer& bound(const std::string& system_id, unsigned shard = 0,
              smpp::Command command = smpp::Command::bind_transceiver) {
    Peer& peer = connect(shard);
    EXPECT_EQ(bind(peer, command, system_id), Status::ESME_ROK);
    return peer;
  }
  void answer_deliver(Peer& peer, const Pdu& deliver, Status status = Status::ESME_ROK) {
    write(peer, pdu(smpp::Command::deliver_sm_resp, deliver.sequence_number(), status,
                    std::string_view("\0", 1)));
  }
  void answer(const FakeBackend::Held& held, Status status = Status::ESME_ROK) {
    turn(held.ticket.shard, [&](Shard& at) { at.answer(held.ticket, status); });
    settle();
  }
  void report(const FakeBackend::Held& held, MessageState state = MessageState::delivered) {
    turn(held.ticket.shard, [&](Shard& at) { at.report(held.ticket, {state, 0}); });
    settle();
  }

  /// What a journal's file holds.
  const std::vector<std::uint8_t>& file(io::FileSlot number, unsigned shard = 0) {
    return nodes_[shard]->content[number];
  }

  /// Somebody sets the wall clock.
  void set_clock(std::int64_t jump_s) {
    wall_start_s_ += jump_s;
    set_time(now.mono);
  }

  Now now{seconds(1'000), 1'700'000'000};
  FakeBackend backend;
  struct Lines final : Log {
    void write(LogLevel, std::string_view line) override { lines.emplace_back(line); }
    /// Those that begin like that.
    std::vector<std::string> of(std::string_view what) const {
      std::vector<std::string> out;
      for (const std::string& line : lines)
        if (line.starts_with(what)) out.push_back(line);
      return out;
    }
    std::vector<std::string> lines;
  };
  Lines log;
  bool hold_mail = false;
  std::map<MailKind, unsigned> posted;  ///< mails, whether or not they have arrived
  bool hold_disk = false;               ///< nothing becomes safe
  bool disk_is_full = false;            ///< files that are wanted cannot be made
  int disk_error = 0;                   ///< what the next writes end with
  bool passwords_full = false;
  std::set<std::uint64_t> unread;  ///< links of which something has arrived that was not read yet
  std::vector<io::PasswordQuestion> questions;
  static std::string text_of(const io::PasswordQuestion& question) {
    return question.account + "/" + question.hash + "/" + question.password.text();
  }
  std::set<std::string> passwords_known;             ///< by text_of()
  std::map<std::string, std::uint64_t> digests;      ///< ever asked for
  std::map<std::uint64_t, unsigned> passwords_held;  ///< by digest
  void answer(const io::PasswordQuestion& question, io::PasswordVerdict verdict) {
    turn(0, [&](Shard& at) { at.on_password(question.link, question.question, verdict); });
    settle();
  }

 private:
  struct Node final : io::Network, io::Mesh, io::Passwords, io::Disk {
    Node(World& in, unsigned number) : world(in), index(number) {}
    void apply(std::span<const io::LinkCommand> commands) override {
      for (const io::LinkCommand& command : commands) {
        Peer& peer = world.peer(index, command.link);
        switch (command.kind) {
          case io::LinkCommand::Kind::send:
            EXPECT_TRUE(peer.unsent.empty()) << "two sends at a time";
            EXPECT_FALSE(peer.close_asked);
            EXPECT_FALSE(command.octets.empty());
            peer.unsent = as_text(command.octets);
            break;
          case io::LinkCommand::Kind::pause:
            EXPECT_FALSE(peer.paused);
            peer.paused = true;
            ++peer.pauses;
            break;
          case io::LinkCommand::Kind::resume:
            EXPECT_TRUE(peer.paused);
            peer.paused = false;
            break;
          case io::LinkCommand::Kind::stream:
            break;
          case io::LinkCommand::Kind::abort:
          case io::LinkCommand::Kind::close:
            EXPECT_FALSE(peer.close_asked) << "closed twice";
            peer.close_asked = true;
            peer.released = true;
            peer.unsent.clear();
            released.push_back(command.link);
            break;
        }
      }
    }
    bool has_unread(LinkId link) override { return world.unread.contains(link.value); }
    void post(unsigned to, const io::Mail& mail) override {
      EXPECT_NE(to, index) << "mail to itself";
      ++world.posted[static_cast<MailKind>(mail.kind)];
      world.nodes_[index]->mails[to].push_back(mail);
    }
    io::PasswordReply compare(const io::PasswordQuestion& question) override {
      if (!question.decoy && world.passwords_known.contains(text_of(question)))
        return io::PasswordReply::known;
      if (world.passwords_full) return io::PasswordReply::full;
      world.questions.push_back(question);
      return io::PasswordReply::asked;
    }
    io::PasswordDigest digest(const io::PasswordQuestion& question) override {
      const auto [at, inserted] =
          world.digests.try_emplace(text_of(question), world.digests.size() + 1);
      return {at->second, 0};
    }
    bool known(const io::PasswordDigest& asked) override {
      for (const auto& [text, digest] : world.digests)
        if (digest == asked.low) return world.passwords_known.contains(text);
      return false;
    }
    void hold(const io::PasswordDigest& digest) override { ++world.passwords_held[digest.low]; }
    void release(const io::PasswordDigest& digest) override {
      EXPECT_NE(world.passwords_held[digest.low]--, 0u);
    }

    void write(io::FileSlot file, std::uint64_t offset, Octets octets,
               std::uint32_t token) override {
      std::vector<std::uint8_t>& to = content[file];
      to.resize(std::max<std::size_t>(to.size(), offset + octets.size()));
      std::copy(octets.begin(), octets.end(), to.begin() + static_cast<std::ptrdiff_t>(offset));
      disk.emplace_back(token, static_cast<std::int64_t>(octets.size()));
    }
    void read(io::FileSlot file, std::uint64_t offset, std::span<std::uint8_t> to,
              std::uint32_t token) override {
      ASSERT_LE(offset + to.size(), content[file].size());
      std::copy_n(content[file].begin() + static_cast<std::ptrdiff_t>(offset), to.size(),
                  to.begin());
      disk.emplace_back(token, static_cast<std::int64_t>(to.size()));
    }
    void outlive(std::uint8_t* memory) override { std::free(memory); }
    void prepare(io::FileSlot file) override {
      if (world.disk_is_full) wanted = file;
    }

    World& world;
    unsigned index;
    std::deque<std::pair<std::uint32_t, std::int64_t>> disk;  // writes under way
    std::map<io::FileSlot, std::vector<std::uint8_t>> content;
    std::optional<io::FileSlot> wanted;
    std::unique_ptr<Shard> shard;
    std::map<unsigned, std::deque<io::Mail>> mails;  // by receiver
    std::vector<LinkId> released;
  };

  Peer& peer(unsigned shard, LinkId link) {
    for (Peer& one : peers_)
      if (one.shard == shard && one.link == link) return one;
    ADD_FAILURE() << "a command for a link that was never made";
    return peers_.front();
  }
  bool has_work(unsigned index) {
    Node& node = *nodes_[index];
    if (!node.released.empty() || node.shard->deadline() <= now.mono) return true;
    if (!hold_disk && !node.disk.empty()) return true;
    if (node.wanted) return true;
    for (auto& from : nodes_)
      if (!hold_mail && !from->mails[index].empty()) return true;
    for (Peer& one : peers_)
      if (one.shard == index && one.reads && !one.unsent.empty()) return true;
    return false;
  }
  void set_time(Nanos mono) {
    now.mono = mono;
    now.wall_s = wall_start_s_ + (mono - seconds(1'000)) / seconds(1);
  }
  void restore(const std::vector<std::uint8_t>& records) {
    journal::BatchHeader header{};
    std::vector<std::uint8_t> batch(sizeof header);
    batch.insert(batch.end(), records.begin(), records.end());
    header.size = static_cast<std::uint32_t>(batch.size());
    journal::seal_batch(batch.data(), header, {1});
    shard().restore(1, header, batch);
    shard().restored();
  }

  std::int64_t wall_start_s_ = 1'700'000'000;
  WorldOptions options_;
  std::shared_ptr<const Roster> roster_;
  const SmppProtocol smpp_{};
  std::deque<Peer> peers_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

inline WorldOptions one_account(unsigned shards = 1, bool journal = false) {
  WorldOptions out;
  out.shards = shards;
  out.journal = journal;
  out.accounts = {account("esme")};
  return out;
}

}  // namespace ringgate::test
