#include "engine/personal_data.hpp"

#include "engine/json_pointer.hpp"
#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"
#include "engine/system_events.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t redacted_max = 10'000; // more than a body can have

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// "firstName", "first_name" and "First Name" are the words first and name.
std::vector<std::string> words_of(std::string_view key) {
  std::vector<std::string> words;
  auto is_new = true;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto c = key[i];
    if (!is_upper(c) && !is_lower_or_digit(c)) {
      is_new = true;
      continue;
    }
    is_new = is_new || (is_upper(c) && i > 0 && is_lower_or_digit(key[i - 1]));
    if (is_new)
      words.emplace_back();
    is_new = false;
    words.back() += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return words;
}

template <class Words>
bool is_one_of(const std::string& word, const Words& all) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

// "customer_email", "phone_number", "last_name"; but not "email_count".
bool names_personal_data(std::string_view key) {
  constexpr std::array<std::string_view, 6> alone{
    "email", "phone", "telephone", "mobile", "msisdn", "surname"};
  constexpr std::array<std::string_view, 5> before_name{"first", "last", "full",
                                                        "given", "family"};
  constexpr std::array<std::string_view, 3> before_number{"phone", "telephone",
                                                          "mobile"};
  const auto words = words_of(key);
  if (words.empty())
    return false;
  const auto& last = words.back();
  if (is_one_of(last, alone))
    return true;
  if (words.size() < 2)
    return false;
  const auto& before = words[words.size() - 2];
  return (last == "address" && before == "email")
         || (last == "mail" && before == "e")
         || (last == "name" && is_one_of(before, before_name))
         || (last == "number" && is_one_of(before, before_number));
}

bool is_list_place(const std::string& step) {
  return std::all_of(step.begin(), step.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

// Whose `name` is a person's. Products and plans have names as well.
bool is_person(const data_path& holder) {
  constexpr std::array<std::string_view, 7> people{
    "user", "customer", "contact", "person", "recipient", "referrer", "lead"};
  const auto named
    = std::find_if_not(holder.rbegin(), holder.rend(), is_list_place);
  if (named == holder.rend())
    return true;
  auto one = *named;
  if (one == "people")
    return true;
  if (one.ends_with('s') && one.size() > 1)
    one.pop_back();
  return is_one_of(one, people);
}

// Of a catalogued event: who it is about.
bool is_identifier(std::string_view event_type, std::string_view key) {
  return find_system_event(event_type) != nullptr && key.ends_with("_id");
}

// Its `name` is the page's.
bool is_of_page(std::string_view event_type) {
  return event_type == "$page_view" || event_type == "$screen_view";
}

bool is_address(std::string_view text) {
  const auto at = text.find('@');
  if (at == text.npos || at == 0 || text.size() > 320
      || text.find('@', at + 1) != text.npos
      || text.find_first_of(" \t\r\n<>(),;:/\"") != text.npos)
    return false;
  const auto dot = text.rfind('.');
  return dot != text.npos && dot > at + 1 && dot + 2 < text.size();
}

class finder {
public:
  finder(std::string_view event_type, std::size_t most)
    : event_type_(event_type), most_(most) {}

  /// @param personal all that is written in it is
  void object(const json::object& from, data_path& path,
              bool personal = false) {
    for (const auto& item : from) {
      if (path.empty() && is_identifier(event_type_, item.key()))
        continue;
      const auto is_name
        = item.key() == "name" && is_person(path) && !is_of_page(event_type_);
      path.emplace_back(item.key());
      value(item.value(), path,
            personal || is_name || names_personal_data(item.key()));
      path.pop_back();
    }
  }

  std::vector<data_path> take() {
    return std::move(found_);
  }

private:
  static bool is_written(const json::value& value) {
    return (value.is_string() && !value.get_string().empty())
           || value.is_number();
  }

  void value(const json::value& from, data_path& path, bool personal) {
    if (from.is_object())
      return object(from.get_object(), path, personal);
    if (from.is_array()) {
      std::size_t at = 0;
      for (const auto& each : from.get_array()) {
        path.push_back(std::to_string(at++));
        value(each, path, personal);
        path.pop_back();
      }
      return;
    }
    const auto* text = from.if_string();
    if ((personal && is_written(from))
        || (text != nullptr && (*text == mask || is_address(*text))))
      add(path);
  }

  void add(const data_path& path) {
    if (found_.size() < most_)
      found_.push_back(path);
  }

  std::string_view event_type_;
  std::size_t most_;
  std::vector<data_path> found_;
};

json::value& value_at(json::object& from, const data_path& path) {
  json::value* at = &from.at(path.front());
  for (std::size_t i = 1; i < path.size(); ++i)
    at = at->is_object() ? &at->get_object().at(path[i])
                         : &at->get_array().at(std::stoul(path[i]));
  return *at;
}

void redact(incoming_event& event, const std::vector<data_path>& all) {
  for (const auto& path : all)
    value_at(event.properties, path) = mask;
  if (!event.key || event.key->fingerprint == 0)
    return;
  // A hash of what is masked would tell it to whoever can guess.
  json::array told{json::value(event.record.type),
                   json::value(event.properties)};
  for (const auto& who : event.identities)
    told.emplace_back(who.key);
  event.key->fingerprint = fingerprint(json::value(std::move(told)));
}

// What stands beside the properties in the body is held to no rule; of the
// context goes what is said about the person.
void keep_properties_only(incoming_event& event) {
  auto& record = event.record;
  std::string context;
  if (auto known = parse_json(record.context_text());
      known && known->is_object()) {
    known->get_object().erase("traits");
    context = to_json(*known);
  }
  record.body = to_json(event.properties);
  record.properties = {0, static_cast<std::uint32_t>(record.body.size())};
  record.context
    = {record.properties.length, static_cast<std::uint32_t>(context.size())};
  record.body += context;
}

} // namespace

std::vector<data_path> personal_data_in(const json::object& properties,
                                        std::string_view event_type,
                                        std::size_t most) {
  if (event_type == "$identify")
    return {};
  finder personal{event_type, most};
  data_path path;
  personal.object(properties, path);
  return personal.take();
}

status hold_to(pii_rule rule, incoming_event& event,
               const std::string& pointer) {
  if (rule == pii_rule::lint)
    return success();
  const auto found
    = personal_data_in(event.properties, event.record.type, redacted_max);
  if (rule == pii_rule::redact)
    redact(event, found);
  if (rule == pii_rule::redact || found.empty()) {
    keep_properties_only(event);
    return success();
  }
  auto place = pointer;
  for (const auto& step : found.front())
    place = pointer_to(place, step);
  return invalid("pii_not_allowed",
                 "this workspace takes no personal data in events: leave it "
                 "out, and say it of the contact, as an identity or an "
                 "attribute",
                 std::move(place));
}

} // namespace troupe::engine
