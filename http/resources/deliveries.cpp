#include "http/resources/deliveries.hpp"

#include "engine/access.hpp"
#include "http/resources/delivery_views.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/json_body.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::status;
using messages::delivery_search;
using messages::scope;

constexpr std::size_t limit_max = 100;
constexpr std::size_t replayed_max = 1000; // by one request
constexpr std::size_t body_bytes_max = 16 * 1024;
constexpr std::size_t text_bytes_max = 256;

status read_status(delivery_search& search, std::string_view word) {
  const auto wanted = engine::find_word(engine::delivery_status_names, word);
  if (!wanted)
    return invalid("field_invalid",
                   "`status` is pending, delivered, failed, held or dead",
                   "/status");
  search.statuses = {*wanted};
  return engine::success();
}

status read_times(delivery_search& search, const std::string& name,
                  std::string_view value) {
  const auto at = read_time(name, value);
  if (!at)
    return at.failure();
  (name == "since" ? search.since : search.until) = *at;
  return engine::success();
}

status read_cursor(delivery_search& search, list_kind list,
                   std::string_view value, const cursor_codec& cursors) {
  const auto place = cursors.decode(list, search.workspace, value);
  if (!place)
    return cursor_invalid();
  search.before = {{},
                   engine::position{place->first},
                   static_cast<std::uint32_t>(place->second)};
  return engine::success();
}

status read_parameter(delivery_search& search, const std::string& name,
                      const std::string& value, const cursor_codec& cursors) {
  if (name == "status")
    return read_status(search, value);
  if (name == "since" || name == "until")
    return read_times(search, name, value);
  if (name == "cursor")
    return read_cursor(search, list_kind::deliveries, value, cursors);
  if (name != "limit")
    return unknown_parameter(name, "status, since, until, limit and cursor");
  const auto limit = read_limit(value, limit_max);
  if (!limit)
    return limit.failure();
  search.limit = *limit;
  return engine::success();
}

std::string next_of(const cursor_codec& cursors, list_kind list,
                    engine::workspace_id workspace, bool has_more,
                    const engine::delivery_name& next) {
  return has_more ? cursors.encode(list, workspace,
                                   {engine::number(next.turn), next.ordinal})
                  : std::string{};
}

