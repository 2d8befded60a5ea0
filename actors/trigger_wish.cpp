#include "actors/trigger_wish.hpp"

#include "engine/json_text.hpp"

#include <boost/json/parse.hpp>

namespace troupe::actors {

namespace json = boost::json;

namespace {

// As deep as what comes from outside may be, and the wish around it.
constexpr std::size_t depth_max = 64;

json::array range_of(engine::text_range range) {
  return {range.offset, range.length};
}

engine::text_range range_in(const json::value& from) {
  return {from.at(0).to_number<std::uint32_t>(),
          from.at(1).to_number<std::uint32_t>()};
}

json::value parsed(std::string_view text) {
  json::parse_options options;
  options.max_depth = depth_max;
  json::error_code failure;
  auto value = json::parse({text.data(), text.size()}, failure,
                           json::storage_ptr{}, options);
  return failure ? json::value() : value;
}

std::string text_at(const json::object& from, std::string_view name) {
  return std::string{from.at(name).as_string()};
}

engine::incoming_event read_event(const json::object& from) {
  engine::incoming_event event;
  auto& record = event.record;
  record.type = text_at(from, "type");
  record.body = text_at(from, "body");
  record.properties = range_in(from.at("properties"));
  record.context = range_in(from.at("context"));
  record.from = static_cast<engine::door>(from.at("door").to_number<int>());
  for (const auto& each : from.at("identities").as_array()) {
    const auto kind
      = static_cast<engine::identity_kind>(each.at(0).to_number<int>());
    if (auto who = engine::make_identity(kind, each.at(1).as_string()))
      event.identities.push_back(std::move(*who));
  }
  event.traits = from.at("traits").as_object();
  event.variables = from.at("variables").as_object();
  event.request_id = text_at(from, "request_id");
  if (auto properties = parsed(record.properties_text());
      properties.is_object())
    event.properties = std::move(properties.get_object());
  return event;
}

messages::workflow_wish read_workflow(const json::object& from) {
  messages::workflow_wish workflow;
  workflow.sequence
    = engine::sequence_id{from.at("sequence").to_number<std::uint32_t>()};
  workflow.contact
    = engine::contact_id{from.at("contact").to_number<std::uint64_t>()};
  for (const auto& each : from.at("tags").as_array())
    workflow.tags.emplace_back(each.as_string());
  workflow.vars = from.at("vars").as_object();
  workflow.by = text_at(from, "by");
  workflow.request_id = text_at(from, "request_id");
  return workflow;
}

template <class Read>
auto read(const std::string& wish, Read how)
  -> std::optional<decltype(how(json::object{}))> {
  const auto value = parsed(wish);
  if (!value.is_object())
    return std::nullopt;
  try {
    return how(value.get_object());
  } catch (const std::exception&) { // a member is missing, or another thing
    return std::nullopt;
  }
}

} // namespace

std::string text_of(const engine::incoming_event& event) {
  json::array identities;
  for (const auto& who : event.identities)
    identities.push_back(json::array{static_cast<int>(who.kind), who.value});
  const auto& record = event.record;
  return engine::to_json(
    json::object{{"type", record.type},
                 {"body", record.body},
                 {"properties", range_of(record.properties)},
                 {"context", range_of(record.context)},
                 {"door", static_cast<int>(record.from)},
                 {"identities", std::move(identities)},
                 {"traits", json::value(event.traits)},
                 {"variables", json::value(event.variables)},
                 {"request_id", event.request_id}});
}

std::optional<engine::incoming_event> event_in(const std::string& wish) {
  return read(wish, read_event);
}

std::string text_of(const messages::workflow_wish& workflow) {
  json::array tags;
  for (const auto& each : workflow.tags)
    tags.emplace_back(each);
  return engine::to_json(
    json::object{{"sequence", engine::number(workflow.sequence)},
                 {"contact", engine::number(workflow.contact)},
                 {"tags", std::move(tags)},
                 {"vars", json::value(workflow.vars)},
                 {"by", workflow.by},
                 {"request_id", workflow.request_id}});
}

std::optional<messages::workflow_wish> workflow_in(const std::string& wish) {
  return read(wish, read_workflow);
}

} // namespace troupe::actors
