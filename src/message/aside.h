// A few values by message id, beside a table that has no place for them.
#pragma once

#include <unordered_map>

#include "message/message_id.h"

namespace ringgate {

/// Found in constant time by a key: the id, or what its owner makes of it, so that those who know
/// less of an id find it as well. Where two ids share a key they are told apart. Pointers stay good
/// until the value goes. One thread.
template <class T>
class Aside {
 public:
  bool empty() const { return values_.empty(); }
  std::size_t size() const { return values_.size(); }

  void put(MessageId id, std::uint64_t key, const T& value) {
    if (T* const there = find(id, key))
      *there = value;
    else
      values_.emplace(key, Value{id, value});
  }
  void put(MessageId id, const T& value) { put(id, id.value, value); }

  T* find(MessageId id, std::uint64_t key) { return value_of(at(id, key)); }
  T* find(MessageId id) { return find(id, id.value); }
  /// One with this key for which is_meant(value) says so.
  template <class F>
  T* find_if(std::uint64_t key, F&& is_meant) {
    return value_of(at_if(key, [&](const Value& one) { return is_meant(one.value); }));
  }

  void erase(MessageId id, std::uint64_t key) {
    const auto found = at(id, key);
    if (found != values_.end()) values_.erase(found);
  }
  void erase(MessageId id) { erase(id, id.value); }
  /// Takes out those for which f(value) says so.
  template <class F>
  void erase_if(F&& f) {
    std::erase_if(values_, [&](auto& one) { return f(one.second.value); });
  }
  /// The same for some of them, as many as `looked_at_max` and perhaps a few more; the next call
  /// goes on behind them.
  template <class F>
  void sweep(std::size_t looked_at_max, F&& f) {
    for (std::size_t looked_at = 0; looked_at < looked_at_max && !values_.empty(); ++looked_at) {
      if (bucket_ >= values_.bucket_count()) bucket_ = 0;
      for (auto at = values_.begin(bucket_); at != values_.end(bucket_);) {
        ++looked_at;
        const auto one = at++;
        // Looked up again: what walks a bucket cannot say where in the table to erase.
        if (f(one->second.value)) erase_one(one->first, one->second.id);
      }
      ++bucket_;
    }
  }
  template <class F>
  void for_each(F&& f) {
    for (auto& [key, one] : values_) f(one.value);
  }

 private:
  struct Value {
    MessageId id;
    T value;
  };
  using Values = std::unordered_multimap<std::uint64_t, Value>;

  template <class F>
  typename Values::iterator at_if(std::uint64_t key, F&& is_meant) {
    auto [at, end] = values_.equal_range(key);
    while (at != end && !is_meant(at->second)) ++at;
    return at != end ? at : values_.end();
  }
  typename Values::iterator at(MessageId id, std::uint64_t key) {
    return at_if(key, [id](const Value& one) { return one.id == id; });
  }
  T* value_of(typename Values::iterator at) {
    return at != values_.end() ? &at->second.value : nullptr;
  }

  void erase_one(std::uint64_t key, MessageId id) {
    const auto found = at(id, key);
    values_.erase(found);
  }

  Values values_;
  std::size_t bucket_ = 0;  // where sweep() goes on
};

}  // namespace ringgate
