// Receipts of one account that wait for a bind, and the choice of the bind. Lives on the account's
// home shard.
//
//   common ──────────────────> any bind
//   own of bind 1 ───────────> bind 1        same_bind: receipts of what was submitted there
//   failed on bind 1 ────────> any other     the one that failed last is taken again only alone
//   pinned to bind 1 ────────> bind 1        and to nobody else: it is lost with the bind
//
// Each of these is in order, and only their fronts are looked at: what waits for a bind that is
// full stands before nobody else, and costs nothing. Of several fronts that could go, the one that
// expires first goes first.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <ringgate/options.h>

#include "base/prng.h"
#include "message/record.h"

namespace ringgate {

/// Its records must have expires_at set.
class Outbox {
 public:
  Outbox() = default;

  void set_routing(ReceiptRouting routing) { routing_ = routing; }

  /// `window` is how many deliver_sm it takes at once. One that is there already has another window
  /// from now on.
  void add_bind(BindRef bind, std::uint32_t window);
  /// What waited for this bind waits for any other, in the same order; what is pinned to it is
  /// lost.
  void remove_bind(BindRef bind);

  /// The record waits here until take() or take_expired() hands it out.
  void push_back(MessageRecord& record);
  /// ... in front of what is younger: one that was handed out and comes back. Several that come
  /// back from one bind keep their order.
  void push_front(MessageRecord& record);

  /// The next record and the bind that shall carry it; null when nothing waits or no bind can take
  /// what waits. The bind's share of its window counts as used until give_back().
  MessageRecord* take(Nanos now, BindRef& target);
  /// Whether take() or take_lost() would hand out something.
  bool can_move(Nanos now) {
    return waiting_ != 0 && (!lost_.empty() || next_move(now).list != nullptr);
  }
  /// The attempt on `bind` that take() began is over, however it ended: the bind has room.
  void give_back(BindRef bind);
  /// The same, but it never began, because the bind had no room: others filled its window. It is
  /// left alone for a pause, which doubles until give_back() says that there is room again.
  void give_back_busy(BindRef bind, Nanos now);

  /// The next record at the front of its list that no bind took in time; null if there is none.
  MessageRecord* take_expired(Nanos now);

  /// A bind that receives, for what is told now or never; empty if there is none.
  std::optional<BindRef> any_bind() const {
    if (binds_.empty()) return std::nullopt;
    return binds_.front()->bind;
  }

  /// The next that is pinned to a bind which is no more; null if there is none.
  MessageRecord* take_lost() { return lost_.empty() ? nullptr : pop(lost_); }

  std::size_t waiting() const { return waiting_; }
  std::size_t bind_count() const { return binds_.size(); }
  /// When time alone changes something: a front expires, or a busy bind is worth asking again. A
  /// time in the past is told as it is; never while nothing waits.
  Nanos deadline(Nanos now) const;

 private:
  using List = IntrusiveList<MessageRecord, &MessageRecord::link>;

  /// A bind that can take deliver_sm, as the home shard sees it.
  struct ReceivingBind {
    BindRef bind;
    std::uint32_t window = 0;
    std::uint32_t open = 0;  // handed out and not yet back
    Nanos busy_until = 0;    // its own shard said full: others filled the window meanwhile
    Nanos busy_pause = 0;    // the last one
    std::size_t index = 0;   // in binds_
    List own;
    List failed;
    List pinned;

    bool is_free(Nanos now) const { return open < window && busy_until <= now; }
  };
  struct Move {
    List* list = nullptr;
    ReceivingBind* bind = nullptr;
  };

  ReceivingBind* find(BindRef bind);
  List& list_of(const MessageRecord& record);
  ReceivingBind* choose(Nanos now, const ReceivingBind* except);
  Move next_move(Nanos now);
  MessageRecord* pop(List& list);
  MessageRecord* place_of(List& list, const MessageRecord& record);
  template <class Self, class F>
  static void for_each_list(Self& self, F&& f);

  List common_;
  List lost_;
  std::vector<std::unique_ptr<ReceivingBind>> binds_;  // lists must stay where they are
  // The last that came back, and the list it waits in; null once it may have left. A bind that ends
  // gives back a whole window, one behind the other.
  MessageRecord* returned_ = nullptr;
  List* returned_to_ = nullptr;
  std::size_t waiting_ = 0;
  std::size_t next_ = 0;  // round robin goes on here; one past the end is the beginning
  ReceiptRouting routing_ = ReceiptRouting::any;
};

/// How long a receipt rests after its n-th failed attempt (n from 1): 1 s doubled up to a minute,
/// plus up to a quarter of jitter, so that a recovering client is not hit by everything at once.
Nanos retry_delay(unsigned attempts, Prng& prng);
/// No retry_delay() is longer.
inline constexpr Nanos retry_delay_max = seconds(75);

}  // namespace ringgate
