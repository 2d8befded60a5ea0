#include "http/resources/delivery_views.hpp"

#include "engine/access.hpp"
#include "engine/event_document.hpp"
#include "http/resources/contact_views.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

json::object detail_of(const messages::delivery_attempt& attempt) {
  json::error_code failure;
  auto detail = json::parse(attempt.detail, failure);
  return failure || !detail.is_object() ? json::object{}
                                        : std::move(detail.get_object());
}

json::object attempt_summary(const messages::delivery_attempt& attempt,
                             const json::object& detail) {
  json::object out{{"at", engine::to_iso8601(attempt.at)}};
  for (const std::string_view name : {"status_code", "error", "timings_ms"})
    if (const auto* value = detail.if_contains(name))
      out[name] = *value;
  return out;
}

// Attempts of before an upgrade have less: the answer's body as a text.
json::object attempt_view(const messages::delivery_attempt& attempt,
                          const std::string& body) {
  const auto detail = detail_of(attempt);
  auto out = attempt_summary(attempt, detail);
  json::object request{{"headers", json::object{}}, {"body", body}};
  if (const auto* sent = detail.if_contains("request");
      sent != nullptr && sent->is_object())
    if (const auto* headers = sent->get_object().if_contains("headers"))
      request["headers"] = *headers;
  out["request"] = std::move(request);
  if (const auto* answer = detail.if_contains("response")) {
    if (answer->is_object())
      out["response"] = *answer;
    else
      out["response"] = {{"headers", json::object{}}, {"body", *answer}};
  }
  return out;
}

// Of the event, or of the notice.
json::value type_of(const messages::delivery_seen& seen) {
  const auto ordinal = seen.name.ordinal;
  if (ordinal > 0 && ordinal <= seen.turn.sends.size())
    return json::value(seen.turn.sends[ordinal - 1].node);
  return seen.turn.event ? json::value(seen.turn.event->type) : json::value();
}

json::object head_of(const messages::delivery_seen& seen,
                     const engine::id_text& ids) {
  json::object out;
  out["id"] = engine::delivery_id(seen.turn, seen.name.destination,
                                  seen.name.ordinal, ids);
  out["endpoint"] = seen.endpoint;
  out["event"] = seen.turn.event ? json::value(engine::event_id(seen.turn, ids))
                                 : json::value();
  out["type"] = type_of(seen);
  out["contact"] = contact_or_null(seen.turn, ids);
  out["contact_seq"] = nullptr;
  if (seen.turn.kind != engine::turn_kind::notice)
    out["contact_seq"] = seen.turn.stamp.seq;
  return out;
}

void end(json::object& out, const messages::delivery_seen& seen,
         json::array attempts) {
  out["status"] = engine::word_of(engine::delivery_status_names, seen.status);
  out["attempts"] = std::move(attempts);
  if (seen.next_attempt_at)
    out["next_attempt_at"] = engine::to_iso8601(*seen.next_attempt_at);
}

} // namespace

json::object delivery_summary(const messages::delivery_seen& seen,
                              const engine::id_text& ids) {
  auto out = head_of(seen, ids);
  json::array attempts;
  for (const auto& each : seen.attempts)
    attempts.push_back(attempt_summary(each, detail_of(each)));
  end(out, seen, std::move(attempts));
  return out;
}

json::object delivery_view(const messages::delivery_shown& shown,
                           const engine::id_text& ids) {
  const auto& seen = shown.seen;
  auto out = head_of(seen, ids);
  out["previous"] = nullptr;
  if (shown.previous) {
    auto of = seen.turn;
    of.stamp = shown.previous->stamp;
    out["previous"] = engine::delivery_id(of, seen.name.destination,
                                          shown.previous->ordinal, ids);
  }
  json::array attempts;
  for (const auto& each : seen.attempts)
    attempts.push_back(attempt_view(each, shown.body));
  end(out, seen, std::move(attempts));
  return out;
}

} // namespace troupe::http
