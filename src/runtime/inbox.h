// What other threads tell a shard: replies of backends with threads of their own, password answers,
// orders to stop.
#pragma once

#include <atomic>
#include <mutex>
#include <variant>
#include <vector>

#include <ringgate/backend.h>
#include <ringgate/server.h>

#include "base/link_id.h"
#include "core/way_out.h"
#include "io/disk.h"
#include "io/passwords.h"
#include "runtime/mesh.h"
#include "shard/mail.h"

namespace ringgate::runtime {

struct AnswerItem {
  Ticket ticket;
  Status status;
};
struct ReportItem {
  Ticket ticket;
  Outcome outcome;
};
struct OperationAnswerItem {
  std::unique_ptr<OperationAnswerParcel> parcel;
};
struct DeliverItem {
  std::unique_ptr<Parcel> parcel;
};
struct AlertItem {
  std::unique_ptr<AlertParcel> parcel;
};
/// A connection that Server::outbind has made; shard 0 places it as if it had been accepted.
struct OutbindItem {
  int fd;
  std::unique_ptr<OutbindOptions> outbind;
};
struct PasswordItem {
  LinkId link;
  std::uint64_t question;
  io::PasswordVerdict verdict;
};
/// A journal's file is ready, or a negative errno says why not.
struct FileItem {
  io::FileSlot file;
  int fd;
};
struct StopItem {
  Ending how;
};

using InboxItem = std::variant<AnswerItem, ReportItem, OperationAnswerItem, DeliverItem, AlertItem,
                               OutbindItem, PasswordItem, FileItem, StopItem>;

/// True on the threads of shards, which must not wait for each other nor for themselves.
inline thread_local bool on_shard_thread = false;

/// Many writers, one reader. A lock is enough: it is taken once per item by threads that have other
/// things to do, and once per turn by the shard, and only when something is there.
class Inbox {
 public:
  /// `event_fd` wakes the shard; both are used until close(), whoever still holds the inbox then.
  Inbox(SleepFlag& flag, int event_fd) : flag_(flag), event_fd_(event_fd) {}

  /// Any thread. Waits while the inbox is full, which only a backend can cause that answers faster
  /// than a shard can write; but a shard's thread does not wait, and goes beyond the bound by what
  /// its backend says in one turn. False when it is closed: the item is dropped.
  bool post(InboxItem item);
  /// The shard has ended: nobody will take anything any more, and nobody shall wait for that.
  void close();

  bool empty() const { return size_.load(std::memory_order_acquire) == 0; }
  /// Takes everything. Shard's thread.
  void take(std::vector<InboxItem>& out);

 private:
  static constexpr std::size_t size_max = 65'536;

  SleepFlag& flag_;
  const int event_fd_;
  std::mutex mutex_;
  std::vector<InboxItem> items_;
  bool closed_ = false;
  // Lets the shard look without the lock. Release/acquire: whoever sees the count will find the
  // items under the lock.
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace ringgate::runtime
