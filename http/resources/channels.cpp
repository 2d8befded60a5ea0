#include "http/resources/channels.hpp"

#include "http/resources/definitions.hpp"
#include "http/resources/paging.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::endpoint_entry;
using messages::endpoint_state;
using messages::scope;

// The values of headers may be secrets.
json::object view_of(const endpoint_entry& of) {
  json::object view{{"id", of.text_id}, {"key", of.key}, {"type", of.type}};
  for (const auto& each : of.settings)
    view[each.key()] = each.value();
  if (auto* headers = view.if_contains("headers"); headers != nullptr) {
    if (headers->is_object())
      for (auto& each : headers->get_object())
        each.value() = "********";
    else
      *headers = "********";
  }
  view["created_at"] = time_or_null(of.created_at);
  return view;
}

bool is_channel(const endpoint_entry& each) {
  return !each.is_webhook && each.state != endpoint_state::archived;
}

const endpoint_entry* find(const messages::catalog& known,
                           engine::workspace_id workspace,
                           std::string_view name) {
  for (const auto& [id, each] : known.workspaces.at(workspace).endpoints)
    if (is_channel(each) && (each.key == name || each.text_id == name))
      return &each;
  return nullptr;
}

void create(const api_context& with, visit now) {
  if (auto wish = read_wish(now, kind::channel))
    change(with, std::move(now), std::move(*wish), 201);
}

void list(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::channels);
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  std::map<std::uint64_t, const endpoint_entry*> all;
  for (const auto& [id, each] :
       known->workspaces.at(now.who.workspace).endpoints)
    if (is_channel(each))
      all[engine::number(id)] = &each;
  now.respond(json_response(page_of(with, now, list_kind::channels, *page, all,
                                    [](const endpoint_entry* each) {
                                      return view_of(*each);
                                    })));
}

void show(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* entry
    = find(*known, now.who.workspace, now.route.parameter("key"));
  if (entry == nullptr)
    return now.refuse(no_such("channel"));
  now.respond(json_response(view_of(*entry)));
}

void update(const api_context& with, visit now) {
  auto wish = read_wish(now, kind::changed_channel);
  if (!wish)
    return;
  wish->target = now.route.parameter("key");
  const auto workspace = now.who.workspace;
  change(with, std::move(now), std::move(*wish), 200,
         [catalog = with.catalog, workspace,
          name = wish->target](const json::object& shown) {
           const auto changed = catalog->get();
           const auto* entry = find(*changed, workspace, name);
           return entry == nullptr ? shown : view_of(*entry);
         });
}

void remove(const api_context& with, visit now) {
  auto wish = wish_of(now, kind::removed_channel);
  wish.target = now.route.parameter("key");
  change(with, std::move(now), std::move(wish), 200);
}

} // namespace

std::vector<api_route> channel_routes() {
  return {{"POST", "/v1/channels", scope::manage, create},
          {"GET", "/v1/channels", scope::manage, list},
          {"GET", "/v1/channels/{key}", scope::manage, show},
          {"PATCH", "/v1/channels/{key}", scope::manage, update},
          {"DELETE", "/v1/channels/{key}", scope::manage, remove}};
}

} // namespace troupe::http
