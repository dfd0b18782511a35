#include "routing/outbox.h"

#include <algorithm>

#include "base/rarely.h"
#include "base/units.h"

namespace ringgate {
namespace {

// A bind whose window was filled by the short way is asked again soon, because its responses are on
// their way; one that goes on being full is asked less and less often, because each time costs a
// look at it.
constexpr Nanos busy_pause_min = milliseconds(2);
constexpr Nanos busy_pause_max = milliseconds(128);

// What comes back is older than most of what waits; behind so many that are older still it stays.
constexpr unsigned older_looked_at = 64;

constexpr Nanos retry_delay_base_max = seconds(60);
static_assert(retry_delay_base_max + retry_delay_base_max / 4 == retry_delay_max);

}  // namespace

void Outbox::add_bind(BindRef bind, std::uint32_t window) {
  if (ReceivingBind* const known = find(bind)) {
    known->window = window;
    return;
  }
  auto made = std::make_unique<ReceivingBind>();
  made->bind = bind;
  made->window = window;
  made->index = binds_.size();
  binds_.push_back(std::move(made));
}

void Outbox::remove_bind(BindRef bind) {
  const auto found = std::find_if(binds_.begin(), binds_.end(),
                                  [bind](const auto& one) { return one->bind == bind; });
  if (found == binds_.end()) return;
  returned_ = nullptr;
  for (List* const list : {&(*found)->failed, &(*found)->own}) {
    // Whole lists, because a bind may leave a great many behind; the older one first. Of one age
    // those that have been out once came before those that never left.
    const bool was_out = list == &(*found)->failed;
    const bool is_older =
        !list->empty() && !common_.empty() &&
        list->front()->expires_at < common_.front()->expires_at + (was_out ? 1 : 0);
    if (is_older)
      common_.prepend(*list);
    else
      common_.append(*list);
  }
  lost_.append((*found)->pinned);
  binds_.erase(found);
  for (std::size_t i = 0; i < binds_.size(); ++i) binds_[i]->index = i;
}

Outbox::List& Outbox::list_of(const MessageRecord& record) {
  if (record.pinned) [[unlikely]] {
    ReceivingBind* const only = find({record.home.last_link, record.home.last_shard});
    return only != nullptr ? only->pinned : lost_;
  }
  if (record.home.attempts != 0) {
    ReceivingBind* const last = find({record.home.last_link, record.home.last_shard});
    return last != nullptr ? last->failed : common_;
  }
  if (routing_ != ReceiptRouting::same_bind) return common_;
  ReceivingBind* const own = find({record.submitter, record.owner_shard});
  return own != nullptr ? own->own : common_;
}

void Outbox::push_back(MessageRecord& record) {
  list_of(record).push_back(record);
  ++waiting_;
}

void Outbox::push_front(MessageRecord& record) {
  List& list = list_of(record);
  MessageRecord* const place = place_of(list, record);
  if (place == nullptr)
    list.push_front(record);
  else
    list.insert_behind(*place, record);
  returned_ = &record;
  returned_to_ = &list;
  ++waiting_;
}

/// The record of the list behind which this one belongs, or null: in front of all. What came back
/// before it stands in front already.
MessageRecord* Outbox::place_of(List& list, const MessageRecord& record) {
  const bool goes_on =
      returned_ != nullptr && returned_to_ == &list && returned_->expires_at <= record.expires_at;
  MessageRecord* place = goes_on ? returned_ : nullptr;
  for (unsigned i = 0; i < older_looked_at; ++i) {
    MessageRecord* const next = place == nullptr ? list.front() : list.next(*place);
    if (next == nullptr || next->expires_at >= record.expires_at) break;
    if (RARELY("what comes back stays in front of older ones")) break;
    place = next;
  }
  return place;
}

Outbox::ReceivingBind* Outbox::find(BindRef bind) {
  for (const auto& one : binds_)
    if (one->bind == bind) return one.get();
  return nullptr;
}

/// The bind for what may go to any but `except`.
Outbox::ReceivingBind* Outbox::choose(Nanos now, const ReceivingBind* except) {
  if (routing_ == ReceiptRouting::round_robin) {
    // From next_ to the end and from the beginning: a remainder for each would cost more than the
    // look itself.
    std::size_t at = next_;
    for (std::size_t i = 0; i < binds_.size(); ++i) {
      if (at >= binds_.size()) at = 0;
      ReceivingBind& one = *binds_[at++];
      if (&one != except && one.is_free(now)) return &one;
    }
    return nullptr;
  }
  ReceivingBind* best = nullptr;
  for (const auto& one : binds_) {
    if (one.get() == except || !one->is_free(now)) continue;
    // open/window compared without a division.
    if (best == nullptr ||
        std::uint64_t{one->open} * best->window < std::uint64_t{best->open} * one->window ||
        RARELY("a busier bind is chosen"))
      best = one.get();
  }
  return best;
}

/// Which list's front goes next, and where; no list when nothing can go.
Outbox::Move Outbox::next_move(Nanos now) {
  ReceivingBind* const any = choose(now, nullptr);
  if (any == nullptr) return {};
  Move best;
  const auto consider = [&best](List& list, ReceivingBind* bind) {
    if (bind == nullptr) return;
    if (best.list == nullptr || list.front()->expires_at < best.list->front()->expires_at)
      best = {&list, bind};
  };
  if (common_.size() == waiting_) {
    consider(common_, any);
    return best;
  }
  ReceivingBind* any_other = nullptr;  // than `any`
  bool has_other = false;
  for (const auto& one : binds_) {
    if (!one->failed.empty()) {
      if (one.get() != any || binds_.size() == 1) {
        consider(one->failed, any);
      } else {
        if (!has_other) any_other = choose(now, any);
        has_other = true;
        consider(one->failed, any_other);
      }
    }
    if (!one->own.empty() && one->is_free(now)) consider(one->own, one.get());
    if (!one->pinned.empty() && one->is_free(now)) consider(one->pinned, one.get());
  }
  if (!common_.empty()) consider(common_, any);
  return best;
}

MessageRecord* Outbox::pop(List& list) {
  --waiting_;
  MessageRecord* const record = list.pop_front();
  if (record == returned_) returned_ = nullptr;
  return record;
}

MessageRecord* Outbox::take(Nanos now, BindRef& target) {
  if (waiting_ == 0) return nullptr;
  const Move move = next_move(now);
  if (move.list == nullptr) return nullptr;
  ++move.bind->open;
  target = move.bind->bind;
  next_ = move.bind->index + 1;
  return pop(*move.list);
}

void Outbox::give_back(BindRef bind) {
  ReceivingBind* const one = find(bind);
  if (one == nullptr) return;
  if (one->open > 0) --one->open;
  one->busy_until = one->busy_pause = 0;
}

void Outbox::give_back_busy(BindRef bind, Nanos now) {
  ReceivingBind* const one = find(bind);
  if (one == nullptr) return;
  if (one->open > 0) --one->open;
  one->busy_pause = std::clamp(one->busy_pause * 2, busy_pause_min, busy_pause_max);
  one->busy_until = now + one->busy_pause;
}

template <class Self, class F>
void Outbox::for_each_list(Self& self, F&& f) {
  f(self.common_);
  f(self.lost_);
  for (const auto& one : self.binds_) {
    f(one->own);
    f(one->failed);
    f(one->pinned);
  }
}

MessageRecord* Outbox::take_expired(Nanos now) {
  if (waiting_ == 0) return nullptr;
  List* expired = nullptr;
  for_each_list(*this, [&](List& list) {
    if (!list.empty() && list.front()->expires_at <= now) expired = &list;
  });
  return expired == nullptr ? nullptr : pop(*expired);
}

Nanos Outbox::deadline(Nanos now) const {
  if (waiting_ == 0) return never;
  Nanos at = never;
  for_each_list(*this, [&at](const List& list) {
    if (!list.empty()) at = std::min(at, list.front()->expires_at);
  });
  for (const auto& one : binds_)
    if (one->busy_until > now) at = std::min(at, one->busy_until);
  return at;
}

Nanos retry_delay(unsigned attempts, Prng& prng) {
  const unsigned doublings = std::min(attempts > 0 ? attempts - 1 : 0, 6u);
  const Nanos base = std::min(seconds(1) << doublings, retry_delay_base_max);
  return base + static_cast<Nanos>(prng.below(static_cast<std::uint64_t>(base / 4)));
}

}  // namespace ringgate
