// A few values by message id, beside a table that has no place for them.
#pragma once

#include <unordered_map>

#include "message/message_id.h"

namespace ringgate {

/// Found by the whole id and by what a 3.3 client knows of it, both in constant time: the key is
/// the short form, and where two ids share one, they are told apart. Pointers stay good until the
/// value goes. One thread.
template <class T>
class Aside {
 public:
  bool empty() const { return values_.empty(); }
  std::size_t size() const { return values_.size(); }

  void put(MessageId id, const T& value) {
    if (T* const there = find(id))
      *there = value;
    else
      values_.emplace(short_form(id), Value{id, value});
  }
  T* find(MessageId id) { return value_of(find(short_form(id), is(id))); }
  /// What an operation names.
  T* find(const Operation& operation) {
    const std::uint32_t key = operation.short_id ? static_cast<std::uint32_t>(operation.id.value)
                                                 : short_form(operation.id);
    return value_of(find(key, [&](MessageId id) { return operation.names(id); }));
  }
  void erase(MessageId id) {
    const auto found = find(short_form(id), is(id));
    if (found != values_.end()) values_.erase(found);
  }
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
  using Values = std::unordered_multimap<std::uint32_t, Value>;

  static auto is(MessageId id) {
    return [id](MessageId other) { return other == id; };
  }
  template <class F>
  typename Values::iterator find(std::uint32_t key, F&& is_meant) {
    auto [at, end] = values_.equal_range(key);
    while (at != end && !is_meant(at->second.id)) ++at;
    return at != end ? at : values_.end();
  }
  T* value_of(typename Values::iterator at) {
    return at != values_.end() ? &at->second.value : nullptr;
  }

  Values values_;  // by short form
};

}  // namespace ringgate
