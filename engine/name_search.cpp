#include "engine/name_search.hpp"

#include "engine/identity.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t depth_max = 64; // as deep as what comes from outside

std::string lowered(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Letters of other languages are bytes above ASCII.
bool is_of_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_'
         || (c & 0x80) != 0;
}

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != text.npos;
       at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    // Behind an escape a letter may be its last: "\tada@example.com".
    const auto begins = at == 0 || !is_of_word(text[at - 1])
                        || (at > 1 && text[at - 2] == '\\');
    if (begins && (end == text.size() || !is_of_word(text[end])))
      return true;
  }
  return false;
}

bool is_telling(std::string_view name) {
  return name.starts_with('+') || name.find('@') != name.npos;
}

bool may_hold_id(std::string_view member) {
  const auto name = lowered(member);
  return name.ends_with("id") || name == "alias";
}

} // namespace

name_search::name_search(const std::vector<std::string>& names)
  : names_{names.begin(), names.end()} {}

bool name_search::is_in_body(std::string_view body) const {
  json::parse_options options;
  options.max_depth = depth_max;
  json::error_code failure;
  const auto value = json::parse({body.data(), body.size()}, failure,
                                 json::storage_ptr{}, options);
  return failure ? is_in_text(body) : is_in(value, {});
}

bool name_search::is_in_text(std::string_view text) const {
  const auto searched = lowered(text);
  return std::any_of(names_.begin(), names_.end(), [&](const auto& name) {
    return is_telling(name) && has_word(searched, lowered(name));
  });
}

bool name_search::is_in(const json::value& what,
                        std::string_view member) const {
  if (const auto* all = what.if_object())
    return std::any_of(all->begin(), all->end(), [this](const auto& each) {
      return is_in(each.value(), each.key());
    });
  if (const auto* all = what.if_array())
    return std::any_of(all->begin(), all->end(), [&](const auto& each) {
      return is_in(each, member);
    });
  const auto of_id = may_hold_id(member);
  if (const auto* text = what.if_string())
    return is_name(*text, of_id);
  if (const auto* number = what.if_int64())
    return is_name(std::to_string(*number), of_id);
  return false;
}

bool name_search::is_name(std::string_view text, bool of_id) const {
  if (of_id && names_.contains(text))
    return true;
  for (const auto kind : {identity_kind::email, identity_kind::phone})
    if (const auto who = make_identity(kind, text);
        who && names_.contains(who->key))
      return true;
  return false;
}

} // namespace troupe::engine
