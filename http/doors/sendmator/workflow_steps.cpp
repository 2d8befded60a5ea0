#include "http/doors/sendmator/workflow_steps.hpp"

#include "engine/json_members.hpp"
#include "http/doors/sendmator/send_body.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace troupe::http::sendmator {

namespace json = boost::json;

namespace {

using engine::result;
using engine::status;

constexpr std::size_t steps_max = 100;
constexpr std::int64_t delay_minutes_max = 366 * 24 * 60;
constexpr std::string_view end_node = "end";

struct step {
  std::int64_t order = 0;
  std::string name;
  std::string channel;
  std::string message;    // key of a template
  std::int64_t delay = 0; // minutes
};

status read_configuration(step& into, json::object& from,
                          const std::string& pointer) {
  const auto given
    = read_object(from, "configuration", pointer + "/configuration");
  if (!given)
    return given.failure();
  if (*given == nullptr)
    return bad("a step's configuration is {template_id, delay_minutes}");
  auto& what = **given;
  if (auto good = engine::check_members(what, {"template_id", "delay_minutes"});
      !good)
    return bad("a step's configuration is {template_id, delay_minutes}");
  auto message
    = read_text(what, "template_id", pointer + "/configuration/template_id");
  if (!message)
    return message.failure();
  if (message->empty())
    return bad("a step's template_id is the key of a template");
  into.message = std::move(*message);
  const auto* delay = what.if_contains("delay_minutes");
  if (delay == nullptr || delay->is_null())
    return engine::success();
  if (!delay->is_int64() || delay->get_int64() < 0
      || delay->get_int64() > delay_minutes_max)
    return bad("delay_minutes is a whole number from 0 to 527040");
  into.delay = delay->get_int64();
  return engine::success();
}

result<step> read_step(json::value from, std::size_t index) {
  const auto pointer = "/steps/" + std::to_string(index);
  if (!from.is_object())
    return bad("a step is an object");
  auto& given = from.get_object();
  if (auto good = engine::check_members(given, {"id", "step_order",
                                                "channel_type", "step_name",
                                                "is_active", "configuration"});
      !good) {
    auto why = good.failure();
    why.pointer = pointer + why.pointer;
    return why;
  }
  step out;
  out.order = static_cast<std::int64_t>(index) + 1;
  if (const auto* order = given.if_contains("step_order"); order != nullptr) {
    if (!order->is_int64())
      return bad("step_order is a whole number");
    out.order = order->get_int64();
  }
  if (const auto* active = given.if_contains("is_active");
      active != nullptr && !(active->is_bool() && active->get_bool()))
    return bad("a step's is_active is true: leave the step out instead");
  for (const auto& [name, into] : {std::pair{"channel_type", &out.channel},
                                   std::pair{"step_name", &out.name}}) {
    auto text = read_text(given, name, pointer + "/" + name);
    if (!text)
      return text.failure();
    *into = std::move(*text);
  }
  if (out.channel.empty())
    return bad("a step's channel_type is the key of a channel");
  if (auto good = read_configuration(out, given, pointer); !good)
    return good.failure();
  return out;
}

json::object step_view(const engine::sequence_node& node,
                       const engine::send_node& send, std::size_t order,
                       engine::duration delay) {
  return {
    {"id", node.name},
    {"step_order", order},
    {"channel_type", send.channel},
    {"step_name", node.name},
    {"is_active", true},
    {"configuration",
     {{"template_id", send.template_key.empty()
                        ? json::value()
                        : json::value(send.template_key)},
      {"delay_minutes",
       std::chrono::duration_cast<std::chrono::minutes>(delay).count()}}}};
}

} // namespace

result<json::object> nodes_of(const json::value& steps) {
  if (!steps.is_array() || steps.get_array().empty()
      || steps.get_array().size() > steps_max)
    return bad("steps is a list of 1 to 100 steps");
  std::vector<step> all;
  for (const auto& each : steps.get_array()) {
    auto read = read_step(each, all.size());
    if (!read)
      return read.failure();
    all.push_back(std::move(*read));
  }
  std::stable_sort(all.begin(), all.end(), [](const step& a, const step& b) {
    return a.order < b.order;
  });
  json::object nodes;
  nodes[end_node.data()] = {{"type", "exit"}};
  std::string then{end_node};
  for (auto each = all.rbegin(); each != all.rend(); ++each) {
    auto name = each->name;
    if (name.empty())
      name = "step_" + std::to_string(all.rend() - each);
    auto rest = "before " + name;
    if (nodes.contains(name) || nodes.contains(rest))
      return bad("step names differ, and none is `end`");
    nodes[name] = {{"type", "send"},
                   {"channel", each->channel},
                   {"template", each->message},
                   {"then", then}};
    then = std::move(name);
    if (each->delay == 0)
      continue;
    nodes[rest] = {{"type", "wait"},
                   {"for", std::to_string(each->delay) + "m"},
                   {"then", then}};
    then = std::move(rest);
  }
  json::object out;
  out["entry"] = then;
  out["nodes"] = std::move(nodes);
  return out;
}

json::array steps_view(const engine::sequence_definition& of) {
  json::array out;
  engine::duration delay{};
  auto at = of.entry;
  // A line is over after as many nodes as there are.
  for (std::size_t i = 0; i < of.nodes.size(); ++i) {
    const auto& node = of.nodes[at];
    if (const auto* wait = std::get_if<engine::wait_node>(&node.what);
        wait != nullptr && wait->span) {
      delay += *wait->span;
      at = wait->then;
    } else if (const auto* send = std::get_if<engine::send_node>(&node.what)) {
      out.push_back(step_view(node, *send, out.size() + 1, delay));
      delay = {};
      at = send->then;
    } else if (std::holds_alternative<engine::exit_node>(node.what)) {
      return out;
    } else {
      break;
    }
  }
  return {};
}

} // namespace troupe::http::sendmator
