#include "runtime/shard_thread.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "runtime/cpus.h"
#include "uring/clocks.h"
#include "uring/time_slices.h"

namespace ringgate::runtime {
namespace {

constexpr unsigned sq_entries = 4096;
// Each connection can complete a receive and a send per turn, multishot receives more than one; an
// overflow is survived but slow.
constexpr unsigned cq_entries = 65'536;
constexpr std::uint32_t mail_per_turn_max = 512;

}  // namespace

ShardThread::ShardThread(Fleet& fleet, const ShardOptions& options, unsigned cpu, Backend& backend,
                         Log* log)
    : fleet_(fleet),
      options_(options),
      cpu_(cpu),
      backend_(backend),
      log_(log),
      event_fd_(eventfd(0, EFD_CLOEXEC)),
      inbox_(std::make_shared<Inbox>(fleet.queues.flag(options.index), event_fd_)),
      mesh_(fleet.queues, options.index) {}

ShardThread::~ShardThread() {
  join();
  inbox_->close();
  if (core_ != nullptr) core_->close_all();
  if (event_fd_ >= 0) ::close(event_fd_);
}

std::future<std::string> ShardThread::start() {
  std::promise<std::string> ready;
  std::future<std::string> out = ready.get_future();
  thread_ = std::thread([this, promise = std::move(ready)]() mutable {
    on_shard_thread = true;
    run(promise);
    // However it has ended: others that wait for room, shards among them, would wait for ever.
    inbox_->close();
  });
  return out;
}

void ShardThread::join() {
  if (thread_.joinable()) thread_.join();
}

std::string ShardThread::set_up() {
  pin_thread(cpu_);
  if (fleet_.busy_poll != 0) uring::take_long_slices();
  if (event_fd_ < 0) return std::string("eventfd: ") + std::strerror(errno);
  auto ring = uring::Ring::make(fleet_.capabilities, sq_entries, cq_entries);
  if (!ring) return ring.error().text;
  ring_ = std::move(ring.value());
  auto buffers = uring::BufferRing::make(*ring_, buffer_group, SocketTable::buffer_count,
                                         SocketTable::buffer_size);
  if (!buffers) return buffers.error().text;
  buffers_ = std::move(buffers.value());
  now_ = uring::read_clocks();
  roster_version_ = fleet_.rosters->version();
  core_ = std::make_unique<Core>(options_, fleet_.rosters->current(), backend_, *this,
                                 ShardWorld{protocol_, mesh_, *this, log_, this, fleet_.gate}, now_,
                                 fleet_.handshakes ? this : nullptr);
  return fleet_.store == nullptr ? std::string() : restore();
}

void ShardThread::run(std::promise<std::string>& ready) {
  const std::string complaint = set_up();
  std::future<bool> start = go_.get_future();
  ready.set_value(complaint);
  if (!complaint.empty()) return;
  if (!start.get()) return;
  arm_wake();
  if (options_.index == 0) begin_to_accept();
  while (!core_->is_over(disk_operations_ != 0)) turn();
}

void ShardThread::begin_to_accept() {
  std::vector<CoreSeen> cores;
  for (const auto& one : fleet_.shards) cores.push_back(one->core_->seen());
  core_->arrivals().see(std::move(cores), fleet_.connections_max);
  core_->arrivals().listen(static_cast<std::uint32_t>(fleet_.listeners.count()));
}

// ---- a turn

void ShardThread::turn() {
  now_ = uring::read_clocks();
  core_->begin_turn(now_);
  if (ring_->drain([this](const io_uring_cqe& completion) { on_completion(completion); }) != 0)
    worked_at_ = now_.mono;
  mesh_.drain(mail_per_turn_max, [this](const io::Mail& mail) {
    follow_roster();
    core_->on_mail(mail);
  });
  if (!inbox_->empty()) on_inbox();
  core_->end_turn();
  if (core_->shard().journal_failure() != 0 && !failure_told_) tell_failure();
  buffers_->publish();
  mesh_.publish([this](unsigned shard) { ring_doorbell(shard); });
  wait();
  fleet_.queues.flag(options_.index).clear();
  runtime_counters_.enters.set(ring_->counters().enters);
}

/// Before anything from elsewhere that may name an account: whoever sent it had this roster, or an
/// earlier one.
void ShardThread::follow_roster() {
  const std::uint64_t version = fleet_.rosters->version();
  if (version == roster_version_) [[likely]]
    return;
  roster_version_ = version;
  core_->shard().adopt(fleet_.rosters->current());
}

/// How long to sleep; announces the sleep to the other shards.
Nanos ShardThread::wait_time() {
  if (ring_->ready() != 0 || mesh_.has_spill()) return 0;
  const Nanos until = core_->deadline(disk_operations_ != 0);
  if (until <= now_.mono) return 0;
  fleet_.queues.flag(options_.index).set();
  if (mesh_.has_mail() || !inbox_->empty()) return 0;
  return until == never ? never : until - now_.mono;
}

void ShardThread::wait() {
  const Nanos time = wait_time();
  if (fleet_.busy_poll == 0 || time == 0) return ring_->enter(time);
  // What is to be done is done first; then whoever answers at once is not waited for asleep.
  ring_->enter(0);
  const Nanos deadline = time == never ? never : now_.mono + time;
  // Mail and the inbox are seen as well: their doorbells are completions.
  if (ring_->finds_work(std::min(deadline, worked_at_ + fleet_.busy_poll))) return ring_->enter(0);
  if (deadline == never) return ring_->enter(never);
  ring_->enter(std::max<Nanos>(deadline - uring::read_clocks().mono, 0));
}

void ShardThread::on_completion(const io_uring_cqe& completion) {
  const auto data = uring::UserData::unpack(completion.user_data);
  switch (data.kind) {
    case op_receive:
      on_receive(completion, data);
      break;
    case op_send:
      ASSERT(link_of(data) != LinkId{});
      core_->sockets().on_sent(data.index, completion.res);
      break;
    case op_accept:
      core_->arrivals().on_accept(data.index, completion.res,
                                  (completion.flags & IORING_CQE_F_MORE) != 0);
      break;
    case op_read_whole:
      core_->arrivals().on_read(data.index, completion.res);
      break;
    case op_disk:
      --disk_operations_;
      core_->shard().on_disk(data.index, completion.res);
      break;
    case op_wake:
      arm_wake();
      break;
    case op_doorbell:  // The mail itself is found in the queues.
    case op_ignore:
      break;
    default:
      UNREACHABLE();
  }
}

void ShardThread::on_inbox() {
  const bool was_full = inbox_->take(inbox_items_);
  follow_roster();
  for (std::size_t i = 0; i < inbox_items_.size(); ++i) {
    if (i + Shard::fetched_ahead < inbox_items_.size())
      fetch(inbox_items_[i + Shard::fetched_ahead]);
    std::visit([this](auto& inner) { on_item(inner); }, inbox_items_[i]);
  }
  inbox_items_.clear();
  if (!was_full) return;
  backend_.on_room(options_.index);
  if (fleet_.gate != nullptr) fleet_.gate->on_room(options_.index);
}

void ShardThread::fetch(const InboxItem& item) const {
  if (const auto* const report = std::get_if<ReportItem>(&item))
    core_->shard().fetch(report->report.ticket);
}

void ShardThread::on_item(AnswerItem& item) {
  core_->shard().answer(item.answer.ticket, item.answer.status);
}
void ShardThread::on_item(ReportItem& item) {
  core_->shard().report(item.report.ticket, item.report.outcome);
}
void ShardThread::on_item(OperationAnswerItem& item) {
  core_->shard().answer(item.parcel->ticket, item.parcel->answer);
}
void ShardThread::on_item(DeliverItem& item) { core_->shard().take(std::move(item.parcel)); }
void ShardThread::on_item(AlertItem& item) { core_->shard().take(std::move(item.parcel)); }
void ShardThread::on_item(OutbindItem& item) {
  core_->arrivals().on_outbind(item.fd, std::move(item.outbind));
}
void ShardThread::on_item(VerdictItem& item) {
  item.stored->verdict.account = item.stored->account;
  core_->shard().decide(item.stored->verdict);
}
void ShardThread::on_item(PasswordItem& item) {
  core_->shard().on_password(item.link, item.question, item.verdict);
}
void ShardThread::on_item(ShakenItem& item) { core_->sockets().on_shaken(item.link); }
void ShardThread::on_item(StopItem& item) { core_->end(item.how); }
void ShardThread::on_item(OrderItem& item) {
  if (item.order->carry_out(*core_))
    inbox_->post(std::move(item));
  else
    item.order.reset();
}

void ShardThread::discard_rest() {
  inbox_->close();
  const auto drop = [this](const io::Mail& mail) { ringgate::discard(mail, *this); };
  mesh_.drain(~0u, drop);
  mesh_.drain_spill(drop);
  inbox_->take(inbox_items_);
  for (InboxItem& item : inbox_items_) {
    if (const auto* outbind = std::get_if<OutbindItem>(&item)) ::close(outbind->fd);
    if (const auto* file = std::get_if<FileItem>(&item); file != nullptr && file->fd >= 0)
      ::close(file->fd);
  }
  inbox_items_.clear();
}

void ShardThread::arm_wake() {
  if (core_->is_deserted()) return;
  uring::prep_read(ring_->sqe(), event_fd_,
                   {reinterpret_cast<std::uint8_t*>(&event_value_), sizeof event_value_},
                   uring::UserData{op_wake, 0, 0});
}

void ShardThread::ring_doorbell(unsigned shard) {
  runtime_counters_.doorbells.add();
  ShardThread& target = *fleet_.shards[shard];
  if (fleet_.capabilities.msg_ring) {
    uring::prep_msg_ring(ring_->sqe(), target.ring_->fd(), uring::UserData{op_ignore, 0, 0},
                         uring::UserData{op_doorbell, 0, 0});
  } else {
    eventfd_write(target.event_fd_, 1);
  }
}

std::unique_ptr<io::Channel> ShardThread::make(std::uint32_t listener) {
  return fleet_.listeners.make_channel(listener);
}

void ShardThread::shake(LinkId link, io::Channel& channel, std::string_view address, bool begins) {
  fleet_.handshakes->shake(channel, address, begins,
                           [this, link] { inbox_->post(ShakenItem{link}); });
}

io::PasswordReply ShardThread::compare(const io::PasswordQuestion& question) {
  return fleet_.passwords.compare(
      question,
      [this, link = question.link, number = question.question](io::PasswordVerdict verdict) {
        inbox_->post(PasswordItem{link, number, verdict});
      });
}

}  // namespace ringgate::runtime
