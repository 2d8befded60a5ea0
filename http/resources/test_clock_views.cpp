#include "http/resources/test_clock_views.hpp"

#include "engine/event_document.hpp"

#include <boost/json/array.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

json::value run_id(const messages::traced_turn& of, std::uint32_t number,
                   const view_context& with) {
  for (const auto& run : of.runs)
    if (run.number == number)
      return json::value(
        with.ids.at_position("run_", of.what.workspace,
                             {run.started_at, run.started_turn, run.ordinal}));
  return nullptr;
}

json::value sequence_of(const messages::traced_turn& of, std::uint32_t number,
                        const view_context& with) {
  const auto& keys = with.workspace.sequence_keys;
  for (const auto& run : of.runs)
    if (const auto key = keys.find(run.sequence);
        run.number == number && key != keys.end())
      return json::value(key->second);
  return nullptr;
}

json::object turn_view(const messages::traced_turn& of,
                       const view_context& with) {
  const auto& what = of.what;
  json::object out{{"at", engine::to_iso8601(what.stamp.at)},
                   {"kind", kind_name(what.kind)},
                   {"contact", with.ids.contact(what.workspace, what.contact)},
                   {"seq", what.stamp.seq},
                   {"id", nullptr},
                   {"type", nullptr}};
  if (what.event) {
    out["id"] = engine::event_id(what, with.ids);
    out["type"] = what.event->type;
  }
  json::array transitions;
  json::array ended;
  for (const auto& each : what.changes)
    if (const auto* moved = std::get_if<engine::run_moved>(&each))
      transitions.push_back({{"run", run_id(of, moved->number, with)},
                             {"sequence", sequence_of(of, moved->number, with)},
                             {"node", moved->node},
                             {"edge", moved->edge}});
    else if (const auto* end = std::get_if<engine::run_ended>(&each))
      ended.push_back({{"run", run_id(of, end->number, with)},
                       {"sequence", sequence_of(of, end->number, with)},
                       {"status", engine::name_of(end->status)},
                       {"reason", end->reason}});
  out["transitions"] = std::move(transitions);
  out["ended"] = std::move(ended);
  return out;
}

} // namespace

json::object moved_view(const messages::test_clock_moved& done,
                        const view_context& with) {
  json::array turns;
  for (const auto& each : done.turns)
    turns.push_back(turn_view(each, with));
  const auto count = turns.size();
  return {{"now", engine::to_iso8601(done.now)},
          {"target", engine::to_iso8601(done.target)},
          {"turns", std::move(turns)},
          {"count", count},
          {"has_more", done.has_more}};
}

json::object kept_view(const messages::kept_delivery& kept,
                       const view_context& with) {
  const auto& what = kept.of.what;
  json::object out;
  out["id"] = engine::delivery_id(what, kept.name.destination,
                                  kept.name.ordinal, with.ids);
  out["at"] = engine::to_iso8601(kept.at);
  out["kind"] = kept.is_webhook ? "webhook" : kept.is_step ? "http" : "send";
  out["contact"] = contact_or_null(what, with.ids);
  if (kept.is_webhook)
    out["endpoint"] = kept.to;
  else if (!kept.is_step)
    out["channel"] = kept.to;
  if (kept.name.ordinal != 0 && kept.name.ordinal <= what.sends.size()) {
    const auto& send = what.sends[kept.name.ordinal - 1];
    if (!kept.is_webhook) {
      out["run"] = run_id(kept.of, send.run, with);
      out["node"] = send.node;
    }
  }
  out["request"] = kept.request;
  return out;
}

} // namespace troupe::http
