// Accounts and addresses that look alike are not.
#include <gtest/gtest.h>

#include <string>

#include "simulator_world.h"

namespace ringgate::test {
namespace {

// In hashes of 16 bits that once stood for accounts, made of the last eight characters, these were
// one, found by trying such names.
constexpr std::string_view owner = "customer01";
constexpr std::string_view stranger = "customer02";

class Tenants : public States {
 protected:
  void of_owner(std::uint64_t id, ReceiptWish wish) {
    submit_changed(id, [&](Submit& one) {
      one.system_id = owner;
      one.outcome_wanted = wish != ReceiptWish::none;
    });
  }
};

// Aim: nobody asks for, changes or ends another account's message by its id, whatever the names.
// Method: a message that waits and one that nobody waits for; each operation, with and without the
// source address; then the owner, who can.
TEST_F(Tenants, ByIdOnlyTheOwn) {
  start();
  of_owner(7, ReceiptWish::always);
  of_owner(8, ReceiptWish::none);
  for (const std::uint64_t id : {std::uint64_t{7}, std::uint64_t{8}}) {
    for (const OperationKind kind :
         {OperationKind::query, OperationKind::replace, OperationKind::cancel}) {
      for (const std::string_view source : {"1000", ""})
        EXPECT_EQ(status_of({.kind = kind, .id = id, .source = source, .account = stranger}),
                  Status::ESME_RINVMSGID);
    }
    EXPECT_EQ(state_of(id, owner), MessageState::enroute);
    EXPECT_EQ(status_of({.kind = OperationKind::cancel, .id = id, .account = owner}),
              Status::ESME_ROK);
  }
}

// Aim: the same without an id. Method: a stranger who has messages of his own between the same
// addresses, and one who has none; and his replace_if_present_flag.
TEST_F(Tenants, ByAddressesOnlyTheOwn) {
  start();
  of_owner(7, ReceiptWish::always);
  EXPECT_EQ(ask(cancel_between("1000", "447700900123", stranger)).status, Status::ESME_RCANCELFAIL);
  submit_changed(9, [](Submit& one) { one.system_id = stranger; });
  EXPECT_EQ(ask(cancel_between("1000", "447700900123", stranger)).status, Status::ESME_ROK);
  EXPECT_EQ(state_of(9, stranger), MessageState::deleted);
  submit_changed(10, [](Submit& one) {
    one.system_id = stranger;
    one.replace_if_present_flag = 1;
  });
  EXPECT_EQ(state_of(7, owner), MessageState::enroute);
  EXPECT_EQ(ask(cancel_between("1000", "447700900123", owner)).status, Status::ESME_ROK);
  EXPECT_EQ(state_of(7, owner), MessageState::deleted);
  EXPECT_EQ(state_of(10, stranger), MessageState::enroute);
}

// Aim: the same of broadcasts. Method: query and cancel, with and without an id.
TEST_F(Tenants, BroadcastsOnlyTheOwn) {
  start();
  ask(operation({.kind = OperationKind::broadcast, .account = owner}));
  ask(operation({.kind = OperationKind::broadcast, .id = 8, .account = stranger}));
  EXPECT_EQ(status_of({.kind = OperationKind::query_broadcast, .account = stranger}),
            Status::ESME_RINVMSGID);
  Operation cancel = operation({.kind = OperationKind::cancel_broadcast, .account = stranger});
  EXPECT_EQ(ask(cancel).status, Status::ESME_RINVMSGID);
  cancel.names_id = false;
  EXPECT_EQ(ask(cancel).status, Status::ESME_ROK);
  EXPECT_EQ(ask(operation({.kind = OperationKind::query_broadcast, .account = owner})).state,
            MessageState::enroute);
  EXPECT_EQ(
      status_of({.kind = OperationKind::query_broadcast, .source = "31000", .account = owner}),
      Status::ESME_RINVMSGID);
}

// Aim: addresses are compared to their first digit, and with their type. Method: cancels and
// queries with addresses that agree in the last eight digits, and with another TON.
TEST_F(Tenants, WholeAddresses) {
  start();
  submit_changed(7, [](Submit& one) { one.source.text = "447700900999"; });
  submit_changed(8, [](Submit& one) {
    one.source.text = "447700900999";
    one.outcome_wanted = false;
  });
  EXPECT_EQ(ask(cancel_between("447700900999", "337700900123")).status, Status::ESME_RCANCELFAIL);
  EXPECT_EQ(ask(cancel_between("337700900999", "447700900123")).status, Status::ESME_RCANCELFAIL);
  Operation other_ton = cancel_between("447700900999", "447700900123");
  other_ton.destination.ton = 2;
  EXPECT_EQ(ask(other_ton).status, Status::ESME_RCANCELFAIL);
  for (const std::uint64_t id : {std::uint64_t{7}, std::uint64_t{8}}) {
    EXPECT_EQ(status_of({.id = id, .source = "337700900999"}), Status::ESME_RINVMSGID);
    EXPECT_EQ(status_of({.kind = OperationKind::replace, .id = id, .source = "337700900999"}),
              Status::ESME_RINVMSGID);
    Operation cancel =
        operation({.kind = OperationKind::cancel, .id = id, .source = "447700900999"});
    cancel.destination = {1, 1, "337700900123"};
    EXPECT_EQ(ask(cancel).status, Status::ESME_RINVMSGID);
    Operation query = operation({.id = id, .source = "447700900999"});
    EXPECT_EQ(ask(query).status, Status::ESME_ROK);
    query.source.ton = 1;
    EXPECT_EQ(ask(query).status, Status::ESME_RINVMSGID);
  }
  EXPECT_EQ(ask(cancel_between("447700900999", "447700900123")).status, Status::ESME_ROK);
}

// Aim: addresses that are too long to be kept are nobody else's. Method: data_sm's 64 characters,
// of which the first twenty agree with another's.
TEST_F(Tenants, LongAddresses) {
  start();
  const std::string prefix(20, '4');
  const std::string longer(64, '4');
  submit_changed(7, [&](Submit& one) { one.destination.text = longer; });
  EXPECT_EQ(ask(cancel_between("1000", prefix)).status, Status::ESME_RCANCELFAIL);
  EXPECT_EQ(ask(cancel_between("1000", longer)).status, Status::ESME_RCANCELFAIL);
  EXPECT_EQ(state(), MessageState::enroute);
  Operation cancel = operation({.kind = OperationKind::cancel});
  cancel.destination = {1, 1, prefix};
  EXPECT_EQ(ask(cancel).status, Status::ESME_RINVMSGID);
  submit_changed(8, [&](Submit& one) { one.source = {0, 0, longer}; });
  EXPECT_EQ(status_of({.id = 8, .source = prefix}), Status::ESME_RINVMSGID);
  advance(seconds(2));
  EXPECT_EQ(state(), MessageState::delivered);
}

// Aim: an account is known by its name and not by where the name lies. Method: two batches whose
// names lie at one place.
TEST_F(Tenants, NamesAtOnePlace) {
  start();
  std::string name(owner);
  submit_changed(7, [&](Submit& one) { one.system_id = name; });
  name = stranger;
  submit_changed(8, [&](Submit& one) { one.system_id = name; });
  EXPECT_EQ(status_of({.id = 7, .account = stranger}), Status::ESME_RINVMSGID);
  EXPECT_EQ(status_of({.id = 8, .account = stranger}), Status::ESME_ROK);
  EXPECT_EQ(status_of({.id = 8, .account = owner}), Status::ESME_RINVMSGID);
}

}  // namespace
}  // namespace ringgate::test
