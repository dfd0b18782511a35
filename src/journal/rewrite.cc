// What is still needed of an old epoch, written as the beginning of a new one.
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <deque>

#include <tsl/robin_map.h>

#include "base/assert.h"
#include "base/rarely.h"
#include "journal/recovery.h"

namespace ringgate::journal {
namespace {

// Of an account whose name no checkpoint and no note tells.
constexpr std::uint32_t unknown = ~std::uint32_t{0};
// What a key of a resubmit has left after a restart at the least.
constexpr std::int64_t rest_min_s = 600;

// A checkpoint stands at the beginning of every segment; ids that follow it are at most so far
// ahead of what it says. Sequences begin at the clock, in microseconds: this is an hour.
constexpr std::uint64_t sequence_step_max = 3'600'000'000;

struct MessageKey {
  std::uint64_t id;
  std::uint32_t slot;
  friend bool operator==(const MessageKey&, const MessageKey&) = default;
};
struct MessageKeyHash {
  std::size_t operator()(const MessageKey& key) const {
    // Ids and slots often count up together, so each needs a factor of its own; the table takes the
    // low bits, which only the high ones of a product reach.
    const std::uint64_t mixed = key.id * 0x9E37'79B9'7F4A'7C15 + key.slot * 0xC2B2'AE3D'27D4'EB4F;
    return static_cast<std::size_t>(mixed ^ mixed >> 32);
  }
};

/// An open message: where its record lies, and what has happened since.
struct OpenMessage {
  std::uint32_t file = 0;
  std::uint32_t size = 0;      // of the record
  std::uint64_t offset = 0;    // of its batch
  std::uint32_t in_batch = 0;  // of the record behind that
  std::uint32_t batch_size = 0;
  std::uint64_t order = 0;    // of the record in its shard's journal
  std::uint32_t account = 0;  // of the new directory
  std::uint32_t source_hash = 0;
  bool has_outcome = false;
  bool has_retry = false;
  std::uint8_t state = 0;
  OutcomeBody outcome{};
  RetryBody retry{};
  std::uint32_t replaced = 0;  // index + 1 among the replacements
};

/// The batches of one new shard, written one by one.
class StartWriter {
 public:
  StartWriter(const RecoveryOptions& options, const std::vector<std::string>& accounts,
              std::uint16_t shard, NewFiles& files)
      : options_(options),
        accounts_(accounts),
        shard_(shard),
        files_(files),
        memory_(batch_size_max) {
    ASSERT(options.segment_size >= batch_size_max && options.segment_size % block_size == 0);
    start_.next_sequence = 0;
  }

  Result<std::uint8_t*> append(std::size_t size) {
    ASSERT(size >= sizeof(RecordHeader) && size <= record_size_max && size % 8 == 0);
    if (at_ == 0 || at_ + size > end_ || (records_ != 0 && RARELY("recovery ends a batch early"))) {
      auto begun = next_batch(size);
      if (!begun) return begun.error();
    }
    // The names of very many accounts may have taken much of it.
    if (at_ + size > end_) {
      auto begun = next_batch(size);
      if (!begun) return begun.error();
    }
    if (at_ + size > end_)
      return Error{ErrorCode::invalid, 0,
                   "the names of the accounts fill a segment of the journal"};
    std::uint8_t* const out = memory_.data() + at_;
    at_ += size;
    ++records_;
    return out;
  }

  Result<void> flush() {
    if (at_ == 0) return {};
    ASSERT(at_ <= end_ && !start_.segments.empty());
    if (records_ != 0) {
      BatchHeader header{};
      header.size = static_cast<std::uint32_t>(at_);
      header.sequence = ++start_.batches;
      header.durable = header.sequence - 1;
      header.segment = start_.segments.size();
      header.oldest = 1;
      header.shard = shard_;
      header.shard_count = options_.shard_count;
      header.records = records_;
      const std::size_t padded = round_up(at_, block_size);
      std::memset(memory_.data() + at_, 0, padded - at_);
      seal_batch(memory_.data(), header, options_.epoch);
      WrittenSegment& segment = start_.segments.back();
      auto written =
          files_.write(shard_, segment.file, segment.end, Octets(memory_.data(), padded));
      if (!written) return written;
      segment.end += padded;
      ASSERT(segment.end <= options_.segment_size);
    }
    at_ = 0;
    records_ = 0;
    return {};
  }

