#include "engine/engagement.hpp"

#include "engine/access.hpp"

#include <array>

namespace troupe::engine {

namespace {

constexpr std::array rule_names{
  std::pair{session_rule::browser, std::string_view{"browser"}},
  std::pair{session_rule::all, std::string_view{"all"}},
  std::pair{session_rule::off, std::string_view{"off"}}};
constexpr duration gap_min = std::chrono::seconds{1};
constexpr duration gap_max = std::chrono::hours{24};

} // namespace

result<session_policy> parse_sessions(const boost::json::value& from,
                                      const std::string& pointer) {
  const auto wrong = [&](std::string message, std::string_view member) {
    return invalid("field_invalid", std::move(message),
                   pointer + std::string{member});
  };
  session_policy policy;
  const auto* members = from.if_object();
  if (members == nullptr)
    return wrong("`sessions` is {of, gap}", "");
  for (const auto& member : *members)
    if (member.key() != "of" && member.key() != "gap")
      return wrong("`sessions` is {of, gap}", "");
  if (const auto* of = members->if_contains("of")) {
    const auto rule = of->is_string() ? find_word(rule_names, of->get_string())
                                      : std::nullopt;
    if (!rule)
      return wrong("`of` is one of \"browser\", \"all\", \"off\"", "/of");
    policy.of = *rule;
  }
  if (const auto* gap = members->if_contains("gap")) {
    const auto span
      = gap->is_string() ? parse_duration(gap->get_string()) : std::nullopt;
    if (!span || *span < gap_min || *span > gap_max)
      return wrong("`gap` is a duration from \"1s\" to \"24h\"", "/gap");
    policy.gap = *span;
  }
  return policy;
}

} // namespace troupe::engine
