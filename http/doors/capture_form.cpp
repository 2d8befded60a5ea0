#include "http/doors/capture_form.hpp"

#include "engine/base64.hpp"
#include "engine/json_text.hpp"
#include "http/percent.hpp"

#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace troupe::http {

namespace {

// Half of a surrogate pair in three bytes, ED A0..BF 80..BF, or 0.
unsigned half_at(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size() || text[at] != '\xED')
    return 0;
  const auto second = static_cast<unsigned char>(text[at + 1]);
  const auto third = static_cast<unsigned char>(text[at + 2]);
  if (second < 0xA0 || second > 0xBF || (third & 0xC0U) != 0x80)
    return 0;
  return 0xD000U | (second & 0x3FU) << 6U | (third & 0x3FU);
}

void append_beyond(std::string& out, unsigned high, unsigned low) {
  const auto point = 0x10000U + ((high - 0xD800U) << 10U) + (low - 0xDC00U);
  out += static_cast<char>(0xF0U | point >> 18U);
  for (const auto shift : {12U, 6U, 0U})
    out += static_cast<char>(0x80U | (point >> shift & 0x3FU));
}

std::string with_pairs_joined(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto high = half_at(text, at);
    if (high == 0) {
      out += text[at++];
      continue;
    }
    const auto low = high < 0xDC00 ? half_at(text, at + 3) : 0;
    if (low >= 0xDC00) {
      append_beyond(out, high, low);
      at += 6;
    } else {
      out += "\xEF\xBF\xBD";
      at += 3;
    }
  }
  return out;
}

std::optional<std::string> field_of(std::string_view form,
                                    std::string_view name, plus_sign plus) {
  while (!form.empty()) {
    const auto field = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(field.size() + 1, form.size()));
    if (field.starts_with(name) && field.substr(name.size()).starts_with('='))
      return percent_decode(field.substr(name.size() + 1), plus);
  }
  return std::nullopt;
}

bool is_json(std::string_view body) {
  const auto first = body.find_first_not_of(" \t\r\n");
  return first != body.npos && (body[first] == '{' || body[first] == '[');
}

} // namespace

std::optional<std::string> posthog_form(std::string_view body) {
  if (is_json(body))
    return std::nullopt;
  const auto field = field_of(body, "data", plus_sign::is_literal);
  const auto text = field ? engine::base64_decode(*field) : std::nullopt;
  return text ? std::optional{with_pairs_joined(*text)} : std::nullopt;
}

std::optional<std::string> amplitude_form(std::string_view body) {
  if (is_json(body))
    return std::nullopt;
  const auto key = field_of(body, "client", plus_sign::is_space);
  const auto events = field_of(body, "e", plus_sign::is_space);
  if (!key || !events)
    return std::nullopt;
  return "{\"api_key\":" + engine::to_json(boost::json::value(*key))
         + ",\"events\":" + *events + "}";
}

} // namespace troupe::http