void list_deliveries(const api_context& with, visit now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return now.refuse(query.failure());
  const auto workspace = now.who.workspace;
  delivery_search search;
  search.workspace = workspace;
  search.endpoint = now.route.parameter("id");
  for (const auto& [name, value] : query->all())
    if (auto good = read_parameter(search, name, value, *with.cursors); !good)
      return now.refuse(good.failure());
  auto slot = slot_for<messages::deliveries_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     cursors = with.cursors, workspace](messages::deliveries_found found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      json::array data;
      for (const auto& each : found.deliveries)
        data.push_back(delivery_summary(each, *ids));
      answer.respond(json_response(page_of(
        std::move(data), next_of(*cursors, list_kind::deliveries, workspace,
                                 found.has_more, found.next))));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

std::optional<messages::delivery_reference>
reference_of(const api_context& with, const visit& now) {
  const auto named = engine::parse_delivery_id(
    now.who.workspace, now.route.parameter("id"), *with.ids);
  if (!named)
    return std::nullopt;
  return messages::delivery_reference{now.who.workspace, *named, true};
}

void show_delivery(const api_context& with, visit now) {
  auto reference = reference_of(with, now);
  if (!reference)
    return now.refuse(no_such("delivery"));
  auto slot = slot_for<messages::delivery_shown>(
    [answer = pending_answer{std::move(now)},
     ids = with.ids](messages::delivery_shown shown) {
      if (shown.failure)
        answer.refuse(*shown.failure);
      else
        answer.respond(json_response(delivery_view(shown, *ids)));
    });
  caf::anon_send(with.gateway, atom::show_atom::value, std::move(*reference),
                 std::move(slot));
}

messages::replay_wish wish_of(const api_context& with, const visit& now) {
  messages::replay_wish wish;
  const auto known = with.catalog->get();
  if (const auto* key = messages::key_numbered(*known, now.who.key))
    wish.by = key->text_id;
  wish.request_id = now.what.id.view();
  return wish;
}

void replay_delivery(const api_context& with, visit now) {
  auto wish = wish_of(with, now);
  wish.one = reference_of(with, now);
  if (!wish.one)
    return now.refuse(no_such("delivery"));
  auto slot
    = slot_for<messages::replayed>([answer = pending_answer{std::move(now)},
                                    ids = with.ids](messages::replayed done) {
        if (done.failure)
          answer.refuse(*done.failure);
        else
          answer.respond(json_response(delivery_summary(done.seen, *ids), 202));
      });
  caf::anon_send(with.gateway, atom::replay_atom::value, std::move(wish),
                 std::move(slot));
}

// {since?, until?, status?, limit?, cursor?}
status read_range(delivery_search& search, const json::object& body,
                  const cursor_codec& cursors) {
  if (auto good
      = check_members(body, {"since", "until", "status", "limit", "cursor"});
      !good)
    return good;
  for (const std::string name : {"since", "until", "status", "cursor"}) {
    const auto value = text_of(body, name, text_bytes_max);
    if (!value)
      return value.failure();
    if (value->empty())
      continue;
    const auto good
      = name == "status" ? read_status(search, *value)
        : name == "cursor"
          ? read_cursor(search, list_kind::replays, *value, cursors)
          : read_times(search, name, *value);
    if (!good)
      return good;
  }
  search.limit = replayed_max;
  if (const auto* limit = body.if_contains("limit")) {
    if (!limit->is_int64() || limit->get_int64() < 1
        || limit->get_int64() > static_cast<std::int64_t>(replayed_max))
      return invalid("field_type_mismatch",
                     "`limit` is a whole number from 1 to 1,000", "/limit");
    search.limit = static_cast<std::size_t>(limit->get_int64());
  }
  if (search.statuses.empty() && !search.since)
    return invalid("replay_filter_required",
                   "say which deliveries: give `status`, such as \"failed\", "
                   "or `since`",
                   "");
  return engine::success();
}

void replay_endpoint(const api_context& with, visit now) {
  const auto body = read_object(now.what);
  if (!body)
    return now.refuse(body.failure());
  auto wish = wish_of(with, now);
  auto& search = wish.search;
  search.workspace = now.who.workspace;
  search.endpoint = now.route.parameter("id");
  search.attempted_only = true;
  if (auto good = read_range(search, *body, *with.cursors); !good)
    return now.refuse(good.failure());
  auto slot = slot_for<messages::replayed>(
    [answer = pending_answer{std::move(now)}, cursors = with.cursors,
     workspace = search.workspace](messages::replayed done) {
      if (done.failure)
        return answer.refuse(*done.failure);
      const auto next = next_of(*cursors, list_kind::replays, workspace,
                                done.has_more, done.next);
      answer.respond(json_response(
        {{"replayed", done.count},
         {"has_more", done.has_more},
         {"next_cursor", next.empty() ? json::value() : json::value(next)}},
        202));
    });
  caf::anon_send(with.gateway, atom::replay_atom::value, std::move(wish),
                 std::move(slot));
}

} // namespace

std::vector<api_route> delivery_routes() {
  const auto act = [](std::string_view pattern, auto serve) {
    return api_route{"POST", pattern,         scope::manage,
                     serve,  body_rule::json, body_bytes_max};
  };
  return {{"GET", "/v1/webhooks/{id}/deliveries", scope::events_read,
           list_deliveries},
          {"GET", "/v1/deliveries/{id}", scope::events_read, show_delivery},
          act("/v1/deliveries/{id}/replay", replay_delivery),
          act("/v1/webhooks/{id}/replay", replay_endpoint)};
}

} // namespace troupe::http
