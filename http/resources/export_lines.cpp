#include "http/resources/export_lines.hpp"

#include "engine/access.hpp"
#include "engine/erasure.hpp"
#include "engine/event_document.hpp"
#include "engine/json_text.hpp"
#include "http/resources/change_view.hpp"
#include "http/resources/delivery_views.hpp"

#include <boost/json/parse.hpp>

namespace troupe::http {

namespace json = boost::json;

using namespace engine;

namespace {

json::value parsed(std::string_view text) {
  json::error_code failure;
  auto value = json::parse({text.data(), text.size()}, failure);
  return failure ? json::value(text) : value;
}

json::value shown(std::string_view text) {
  return json::value(json::string_view{text.data(), text.size()});
}

std::string key_of(sequence_id sequence, const view_context& with) {
  const auto found = with.workspace.sequence_keys.find(sequence);
  return found == with.workspace.sequence_keys.end() ? std::string{}
                                                     : found->second;
}

std::string key_of(destination_id to, const view_context& with) {
  const auto found = with.workspace.endpoints.find(to);
  return found == with.workspace.endpoints.end() ? std::string{}
         : found->second.is_webhook              ? found->second.text_id
                                                 : found->second.key;
}

json::object check_line(const check& what, const view_context& with) {
  return {{"rule", shown(name_of(what.asked))},
          {"passed", what.passed},
          {"sequence", key_of(what.sequence, with)},
          {"inputs", parsed(what.inputs)}};
}

json::array sends_of(const turn& what, const view_context& with) {
  json::array out;
  for (const auto& each : what.sends)
    out.push_back({{"to", key_of(each.destination, with)},
                   {"node", each.node},
                   {"request", json::value(each.request)}});
  return out;
}

json::array messages_of(const turn& what) {
  json::array out;
  for (const auto& each : what.messages) {
    json::object message{{"type", each.type},
                         {"properties", parsed(each.properties)},
                         {"to", nullptr}};
    if (each.target)
      message["to"] = {{"kind", shown(name_of(each.target->kind))},
                       {"value", each.target->value}};
    out.push_back(std::move(message));
  }
  return out;
}

// The bytes as they were accepted are beside what they say.
void add_event(json::object& line, const turn& what, const id_text& ids,
               const std::string& tenant) {
  line["event"] = parsed(event_document(what, ids, tenant));
  line["body"] = what.event->body;
  line["door"] = shown(name_of(what.event->from));
}

} // namespace

std::vector<json::object> lines_of(const messages::contact_shown& from,
                                   const view_context& with) {
  std::vector<json::object> out;
  auto contact = contact_view(from, with);
  const auto segments = contact.if_contains("segments");
  const auto in = segments != nullptr && segments->is_array()
                    ? segments->get_array()
                    : json::array{};
  json::object first{{"kind", "contact"}};
  for (auto& member : contact)
    first[member.key()] = std::move(member.value());
  out.push_back(std::move(first));
  for (const auto& each : *from.state.preferences)
    out.push_back({{"kind", "consent"},
                   {"channel", each.channel},
                   {"category", each.category},
                   {"subscribed", each.subscribed},
                   {"updated_at", to_iso8601(each.updated_at)}});
  for (const auto& each : in)
    out.push_back({{"kind", "segment"}, {"segment", each}});
  for (const auto& each : timers_of(from.state))
    out.push_back(
      {{"kind", "timer"}, {"due", to_iso8601(each.due)}, {"run", each.run}});
  return out;
}

json::object line_of(const turn& what, const view_context& with,
                     const std::string& tenant) {
  json::object line{{"kind", what.kind == turn_kind::merge ? "merge" : "turn"},
                    {"contact", with.ids.contact(what.workspace, what.contact)},
                    {"contact_seq", what.stamp.seq},
                    {"at", to_iso8601(what.stamp.at)},
                    {"of", shown(kind_name(what.kind))},
                    {"cause", cause_of(what, with.ids)},
                    {"request_id", what.request_id}};
  if (what.event)
    add_event(line, what, with.ids, tenant);
  json::array changes;
  for (const auto& each : what.changes)
    changes.push_back(change_view(each, what, with));
  line["changes"] = std::move(changes);
  json::array trace;
  for (const auto& each : what.trace)
    trace.push_back(check_line(each, with));
  line["trace"] = std::move(trace);
  json::array warnings;
  for (const auto& each : what.warnings)
    warnings.emplace_back(each.code);
  line["warnings"] = std::move(warnings);
  line["sends"] = sends_of(what, with);
  line["messages"] = messages_of(what);
  if (!what.failure.empty())
    line["failure"] = what.failure;
  return line;
}

json::object line_of(const messages::delivery_shown& from, const id_text& ids) {
  json::object line{{"kind", "delivery"}};
  for (auto& member : delivery_view(from, ids))
    line[member.key()] = std::move(member.value());
  return line;
}

json::object line_of(const rejected_event& of) {
  return {{"kind", "rejected_event"}, {"at", to_iso8601(of.at)},
          {"code", of.code},          {"message", of.message},
          {"type", of.type},          {"body", of.body}};
}

std::vector<delivery_name> deliveries_in(const turn& what) {
  std::vector<delivery_name> out;
  for (const auto endpoint : what.matched)
    out.push_back({endpoint, what.stamp.turn, 0});
  std::uint32_t ordinal = 0;
  for (const auto& sent : what.sends)
    out.push_back({sent.destination, what.stamp.turn, ++ordinal});
  return out;
}

} // namespace troupe::http
