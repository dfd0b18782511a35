#include "shard/books.h"

#include "journal/journal.h"
#include "shard/multi.h"

namespace ringgate {
namespace {

ShardTotals totals_of(const ShardOptions& options) {
  ShardTotals totals;
  totals.messages = options.budget.messages;
  totals.groups = MultiGroups::count_max;
  totals.part_octets = options.long_messages.max_octets;
  totals.queued_octets = std::uint64_t{options.budget.tx_chunks} * ShardBudget::tx_chunk_size;
  totals.journal_octets = ~std::uint64_t{0} >> 1;
  if (options.journal) totals.journal_octets = journal::Journal::capacity(options.journal->options);
  return totals;
}

}  // namespace

Books::Books(const ShardOptions& options, const Directory& directory)
    : messages(options.index, options.budget.messages, options.first_name, options.ids),
      uses(directory, totals_of(options), options.account_share),
      ids(options.node, options.index, options.first_sequence, options.ids),
      quotes(directory.quirks(), options.budget.messages) {
  // The slots that the records of restored messages name; nobody else may have them meanwhile.
  if (options.journal) messages.reserve(options.journal->start.messages);
}

}  // namespace ringgate
