#include "http/resources/timeline_parts.hpp"

#include "engine/access.hpp"
#include "engine/delivery.hpp"
#include "engine/overloaded.hpp"

namespace troupe::http {

namespace json = boost::json;

using namespace engine;

std::optional<json::value> engagement_change_view(const change& what) {
  using view = std::optional<json::value>;
  return std::visit(
    overloaded{
      [](const session_opened& c) {
        return view{json::object{{"session_opened", c.session.id}}};
      },
      [](const session_kept&) {
        return view{json::object{{"session_kept", true}}};
      },
      [](const session_awaited& c) {
        return view{json::object{{"session_awaited", to_iso8601(c.due)}}};
      },
      [](const session_closed&) {
        return view{json::object{{"session_closed", true}}};
      },
      [](const checklist_step_done& c) {
        return view{
          json::object{{"checklist_step_done", c.checklist}, {"step", c.step}}};
      },
      [](const checklist_done& c) {
        return view{json::object{{"checklist_done", c.checklist}}};
      },
      [](const nudge_put& c) {
        return view{json::object{{"nudge_put", c.id},
                                 {"expires_at", to_iso8601(c.expires_at)}}};
      },
      [](const nudge_moved& c) {
        return view{
          json::object{{"nudge_moved", c.id},
                       {"status", word_of(nudge_status_names, c.to)}}};
      },
      [](const nudge_inherited& c) {
        return view{json::object{{"nudge_inherited", c.what.id}}};
      },
      [](const auto&) {
        return view{};
      }},
    what);
}

json::array deliveries_of(const turn& what, const view_context& with) {
  const auto& known = with.workspace.endpoints;
  json::array out;
  for (const auto endpoint : what.matched) {
    json::object view{{"id", delivery_id(what, endpoint, 0, with.ids)}};
    if (const auto found = known.find(endpoint); found != known.end())
      view["webhook"] = found->second.text_id;
    out.push_back(std::move(view));
  }
  std::uint32_t ordinal = 0;
  for (const auto& sent : what.sends) {
    json::object view{
      {"id", delivery_id(what, sent.destination, ++ordinal, with.ids)}};
    if (const auto found = known.find(sent.destination); found != known.end())
      view["channel"] = found->second.key;
    if (const auto* key = sent.request.if_contains("sequence"))
      view["sequence"] = *key;
    view["node"] = sent.node;
    out.push_back(std::move(view));
  }
  return out;
}

} // namespace troupe::http
