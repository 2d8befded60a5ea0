// What the catalog keeps under a key and by number: made, listed, found by a
// path, removed in the same way, whatever it is.
#pragma once

#include "http/resources/definitions.hpp"
#include "http/resources/paging.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::http {

/// Where the catalog of a workspace keeps them.
template <class Entry>
using entries = std::map<std::uint64_t, Entry> messages::workspace_catalog::*;

/// How a change shows the entry that it made or changed: as it is then.
/// @param name of the entry; empty: what the change shows has its id
template <class Entry, class View>
std::function<boost::json::object(boost::json::object)>
view_after(const api_context& with, engine::workspace_id workspace,
           entries<Entry> of, std::string name, View view) {
  return [catalog = with.catalog, workspace, of, name = std::move(name),
          view](boost::json::object shown) {
    const auto known = catalog->get();
    const auto* id = shown.if_contains("id");
    const auto* entry = messages::find_named(
      known->workspaces.at(workspace).*of,
      id != nullptr ? std::string_view{id->get_string()} : name);
    return entry == nullptr ? std::move(shown) : view(*entry);
  };
}

/// Makes one as the body says.
template <class Entry, class View>
void create_entry(const api_context& with, visit now,
                  messages::definition_change::kind what, entries<Entry> of,
                  View view) {
  auto wish = read_wish(now, what);
  if (!wish)
    return;
  auto shown = view_after(with, now.who.workspace, of, {}, view);
  change(with, std::move(now), std::move(*wish), 201, std::move(shown));
}

/// Answers with a page of them.
template <class Entry, class View>
void list_entries(const api_context& with, visit now, list_kind list,
                  entries<Entry> of, View view) {
  const auto page = read_page(with, now, list);
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  now.respond(
    json_response(page_of(with, now, list, *page,
                          known->workspaces.at(now.who.workspace).*of, view)));
}

/// The one that the path names; null when there is none.
template <class Entry>
const Entry* entry_of_path(const messages::catalog& known, const visit& now,
                           entries<Entry> of) {
  return messages::find_named(known.workspaces.at(now.who.workspace).*of,
                              now.route.parameter("key"));
}

/// Removes the one that the path names, and answers with what it was.
/// @param called "checklist" and the like
template <class Entry, class View>
void remove_entry(const api_context& with, visit now,
                  messages::definition_change::kind what, entries<Entry> of,
                  std::string_view called, View view) {
  const auto known = with.catalog->get();
  const auto* entry = entry_of_path(*known, now, of);
  if (entry == nullptr)
    return now.refuse(no_such(called));
  auto wish = wish_of(now, what);
  wish.target = entry->key;
  auto last = view(*entry);
  change(with, std::move(now), std::move(wish), 200,
         [last = std::move(last)](const boost::json::object&) {
           return last;
         });
}

} // namespace troupe::http
