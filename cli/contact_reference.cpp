#include "cli/contact_reference.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cctype>

namespace troupe::cli {

namespace json = boost::json;

namespace {

// As many as a search of the server looks at.
constexpr std::size_t found_max = 1'000;

// Addresses are kept in small letters.
std::string as_kept(const std::string& kind, std::string value) {
  if (kind == "email")
    std::transform(value.begin(), value.end(), value.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
  return value;
}

bool has_identity(const json::value& contact, const std::string& kind,
                  const std::string& value) {
  const auto& all = contact.at("identities").as_array();
  return std::any_of(all.begin(), all.end(), [&](const json::value& each) {
    return each.at("kind") == json::string_view{kind}
           && each.at("value") == json::string_view{value};
  });
}

} // namespace

engine::result<std::string> contact_path(client& server,
                                         const std::string& reference) {
  if (reference.find('/') == reference.npos)
    return "/v1/contacts/" + escaped(reference);
  const auto colon = reference.find(':');
  const auto kind = reference.substr(0, colon);
  if (colon == reference.npos || colon + 1 == reference.size())
    return engine::invalid("contact_not_found",
                           "name a contact with \"/\" in its reference as "
                           "external_id:… , email:… or anonymous_id:…");
  const auto value = as_kept(kind, reference.substr(colon + 1));
  const auto found
    = server.list("/v1/contacts?query=" + escaped(value), found_max);
  if (!found)
    return found.failure();
  for (const auto& each : *found)
    if (has_identity(each, kind, value))
      return "/v1/contacts/" + escaped(std::string{each.at("id").as_string()});
  return engine::invalid("contact_not_found",
                         "no contact has the " + kind + " " + value);
}

} // namespace troupe::cli
