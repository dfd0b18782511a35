#include "load/mix.h"

#include <algorithm>

#include "base/assert.h"

namespace ringgate::load {

Mix::Mix(std::span<const MessageOptions> kinds, double share, std::uint16_t& references) {
  ASSERT(!kinds.empty());
  kinds_.reserve(kinds.size());
  for (const MessageOptions& options : kinds) {
    const auto count = static_cast<double>(options.destinations.count());
    const auto first = static_cast<std::uint64_t>(share * count);
    kinds_.emplace_back(Kind{MessageTemplate(options, first, references), options.weight});
    total_ += options.weight;
  }
  several_ = kinds_.size() > 1;
  choose();
}

std::size_t Mix::size_max() const {
  std::size_t most = 0;
  for (const Kind& kind : kinds_) most = std::max(most, kind.message.size_max());
  return most;
}

bool Mix::has_parts() const {
  return std::ranges::any_of(kinds_,
                             [](const Kind& kind) { return kind.message.part_count() > 1; });
}

// Who has waited longest in proportion to his weight is next.
void Mix::choose() {
  Kind* best = kinds_.data();
  for (Kind& kind : kinds_) {
    kind.credit += kind.weight;
    if (kind.credit > best->credit) best = &kind;
  }
  best->credit -= total_;
  now_ = &best->message;
}

}  // namespace ringgate::load
