#include "engine/webhook_body.hpp"

#include "engine/contact_notice.hpp"
#include "engine/delivery.hpp"
#include "engine/event_document.hpp"
#include "engine/template_text.hpp"
#include "engine/text_document.hpp"

#include <boost/json/parse.hpp>

#include <array>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::string_view plain_json = "application/json";
// Notices nest what bodies of requests may have, which is 32 deep.
constexpr std::size_t data_depth_max = 64;

// The same over all attempts, replays included, as the delivery's own id.
std::string idempotency_key_of(const webhook_message& message) {
  return "idk_" + message.delivery_id.substr(message.delivery_id.find('_') + 1);
}

std::string cloudevent(const webhook_message& message) {
  text_document out;
  out.text("specversion", "1.0");
  out.text("id", message.id);
  out.text("source", "/workspaces/" + message.tenant);
  out.text("type", message.type);
  if (!message.subject.empty())
    out.text("subject", message.subject);
  out.text("time", to_iso8601(message.at));
  out.text("datacontenttype", plain_json);
  out.raw("data", message.data);
  return out.take();
}

std::string native(const webhook_message& message) {
  text_document out;
  out.text("id", message.id);
  out.text("type", message.type);
  out.text("timestamp", to_iso8601(message.at));
  out.raw("data", message.data);
  return out.take();
}

// GrowthOS' has two members more.
std::string created(const webhook_message& message, bool is_growthos) {
  text_document out;
  out.text("id", message.id);
  out.text("type", message.type);
  out.text("created_at", to_iso8601(message.at));
  out.raw("data", message.data);
  if (is_growthos) {
    out.text("tenant_id", message.tenant);
    out.text("idempotency_key", idempotency_key_of(message));
  }
  return out.take();
}

std::string of_sdk(const webhook_message& message) {
  text_document out;
  out.text("id", message.id);
  out.text("event", message.type);
  out.text("workspaceId", message.tenant);
  out.text("occurredAt", to_iso8601(message.at));
  out.raw("data", message.data);
  return out.take();
}

const json::value& member_or_null(const json::value& of,
                                  std::string_view name) {
  static const json::value null;
  const auto* found
    = of.is_object() ? of.get_object().if_contains(name) : nullptr;
  return found == nullptr ? null : *found;
}

// What templates read besides `event` and `contact`: what the native body has,
// then the event's properties.
result<webhook_payload> filled(const webhook_message& message,
                               const json::value& source) {
  auto compiled = template_json::compile(source);
  if (!compiled)
    return compiled.failure();
  json::error_code failure;
  json::parse_options options;
  options.max_depth = data_depth_max;
  auto data = json::parse(message.data, failure, {}, options);
  if (failure)
    data = nullptr;
  const auto properties = member_or_null(data, "metadata");
  auto event = data;
  if (event.is_object())
    event.get_object()["properties"] = properties;
  const json::value head = json::object{{"id", message.id},
                                        {"type", message.type},
                                        {"timestamp", to_iso8601(message.at)},
                                        {"delivery_id", message.delivery_id},
                                        {"tenant_id", message.tenant},
                                        {"data", data}};
  const std::array<template_root, 2> roots{
    template_root{"event", &event},
    template_root{"contact", &member_or_null(data, "contact")}};
  const std::array<const json::value*, 2> bare{&head, &properties};
  auto rendered = compiled->render({roots, bare});
  if (!rendered)
    return rendered.failure();
  if (rendered->value.is_string())
    return webhook_payload{"text/plain; charset=utf-8",
                           std::string{rendered->value.get_string()}};
  return webhook_payload{std::string{plain_json}, to_json(rendered->value)};
}

} // namespace

webhook_message webhook_message_of(const turn& of, destination_id endpoint,
                                   std::uint32_t ordinal, const id_text& ids,
                                   std::string_view tenant,
                                   webhook_format format) {
  webhook_message out;
  out.id = ids.at_position("evt_", of.workspace,
                           {of.stamp.at, of.stamp.turn, ordinal});
  out.delivery_id = delivery_id(of, endpoint, ordinal, ids);
  out.at = of.stamp.at;
  out.tenant = tenant;
  if (of.contact != contact_id{})
    out.subject = ids.contact(of.workspace, of.contact);
  if (ordinal != 0) {
    const auto& notice = of.sends[ordinal - 1];
    out.type = notice.node;
    out.data = notice_document(of, notice, ids);
  } else {
    out.type = of.event->type;
    out.data
      = format == webhook_format::growthos && of.kind != turn_kind::notice
          ? growthos_document(of, ids, tenant)
          : event_document(of, ids, tenant);
  }
  return out;
}

result<webhook_payload> webhook_payload_of(const webhook_message& message,
                                           const webhook_form& form) {
  const auto as_json = [](std::string body) {
    return webhook_payload{std::string{plain_json}, std::move(body)};
  };
  switch (form.format) {
    case webhook_format::native:
      break;
    case webhook_format::genie:
      return as_json(created(message, false));
    case webhook_format::genie_sdk:
      return as_json(of_sdk(message));
    case webhook_format::growthos:
      return as_json(created(message, true));
    case webhook_format::cloudevents:
      return webhook_payload{"application/cloudevents+json",
                             cloudevent(message)};
    case webhook_format::own:
      return filled(message, form.body);
  }
  return as_json(native(message));
}

status check_webhook_template(const json::value& source) {
  if (auto compiled = template_json::compile(source, {}, "/template");
      !compiled)
    return compiled.failure();
  return success();
}

} // namespace troupe::engine
