// The tree of what an event caused.
#include "engine/contact_notice.hpp"
#include "engine/delivery.hpp"
#include "engine/event_document.hpp"
#include "http/resources/explain_views.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::to_iso8601;
using engine::turn;
using messages::traced_turn;

std::string hexadecimal(const engine::inbox_id& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const auto word : {id.high, id.low})
    for (int shift = 60; shift >= 0; shift -= 4)
      out += digits[(word >> shift) & 15U];
  return out;
}

class tree {
public:
  tree(const messages::trace_found& found, const view_context& with)
    : found_(found), with_(with), truncated_(found.truncated) {}

  json::object view() {
    const auto& first = found_.turns.front();
    json::object out;
    out["event"] = engine::event_id(first.what, with_.ids);
    out["effects"] = effects_of(first);
    out["ended"] = ended_of(first);
    out["truncated"] = truncated_;
    return out;
  }

private:
  // An effect that there is room for, or null.
  json::object* add(json::array& to, std::string_view kind, json::value id,
                    const turn& by, json::object detail) {
    if (count_ == messages::trace_effects_max) {
      truncated_ = true;
      return nullptr;
    }
    ++count_;
    to.push_back({{"kind", kind},
                  {"id", std::move(id)},
                  {"at", to_iso8601(by.stamp.at)},
                  {"detail", std::move(detail)},
                  {"effects", json::array{}}});
    return &to.back().as_object();
  }

  static const engine::past_run* run_of(const traced_turn& of,
                                        std::uint32_t number) {
    const auto found = std::find_if(of.runs.begin(), of.runs.end(),
                                    [number](const engine::past_run& each) {
                                      return each.number == number;
                                    });
    return found == of.runs.end() ? nullptr : &*found;
  }

  // Null of a run that began before the turns that are read.
  json::value run_id(const traced_turn& of, std::uint32_t number) const {
    const auto* run = run_of(of, number);
    if (run == nullptr)
      return nullptr;
    return json::value(with_.ids.at_position(
      "run_", of.what.workspace,
      {run->started_at, run->started_turn, run->ordinal}));
  }

  std::string sequence_of(const traced_turn& of, std::uint32_t number) const {
    const auto* run = run_of(of, number);
    const auto& keys = with_.workspace.sequence_keys;
    const auto key = run == nullptr ? keys.end() : keys.find(run->sequence);
    return key == keys.end() ? std::string{} : key->second;
  }

  // Null of one that is gone.
  json::value segment_id(engine::segment_id id) const {
    const auto found = with_.workspace.segments.find(engine::number(id));
    return found == with_.workspace.segments.end()
             ? json::value()
             : json::value(found->second.text_id);
  }

  std::string segment_key(engine::segment_id id) const {
    const auto found = with_.workspace.segments.find(engine::number(id));
    return found == with_.workspace.segments.end() ? std::string{}
                                                   : found->second.key;
  }

  std::string endpoint_name(engine::destination_id id) const {
    const auto found = with_.workspace.endpoints.find(id);
    return found == with_.workspace.endpoints.end() ? std::string{}
                                                    : found->second.text_id;
  }

  // The key of the channel; calls of `http` nodes have none.
  std::string channel_of(const engine::outgoing_send& sent) const {
    const auto found = with_.workspace.endpoints.find(sent.destination);
    return found == with_.workspace.endpoints.end() ? "http"
                                                    : found->second.key;
  }

  json::array effects_of(const traced_turn& of) {
    json::array out;
    for (const auto& each : of.what.changes)
      if (const auto* moved = std::get_if<engine::run_moved>(&each))
        add(out, "transition", run_id(of, moved->number), of.what,
            {{"sequence", sequence_of(of, moved->number)},
             {"node", moved->node},
             {"edge", moved->edge}});
    for (const auto& each : of.what.changes)
      if (const auto* moved = std::get_if<engine::segment_moved>(&each))
        add(out, "segment", segment_id(moved->segment), of.what,
            {{"segment", segment_key(moved->segment)},
             {"entered", moved->entered}});
    for (const auto endpoint : of.what.matched)
      add(out, "delivery",
          json::value(engine::delivery_id(of.what, endpoint, 0, with_.ids)),
          of.what, {{"endpoint", endpoint_name(endpoint)}});
    std::uint32_t ordinal = 0;
    for (const auto& sent : of.what.sends) {
      ++ordinal;
      if (engine::is_notice(sent)) {
        add(
          out, "delivery",
          json::value(
            engine::delivery_id(of.what, sent.destination, ordinal, with_.ids)),
          of.what,
          {{"endpoint", endpoint_name(sent.destination)}, {"type", sent.node}});
        continue;
      }
      add(out, "send",
          json::value(
            engine::delivery_id(of.what, sent.destination, ordinal, with_.ids)),
          of.what,
          {{"sequence", sequence_of(of, sent.run)},
           {"run", run_id(of, sent.run)},
           {"node", sent.node},
           {"channel", channel_of(sent)}});
    }
    add_messages(out, of);
    return out;
  }

  void add_messages(json::array& to, const traced_turn& of) {
    for (std::size_t i = 0; i < of.what.messages.size(); ++i) {
      const auto taken = of.taken_by[i];
      json::object detail{{"type", of.what.messages[i].type},
                          {"status", taken == 0 ? "waiting" : "taken"}};
      const auto* by = taken == 0 ? nullptr : &found_.turns[taken];
      if (by != nullptr) {
        detail["event"] = engine::event_id(by->what, with_.ids);
        detail["contact"]
          = with_.ids.contact(by->what.workspace, by->what.contact);
        detail["taken_at"] = to_iso8601(by->what.stamp.at);
        detail["ended"] = ended_of(*by);
      }
      auto* made = add(to, "inbox",
                       json::value(hexadecimal(engine::message_id(of.what, i))),
                       of.what, std::move(detail));
      if (made != nullptr && by != nullptr)
        (*made)["effects"] = effects_of(*by);
    }
  }

  // Runs that the turn ended: no node was entered by that.
  json::array ended_of(const traced_turn& of) const {
    json::array out;
    for (const auto& each : of.what.changes)
      if (const auto* ended = std::get_if<engine::run_ended>(&each))
        out.push_back({{"run", run_id(of, ended->number)},
                       {"sequence", sequence_of(of, ended->number)},
                       {"status", engine::name_of(ended->status)},
                       {"reason", ended->reason}});
    return out;
  }

  const messages::trace_found& found_;
  const view_context& with_;
  std::size_t count_ = 0;
  bool truncated_;
};

} // namespace

json::object trace_view(const messages::trace_found& found,
                        const view_context& with) {
  return tree{found, with}.view();
}

} // namespace troupe::http
