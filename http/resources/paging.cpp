#include "http/resources/paging.hpp"

#include <charconv>

namespace troupe::http {

namespace {

constexpr std::size_t limit_max = 200;

} // namespace

engine::result<std::size_t> read_limit(std::string_view text, std::size_t max) {
  std::size_t limit = 0;
  const auto [end, fault]
    = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (fault != std::errc{} || end != text.data() + text.size() || limit < 1
      || limit > max)
    return engine::invalid(
      "query_parameter_invalid",
      "`limit` is a whole number from 1 to " + std::to_string(max), "/limit");
  return limit;
}

engine::error cursor_invalid(std::string_view parameter) {
  return engine::invalid(
    "cursor_invalid",
    "use `next_cursor` of an earlier answer of the same list as it is",
    parameter_pointer(parameter));
}

engine::error unknown_parameter(const std::string& name,
                                std::string_view known) {
  // What looks like no name may be anything, also somebody's address.
  const auto is_name
    = name.size() <= 64
      && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
           == name.npos;
  const auto what = is_name ? "there is no parameter `" + name + "`"
                            : std::string{"there is no such parameter"};
  return engine::invalid("query_parameter_unknown",
                         what + "; known are " + std::string{known},
                         is_name ? parameter_pointer(name) : std::string{});
}

engine::result<page_request> read_page(const api_context& with,
                                       const visit& now, list_kind list,
                                       std::string_view filter) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return query.failure();
  page_request page;
  for (const auto& [name, value] : query->all()) {
    if (name == "limit") {
      const auto limit = read_limit(value, limit_max);
      if (!limit)
        return limit.failure();
      page.limit = *limit;
    } else if (name == "cursor") {
      const auto place = with.cursors->decode(list, now.who.workspace, value);
      if (!place)
        return cursor_invalid();
      page.after = *place;
    } else if (!filter.empty() && name == filter) {
      page.filter = value;
    } else {
      return unknown_parameter(name, filter.empty() ? "limit and cursor"
                                                    : std::string{filter}
                                                        + ", limit and cursor");
    }
  }
  return page;
}

boost::json::object page_of(boost::json::array data, const std::string& next) {
  boost::json::object out;
  out["data"] = std::move(data);
  out["has_more"] = !next.empty();
  out["next_cursor"]
    = next.empty() ? boost::json::value() : boost::json::value(next);
  return out;
}

} // namespace troupe::http
