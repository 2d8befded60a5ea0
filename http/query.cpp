#include "http/query.hpp"

#include "engine/json_pointer.hpp"
#include "http/percent.hpp"

namespace troupe::http {

namespace {

/// What may stand in an answer of a name that could not be decoded.
std::string shown(std::string_view raw_name) {
  constexpr std::size_t shown_max = 64;
  return std::string{raw_name.substr(0, shown_max)};
}

engine::error wrong(std::string name, std::string_view parameter,
                    std::string_view what) {
  std::string message = "The query parameter \"";
  message += parameter;
  message += "\" ";
  message += what;
  return engine::invalid(std::move(name), std::move(message),
                         parameter_pointer(parameter));
}

/// "a[b][c]" to "a.b.c"; nothing when brackets do not pair up.
std::optional<std::string> with_dots(std::string_view name) {
  const auto open = name.find('[');
  if (open == name.npos)
    return name.find(']') == name.npos ? std::optional{std::string{name}}
                                       : std::nullopt;
  if (open == 0 || name.substr(0, open).find(']') != name.npos)
    return std::nullopt;
  std::string dotted{name.substr(0, open)};
  auto rest = name.substr(open);
  while (!rest.empty()) {
    const auto close = rest.find(']');
    if (rest[0] != '[' || close == rest.npos || close == 1)
      return std::nullopt;
    const auto part = rest.substr(1, close - 1);
    if (part.find('[') != part.npos)
      return std::nullopt;
    dotted += '.';
    dotted += part;
    rest.remove_prefix(close + 1);
  }
  return dotted;
}

} // namespace

std::optional<std::string_view>
query_parameters::find(std::string_view name) const {
  for (const auto& [key, value] : all_)
    if (key == name)
      return value;
  return std::nullopt;
}

engine::result<query_parameters> parse_query(std::string_view raw,
                                             const query_limits& limits) {
  query_parameters parsed;
  while (!raw.empty()) {
    const auto end = raw.find('&');
    const auto part = raw.substr(0, end);
    raw = end == raw.npos ? std::string_view{} : raw.substr(end + 1);
    if (part.empty())
      continue;
    if (parsed.all_.size() == limits.parameters)
      return engine::invalid("query_too_many_parameters",
                             "The query has more than "
                               + std::to_string(limits.parameters)
                               + " parameters.");
    const auto equals = part.find('=');
    const auto raw_name = part.substr(0, equals);
    const auto raw_value
      = equals == part.npos ? std::string_view{} : part.substr(equals + 1);
    // Three encoded bytes for one: what is longer can not be short enough.
    if (raw_name.size() > 3 * limits.name_bytes
        || raw_value.size() > 3 * limits.value_bytes)
      return wrong("query_parameter_too_long", shown(raw_name), "is too long.");
    const auto decoded = percent_decode(raw_name, plus_sign::is_space);
    auto value = percent_decode(raw_value, plus_sign::is_space);
    if (!decoded)
      return wrong("query_parameter_invalid", shown(raw_name),
                   "has a name that is not percent-encoded UTF-8 text.");
    if (!value)
      return wrong("query_parameter_invalid", *decoded,
                   "is not percent-encoded UTF-8 text.");
    auto name = with_dots(*decoded);
    if (!name || name->empty())
      return wrong("query_parameter_invalid", *decoded,
                   "has a name with unpaired brackets, or none.");
    if (name->size() > limits.name_bytes || value->size() > limits.value_bytes)
      return wrong("query_parameter_too_long", *name, "is too long.");
    if (parsed.find(*name))
      return wrong("query_parameter_duplicate", *name,
                   "is given more than once.");
    parsed.all_.emplace_back(*std::move(name), *std::move(value));
  }
  return parsed;
}

std::string parameter_pointer(std::string_view name) {
  return engine::pointer_to({}, name);
}

} // namespace troupe::http
