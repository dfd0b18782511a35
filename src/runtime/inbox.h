// What other threads tell a shard: replies of backends with threads of their own, password answers,
// orders to stop.
#pragma once

#include <atomic>
#include <mutex>
#include <span>
#include <variant>
#include <vector>

#include <ringgate/backend.h>
#include <ringgate/gate.h>
#include <ringgate/server.h>

#include "base/link_id.h"
#include "core/way_out.h"
#include "io/disk.h"
#include "io/passwords.h"
#include "runtime/mesh.h"
#include "shard/mail.h"

namespace ringgate {
class Core;
}

namespace ringgate::runtime {

struct AnswerItem {
  Answer answer;
};
struct ReportItem {
  Report report;
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
/// The verdict of a gate on a bind. Its account is the text beside it.
struct StoredVerdict {
  BindVerdict verdict;
  std::string account;
};
struct VerdictItem {
  std::unique_ptr<StoredVerdict> stored;
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
/// A step of a connection's handshake is done.
struct ShakenItem {
  LinkId link;
};
struct StopItem {
  Ending how;
};
/// Something to be done on the shard's thread. It is destroyed once that is done, or never will be:
/// from that whoever waits for it learns that it is over.
class Order {
 public:
  virtual ~Order() = default;
  /// Shard's thread. True: again in the next turn, as it is more than one should be held up by.
  virtual bool carry_out(Core& core) = 0;
};
struct OrderItem {
  std::unique_ptr<Order> order;
};

using InboxItem =
    std::variant<AnswerItem, ReportItem, OperationAnswerItem, DeliverItem, AlertItem, OutbindItem,
                 VerdictItem, PasswordItem, ShakenItem, FileItem, StopItem, OrderItem>;
static_assert(sizeof(InboxItem) <= 32, "what is rare and large lies elsewhere");

/// True on the threads of shards, which must not wait for each other nor for themselves.
inline thread_local bool on_shard_thread = false;

/// Many writers, one reader. A lock is enough: it is taken once per item by threads that have other
/// things to do, and once per turn by the shard, and only when something is there.
class Inbox {
 public:
  /// `event_fd` wakes the shard; both are used until close(), whoever still holds the inbox then.
  Inbox(SleepFlag& flag, int event_fd) : flag_(flag), event_fd_(event_fd) {}

  /// Any thread. What the server itself has to say, of which there is little: it goes beyond the
  /// bound. False when it is closed: the item is dropped.
  bool post(InboxItem item);
  /// What the program has to say.
  Posted try_post(InboxItem item);
  /// Items made of these, with one lock. Stops where there is no room; `taken` is how many were
  /// before that.
  template <class Item, class Said>
  Posted try_post_all(std::span<const Said> said, std::size_t& taken) {
    const std::scoped_lock lock(mutex_);
    for (taken = 0; taken < said.size(); ++taken) {
      if (const Posted room = has_room(); room != Posted::ok) return room;
      put(Item{said[taken]});
    }
    return Posted::ok;
  }
  /// The shard has ended: nobody will take anything any more, and nobody shall wait for that.
  void close();

  bool empty() const { return size_.load(std::memory_order_acquire) == 0; }
  /// Takes everything. True: somebody has been told that it was full. Shard's thread.
  bool take(std::vector<InboxItem>& out);

 private:
  static constexpr std::size_t size_max = 65'536;

  Posted has_room();
  void put(InboxItem item);

  SleepFlag& flag_;
  const int event_fd_;
  std::mutex mutex_;
  std::vector<InboxItem> items_;
  bool closed_ = false;
  bool told_full_ = false;
  // Lets the shard look without the lock. Release/acquire: whoever sees the count will find the
  // items under the lock.
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace ringgate::runtime
