#include "actors/delivery.hpp"

#include "actors/attempt_detail.hpp"
#include "actors/awaited_outcome.hpp"
#include "actors/mail_channel.hpp"
#include "engine/delivery.hpp"
#include "engine/json_text.hpp"
#include "engine/lints.hpp"
#include "engine/retry_schedule.hpp"
#include "engine/template_text.hpp"
#include "engine/unicode.hpp"
#include "engine/webhook_body.hpp"

#include <boost/json/parse.hpp>

#include <xxhash.h>

#include <algorithm>
#include <array>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::error;
using engine::result;
using messages::outgoing_call;
using persistence::delivery_status;
using persistence::destination_kind;

// A header takes visible ASCII only, and names of events are any text.
std::string header_text(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const auto c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 127 && byte != '%') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

error damaged() {
  return {engine::errc::internal,
          "delivery_damaged",
          "the delivery could not be made from its turn",
          {}};
}

const engine::outgoing_send* send_of(const pulled_delivery& what) {
  const auto index = what.key.ordinal;
  return index == 0 || index > what.turn.sends.size()
           ? nullptr
           : &what.turn.sends[index - 1];
}

// @pre send_of(what) is not null
messages::message_origin origin_of(const pulled_delivery& what) {
  const auto& send = *send_of(what);
  messages::message_origin from;
  from.workspace = what.turn.workspace;
  from.contact = what.turn.contact;
  from.channel = what.key.destination;
  from.turn = what.key.turn;
  from.ordinal = what.key.ordinal;
  from.at = what.turn.stamp.at;
  if (const auto* key = send.request.if_contains("sequence");
      key != nullptr && key->is_string())
    from.sequence = key->get_string();
  from.node = send.node;
  from.category = engine::category_of(send.request);
  return from;
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string{value.get_string()}
                           : engine::to_json(value);
}

void add_headers(outgoing_call& call, const json::value* headers) {
  if (headers == nullptr || !headers->is_object())
    return;
  for (const auto& item : headers->get_object())
    call.headers.emplace_back(item.key(), text_of(item.value()));
}

void add_body(outgoing_call& call, const json::value* body) {
  if (body == nullptr || body->is_null())
    return;
  call.body = text_of(*body);
  if (!body->is_string())
    call.headers.emplace_back("content-type", "application/json");
}

// {method, url, headers, body} as an `http` node or a channel made them.
result<outgoing_call> call_of(const json::object& request) {
  const auto* url = request.if_contains("url");
  if (url == nullptr || !url->is_string())
    return damaged();
  outgoing_call call;
  call.url = text_of(*url);
  if (const auto* method = request.if_contains("method"))
    call.method = text_of(*method);
  add_headers(call, request.if_contains("headers"));
  add_body(call, request.if_contains("body"));
  return call;
}

// The settings of an `http` channel with the send's parts in their places.
result<outgoing_call> fill(const json::value& settings,
                           const json::object& request) {
  auto compiled = engine::template_json::compile(settings);
  if (!compiled)
    return compiled.failure();
  const json::value parts = request;
  const std::array<const json::value*, 1> bare{&parts};
  auto rendered = compiled->render({{}, bare});
  if (!rendered)
    return rendered.failure();
  return rendered->value.is_object() ? call_of(rendered->value.get_object())
                                     : result<outgoing_call>{damaged()};
}

result<json::value> settings_of(const persistence::destination_row& to) {
  json::error_code failure;
  auto settings = json::parse(to.settings, failure);
  if (failure || !settings.is_object())
    return damaged();
  return settings;
}

// Uniform bits that are the same for the same attempt: its jitter replays.
std::uint64_t random_of(const persistence::delivery_key& key,
                        std::uint32_t attempt) {
  const std::array<std::uint64_t, 4> words{engine::number(key.destination),
                                           engine::number(key.turn),
                                           key.ordinal, attempt};
  return XXH3_64bits(words.data(), sizeof words);
}

// A call of its own in the event's trace, unless it was given another one.
void add_trace(outgoing_call& call, const pulled_delivery& what) {
  const auto has_own
    = std::any_of(call.headers.begin(), call.headers.end(), [](const auto& h) {
        return h.first.size() == 11
               && engine::to_lower_nfc(h.first) == "traceparent";
      });
  if (has_own)
    return;
  const auto parent = random_of(what.key, what.attempts + 1);
  call.headers.emplace_back(
    "traceparent", engine::traceparent_of(*what.turn.traced, parent | 1));
  if (!what.turn.traced->state.empty())
    call.headers.emplace_back("tracestate", what.turn.traced->state);
}

// What another attempt would meet again.
bool is_final(std::string_view error) {
  constexpr std::string_view words[]
    = {"address_not_allowed", "url_not_allowed", "recipient_refused",
       "recipient_missing",   "message_empty",   "template_limit"};
  return std::find(std::begin(words), std::end(words), error)
         != std::end(words);
}

// Said to the run that waits for the call: it decides what to do about it.
bool is_refusal(long status) {
  constexpr long may_change[] = {408, 425, 429};
  return status >= 400 && status < 500
         && std::find(std::begin(may_change), std::end(may_change), status)
              == std::end(may_change);
}

