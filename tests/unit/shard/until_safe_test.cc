#include "shard/until_safe.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

namespace ringgate {

struct KeptPartTest {
  static void set_batch(MessageRecord& record, std::uint64_t batch) {
    record.kept = {};
    record.kept.batch_ = batch;
  }
};

namespace {

struct Heard {
  std::vector<std::uint64_t> decided;
  unsigned looked = 0;
  std::vector<std::uint64_t> sent;
  std::vector<std::pair<unsigned, std::uint64_t>> posted;

  void settle(UntilSafe& waiting, std::uint64_t safe) {
    waiting.settle(
        safe,
        [this](const ResubmitWatch::Answered& one) { decided.push_back(one.watched.id.value); },
        [this](Connection&) { ++looked; },
        [this](MessageRecord& record) { sent.push_back(record.kept.batch()); },
        [this](unsigned shard, const io::Mail& mail) {
          posted.push_back({shard, mail.link});
        });
  }
};

io::Mail mail(std::uint64_t link) {
  return {static_cast<std::uint8_t>(MailKind::bind_added), 0, 0, 0, link, 0};
}

// Aim: each goes when its batch is safe, not before, and in the order in which it came.
TEST(UntilSafe, GoesWithItsBatch) {
  std::array<MessageRecord, 3> records;
  UntilSafe waiting;
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].link = {};
    KeptPartTest::set_batch(records[i], 5 + i);
    waiting.add(records[i]);
  }
  waiting.add(5, 1, mail(50));
  waiting.add(6, 2, mail(60));
  waiting.add(6, 1, mail(61));
  for (const std::uint64_t batch : {5u, 6u, 6u, 7u}) {
    ResubmitWatch::Answered answered;
    answered.watched.id = MessageId{batch * 10};
    waiting.add(batch, answered);
  }
  Heard heard;
  heard.settle(waiting, 4);
  EXPECT_TRUE(heard.sent.empty() && heard.posted.empty() && heard.decided.empty());
  EXPECT_TRUE(waiting.has_seen(4));
  EXPECT_FALSE(waiting.has_seen(6));
  heard.settle(waiting, 6);
  EXPECT_EQ(heard.sent, (std::vector<std::uint64_t>{5, 6}));
  EXPECT_EQ(heard.posted,
            (std::vector<std::pair<unsigned, std::uint64_t>>{{1, 50}, {2, 60}, {1, 61}}));
  EXPECT_EQ(heard.decided, (std::vector<std::uint64_t>{50, 60, 60}));
  heard.settle(waiting, 7);
  EXPECT_EQ(heard.decided.back(), 70U);
  EXPECT_EQ(heard.sent.back(), 7U);
}

// Aim: mail that never goes is freed with what it carries. Method: the address sanitizer looks.
TEST(UntilSafe, FreesItsMail) {
  UntilSafe waiting;
  waiting.add(1, 0, make_mail(MailKind::mo, std::make_unique<Parcel>(Content{})));
}

}  // namespace
}  // namespace ringgate
