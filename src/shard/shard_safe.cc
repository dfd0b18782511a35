// What waits until it is safe.
#include <algorithm>

#include "base/rarely.h"
#include "shard/shard.h"

namespace ringgate {

void Shard::tell(LogLevel level, LogLine& line) {
  if (world_.log == nullptr) return;
  world_.log->write(level, line.field("shard", options_.index).view());
}

/// More batches have become safe.
void Shard::on_safe() {
  const std::uint64_t safe = safe_.durable();
  resubmits_.settle(safe, [this](const ResubmitWatch::Answered& answered) { decide(answered); });
  until_safe_.settle(
      safe, [this](Connection& connection) { links_.touch(connection); },
      [this](MessageRecord& record) { send_receipt_home(record); },
      [this](unsigned shard, const io::Mail& mail) { world_.mesh.post(shard, mail); });
}

void Shard::post_when_safe(unsigned shard, const io::Mail& mail) {
  ASSERT(shard < options_.count && shard != options_.index);
  if (!safe_.keeps() || safe_.settled()) return world_.mesh.post(shard, mail);
  until_safe_.add(safe_.last(), shard, mail);
}

/// What of a connection's output may leave now.
Octets Shard::sendable(Connection& connection) {
  const ByteQueue& output = connection.session.output();
  const Octets front = output.front();
  const std::size_t size_max =
      RARELY("a send takes half of what there is") ? (front.size() + 1) / 2 : front.size();
  if (!safe_.keeps()) return front.first(size_max);
  connection.gates.add(safe_.last(), output.written(), safe_.durable());
  const std::uint64_t open = connection.gates.open_to(safe_.durable(), output.written());
  ASSERT(open >= output.popped() && open <= output.written());
  if (open < output.written()) until_safe_.add(connection);
  return front.first(std::min<std::uint64_t>(size_max, open - output.popped()));
}

}  // namespace ringgate
