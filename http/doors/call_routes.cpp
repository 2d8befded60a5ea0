#include "http/doors/call_routes.hpp"

#include "engine/json_slice.hpp"
#include "engine/unicode.hpp"
#include "http/authentication.hpp"
#include "http/doors/growthos/growthos_door.hpp"
#include "http/doors/loose_json.hpp"
#include "http/doors/rejections.hpp"
#include "http/doors/segment/segment_door.hpp"
#include "http/doors/write_key.hpp"
#include "http/inflate.hpp"

#include <algorithm>
#include <array>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::event_kind;
using engine::invalid;
using engine::member_slices;
using engine::result;
using messages::ingest_answer;
using messages::ingest_parcel;
using messages::scope;

// What is one call by its path; the others are batches.
std::optional<event_kind> kind_of_path(std::string_view path) {
  constexpr std::array kinds{
    std::pair{std::string_view{"track"}, event_kind::track},
    std::pair{std::string_view{"t"}, event_kind::track},
    std::pair{std::string_view{"identify"}, event_kind::identify},
    std::pair{std::string_view{"i"}, event_kind::identify},
    std::pair{std::string_view{"page"}, event_kind::page},
    std::pair{std::string_view{"p"}, event_kind::page},
    std::pair{std::string_view{"screen"}, event_kind::screen},
    std::pair{std::string_view{"s"}, event_kind::screen},
    std::pair{std::string_view{"group"}, event_kind::group},
    std::pair{std::string_view{"g"}, event_kind::group},
    std::pair{std::string_view{"alias"}, event_kind::alias},
    std::pair{std::string_view{"a"}, event_kind::alias}};
  while (path.ends_with('/'))
    path.remove_suffix(1);
  const auto last = path.substr(path.rfind('/') + 1);
  for (const auto& [name, kind] : kinds)
    if (name == last)
      return kind;
  return std::nullopt;
}

bool is_camel(const member_slices& members) {
  return std::any_of(members.begin(), members.end(), [](const auto& each) {
    return each.first == "userId" || each.first == "anonymousId"
           || each.first == "messageId" || each.first == "sentAt"
           || each.first == "writeKey";
  });
}

/// A request of this family whose outside has been read.
struct call_request {
  std::shared_ptr<const std::string> body; // the views below are of it
  member_slices members;
  std::vector<std::string_view> items; // the calls
  std::optional<event_kind> kind;      // of the one call
  json::value context;                 // of all of them; null: none
  std::optional<engine::error> fault;  // told to those who have a key
  call_setting setting;
};

engine::error no_json() {
  return invalid("body_invalid_json", "the body is no JSON object");
}

result<call_request> read_outside(visit& now) {
  call_request out;
  auto body
    = inflated(std::move(now.what.body), now.what.header("Content-Encoding"),
               segment::body_bytes_max);
  if (!body)
    return body.failure();
  out.body = std::make_shared<const std::string>(std::move(*body));
  out.kind = kind_of_path(now.path);
  const auto list = out.kind ? std::string_view{} : std::string_view{"batch"};
  auto outside = engine::outline_of(*out.body, list);
  if (!outside)
    return no_json();
  out.members = std::move(outside->members);
  if (out.kind) {
    out.items.emplace_back(*out.body);
    return out;
  }
  if (!outside->elements) {
    out.fault
      = invalid("field_required", "`batch` is a list of calls", "/batch");
    return out;
  }
  out.items = std::move(*outside->elements);
  // Each call is to have it: not more of it than a request may have. Nor is a
  // flaw in it one of the calls.
  if (const auto context = engine::value_of(out.members, "context");
      context && context->starts_with('{')
      && context->size() * out.items.size() <= segment::body_bytes_max)
    if (auto read = read_object(*context, loose_event_bytes_max))
      out.context = std::move(*read);
  return out;
}

// In a batch of either family the items tell, when the outside does not.
bool is_of_segment(const call_request& what) {
  if (is_camel(what.members))
    return true;
  if (what.kind || what.items.empty())
    return false;
  const auto first = engine::members_of(what.items.front());
  return first && is_camel(*first);
}

// Jitsu's libraries send a field, and stars in the body.
std::string write_key_of(const visit& now, const call_request& what) {
  if (const auto field = now.what.header("X-Write-Key"))
    return std::string{*field};
  if (const auto said = engine::text_of(what.members, "writeKey");
      said && !said->empty())
    return std::string{*said};
  return write_key_in_query(now.what).value_or(std::string{});
}

engine::error no_key() {
  return {engine::errc::unauthenticated,
          "missing_authorization_header",
          "send the API key as `Authorization: Bearer <key>`, or a write key "
          "as `writeKey`",
          {}};
}

// What is wrong with the whole text, not with one event.
bool is_no_json(const engine::error& why) {
  return why.name == "body_invalid_json";
}

engine::error within(engine::error why, std::size_t index, bool is_batch) {
  if (is_batch)
    why.pointer = "/batch/" + std::to_string(index) + why.pointer;
  return why;
}

