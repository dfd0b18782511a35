#include "journal/record.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/prng.h"

namespace ringgate::journal {
namespace {

std::string letters(Prng& prng, std::uint64_t most) {
  std::string out(prng.below(most + 1), 'x');
  for (char& c : out) c = static_cast<char>('a' + prng.below(26));
  return out;
}

/// One record as a batch would hold it.
RecordView view_of(const std::vector<std::uint8_t>& octets) {
  RecordView out;
  Octets rest = octets;
  bool broken = false;
  EXPECT_TRUE(next_record(rest, out, broken));
  EXPECT_FALSE(broken);
  EXPECT_TRUE(rest.empty());
  return out;
}

// Aim: a message comes back as it was written, whatever the sizes of its parts. Method: random
// messages, with every size from none to far beyond what one load copies.
TEST(JournalRecord, AcceptedComesBack) {
  Prng prng(1);
  for (int i = 0; i < 5'000; ++i) {
    const std::string source = letters(prng, 20), destination = letters(prng, 20);
    const std::string service = letters(prng, 5), schedule = letters(prng, 16);
    const std::string validity = letters(prng, 16);
    const std::string text = letters(prng, prng.chance(0.05) ? 65'535 : 200);
    const std::string tlvs = letters(prng, prng.chance(0.05) ? 70'000 : 40);
    Accepted message;
    message.id = MessageId{prng.next()};
    message.slot = static_cast<std::uint32_t>(prng.next());
    message.account = static_cast<std::uint32_t>(prng.next());
    message.submitted_s = static_cast<std::int64_t>(prng.next() >> 1);
    message.kind = static_cast<RecordKind>(prng.below(5));
    message.trimmed = prng.chance(0.5);
    message.default_alphabet = static_cast<DefaultAlphabet>(prng.below(5));
    message.esm_class = static_cast<std::uint8_t>(prng.next());
    message.protocol_id = static_cast<std::uint8_t>(prng.next());
    message.priority_flag = static_cast<std::uint8_t>(prng.next());
    message.registered_delivery = static_cast<std::uint8_t>(prng.below(0x20));
    message.data_coding = static_cast<std::uint8_t>(prng.next());
    message.replace_if_present_flag = static_cast<std::uint8_t>(prng.next());
    message.sm_default_msg_id = static_cast<std::uint8_t>(prng.next());
    message.source = {static_cast<std::uint8_t>(prng.next()),
                      static_cast<std::uint8_t>(prng.next()), source};
    message.destination = {static_cast<std::uint8_t>(prng.next()),
                           static_cast<std::uint8_t>(prng.next()), destination};
    message.service_type = service;
    message.schedule_delivery_time = schedule;
    message.validity_period = validity;
    message.text = as_octets(text);
    message.tlvs = as_octets(tlvs);
    // Dirty, and exactly as long as it says: under the sanitizer an octet too many shows.
    std::vector<std::uint8_t> octets(accepted_size(message), 0xEE);
    write_accepted(octets.data(), octets.size(), message);
    const auto back = read_accepted(view_of(octets));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->id, message.id);
    EXPECT_EQ(back->slot, message.slot);
    EXPECT_EQ(back->account, message.account);
    EXPECT_EQ(back->submitted_s, message.submitted_s);
    EXPECT_EQ(back->kind, message.kind);
    EXPECT_EQ(back->trimmed, message.trimmed);
    EXPECT_EQ(back->default_alphabet, message.default_alphabet);
    EXPECT_EQ(back->esm_class, message.esm_class);
    EXPECT_EQ(back->protocol_id, message.protocol_id);
    EXPECT_EQ(back->priority_flag, message.priority_flag);
    EXPECT_EQ(back->registered_delivery, message.registered_delivery);
    EXPECT_EQ(back->data_coding, message.data_coding);
    EXPECT_EQ(back->replace_if_present_flag, message.replace_if_present_flag);
    EXPECT_EQ(back->sm_default_msg_id, message.sm_default_msg_id);
    EXPECT_EQ(back->source.ton, message.source.ton);
    EXPECT_EQ(back->source.npi, message.source.npi);
    EXPECT_EQ(back->source.text, source);
    EXPECT_EQ(back->destination.ton, message.destination.ton);
    EXPECT_EQ(back->destination.npi, message.destination.npi);
    EXPECT_EQ(back->destination.text, destination);
    EXPECT_EQ(back->service_type, service);
    EXPECT_EQ(back->schedule_delivery_time, schedule);
    EXPECT_EQ(back->validity_period, validity);
    EXPECT_EQ(as_text(back->text), text);
    EXPECT_EQ(as_text(back->tlvs), tlvs);
  }
}

// Aim: a record that lies about its sizes is refused, never read beyond its end. Method: every
// octet of a record in turn gets every value; the memory is exactly as long as the record.
TEST(JournalRecord, SizesThatLie) {
  Accepted message;
  message.source.text = "447700900001";
  message.destination.text = "447700900002";
  message.text = as_octets("hello");
  std::vector<std::uint8_t> good(accepted_size(message));
  write_accepted(good.data(), good.size(), message);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      std::vector<std::uint8_t> bad = good;
      bad[at] = static_cast<std::uint8_t>(value);
      RecordView record;
      Octets rest = bad;
      bool broken = false;
      if (!next_record(rest, record, broken)) {
        EXPECT_TRUE(broken);
        continue;
      }
      const auto read = read_accepted(record);
      if (!read) continue;
      EXPECT_LE(accepted_size(*read), bad.size());
    }
  }
}

// Aim: records of versions that kept only the wish and the flag say the same. Method: the octet is
// taken out of a record.
TEST(JournalRecord, WishOfEarlierVersions) {
  for (const unsigned kept : {0x00u, 0x01u, 0x12u}) {
    Accepted message;
    message.registered_delivery = static_cast<std::uint8_t>(kept);
    std::vector<std::uint8_t> octets(accepted_size(message));
    write_accepted(octets.data(), octets.size(), message);
    octets[sizeof(RecordHeader) + offsetof(AcceptedBody, registered_delivery)] = 0;
    const auto back = read_accepted(view_of(octets));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->registered_delivery, kept);
  }
}

