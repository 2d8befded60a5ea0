#include "engine/template_values.hpp"

#include "engine/json_logic_value.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::string_view properties_names[]
  = {"properties", "metadata", "event_data"};

constexpr auto escapes = [] {
  std::array<std::string_view, 256> made{};
  made['&'] = "&amp;";
  made['<'] = "&lt;";
  made['>'] = "&gt;";
  made['"'] = "&quot;";
  made['\''] = "&#x27;";
  made['`'] = "&#x60;";
  made['='] = "&#x3D;";
  return made;
}();

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto escape = escapes[static_cast<unsigned char>(text[i])];
    if (escape.empty())
      continue;
    out.append(text, plain_from, i - plain_from);
    out += escape;
    plain_from = i + 1;
  }
  out.append(text, plain_from);
}

/// An array's index as JavaScript writes it: "7", not "07".
std::optional<std::uint32_t> index_of(std::string_view key) {
  std::uint32_t index = 0;
  const auto* end = key.data() + key.size();
  const auto read = std::from_chars(key.data(), end, index);
  if (read.ec != std::errc{} || read.ptr != end
      || (key.size() > 1 && key.front() == '0') || index == 0xFFFF'FFFF)
    return std::nullopt;
  return index;
}

std::size_t bytes_of_character(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// The value that a container compares as: an array of one as its element.
/// Null when there is none that a short text could equal.
const json::value* as_primitive(const json::value& value) {
  static const json::value empty = "";
  const auto* at = &value;
  while (const auto* array = at->if_array()) {
    if (array->empty() || (array->size() == 1 && (*array)[0].is_null()))
      return &empty;
    if (array->size() > 1)
      return nullptr;
    at = &(*array)[0];
  }
  return at->is_object() ? nullptr : at;
}

} // namespace

bool is_falsy(const json::value& value) {
  return !value.is_array() && !is_truthy(value);
}

void append_value(std::string& out, const json::value& value,
                  bool escape_html) {
  if (const auto* text = value.if_string()) {
    if (escape_html)
      append_escaped(out, text_of(*text));
    else
      out += text_of(*text);
  } else if (escape_html && value.is_array()) {
    std::string printed;
    append_joined(printed, value);
    append_escaped(out, printed);
  } else {
    append_joined(out, value); // has nothing to escape
  }
}

bool is_same_context(const json::value& a, const json::value& b) {
  if (&a == &b)
    return true;
  const bool a_holds_more = a.is_array() || a.is_object();
  const bool b_holds_more = b.is_array() || b.is_object();
  if (a_holds_more && b_holds_more)
    return false;
  if (a.is_null() || b.is_null())
    return a.is_null() && b.is_null();
  const auto* x = as_primitive(a);
  const auto* y = as_primitive(b);
  if (x == nullptr || y == nullptr)
    return false;
  const auto is_long = [](const json::value& v) {
    return v.is_string() && v.get_string().size() > 64;
  };
  if (x->kind() != y->kind() && (is_long(*x) || is_long(*y)))
    return false;
  return loosely_equal(*x, *y);
}

bool has_index_keys(const json::object& members) {
  return std::any_of(members.begin(), members.end(), [](const auto& member) {
    return index_of({member.key().data(), member.key().size()}).has_value();
  });
}

std::vector<const json::key_value_pair*>
in_javascript_order(const json::object& members) {
  std::vector<std::pair<std::uint64_t, const json::key_value_pair*>> ranked;
  ranked.reserve(members.size());
  constexpr std::uint64_t after_all = 0xFFFF'FFFF;
  for (const auto& member : members) {
    const auto index = index_of({member.key().data(), member.key().size()});
    ranked.emplace_back(index ? *index : after_all, &member);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) {
                     return a.first < b.first;
                   });
  std::vector<const json::key_value_pair*> ordered;
  ordered.reserve(ranked.size());
  for (const auto& [rank, member] : ranked)
    ordered.push_back(member);
  return ordered;
}

const json::value* other_properties(const json::object& event,
                                    std::string_view name) {
  if (std::find(std::begin(properties_names), std::end(properties_names), name)
      == std::end(properties_names))
    return nullptr;
  for (const auto other : properties_names)
    if (const auto* found = event.if_contains(other))
      return found;
  return nullptr;
}

std::size_t code_units(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    count += byte < 0x80 || byte >= 0xC0 ? (byte >= 0xF0 ? 2U : 1U) : 0U;
  }
  return count;
}

std::string_view code_unit(std::string_view text, std::size_t index) {
  while (!text.empty()) {
    const auto size = std::min(bytes_of_character(text.front()), text.size());
    const std::size_t units = size == 4 ? 2 : 1;
    if (index < units)
      return units == 2 ? "\xEF\xBF\xBD" : text.substr(0, size);
    index -= units;
    text.remove_prefix(size);
  }
  return {};
}

} // namespace troupe::engine
