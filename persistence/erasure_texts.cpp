#include "persistence/erasure_texts.hpp"

#include "engine/json_text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace troupe::persistence {

namespace json = boost::json;

namespace {

constexpr std::size_t depth_max = 64;

json::value parsed(std::string_view text) {
  json::parse_options options;
  options.max_depth = depth_max;
  json::error_code failure;
  auto value = json::parse({text.data(), text.size()}, failure,
                           json::storage_ptr{}, options);
  return failure ? json::value() : value;
}

// [kind, value], as the wish of an event has them.
bool is_one_of(const json::value& given,
               const std::vector<engine::identity>& all) {
  const auto* pair = given.if_array();
  if (pair == nullptr || pair->size() != 2 || !pair->at(0).is_int64()
      || !pair->at(1).is_string())
    return false;
  const auto named = engine::make_identity(
    static_cast<engine::identity_kind>(pair->at(0).get_int64()),
    pair->at(1).get_string());
  return named && std::any_of(all.begin(), all.end(), [&](const auto& each) {
           return each.kind == named->kind && each.key == named->key;
         });
}

} // namespace

std::vector<std::string> names_of(const std::vector<engine::identity>& all) {
  std::vector<std::string> out;
  for (const auto& each : all)
    for (const auto* text : {&each.key, &each.value})
      if (!text->empty()
          && std::find(out.begin(), out.end(), *text) == out.end())
        out.push_back(*text);
  return out;
}

std::string text_of(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& each : texts)
    out.emplace_back(each);
  return engine::to_json(out);
}

std::string text_of(const std::set<std::int64_t>& numbers) {
  json::array out;
  for (const auto each : numbers)
    out.emplace_back(each);
  return engine::to_json(out);
}

std::string text_of(const std::map<std::string, std::uint64_t>& counts) {
  json::object out;
  for (const auto& [table, count] : counts)
    out[table] = count;
  return engine::to_json(out);
}

std::vector<std::string> texts_in(std::string_view text) {
  std::vector<std::string> out;
  const auto value = parsed(text);
  if (const auto* all = value.if_array())
    for (const auto& each : *all)
      if (each.is_string())
        out.emplace_back(each.get_string());
  return out;
}

std::set<std::int64_t> numbers_in(std::string_view text) {
  std::set<std::int64_t> out;
  const auto value = parsed(text);
  if (const auto* all = value.if_array())
    for (const auto& each : *all)
      if (each.is_int64())
        out.insert(each.get_int64());
  return out;
}

std::map<std::string, std::uint64_t> counts_in(std::string_view text) {
  std::map<std::string, std::uint64_t> out;
  const auto value = parsed(text);
  if (const auto* all = value.if_object())
    for (const auto& each : *all)
      if (each.value().is_int64() && each.value().get_int64() >= 0)
        out[std::string{each.key()}]
          = static_cast<std::uint64_t>(each.value().get_int64());
  return out;
}

bool is_for(std::string_view wish, const std::vector<engine::identity>& who,
            const std::vector<std::int64_t>& contacts) {
  const auto value = parsed(wish);
  const auto* all = value.if_object();
  if (all == nullptr)
    return false;
  if (const auto* contact = all->if_contains("contact")) {
    json::error_code failure;
    const auto number = contact->to_number<std::uint64_t>(failure);
    return !failure && number != 0
           && std::find(contacts.begin(), contacts.end(),
                        static_cast<std::int64_t>(number))
                != contacts.end();
  }
  const auto* named = all->if_contains("identities");
  return named != nullptr && named->is_array()
         && std::any_of(named->get_array().begin(), named->get_array().end(),
                        [&](const json::value& each) {
                          return is_one_of(each, who);
                        });
}

} // namespace troupe::persistence