// Aim: what a replace_sm changes comes back.
TEST(JournalRecord, ReplacedComesBack) {
  Replaced message;
  message.wish = ReceiptWish::on_failure;
  message.sm_default_msg_id = 7;
  message.schedule_delivery_time = "231114221320000+";
  message.text = as_octets("another text");
  std::vector<std::uint8_t> octets(size_of(message), 0xEE);
  write_replaced(octets.data(), MessageId{99}, 5, message);
  const RecordView record = view_of(octets);
  EXPECT_EQ(record.header.slot, 5U);
  EXPECT_EQ(record.id(), MessageId{99});
  const auto back = read_replaced(record);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->wish, message.wish);
  EXPECT_EQ(back->sm_default_msg_id, 7);
  EXPECT_EQ(back->schedule_delivery_time, "231114221320000+");
  EXPECT_EQ(back->validity_period, "");
  EXPECT_EQ(as_text(back->text), "another text");
}

// Aim: any number of accounts fits the checkpoints, in as many records as it takes. Method: none,
// one, and far more than one record holds.
TEST(JournalRecord, Checkpoints) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{20'000}}) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back("account" + std::to_string(i));
    std::deque<std::vector<std::uint8_t>> records;
    put_checkpoints(names, 77,
                    [&](std::size_t size) { return records.emplace_back(size, 0xEE).data(); });
    EXPECT_EQ(records.size() > 1, count > 10'000);
    std::vector<std::string> back(count);
    for (const auto& octets : records) {
      const RecordView record = view_of(octets);
      EXPECT_EQ(record.fixed<CheckpointBody>()->next_sequence, 77U);
      EXPECT_TRUE(for_each_account(
          record, [&](std::uint32_t index, std::string_view name) { back.at(index) = name; }));
    }
    EXPECT_EQ(back, names);
  }
}

