#include "engine/json_text.hpp"

#include "engine/number_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#define XXH_INLINE_ALL // short keys: the call would cost more than the hash
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <vector>

namespace troupe::engine {

namespace {

using boost::json::key_value_pair;
using boost::json::kind;

/// The letter after the backslash, 'u' for \u00XX, or 0 for no escape.
constexpr std::array<char, 256> escapes = [] {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c)
    table[c] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}();

void append_text(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char letter = escapes[byte];
    if (letter == 0)
      continue;
    out.append(text, plain_from, i - plain_from);
    plain_from = i + 1;
    out.push_back('\\');
    out.push_back(letter);
    if (letter == 'u') {
      constexpr char hex[] = "0123456789abcdef";
      out += "00";
      out.push_back(hex[byte >> 4]);
      out.push_back(hex[byte & 15]);
    }
  }
  out.append(text, plain_from);
  out.push_back('"');
}

template <bool Canonical>
void append_value(std::string& out, const boost::json::value& value);

template <bool Canonical>
void append_member(std::string& out, const key_value_pair& member) {
  append_text(out, {member.key().data(), member.key().size()});
  out.push_back(':');
  append_value<Canonical>(out, member.value());
}

void append_sorted(std::string& out, const boost::json::object& object) {
  std::array<const key_value_pair*, 32> few;
  std::vector<const key_value_pair*> many;
  auto** first = few.data();
  if (object.size() > few.size()) {
    many.resize(object.size());
    first = many.data();
  }
  auto** const last = std::transform(object.begin(), object.end(), first,
                                     [](const key_value_pair& member) {
                                       return &member;
                                     });
  std::sort(first, last, [](const auto* a, const auto* b) {
    return a->key() < b->key();
  });
  for (auto** member = first; member != last; ++member) {
    if (member != first)
      out.push_back(',');
    append_member<true>(out, **member);
  }
}

template <bool Canonical>
void append_object(std::string& out, const boost::json::object& object) {
  out.push_back('{');
  if constexpr (Canonical) {
    append_sorted(out, object);
  } else {
    bool first = true;
    for (const auto& member : object) {
      if (!first)
        out.push_back(',');
      first = false;
      append_member<false>(out, member);
    }
  }
  out.push_back('}');
}

template <bool Canonical>
void append_array(std::string& out, const boost::json::array& array) {
  out.push_back('[');
  bool first = true;
  for (const auto& element : array) {
    if (!first)
      out.push_back(',');
    first = false;
    append_value<Canonical>(out, element);
  }
  out.push_back(']');
}

template <bool Canonical>
void append_value(std::string& out, const boost::json::value& value) {
  switch (value.kind()) {
    case kind::null:
      out += "null";
      return;
    case kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case kind::int64:
      append_number(out, std::int64_t{value.get_int64()});
      return;
    case kind::uint64:
      append_number(out, std::uint64_t{value.get_uint64()});
      return;
    case kind::double_:
      if constexpr (Canonical)
        append_canonical_number(out, value.get_double());
      else
        append_json_number(out, value.get_double());
      return;
    case kind::string:
      append_text(out, {value.get_string().data(), value.get_string().size()});
      return;
    case kind::array:
      append_array<Canonical>(out, value.get_array());
      return;
    case kind::object:
      append_object<Canonical>(out, value.get_object());
      return;
  }
}

/// The canonical text in memory that the thread keeps.
const std::string& canonical_scratch(const boost::json::value& value) {
  constexpr std::size_t kept_bytes_max = std::size_t{1024} * 1024;
  thread_local std::string text;
  if (text.capacity() > kept_bytes_max)
    text = std::string{};
  text.clear();
  append_value<true>(text, value);
  return text;
}

} // namespace

void append_json(std::string& out, const boost::json::value& value) {
  append_value<false>(out, value);
}

std::string to_json(const boost::json::value& value) {
  std::string out;
  append_value<false>(out, value);
  return out;
}

void append_canonical_json(std::string& out, const boost::json::value& value) {
  append_value<true>(out, value);
}

std::string canonical_json(const boost::json::value& value) {
  std::string out;
  append_value<true>(out, value);
  return out;
}

std::uint64_t fingerprint(const boost::json::value& value) {
  const auto& text = canonical_scratch(value);
  return XXH3_64bits(text.data(), text.size());
}

fingerprint_128 wide_fingerprint(const boost::json::value& value) {
  const auto& text = canonical_scratch(value);
  const auto hash = XXH3_128bits(text.data(), text.size());
  return {hash.high64, hash.low64};
}

} // namespace troupe::engine
