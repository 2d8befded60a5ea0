// `limit` and `cursor` of lists, and the shape of their answers.
#pragma once

#include "engine/error.hpp"
#include "http/query.hpp"
#include "http/visit.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::http {

struct page_request {
  std::size_t limit = 50;
  list_place after;   // zeros: from the beginning
  std::string filter; // value of the list's own parameter, or empty
};

/// A whole number from 1 to `max`.
engine::result<std::size_t> read_limit(std::string_view text, std::size_t max);

engine::error cursor_invalid(std::string_view parameter = "cursor");

engine::error unknown_parameter(const std::string& name,
                                std::string_view known);

/// Reads a query that has no other parameters but, if named, `filter`.
engine::result<page_request> read_page(const api_context& with,
                                       const visit& now, list_kind list,
                                       std::string_view filter = {});

/// {data, has_more, next_cursor}
/// @param next empty: there is no more
boost::json::object page_of(boost::json::array data, const std::string& next);

/// A page of what is in memory, in order of rising numbers.
/// @param all by number
/// @param view makes the JSON of one
template <class Value, class View>
boost::json::object page_of(const api_context& with, const visit& now,
                            list_kind list, const page_request& page,
                            const std::map<std::uint64_t, Value>& all,
                            View view) {
  boost::json::array data;
  std::string next;
  std::uint64_t last = 0;
  for (auto at = all.upper_bound(page.after.first); at != all.end(); ++at) {
    if (data.size() == page.limit) {
      next = with.cursors->encode(list, now.who.workspace, {last, 0});
      break;
    }
    data.push_back(view(at->second));
    last = at->first;
  }
  return page_of(std::move(data), next);
}

} // namespace troupe::http