// Aim: a batch is recognised if and only if every octet of it is right. Method: each bit in turn is
// flipped, and each length cut short.
TEST(JournalRecord, BatchesAreWholeOrNothing) {
  std::vector<std::uint8_t> batch(sizeof(BatchHeader) + 48, 0);
  put_header(batch.data() + sizeof(BatchHeader), RecordType::closed, 0, 3, MessageId{4}, 16);
  BatchHeader header{};
  header.size = static_cast<std::uint32_t>(batch.size());
  header.sequence = 1;
  header.records = 1;
  const Epoch epoch{9, 77};
  seal_batch(batch.data(), header, epoch);
  ASSERT_TRUE(read_batch(batch, epoch).has_value());
  EXPECT_EQ(read_batch(batch, epoch)->epoch, 9U);
  for (std::size_t bit = 0; bit < batch.size() * 8; ++bit) {
    batch[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(read_batch(batch, epoch).has_value()) << bit;
    batch[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
  for (std::size_t size = 0; size < batch.size(); ++size)
    EXPECT_FALSE(read_batch(Octets(batch).first(size), epoch).has_value());
}

// Aim: a batch belongs to one epoch, and neither its number nor its salt nor its version can be
// another.
TEST(JournalRecord, BatchesOfOtherEpochs) {
  BatchHeader header{};
  header.size = sizeof header;
  const Epoch mine{9, 77};
  for (const Epoch& other :
       {Epoch{8, 77}, Epoch{9, 78}, Epoch{9, 0}, Epoch{9, 77, 1}, Epoch{9, 0, 1}}) {
    std::vector<std::uint8_t> batch(sizeof header);
    seal_batch(batch.data(), header, other);
    EXPECT_TRUE(read_batch(batch, other));
    EXPECT_FALSE(read_batch(batch, mine));
  }
}

// Aim: the text of a message_payload, which is the value of a TLV, is kept once, and read back from
// there. Method: a text that lies in the TLVs, and the same beside them.
TEST(JournalRecord, ATextInTheTlvsIsKeptOnce) {
  std::vector<std::uint8_t> tlvs = {0x02, 0x04, 0, 2, 1, 2, 0x04, 0x24, 0x03, 0xE8};
  tlvs.resize(tlvs.size() + 1000, 'x');
  tlvs.insert(tlvs.end(), {0x05, 0x01, 0, 0});
  const std::vector<std::uint8_t> beside(1000, 'x');
  Accepted message;
  message.id = MessageId{1};
  message.tlvs = tlvs;
  std::size_t sizes[2];
  for (const bool inside : {true, false}) {
    message.text = inside ? Octets(tlvs).subspan(10, 1000) : Octets(beside);
    const std::size_t size = accepted_size(message);
    std::vector<std::uint8_t> octets(size);
    write_accepted(octets.data(), size, message);
    Octets rest(octets);
    RecordView record;
    bool broken = false;
    ASSERT_TRUE(next_record(rest, record, broken));
    const auto read = read_accepted(record);
    ASSERT_TRUE(read);
    EXPECT_TRUE(std::ranges::equal(read->text, beside));
    EXPECT_TRUE(std::ranges::equal(read->tlvs, tlvs));
    sizes[inside ? 0 : 1] = size;
  }
  EXPECT_EQ(sizes[0] + 1000, sizes[1]);
}

// Aim: addresses that differ in any way have different hashes, nearly always. Method: neighbours.
TEST(JournalRecord, AddressHashes) {
  std::set<std::uint32_t> seen;
  std::size_t count = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    const std::string text = std::to_string(447'700'900'000 + i);
    for (const Address& address : {Address{0, 0, text}, Address{1, 1, text}}) {
      seen.insert(address_hash(address));
      ++count;
    }
  }
  for (std::size_t size = 0; size <= 20; ++size) {
    seen.insert(address_hash({0, 0, std::string(size, '7')}));
    ++count;
  }
  EXPECT_GE(seen.size() + 5, count);
}

}  // namespace
}  // namespace ringgate::journal
