// A house with nobody in it, for tests of single rooms: its world writes down what it is asked for.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../journal/fake_disk.h"
#include "session/smpp_session.h"
#include "shard/books.h"
#include "shard/house.h"
#include "shard/links.h"

namespace ringgate::test {

struct HouseOptions {
  unsigned count = 1;  ///< of shards; the house is the first
  bool journal = false;
  std::vector<std::string> accounts = {"test"};
  std::uint32_t messages = 16;
  double rate = 0;  ///< submits per second
};

class HouseWorld : Backend, Replies, Verdicts, io::Network, io::Mesh, io::Passwords, Log {
 public:
  static constexpr std::uint32_t files = 4;
  static constexpr std::uint32_t connections_max = 4;

  explicit HouseWorld(const HouseOptions& wanted = {})
      : house(options_of(wanted),
              std::make_shared<const Roster>(accounts_of(wanted), std::vector<NumberOptions>{}, 0),
              *this, *this, *this, *this, ShardWorld{protocol, *this, *this, this, &disk},
              Now{seconds(1), 1'800'000'000}),
        books(house.options, house.directory()) {
    for (io::FileSlot file = 0; file < files; ++file) disk.make(file);
  }

  /// One more connection, which has a name and no bind.
  Connection& connect(Links& links) {
    Connection* const made = links.make(house.limits, "192.0.2.7:40000", house.now);
    links.name(*made);
    return *made;
  }
  std::uint64_t octets() { return books.uses.of(0).journal_octets; }

  SmppProtocol protocol;
  journal::test::FakeDisk disk;
  House house;
  Books books;

  // What the world was asked for.

  std::vector<std::pair<unsigned, io::Mail>> posted;
  std::vector<std::string> lines;
  std::vector<std::pair<MessageId, DeliverResult>> delivered;
  std::vector<std::string> submitted;  ///< the texts
  std::vector<std::string> longs;

 private:
  static std::vector<AccountOptions> accounts_of(const HouseOptions& wanted) {
    std::vector<AccountOptions> accounts(wanted.accounts.size());
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      accounts[i].system_id = accounts[i].password = wanted.accounts[i];
      accounts[i].rate = wanted.rate;
    }
    return accounts;
  }
  static ShardOptions options_of(const HouseOptions& wanted) {
    ShardOptions options;
    options.count = wanted.count;
    options.budget = make_budget(connections_max, wanted.count, wanted.messages);
    options.account_share = 1;
    if (!wanted.journal) return options;
    ShardJournal& journal = options.journal.emplace();
    journal.options.epoch = {1, 99};
    journal.options.segment_size = journal::test::segment_size;
    journal.options.files_max = 16;
    journal.files = files;
    return options;
  }

  void on_submits(std::span<const Submit> submits, Now, Replies&) noexcept override {
    for (const Submit& submit : submits) submitted.emplace_back(as_text(submit.text));
  }
  void on_delivered(std::span<const Delivered> ended, Replies&) noexcept override {
    for (const Delivered& one : ended) delivered.emplace_back(one.id, one.result);
  }
  void on_messages(std::span<const WholeMessage> messages, Now, Replies&) noexcept override {
    for (const WholeMessage& message : messages) longs.emplace_back(message.text);
  }
  Posted answer(Ticket, Status) override { return Posted::ok; }
  Posted report(Ticket, Outcome) override { return Posted::ok; }
  Posted answer(OperationTicket, const OperationAnswer&) override { return Posted::ok; }
  Routed deliver(const Deliver&, MessageId&) override { return Routed::no_account; }
  Routed alert(const Alert&) override { return Routed::no_account; }
  unsigned shard() const override { return 0; }
  Posted decide(std::span<const BindVerdict>, std::size_t&) override { return Posted::gone; }
  void apply(std::span<const io::LinkCommand>) override {}
  bool has_unread(LinkId) override { return false; }
  void post(unsigned shard, const io::Mail& mail) override { posted.emplace_back(shard, mail); }
  io::PasswordReply compare(const io::PasswordQuestion&) override {
    return io::PasswordReply::full;
  }
  void write(LogLevel, std::string_view line) override { lines.emplace_back(line); }
};

}  // namespace ringgate::test