persistence::attempt_row attempt_of(const pulled_delivery& what,
                                    engine::timestamp now) {
  persistence::attempt_row row;
  row.key = what.key;
  row.workspace = what.turn.workspace;
  row.number = what.attempts + 1;
  row.at = now;
  row.status = delivery_status::delivered;
  return row;
}

} // namespace

result<outgoing_call> webhook_call(const engine::webhook_message& message,
                                   const persistence::destination_row& to,
                                   engine::timestamp now) {
  const auto settings = settings_of(to);
  const auto* url
    = settings ? settings->get_object().if_contains("url") : nullptr;
  if (url == nullptr || !url->is_string())
    return damaged();
  auto form = engine::webhook_form_of(settings->get_object());
  auto payload = engine::webhook_payload_of(message, form);
  if (!payload)
    return payload.failure();
  outgoing_call call;
  call.url = text_of(*url);
  call.headers = {{"content-type", std::move(payload->content_type)}};
  call.body = std::move(payload->body);
  call.delivery_id = message.delivery_id;
  if (form.profile == engine::webhook_profile::genie)
    call.headers.emplace_back("mailgenius-event", header_text(message.type));
  call.signing_secret = to.secret;
  call.profile = form.profile;
  if (now < to.previous_until)
    call.previous_secret = to.previous_secret;
  return call;
}

result<outgoing_call> render(const pulled_delivery& what,
                             const persistence::destination_row& to,
                             const engine::id_text& ids,
                             const std::string& tenant, engine::timestamp now) {
  auto call = [&]() -> result<outgoing_call> {
    const auto* send = send_of(what);
    if (to.kind == destination_kind::step)
      return send == nullptr ? result<outgoing_call>{damaged()}
                             : call_of(send->request);
    const auto settings = settings_of(to);
    if (!settings)
      return settings.failure();
    if (to.kind == destination_kind::http)
      return send == nullptr ? result<outgoing_call>{damaged()}
                             : fill(*settings, send->request);
    if (to.kind == destination_kind::smtp)
      return send == nullptr
               ? result<outgoing_call>{damaged()}
               : render_mail(what, to, settings->get_object(), ids);
    if (what.key.ordinal == 0 ? !what.turn.event : send == nullptr)
      return damaged();
    const auto form = engine::webhook_form_of(settings->get_object());
    return webhook_call(
      engine::webhook_message_of(what.turn, what.key.destination,
                                 what.key.ordinal, ids, tenant, form.format),
      to, now);
  }();
  if (call && persistence::is_channel(to.kind))
    call->origin = origin_of(what);
  if (call && !call->mail && what.turn.traced)
    add_trace(*call, what);
  if (call)
    call->delivery_id = engine::delivery_id(what.turn, what.key.destination,
                                            what.key.ordinal, ids);
  return call;
}

std::string shown_body(const pulled_delivery& what,
                       const persistence::destination_row& to,
                       const engine::id_text& ids, const std::string& tenant) {
  if (stays_inside(to.kind) || to.kind == destination_kind::smtp) {
    const auto* send = send_of(what);
    return send == nullptr ? std::string{}
                           : engine::to_json(engine::masked(send->request));
  }
  auto call = render(what, to, ids, tenant, {});
  if (!call)
    return {};
  if (to.kind == destination_kind::webhook)
    return std::move(call->body);
  json::error_code failure;
  const auto body = json::parse(call->body, failure);
  return !failure && body.is_object()
           ? engine::to_json(engine::masked(body.get_object()))
           : std::move(call->body);
}

persistence::attempt_row judge(const attempt_outcome& ended,
                               engine::timestamp now,
                               engine::webhook_profile profile) {
  const auto& [what, outcome, headers] = ended;
  auto row = attempt_of(what, now);
  row.detail = attempt_detail(outcome, headers);
  if (is_final(outcome.error)
      || engine::is_final_refusal(profile, outcome.status)) {
    row.status = delivery_status::dead;
    return row;
  }
  if (outcome.error.empty() && is_awaited(what) && is_refusal(outcome.status)) {
    row.status = delivery_status::failed;
    return row;
  }
  const auto verdict = engine::judge_attempt(
    row.number - what.replayed_after,
    outcome.error.empty() ? outcome.status : 0, outcome.retry_after,
    random_of(what.key, row.number));
  using fate = engine::retry_verdict::fate;
  switch (verdict.delivery) {
    case fate::delivered:
      break;
    case fate::retry:
      row.status = delivery_status::pending;
      row.next_attempt_at = now + verdict.delay;
      break;
    case fate::dead:
      row.status = delivery_status::failed;
      break;
  }
  return row;
}

persistence::attempt_row leave_out(const pulled_delivery& what,
                                   engine::timestamp now) {
  auto row = attempt_of(what, now);
  row.status = delivery_status::dead;
  row.detail = R"({"error":"consent_withdrawn"})";
  return row;
}

persistence::attempt_row capture(const pulled_delivery& what,
                                 engine::timestamp now) {
  auto row = attempt_of(what, now);
  row.detail = "{}"; // the turn has it
  return row;
}

} // namespace troupe::actors
