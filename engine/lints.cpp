#include "engine/lints.hpp"

#include "engine/json_text.hpp"
#include "engine/personal_data.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace troupe::engine {

namespace json = boost::json;

namespace {

enum class advice : std::uint8_t { none, card_number, secret, postal_address };

// Words of a key, so that "passenger" is no "pass".
constexpr std::array secret_words
  = {std::string_view{"password"}, std::string_view{"passwd"},
     std::string_view{"secret"},   std::string_view{"token"},
     std::string_view{"cvv"},      std::string_view{"cvc"},
     std::string_view{"pin"},      std::string_view{"ssn"},
     std::string_view{"iban"}};
constexpr std::array secret_pairs
  = {std::string_view{"api_key"}, std::string_view{"private_key"},
     std::string_view{"access_key"}, std::string_view{"account_number"},
     std::string_view{"card_number"}};
constexpr std::array address_words
  = {std::string_view{"address"}, std::string_view{"street"},
     std::string_view{"postcode"}, std::string_view{"zipcode"}};
constexpr std::array address_pairs
  = {std::string_view{"postal_code"}, std::string_view{"zip_code"}};
// An address of another kind is not where somebody lives.
constexpr std::array harmless_pairs
  = {std::string_view{"email_address"}, std::string_view{"ip_address"},
     std::string_view{"mac_address"}, std::string_view{"wallet_address"}};

// True when the words stand in the key with "_" or an end on both sides.
bool has_words(std::string_view key, std::string_view words) {
  for (auto at = key.find(words); at != std::string_view::npos;
       at = key.find(words, at + 1)) {
    const auto end = at + words.size();
    if ((at == 0 || key[at - 1] == '_')
        && (end == key.size() || key[end] == '_'))
      return true;
  }
  return false;
}

template <class Words>
bool has_any(std::string_view key, const Words& all) {
  return std::any_of(all.begin(), all.end(), [key](std::string_view each) {
    return has_words(key, each);
  });
}

advice about_key(std::string_view key) {
  if (has_any(key, secret_words) || has_any(key, secret_pairs))
    return advice::secret;
  if ((has_any(key, address_words) || has_any(key, address_pairs))
      && !has_any(key, harmless_pairs))
    return advice::postal_address;
  return advice::none;
}

bool is_card_number(const json::value& value) {
  if (value.is_string())
    return looks_like_card_number(std::string_view{value.get_string()});
  if (value.is_int64() && value.get_int64() > 0)
    return looks_like_card_number(std::to_string(value.get_int64()));
  if (value.is_uint64())
    return looks_like_card_number(std::to_string(value.get_uint64()));
  return false;
}

std::string_view message_of(advice what) {
  switch (what) {
    case advice::card_number:
      return "looks like a card number; send the payment's id instead";
    case advice::secret:
      return "secrets do not belong into events";
    case advice::postal_address:
      return "send what the sequence needs of an address, not all of it";
    case advice::none:
      break;
  }
  return {};
}

std::string_view code_of(advice what) {
  switch (what) {
    case advice::card_number:
      return "card_number";
    case advice::secret:
      return "secret";
    case advice::postal_address:
      return "postal_address";
    case advice::none:
      break;
  }
  return {};
}

class linter {
public:
  void object(const json::object& from, const std::string& path) {
    for (const auto& item : from) {
      const std::string_view key = item.key();
      const auto place
        = path.empty() ? std::string{key} : path + "." + std::string{key};
      const auto what = about_key(key);
      if (what != advice::none)
        add(what, place);
      if (what != advice::secret)
        value(item.value(), place);
    }
  }

  std::vector<lint> take() {
    return std::move(found_);
  }

private:
  void value(const json::value& from, const std::string& path) {
    if (from.is_object())
      return object(from.get_object(), path);
    if (from.is_array()) {
      std::size_t at = 0;
      for (const auto& each : from.get_array())
        value(each, path + "." + std::to_string(at++));
      return;
    }
    if (is_card_number(from))
      add(advice::card_number, path);
  }

  void add(advice what, const std::string& path) {
    if (found_.size() < lints_max)
      found_.push_back({code_of(what), path, message_of(what)});
  }

  std::vector<lint> found_;
};

std::string digits_of(const json::value& card) {
  std::string digits;
  for (const char c :
       card.is_string() ? std::string{card.get_string()} : to_json(card))
    if (c >= '0' && c <= '9')
      digits += c;
  return digits;
}

void mask_value(json::value& what) {
  if (is_card_number(what)) {
    const auto digits = digits_of(what);
    what = std::string{mask} + digits.substr(digits.size() - 4);
  } else if (what.is_array()) {
    for (auto& each : what.get_array())
      mask_value(each);
  } else if (what.is_object()) {
    what = masked(what.get_object());
  }
}

} // namespace

bool looks_like_card_number(std::string_view text) {
  std::array<int, 19> digits{};
  std::size_t count = 0;
  auto after_digit = false;
  for (const char c : text) {
    const auto is_digit = c >= '0' && c <= '9';
    if (is_digit && count == digits.size())
      return false;
    if (is_digit)
      digits[count++] = c - '0';
    else if ((c != ' ' && c != '-') || !after_digit)
      return false;
    after_digit = is_digit;
  }
  if (count < 13 || !after_digit || digits[0] == 0)
    return false;
  int sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto is_doubled = (count - i) % 2 == 0;
    const auto digit = is_doubled ? digits[i] * 2 : digits[i];
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

std::vector<lint> lints_of(const json::object& properties,
                           std::string_view event_type) {
  linter rules;
  rules.object(properties, {});
  auto found = rules.take();
  for (const auto& path :
       personal_data_in(properties, event_type, lints_max - found.size())) {
    auto& added = found.emplace_back();
    added.code = "pii_property";
    added.message = "personal data belongs to the contact: send it as an "
                    "identity or an attribute";
    for (const auto& step : path)
      added.path += (added.path.empty() ? "" : ".") + step;
  }
  return found;
}

json::object masked(const json::object& properties) {
  json::object out;
  for (const auto& item : properties) {
    auto value = item.value();
    if (about_key(item.key()) == advice::secret)
      value = mask;
    else
      mask_value(value);
    out.emplace(item.key(), std::move(value));
  }
  return out;
}

} // namespace troupe::engine
