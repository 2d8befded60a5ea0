// A good definition with every kind of node, and ways to break it.
#pragma once

#include "engine/sequence_definition.hpp"
#include "tests/support/events.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

namespace troupe::test {

/// The definition with the value at `pointer` set, or removed when empty.
inline boost::json::value base_with(const std::string& pointer,
                                    const std::string& text) {
  auto made = json(R"({
    "key": "k", "trigger": {"any": [{"event": "go"}]}, "entry": "first",
    "nodes": {
      "first": {"type": "send", "channel": "email", "text": "Hi",
                "then": "rest"},
      "rest": {"type": "wait", "any": [{"event": "order.completed"}],
               "then": "choose", "timeout": "3d", "on_timeout": "done"},
      "choose": {"type": "branch",
                 "cases": [{"if": {"has_tag": "vip"}, "then": "done"}],
                 "else": "done"},
      "note": {"type": "update", "tags_add": ["x"], "then": "done"},
      "call": {"type": "http", "url": "https://x.example/h", "then": "done"},
      "tell": {"type": "emit", "event": "told", "then": "done"},
      "some": {"type": "split", "weights": [{"weight": 1, "then": "done"}]},
      "next": {"type": "start", "sequence": "other", "then": "done"},
      "stay": {"type": "state", "on": [{"event": "woken", "then": "done"}]},
      "done": {"type": "exit"}}})");
  if (pointer.empty())
    return text.empty() ? made : json(text);
  const auto slash = pointer.rfind('/');
  auto* parent = &made;
  for (std::size_t at = 1; at < slash + 1 && slash > 0;) {
    const auto next = std::min(pointer.find('/', at), slash);
    const auto token = pointer.substr(at, next - at);
    parent = parent->is_array() ? &parent->as_array().at(std::stoul(token))
                                : &parent->as_object()[token];
    at = next + 1;
  }
  const auto name = pointer.substr(slash + 1);
  if (parent->is_array())
    parent->as_array().at(std::stoul(name)) = json(text);
  else if (text.empty())
    parent->as_object().erase(name);
  else
    parent->as_object()[name] = json(text);
  return made;
}

struct fault {
  const char* pointer; // of what is changed
  const char* value;   // "" removes it
  const char* name;
  const char* where;
  const char* said; // part of the message
};

inline void check_refused(const fault& row) {
  CAPTURE(row.pointer, row.value);
  const auto parsed = engine::parse_sequence(base_with(row.pointer, row.value),
                                             {"email", "capture"});
  REQUIRE_FALSE(parsed);
  CHECK(parsed.failure().code == engine::errc::invalid_request);
  CHECK(parsed.failure().name == row.name);
  CHECK(parsed.failure().pointer == row.where);
  CHECK_THAT(parsed.failure().message, Catch::Contains(row.said));
}

} // namespace troupe::test