  ShardStart& start() { return start_; }
  std::uint16_t shard() const { return shard_; }

 private:
  Result<void> next_batch(std::size_t size) {
    auto flushed = flush();
    if (!flushed) return flushed;
    ASSERT(at_ == 0 && records_ == 0);
    const bool opens =
        start_.segments.empty() || options_.segment_size - start_.segments.back().end <
                                       round_up(sizeof(BatchHeader) + size, block_size);
    if (opens) start_.segments.push_back({static_cast<io::FileSlot>(start_.segments.size()), 0});
    at_ = sizeof(BatchHeader);
    end_ =
        std::min<std::uint64_t>(options_.segment_size - start_.segments.back().end, batch_size_max);
    if (!opens) return {};
    Result<void> out;
    put_checkpoints(accounts_, start_.next_sequence, [&](std::size_t one) {
      auto to = append(one);
      if (to) return to.value();
      out = to.error();
      return static_cast<std::uint8_t*>(nullptr);
    });
    return out;
  }

  const RecoveryOptions& options_;
  const std::vector<std::string>& accounts_;
  const std::uint16_t shard_;
  NewFiles& files_;
  std::vector<std::uint8_t> memory_;
  std::size_t at_ = 0;  // 0: no batch is begun
  std::size_t end_ = 0;
  std::uint32_t records_ = 0;
  ShardStart start_;
};

/// The accounts of the new epoch: those configured, in their order, then those that are not any
/// more.
class Accounts {
 public:
  Accounts(const RecoveryOptions& options, const Scanned& scanned)
      : names(options.accounts), configured_(static_cast<std::uint32_t>(names.size())) {
    std::map<std::string_view, std::uint32_t> index;
    for (std::uint32_t i = 0; i < configured_; ++i) index.emplace(options.accounts[i], i);
    for (const auto& [old_index, name] : scanned.accounts) {
      const auto [found, fresh] = index.try_emplace(name, static_cast<std::uint32_t>(names.size()));
      if (fresh) names.push_back(name);
      ASSERT(found->second < names.size());
      new_index_[old_index] = found->second;
    }
  }

  /// Of an index in the old records.
  std::uint32_t of(std::uint32_t old_index) const {
    const auto found = new_index_.find(old_index);
    return found == new_index_.end() ? unknown : found->second;
  }
  bool is_configured(std::uint32_t index) const { return index < configured_; }

  std::vector<std::string> names;

 private:
  const std::uint32_t configured_;
  std::map<std::uint32_t, std::uint32_t> new_index_;
};

/// What one old shard's records come to.
class Replay {
 public:
  Replay(const RecoveryOptions& options, const Accounts& accounts)
      : next_sequence(options.next_sequence), options_(options), accounts_(accounts) {}

  /// False for a record that makes no sense.
  bool apply(const RecordView& record, const BatchPlace& place, std::uint32_t in_batch) {
    ASSERT(in_batch >= sizeof(BatchHeader));
    const MessageKey key{record.header.id, record.header.slot};
    switch (record.header.type) {
      case RecordType::checkpoint:
        return apply_checkpoint(record);
      case RecordType::accepted:
        return apply_accepted(key, record, place, in_batch);
      case RecordType::outcome: {
        const auto body = record.fixed<OutcomeBody>();
        if (!body) return false;
        const auto found = open_.find(key);
        newest_s_ = std::max<std::int64_t>(newest_s_, body->done_s);
        if (found == open_.end()) return true;
        OpenMessage& message = found.value();
        message.has_outcome = true;
        message.state = record.header.code;
        message.outcome = *body;
        if (body->closes != 0) close(found);
        return true;
      }
      case RecordType::closed: {
        const auto found = open_.find(key);
        if (found != open_.end()) close(found);
        return true;
      }
      case RecordType::retry: {
        const auto body = record.fixed<RetryBody>();
        const auto found = open_.find(key);
        if (!body) return false;
        if (found == open_.end()) return true;
        found.value().has_retry = true;
        found.value().retry = *body;
        return true;
      }
      case RecordType::replaced: {
        const auto found = open_.find(key);
        if (found == open_.end()) return true;
        if (!read_replaced(record)) return false;
        replaced_.emplace_back(record.octets.begin(), record.octets.end());
        found.value().replaced = static_cast<std::uint32_t>(replaced_.size());
        return true;
      }
      case RecordType::state: {
        const auto body = record.fixed<StateBody>();
        if (!body) return false;
        StateBody mine = *body;
        mine.account = accounts_.of(body->account);
        keep_state({record.header.id, mine, record.header.code});
        return true;
      }
      case RecordType::resubmit: {
        const auto body = record.fixed<ResubmitBody>();
        if (!body) return false;
        ResubmitBody mine = *body;
        mine.account = accounts_.of(body->account);
        if (accounts_.is_configured(mine.account)) keep(resubmits, {record.header.id, mine});
        return true;
      }
    }
    return false;
  }

