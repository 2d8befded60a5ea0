#include "http/resources/keys.hpp"

#include "http/resources/definitions.hpp"
#include "http/resources/paging.hpp"

#include <map>

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::scope;

json::object view_of(const messages::access_key& key) {
  json::array scopes;
  for (const auto& [value, word] : engine::scope_names)
    if ((key.scopes & engine::bit_of(value)) != 0)
      scopes.emplace_back(word);
  const auto used
    = std::chrono::hours{key.last_used_hour->load(std::memory_order_relaxed)};
  return {{"id", key.text_id},
          {"name", key.name},
          {"kind", engine::word_of(engine::key_kind_names, key.kind)},
          {"prefix", key.prefix},
          {"scopes", std::move(scopes)},
          {"revoked", key.revoked},
          {"created_at", time_or_null(key.created_at)},
          {"last_used_at",
           time_or_null(used.count() == 0 ? engine::timestamp{}
                                          : std::max(engine::timestamp{used},
                                                     key.created_at))}};
}

void create_key(const api_context& with, visit now) {
  if (auto wish = read_wish(now, kind::key))
    change(with, std::move(now), std::move(*wish), 201);
}

void list_keys(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::keys);
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  std::map<std::uint64_t, const messages::access_key*> mine; // by number
  for (const auto& [digest, key] : known->keys)
    if (key.workspace == now.who.workspace)
      mine[key.number] = &key;
  now.respond(json_response(page_of(with, now, list_kind::keys, *page, mine,
                                    [](const messages::access_key* key) {
                                      return view_of(*key);
                                    })));
}

void revoke_key(const api_context& with, visit now) {
  auto wish = wish_of(now, kind::revoked_key);
  wish.target = now.route.parameter("id");
  change(with, std::move(now), std::move(wish), 200);
}

} // namespace

std::vector<api_route> key_routes() {
  return {{"POST", "/v1/keys", scope::manage, create_key},
          {"GET", "/v1/keys", scope::manage, list_keys},
          {"DELETE", "/v1/keys/{id}", scope::manage, revoke_key}};
}

} // namespace troupe::http