result<ingest_parcel> read_one(const api_context& with, const visit& now,
                               const call_request& what, std::size_t index,
                               const call_rules& rules) {
  auto command = read_call(with, now.who.workspace, what.items[index],
                           what.kind, rules, what.setting);
  if (!command)
    return command;
  if (auto good = hold_to_rules(with, now, **command, "/event", "/properties");
      !good)
    return good.failure();
  return command;
}

// The family's libraries give a whole batch up when it is refused: what is
// wrong with one event goes into the list of rejected ones, and the rest is
// taken (clients.md, 4).
void serve_segment(const api_context& with, visit now, call_request what) {
  std::vector<read_item> items;
  items.reserve(what.items.size());
  for (std::size_t i = 0; i < what.items.size(); ++i) {
    auto command = read_one(with, now, what, i, segment::rules);
    if (!command && is_no_json(command.failure()))
      return now.refuse(within(command.failure(), i, !what.kind));
    items.push_back({what.items[i], std::move(command)});
  }
  take_or_reject(with, std::move(now), std::move(what.body), std::move(items),
                 what.kind ? "" : "/batch/", segment::accepted);
}

void serve_growthos(const api_context& with, visit now,
                    const call_request& what) {
  if (auto good = growthos::check(now, what.body->size()); !good)
    return now.refuse(good.failure());
  if (!what.kind
      && (what.items.empty() || what.items.size() > growthos::batch_items_max))
    return now.refuse(invalid("field_invalid",
                              "`batch` is a list of 1 to 500 calls", "/batch"));
  std::vector<growthos::item> items(what.items.size());
  std::vector<ingest_parcel> commands;
  std::vector<std::size_t> places; // of the commands among the items
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto command = read_one(with, now, what, i, growthos::rules);
    if (command) {
      places.push_back(i);
      commands.push_back(std::move(*command));
      continue;
    }
    items[i].failure = within(command.failure(), i, !what.kind);
    if (what.kind || is_no_json(command.failure()))
      return now.refuse(*items[i].failure);
  }
  const auto id = now.what.id;
  take_events(std::move(commands),
              [id, items = std::move(items), places = std::move(places),
               is_batch = !what.kind, answer = pending_answer{std::move(now)}](
                const std::vector<ingest_answer>& answers) {
                auto all = items;
                for (std::size_t i = 0; i < answers.size(); ++i)
                  all[places[i]].failure = answers[i].failure;
                if (is_batch)
                  answer.respond(growthos::batch_answer(id, all));
                else if (all.front().failure)
                  answer.refuse(*all.front().failure);
                else
                  answer.respond(growthos::accepted(id));
              });
}

void serve(const api_context& with, visit now) {
  auto what = read_outside(now);
  if (!what)
    return now.refuse(what.failure());
  if (is_of_segment(*what))
    now.what.speaks = &segment::spoken();
  const auto is_segment = now.what.speaks == &segment::spoken();
  if (now.who.key == 0
      && !let_in(with, now, {write_key_of(now, *what), no_key()},
                 scope::events_write))
    return;
  if (what->fault)
    return now.refuse(*what->fault);
  what->setting.received_at = with.now_in(now.who.workspace);
  what->setting.context = what->context.if_object();
  what->setting.client = now.what.client.view();
  what->setting.user_agent = now.what.header("User-Agent").value_or("");
  if (const auto sent = engine::text_of(what->members, "sentAt"))
    what->setting.sent_at = engine::parse_iso8601(*sent);
  if (is_segment)
    serve_segment(with, std::move(now), std::move(*what));
  else
    serve_growthos(with, std::move(now), *what);
}

const dialect* spoken_by_head(const request& head) {
  const auto header = head.header("Authorization");
  return header && basic_of(*header) ? &segment::spoken() : &growthos::spoken();
}

const dialect* spoken_by_segment(const request&) {
  return &segment::spoken();
}

} // namespace

std::vector<api_route> call_routes() {
  auto routes = segment::document_routes();
  const auto add = [&routes](std::string_view path,
                             const dialect* (*spoken)(const request&)) {
    routes.push_back({"POST", path, scope::events_write, serve, body_rule::any,
                      segment::body_bytes_max, spoken});
  };
  for (const auto* path : {"/v1/track", "/v1/identify", "/v1/page", "/v1/group",
                           "/v1/alias", "/v1/batch"})
    add(path, spoken_by_head);
  for (const auto* path : {"/v1/screen",
                           "/v1/import",
                           "/v1/t",
                           "/v1/i",
                           "/v1/p",
                           "/v1/s",
                           "/v1/g",
                           "/v1/a",
                           "/v1/b",
                           "/beacon/v1/batch",
                           "/sdk/batch",
                           "/api/s/{type}",
                           "/api/s/s2s/{type}",
                           "/api/public/apps/batch",
                           "/api/public/apps/identify",
                           "/api/public/apps/track",
                           "/api/public/apps/page",
                           "/api/public/apps/screen",
                           "/api/public/apps/group",
                           "/api/public/apps/alias"})
    add(path, spoken_by_segment);
  return routes;
}

} // namespace troupe::http