  /// To be called when everything was applied.
  void finish() {
    // A key that had not ended when the journal did is not ended by a clock that was set ahead
    // since, nor by a long pause: whoever was not answered then comes back now.
    const std::int64_t end_s = std::min(newest_s_, options_.wall_s);
    std::erase_if(resubmits,
                  [end_s](const KeptResubmit& kept) { return kept.body.until_s <= end_s; });
    remove_oldest(states);
    remove_oldest(resubmits);
    ASSERT(states.size() <= options_.states_max && resubmits.size() <= options_.states_max);
    const auto least_s = static_cast<std::uint32_t>(options_.wall_s + rest_min_s);
    for (KeptResubmit& kept : resubmits) kept.body.until_s = std::max(kept.body.until_s, least_s);
  }

  /// The open messages in the order in which they were accepted.
  std::vector<OpenMessage> open() const {
    std::vector<OpenMessage> out;
    out.reserve(open_.size());
    for (const auto& one : open_) out.push_back(one.second);
    std::sort(out.begin(), out.end(), [](const OpenMessage& one, const OpenMessage& other) {
      return one.order < other.order;
    });
    return out;
  }

  Octets replacement(std::uint32_t index) const {
    ASSERT(index != 0 && index <= replaced_.size());
    return replaced_[index - 1];
  }

  std::vector<KeptState> states;
  std::vector<KeptResubmit> resubmits;
  std::uint64_t next_sequence;

 private:
  using Open = tsl::robin_map<MessageKey, OpenMessage, MessageKeyHash>;

  bool apply_checkpoint(const RecordView& record) {
    const auto body = record.fixed<CheckpointBody>();
    if (!body) return false;
    next_sequence = std::max(next_sequence, body->next_sequence);
    return true;  // scan() has read the names.
  }

  bool apply_accepted(const MessageKey& key, const RecordView& record, const BatchPlace& place,
                      std::uint32_t in_batch) {
    const auto accepted = read_accepted(record);
    if (!accepted) return false;
    take_sequence(*accepted);
    newest_s_ = std::max(newest_s_, accepted->submitted_s);
    OpenMessage message;
    message.file = place.file;
    message.offset = place.offset;
    message.batch_size = place.size;
    message.in_batch = in_batch;
    message.size = static_cast<std::uint32_t>(record.octets.size());
    message.order = ++order_;
    message.account = accounts_.of(accepted->account);
    message.source_hash = address_hash(accepted->source);
    // A copy made when its segment was given up: what has been said of it since stays true.
    const auto found = open_.find(key);
    if (found != open_.end()) {
      message.order = found->second.order;
      message.has_outcome = found->second.has_outcome;
      message.state = found->second.state;
      message.outcome = found->second.outcome;
      message.has_retry = found->second.has_retry;
      message.retry = found->second.retry;
      message.replaced = found->second.replaced;
    }
    open_[key] = message;
    return true;
  }

  /// The id may be the last that was given out. With another key than its own it is any number, and
  /// one that is far ahead would move every later id there: better to rely on the clock.
  void take_sequence(const Accepted& accepted) {
    const std::uint64_t next = accepted.permuted ? options_.ids.sequence_of(accepted.id) + 1
                                                 : (accepted.id.value & message_sequence_mask) + 1;
    if (accepted.permuted && (!options_.ids.permutes() ||
                              next > next_sequence + sequence_step_max || next_sequence == 0))
      return;
    next_sequence = std::max(next_sequence, next);
  }

