#include "http/resources/erasures.hpp"

#include "http/erasure_certificate.hpp"
#include "http/resources/contact_reference.hpp"
#include "http/resources/paging.hpp"
#include "messages/erasures.hpp"

#include <caf/send.hpp>

#include <boost/json/array.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using messages::erasures_found;
using messages::scope;

// The turns that are left are what takes long.
json::object view_of(const engine::erasure_row& of,
                     const certificate_signer& signer,
                     const std::string& tenant) {
  const auto turns = of.counts.find("turns");
  json::object out{{"id", of.text_id},
                   {"status", of.finished_at ? "finished" : "running"},
                   {"contact_hash", of.contact_hash},
                   {"began_at", engine::to_iso8601(of.began_at)},
                   {"turns",
                    {{"total", of.turns},
                     {"erased", turns == of.counts.end() ? 0 : turns->second}}},
                   {"certificate", nullptr}};
  if (of.finished_at)
    out["certificate"] = signer.certificate(of, tenant);
  return out;
}

engine::status check_mode(const visit& now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return query.failure();
  auto is_erase = false;
  for (const auto& [name, value] : query->all()) {
    if (name != "mode")
      return unknown_parameter(name, "mode");
    is_erase = value == "erase";
  }
  if (!is_erase)
    return engine::invalid("mode_required",
                           "a contact is deleted by erasing it, which cannot "
                           "be undone: say `?mode=erase`",
                           {});
  return engine::success();
}

void erase(const api_context& with, visit now) {
  if (auto good = check_mode(now); !good)
    return now.refuse(good.failure());
  const auto workspace = now.who.workspace;
  auto reference
    = read_reference(now.route.parameter("ref"), workspace, *with.ids);
  if (!reference)
    return now.refuse(reference.failure());
  messages::erasure_wish wish;
  wish.contact = std::move(*reference);
  const auto known = with.catalog->get();
  if (const auto* key = messages::key_numbered(*known, now.who.key))
    wish.by = key->text_id;
  wish.request_id = now.what.id.view();
  auto slot = slot_for<erasures_found>(
    [answer = pending_answer{std::move(now)}, signer = with.certificates,
     tenant = with.tenant_of(workspace)](const erasures_found& made) {
      if (made.failure)
        return answer.refuse(*made.failure);
      if (made.erasures.empty())
        return answer.refuse(engine::interrupted());
      const auto& row = made.erasures.front();
      auto accepted = json_response(view_of(row, *signer, tenant), 202);
      accepted.headers.push_back({"Location", "/v1/erasures/" + row.text_id});
      answer.respond(std::move(accepted));
    });
  caf::anon_send(with.gateway, atom::erase_atom::value, std::move(wish),
                 std::move(slot));
}

void show(const api_context& with, visit now) {
  messages::erasure_search search;
  search.workspace = now.who.workspace;
  search.text_id = now.route.parameter("id");
  search.limit = 1;
  auto slot = slot_for<erasures_found>(
    [answer = pending_answer{std::move(now)}, signer = with.certificates,
     tenant = with.tenant_of(search.workspace)](const erasures_found& found) {
      if (found.failure)
        answer.refuse(*found.failure);
      else if (found.erasures.empty())
        answer.refuse(no_such("erasure"));
      else
        answer.respond(
          json_response(view_of(found.erasures.front(), *signer, tenant)));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

void list(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::erasures);
  if (!page)
    return now.refuse(page.failure());
  messages::erasure_search search;
  search.workspace = now.who.workspace;
  search.before = page->after.first;
  search.limit = page->limit;
  auto slot = slot_for<erasures_found>(
    [answer = pending_answer{std::move(now)}, signer = with.certificates,
     tenant = with.tenant_of(search.workspace), cursors = with.cursors,
     workspace = search.workspace](const erasures_found& found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      json::array data;
      for (const auto& row : found.erasures)
        data.push_back(view_of(row, *signer, tenant));
      std::string next;
      if (found.has_more)
        next = cursors->encode(list_kind::erasures, workspace,
                               {found.erasures.back().id, 0});
      answer.respond(json_response(page_of(std::move(data), next)));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

void show_key(const api_context& with, visit now) {
  now.respond(json_response(with.certificates->public_key()));
}

} // namespace

std::vector<api_route> erasure_routes() {
  return {{"DELETE", "/v1/contacts/{ref}", scope::manage, erase},
          {"GET", "/v1/erasures", scope::manage, list},
          {"GET", "/v1/erasures/{id}", scope::manage, show},
          {"GET", "/v1/erasure-key", scope::manage, show_key}};
}

} // namespace troupe::http
