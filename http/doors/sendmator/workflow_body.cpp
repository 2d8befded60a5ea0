#include "http/doors/sendmator/workflow_body.hpp"

#include "engine/strict_json.hpp"
#include "http/doors/sendmator/send_body.hpp"
#include "http/doors/sendmator/workflow_steps.hpp"
#include "http/resources/json_body.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <random>

namespace troupe::http::sendmator {

namespace json = boost::json;

using engine::result;
using engine::status;

namespace {

// Sets a text, or removes it when it is null.
status put_text(json::object& into, const json::object& from,
                const char* name) {
  const auto* given = from.if_contains(name);
  if (given == nullptr)
    return engine::success();
  const auto text = read_text(from, name, std::string{"/"} + name);
  if (!text)
    return text.failure();
  if (text->empty())
    into.erase(name);
  else
    into[name] = *text;
  return engine::success();
}

} // namespace

result<workflow_body> read_workflow(const visit& now) {
  engine::json_limits limits;
  limits.keys_max = 600;
  auto read = engine::parse_json(now.what.body, limits);
  if (!read)
    return read.failure();
  if (!read->is_object())
    return bad("The body is a JSON object");
  workflow_body out;
  out.members = std::move(read->get_object());
  if (auto good
      = check_members(out.members, {"name", "description", "event_type",
                                    "is_active", "steps", "definition"});
      !good)
    return good.failure();
  if (const auto* active = out.members.if_contains("is_active")) {
    if (!active->is_bool())
      return bad("is_active is true or false");
    out.is_active = active->get_bool();
    out.members.erase("is_active");
  }
  out.changes_definition = !out.members.empty();
  if (out.members.contains("steps") && out.members.contains("definition"))
    return bad("give steps or a definition, not both");
  return out;
}

status put_members(json::object& definition, const json::object& from) {
  if (const auto* given = from.if_contains("definition")) {
    if (!given->is_object())
      return bad("definition is a sequence: {entry, nodes, …}");
    for (const auto* own : {"key", "status"})
      if (given->get_object().contains(own))
        return bad("a definition has no key and no status here");
    auto made = given->get_object();
    for (const auto* kept : {"name", "description"})
      if (const auto* held = definition.if_contains(kept);
          held != nullptr && !made.contains(kept))
        made[kept] = *held;
    definition = std::move(made);
  }
  if (const auto* given = from.if_contains("steps")) {
    auto made = nodes_of(*given);
    if (!made)
      return made.failure();
    for (auto& each : *made)
      definition[each.key()] = std::move(each.value());
  }
  for (const auto* name : {"name", "description"})
    if (auto good = put_text(definition, from, name); !good)
      return good;
  if (!from.contains("event_type"))
    return engine::success();
  const auto type = read_text(from, "event_type", "/event_type");
  if (!type)
    return type.failure();
  if (type->empty())
    definition.erase("trigger");
  else
    definition["trigger"] = {{"any", json::array{{{"event", *type}}}}};
  return engine::success();
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string new_key(std::string_view name) {
  constexpr std::size_t readable_max = 40;
  constexpr std::string_view digits = "0123456789abcdef";
  thread_local std::random_device numbers;
  std::string out = "wf_";
  for (const auto c : lower(name).substr(0, readable_max)) {
    const auto is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_plain)
      out += c;
    else if (out.back() != '_')
      out += '_';
  }
  if (out.back() != '_')
    out += '_';
  for (int i = 0; i < 16; ++i)
    out += digits[numbers() & 15U];
  return out;
}

} // namespace troupe::http::sendmator