  void close(Open::iterator found) {
    ASSERT(found != open_.end());
    const OpenMessage& message = found->second;
    if (message.has_outcome) {
      KeptState kept;
      kept.id = found->first.id;
      kept.state = message.state;
      kept.body.account = message.account;
      kept.body.done_s = message.outcome.done_s;
      kept.body.error = message.outcome.error;
      kept.body.source_hash = message.source_hash;
      keep_state(kept);
    }
    open_.erase(found);
  }

  void keep_state(const KeptState& kept) {
    // Whether its time is over is not for the wall clock alone to say: see SteadyClock.
    newest_s_ = std::max<std::int64_t>(newest_s_, kept.body.done_s);
    if (accounts_.is_configured(kept.body.account)) keep(states, kept);
  }

  /// One more, and for a while up to twice as many as there may be.
  template <class T>
  void keep(std::vector<T>& kept, const T& one) {
    kept.push_back(one);
    if (kept.size() >= options_.states_max * 2) remove_oldest(kept);
  }

  /// Old ones may stand behind newer ones, because they were copied forward; and dates may go back,
  /// because the clock was set. Sequences do not: they count up, and go round
  /// after years.
  template <class T>
  void remove_oldest(std::vector<T>& kept) {
    if (kept.size() <= options_.states_max) return;
    struct Place {
      std::int64_t ahead;
      std::size_t index;
    };
    std::vector<Place> places;
    places.reserve(kept.size());
    for (const T& one : kept) places.push_back({ahead_of_now(MessageId{one.id}), places.size()});
    std::stable_sort(places.begin(), places.end(),
                     [](const Place& one, const Place& other) { return one.ahead < other.ahead; });
    std::vector<T> newest;
    newest.reserve(options_.states_max * 2);
    for (std::size_t i = places.size() - options_.states_max; i < places.size(); ++i)
      newest.push_back(kept[places[i].index]);
    ASSERT(newest.size() == options_.states_max);
    kept = std::move(newest);
  }

  /// By how much an id's sequence is ahead of the last that is known; of one before it, less than
  /// 0. A node that permutes ids may have begun without: of the two sequences that an id may stand
  /// for, the wrong one is any number, and the right one is near.
  std::int64_t ahead_of_now(MessageId id) const {
    constexpr unsigned unused_bits = 64 - std::bit_width(message_sequence_mask);
    const std::uint64_t now = next_sequence != 0
                                  ? next_sequence
                                  : static_cast<std::uint64_t>(options_.wall_s) * 1'000'000;
    const auto ahead = [now](std::uint64_t sequence) {
      return static_cast<std::int64_t>((sequence - now) << unused_bits) >> unused_bits;
    };
    const auto [permuted, shown] = options_.ids.sequences_of(id);
    const std::int64_t one = ahead(permuted), other = ahead(shown);
    return std::abs(one) <= std::abs(other) ? one : other;
  }

  const RecoveryOptions& options_;
  const Accounts& accounts_;
  Open open_;
  std::int64_t newest_s_ = 0;  // the latest date that the journal mentions
  std::uint64_t order_ = 0;
  std::vector<std::vector<std::uint8_t>> replaced_;
};

/// Reads records in the order of their places, a stretch of the file at a time.
class RecordReader {
 public:
  explicit RecordReader(OldFiles& files) : files_(files), memory_(batch_size_max) {}

  Result<RecordView> read(const OpenMessage& message) {
    ASSERT(message.batch_size <= memory_.size());
    ASSERT(message.in_batch >= sizeof(BatchHeader) && message.size >= sizeof(RecordHeader));
    if (file_ != message.file || offset_ != message.offset || filled_ == 0 ||
        RARELY("recovery reads a batch once more")) {
      auto got =
          files_.read(message.file, message.offset, std::span(memory_).first(message.batch_size));
      if (!got) return got.error();
      ASSERT(got.value() <= message.batch_size);
      filled_ = got.value();
      file_ = message.file;
      offset_ = message.offset;
    }
    RecordView out;
    if (message.in_batch + message.size > filled_)
      return Error{ErrorCode::io, 0, files_.files()[message.file].name + " has become shorter"};
    out.octets = Octets(memory_).subspan(message.in_batch, message.size);
    std::memcpy(&out.header, out.octets.data(), sizeof out.header);
    return out;
  }

