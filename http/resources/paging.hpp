// `limit` and `cursor` of lists, and the shape of their answers.
#pragma once

#include "engine/error.hpp"
#include "http/query.hpp"
#include "http/visit.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <string_view>

namespace troupe::http {

struct page_request {
  std::size_t limit = 50;
  list_place after; // zeros: from the beginning
};

/// A whole number from 1 to `max`.
engine::result<std::size_t> read_limit(std::string_view text, std::size_t max);

engine::error cursor_invalid();

engine::error unknown_parameter(const std::string& name,
                                std::string_view known);

/// Reads a query that has no other parameters.
engine::result<page_request> read_page(const api_context& with,
                                       const visit& now, list_kind list);

/// {data, has_more, next_cursor}
/// @param next empty: there is no more
boost::json::object page_of(boost::json::array data, const std::string& next);

} // namespace troupe::http
