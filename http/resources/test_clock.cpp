#include "http/resources/test_clock.hpp"

#include "http/resources/json_body.hpp"
#include "http/resources/paging.hpp"
#include "http/resources/test_clock_views.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::result;
using messages::scope;
using messages::test_clock_wish;

constexpr std::size_t body_bytes_max = 1024;
constexpr std::size_t text_bytes_max = 64;

engine::error test_only() {
  return {engine::errc::forbidden,
          "test_workspace_only",
          "only workspaces of kind `test` have a clock that can be moved, and "
          "an outbox that keeps what they send",
          {}};
}

bool is_test(const api_context& with, const visit& now) {
  return messages::clock_of(*with.catalog->get(), now.who.workspace) != nullptr;
}

void show_clock(const api_context& with, visit now) {
  if (!is_test(with, now))
    return now.refuse(test_only());
  now.respond(json_response(
    {{"now", engine::to_iso8601(with.now_in(now.who.workspace))}}));
}

void move(const api_context& with, visit now, test_clock_wish wish) {
  wish.workspace = now.who.workspace;
  wish.key = now.who.key;
  wish.request_id = now.what.id.view();
  auto slot = slot_for<messages::test_clock_moved>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     catalog = with.catalog,
     workspace = wish.workspace](messages::test_clock_moved done) {
      if (done.failure)
        return answer.refuse(*done.failure);
      const auto known = catalog->get();
      answer.respond(json_response(
        moved_view(done, {*ids, known->workspaces.at(workspace)})));
    });
  caf::anon_send(with.gateway, atom::change_atom::value, std::move(wish),
                 std::move(slot));
}

// The one member of a small body.
result<std::string> read_member(const visit& now, std::string_view name) {
  const auto body = read_object(now.what);
  if (!body)
    return body.failure();
  if (auto good = check_members(*body, {name}); !good)
    return good.failure();
  auto text = text_of(*body, name, text_bytes_max);
  if (text && text->empty())
    return invalid("field_required", "give `" + std::string{name} + "`",
                   "/" + std::string{name});
  return text;
}

void set_clock(const api_context& with, visit now) {
  if (!is_test(with, now))
    return now.refuse(test_only());
  const auto text = read_member(now, "now");
  if (!text)
    return now.refuse(text.failure());
  test_clock_wish wish;
  wish.to = engine::parse_iso8601(*text);
  if (!wish.to)
    return now.refuse(invalid(
      "field_invalid", "`now` is an ISO 8601 time such as 2026-04-20T11:34:00Z",
      "/now"));
  move(with, std::move(now), std::move(wish));
}

void advance_clock(const api_context& with, visit now) {
  if (!is_test(with, now))
    return now.refuse(test_only());
  const auto text = read_member(now, "by");
  if (!text)
    return now.refuse(text.failure());
  const auto by = engine::parse_duration(*text);
  if (!by)
    return now.refuse(invalid(
      "field_invalid",
      "`by` is a period such as \"90s\", \"2h\", \"7d\" or \"P30D\", at most "
      "ten years",
      "/by"));
  test_clock_wish wish;
  wish.by = *by;
  move(with, std::move(now), std::move(wish));
}

// A turn, and one of its deliveries: its ordinal and its destination.
list_place place_of(const engine::delivery_name& name) {
  return {engine::number(name.turn), (std::uint64_t{name.ordinal} << 32U)
                                       | engine::number(name.destination)};
}

engine::delivery_name name_at(const list_place& place) {
  return {engine::destination_id{
            static_cast<std::uint32_t>(place.second & 0xFFFFFFFFU)},
          engine::position{place.first},
          static_cast<std::uint32_t>(place.second >> 32U)};
}

void list_outbox(const api_context& with, visit now) {
  if (!is_test(with, now))
    return now.refuse(test_only());
  const auto page = read_page(with, now, list_kind::test_outbox);
  if (!page)
    return now.refuse(page.failure());
  messages::test_outbox_search search;
  search.workspace = now.who.workspace;
  search.before = name_at(page->after);
  search.limit = page->limit;
  auto slot = slot_for<messages::test_outbox_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     catalog = with.catalog, cursors = with.cursors,
     workspace = search.workspace](messages::test_outbox_found found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      const auto known = catalog->get();
      const view_context about{*ids, known->workspaces.at(workspace)};
      json::array data;
      for (const auto& each : found.deliveries)
        data.push_back(kept_view(each, about));
      const auto next
        = found.has_more
            ? cursors->encode(list_kind::test_outbox, workspace,
                              place_of(found.deliveries.back().name))
            : std::string{};
      answer.respond(json_response(page_of(std::move(data), next)));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

} // namespace

std::vector<api_route> test_clock_routes() {
  const auto act = [](std::string_view pattern, auto serve) {
    return api_route{"POST", pattern,         scope::manage,
                     serve,  body_rule::json, body_bytes_max};
  };
  return {{"GET", "/v1/test-clock", scope::events_read, show_clock},
          act("/v1/test-clock", set_clock),
          act("/v1/test-clock/advance", advance_clock),
          {"GET", "/v1/test-outbox", scope::manage, list_outbox}};
}

} // namespace troupe::http