 private:
  OldFiles& files_;
  std::vector<std::uint8_t> memory_;
  std::uint32_t file_ = 0;
  std::uint64_t offset_ = 0;
  std::size_t filled_ = 0;
};

class Rewriter {
 public:
  Rewriter(OldFiles& files, const Scanned& scanned, const RecoveryOptions& options,
           NewFiles& new_files, const Progress& progress)
      : files_(files), options_(options), progress_(progress), accounts_(options, scanned) {
    ASSERT(options.shard_count != 0);
    for (std::uint16_t i = 0; i < options.shard_count; ++i) {
      writers_.emplace_back(options_, options_.accounts, i, new_files);
      writers_.back().start().next_sequence = options.next_sequence;
    }
    writers_.emplace_back(options_, accounts_.names, left_shard, new_files);
  }

  Result<void> take(const ShardBatches& shard) {
    Replay replay(options_, accounts_);
    std::uint64_t batch = 0;
    std::uint32_t in_batch = sizeof(BatchHeader);
    bool sound = true;
    const BatchPlace* last = nullptr;
    auto read = for_each_record(files_, options_.old_epoch, shard,
                                [&](const RecordView& record, const BatchPlace& place) {
                                  if (place.sequence != batch) {
                                    batch = place.sequence;
                                    in_batch = sizeof(BatchHeader);
                                  }
                                  sound = replay.apply(record, place, in_batch);
                                  in_batch += static_cast<std::uint32_t>(record.octets.size());
                                  last = &place;
                                  return sound;
                                });
    if (!read) return read;
    ASSERT(sound || last != nullptr);
    if (!sound)
      return Error{ErrorCode::invalid, 0,
                   files_.files()[last->file].name + " at " + std::to_string(last->offset) +
                       ": a record of a type that this version does not know"};
    replay.finish();
    // Ids go on behind everything that was ever given out on any shard that lands on the new one.
    for (StartWriter& writer : writers_)
      writer.start().next_sequence = std::max(writer.start().next_sequence, replay.next_sequence);
    out_.cut += shard.cut;
    return write_all(replay);
  }

  Result<Recovered> finish() {
    for (StartWriter& writer : writers_) {
      auto flushed = writer.flush();
      if (!flushed) return flushed.error();
      out_.shards.push_back(writer.start());
    }
    out_.left = std::move(out_.shards.back());
    out_.shards.pop_back();
    ASSERT(out_.shards.size() == options_.shard_count);
    out_.accounts = accounts_.names;
    return out_;
  }

