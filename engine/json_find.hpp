// A member of an object by its name, for what looks up one with every event.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <cstring>
#include <string_view>

namespace troupe::engine {

/// Names are short: comparing them here costs less than a call of memcmp.
inline bool is_same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size())
    return false;
  const auto differs_at = [&]<class Word>(std::size_t at, Word x) {
    Word y = x;
    std::memcpy(&x, a.data() + at, sizeof x);
    std::memcpy(&y, b.data() + at, sizeof y);
    return x != y;
  };
  std::size_t at = 0;
  for (; at + 8 <= a.size(); at += 8)
    if (differs_at(at, std::uint64_t{}))
      return false;
  for (; at + 4 <= a.size(); at += 4)
    if (differs_at(at, std::uint32_t{}))
      return false;
  for (; at < a.size(); ++at)
    if (a[at] != b[at])
      return false;
  return true;
}

/// As if_contains. Most objects are small: going through one here costs less
/// than the library's way there.
inline const boost::json::value* find_member(const boost::json::object& in,
                                             std::string_view name) {
  constexpr std::size_t small = 16;
  if (in.size() > small)
    return in.if_contains(name);
  for (const auto& member : in)
    if (is_same_name(member.key(), name))
      return &member.value();
  return nullptr;
}

} // namespace troupe::engine
