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

  Values values_;
};

}  // namespace ringgate