 private:
  Result<void> write_all(const Replay& replay) {
    RecordReader reader(files_);
    const std::vector<OpenMessage> open = replay.open();
    std::size_t done = 0;
    for (const OpenMessage& message : open) {
      if (progress_ && done % 65'536 == 0)
        progress_("writing what is open",
                  static_cast<double>(done) / static_cast<double>(open.size()));
      ++done;
      auto record = reader.read(message);
      if (!record) return record.error();
      auto written = write(message, record.value(), replay);
      if (!written) return written;
    }
    for (const KeptState& kept : replay.states) {
      auto to = writer_of(MessageId{kept.id}).append(record_size(sizeof kept.body));
      if (!to) return to.error();
      write_fixed(to.value(), RecordType::state, kept.state, 0, MessageId{kept.id}, kept.body);
      ++out_.states;
    }
    for (const KeptResubmit& kept : replay.resubmits) {
      auto to = writer_of(MessageId{kept.id}).append(record_size(sizeof kept.body));
      if (!to) return to.error();
      write_fixed(to.value(), RecordType::resubmit, 0, 0, MessageId{kept.id}, kept.body);
    }
    return {};
  }

  StartWriter& writer_of(MessageId id) {
    return writers_[(id.value >> 48 & 0xFF) % options_.shard_count];
  }

  /// What an account needs that is not configured is not known.
  std::size_t quoted_octets_of(std::uint32_t account) const {
    if (!accounts_.is_configured(account)) return octets_of_characters(quoted_characters_max);
    return account < options_.quoted_octets.size() ? options_.quoted_octets[account]
                                                   : MessageRecord::snippet_max;
  }

  /// Damage may have taken an outcome and left what was written because of it. What is trimmed
  /// cannot be given to the backend once more: how it ended is unknown, and that is what is told.
  /// What is whole can, and has not been delivered before.
  static OpenMessage without_gaps(OpenMessage message, const Accepted& accepted) {
    if (message.has_outcome || accepted.kind == RecordKind::mo) return message;
    message.has_retry = message.has_retry && accepted.trimmed;
    message.has_outcome = accepted.trimmed;
    message.state = static_cast<std::uint8_t>(MessageState::unknown);
    message.outcome = {static_cast<std::uint32_t>(accepted.submitted_s), 0, 0};
    return message;
  }

  Result<void> write(const OpenMessage& found, const RecordView& record, const Replay& replay) {
    auto accepted = read_accepted(record);
    if (!accepted)
      return Error{ErrorCode::invalid, 0, files_.files()[found.file].name + " has changed"};
    const OpenMessage message = without_gaps(found, *accepted);
    const bool is_mo = accepted->kind == RecordKind::mo;
    const bool is_guessed = message.has_outcome && !found.has_outcome;
    if (is_guessed && !wants_receipt(accepted->receipt(), MessageState::unknown)) return {};
    const bool configured = accounts_.is_configured(message.account);
    // An MO lives on its account's home shard, a client's message on the one its id names.
    StartWriter& writer = !configured ? writers_.back()
                          : is_mo     ? writers_[message.account % options_.shard_count]
                                      : writer_of(accepted->id);
    accepted->account = message.account;
    accepted->slot = writer.start().messages++;
    RecordView change;
    std::optional<Replaced> replaced;
    if (message.replaced != 0) {
      change.octets = replay.replacement(message.replaced);
      replaced = read_replaced(change);
      ASSERT(replaced);
      accepted->set_receipt(replaced->wish);
      accepted->sm_default_msg_id = replaced->sm_default_msg_id;
      if (!replaced->schedule_delivery_time.empty())
        accepted->schedule_delivery_time = replaced->schedule_delivery_time;
      if (!replaced->validity_period.empty()) accepted->validity_period = replaced->validity_period;
      accepted->text = replaced->text;
    }
    if (message.has_outcome) trim(*accepted, quoted_octets_of(message.account));
    const std::size_t size = accepted_size(*accepted);
    if (size > record_size_max)
      return Error{ErrorCode::invalid, 0,
                   files_.files()[message.file].name + " holds a message that is too long"};
    auto to = writer.append(size);
    if (!to) return to.error();
    write_accepted(to.value(), size, *accepted);
    if (configured) {
      ++out_.messages;
      if (is_mo) ++out_.mos;
      if (message.has_outcome) ++out_.receipts;
    } else {
      ++out_.orphans[message.account == unknown ? std::string() : accounts_.names[message.account]];
    }
    if (message.has_outcome) {
      to = writer.append(record_size(sizeof message.outcome));
      if (!to) return to.error();
      write_fixed(to.value(), RecordType::outcome, message.state, accepted->slot, accepted->id,
                  message.outcome);
    }
    if (message.has_retry) {
      to = writer.append(record_size(sizeof message.retry));
      if (!to) return to.error();
      write_fixed(to.value(), RecordType::retry, 0, accepted->slot, accepted->id, message.retry);
    }
    return {};
  }

  OldFiles& files_;
  const RecoveryOptions& options_;
  const Progress& progress_;
  const Accounts accounts_;
  std::deque<StartWriter> writers_;
  Recovered out_;
};

}  // namespace

Result<Recovered> rewrite(OldFiles& old_files, const Scanned& scanned,
                          const RecoveryOptions& options, NewFiles& new_files,
                          const Progress& progress) {
  Rewriter rewriter(old_files, scanned, options, new_files, progress);
  for (const ShardBatches& shard : scanned.shards) {
    auto taken = rewriter.take(shard);
    if (!taken) return taken.error();
  }
  return rewriter.finish();
}

}  // namespace ringgate::journal
