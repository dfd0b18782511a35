#include "load/second_book.h"

#include <algorithm>

namespace ringgate::load {

namespace {

/// The worst of their CPUs is what has limited them.
void join(Second& to, const Second& from) {
  to.at = std::min(to.at, from.at);
  to.size = std::max(to.size, from.size);
  to.submitted += from.submitted;
  to.accepted += from.accepted;
  to.refused += from.refused;
  to.receipts += from.receipts;
  to.held += from.held;
  to.paused = std::max(to.paused, from.paused);
  Surroundings& around = to.around;
  around.client_cpu = std::max(around.client_cpu, from.around.client_cpu);
  around.cpu_wait = std::max(around.cpu_wait, from.around.cpu_wait);
  around.steal = std::max(around.steal, from.around.steal);
  around.pressure = std::max(around.pressure, from.around.pressure);
  around.throttled = std::max(around.throttled, from.around.throttled);
}

}  // namespace

void SecondBook::add(unsigned thread, std::uint64_t slot, const Second& second,
                     const Histogram& latencies, const Histogram& receipt_latencies,
                     const Histogram& lateness) {
  const std::lock_guard lock(mutex_);
  Page& page = page_of(slot);
  if (page.empty)
    page.second = second;
  else
    join(page.second, second);
  page.empty = false;
  page.latencies.merge(latencies);
  page.receipt_latencies.merge(receipt_latencies);
  page.lateness.merge(lateness);
  passed_[thread] = slot + 1;
  close_until(*std::ranges::min_element(passed_));
}

SecondBook::Page& SecondBook::page_of(std::uint64_t slot) {
  std::unique_ptr<Page>& page = open_[slot];
  if (!page && blank_.empty()) {
    page = std::make_unique<Page>();
  } else if (!page) {
    page = std::move(blank_.back());
    blank_.pop_back();
  }
  return *page;
}

void SecondBook::leave(unsigned thread) {
  const std::lock_guard lock(mutex_);
  passed_[thread] = ~std::uint64_t{0};
  close_until(*std::ranges::min_element(passed_));
}

void SecondBook::finish() {
  const std::lock_guard lock(mutex_);
  close_until(~std::uint64_t{0});
}

std::vector<Second> SecondBook::last(std::size_t count) {
  const std::lock_guard lock(mutex_);
  return {seconds_.end() - static_cast<std::ptrdiff_t>(std::min(count, seconds_.size())),
          seconds_.end()};
}

void SecondBook::close_until(std::uint64_t slot) {
  while (!open_.empty() && open_.begin()->first < slot) {
    close(*open_.begin()->second);
    blank_.push_back(std::move(open_.begin()->second));
    open_.erase(open_.begin());
  }
}

void SecondBook::close(Page& page) {
  Second& second = page.second;
  second.latency = summarize(page.latencies);
  second.receipt_latency = summarize(page.receipt_latencies);
  second.lateness = summarize(page.lateness);
  if (!second.warm_up) {
    latencies_.merge(page.latencies);
    receipt_latencies_.merge(page.receipt_latencies);
  }
  if (seconds_.size() < seconds_max) seconds_.push_back(second);
  page.empty = true;
  page.latencies.clear();
  page.receipt_latencies.clear();
  page.lateness.clear();
}

}  // namespace ringgate::load
