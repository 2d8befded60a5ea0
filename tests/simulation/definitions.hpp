// What the simulated workspace does with events: enough that a client's event
// has effects in its contact, in another one, later, and outside. Each effect
// names the operation it comes from.
#pragma once

#include "messages/commands.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace troupe::simulation {

inline constexpr std::chrono::seconds short_wait{1};
inline constexpr std::chrono::seconds long_wait{6};
inline constexpr auto hook_url = "https://hook.example/";

using definition_kind = messages::definition_change::kind;

inline constexpr std::array definitions{
  std::pair{definition_kind::channel, R"({"key":"hook","type":"http",
    "url":"https://hook.example/","body":{"op":"{{text}}"}})"},
  std::pair{definition_kind::webhook, R"({"url":"https://some.example/",
    "events":["order.completed","timer.ended"]})"},
  std::pair{definition_kind::webhook, R"({"url":"https://ordered.example/",
    "events":["order.completed","greeted"],"ordering":"contact"})"},
  std::pair{definition_kind::sequence, R"({"key":"orders","status":"active",
    "reentry":"always","trigger":{"any":[{"event":"order.completed"}]},
    "entry":"add","nodes":{"add":{"type":"update","score_add":1,"then":"done"},
      "done":{"type":"exit"}}})"},
  std::pair{definition_kind::sequence, R"({"key":"short","status":"active",
    "reentry":{"per_key":{"var":"event.properties.op"}},
    "trigger":{"any":[{"event":"timer.short"}]},"entry":"rest",
    "vars":{"op":{"var":"event.properties.op"}},
    "nodes":{"rest":{"type":"wait","for":"1s","then":"tell"},
      "tell":{"type":"emit","event":"timer.ended",
        "properties":{"op":{"var":"run.vars.op"}},"then":"done"},
      "done":{"type":"exit"}}})"},
  std::pair{definition_kind::sequence, R"({"key":"long","status":"active",
    "reentry":{"per_key":{"var":"event.properties.op"}},
    "trigger":{"any":[{"event":"timer.long"}]},"entry":"rest",
    "vars":{"op":{"var":"event.properties.op"}},
    "nodes":{"rest":{"type":"wait","for":"6s","then":"tell"},
      "tell":{"type":"emit","event":"timer.ended",
        "properties":{"op":{"var":"run.vars.op"}},"then":"done"},
      "done":{"type":"exit"}}})"},
  std::pair{definition_kind::sequence, R"({"key":"carts","status":"active",
    "reentry":{"per_key":{"var":"event.properties.op"}},
    "trigger":{"any":[{"event":"cart.started"}]},"entry":"rest",
    "vars":{"op":{"var":"event.properties.op"}},
    "nodes":{"rest":{"type":"wait","any":[{"event":"cart.paid","where":
          {"==":[{"var":"event.properties.cart"},{"var":"run.vars.op"}]},
          "then":"thank"}],
        "timeout":"3s","on_timeout":"remind"},
      "thank":{"type":"emit","event":"cart.thanked",
        "properties":{"op":{"var":"run.vars.op"}},"then":"done"},
      "remind":{"type":"send","channel":"hook","text":"{{run.vars.op}}",
        "then":"done"},
      "done":{"type":"exit"}}})"},
  std::pair{definition_kind::sequence, R"({"key":"calls","status":"active",
    "reentry":{"per_key":{"var":"event.properties.op"}},
    "trigger":{"any":[{"event":"call.wanted"}]},"entry":"call",
    "vars":{"op":{"var":"event.properties.op"}},
    "nodes":{"call":{"type":"http","url":"https://crm.example/","await":true,
        "body":{"op":{"var":"run.vars.op"}},"timeout":"8s","then":"told",
        "on_failure":"missed"},
      "told":{"type":"emit","event":"call.answered",
        "properties":{"op":{"var":"run.vars.op"}},"then":"done"},
      "missed":{"type":"emit","event":"call.missed",
        "properties":{"op":{"var":"run.vars.op"}},"then":"done"},
      "done":{"type":"exit"}}})"},
  std::pair{definition_kind::sequence, R"({"key":"greetings","status":"active",
    "reentry":{"per_key":{"var":"event.properties.op"}},
    "trigger":{"any":[{"event":"hello"}]},"entry":"greet",
    "nodes":{"greet":{"type":"emit","event":"greeted",
        "properties":{"op":{"var":"event.properties.op"}},
        "contact":{"external_id":{"var":"event.properties.to"}},"then":"done"},
      "done":{"type":"exit"}}})"}};

} // namespace troupe::simulation
