#include "http/resources/conditions.hpp"

#include "engine/condition.hpp"
#include "engine/strict_json.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::invalid;

// Evaluation is bounded by itself: it answers null when its steps run out.
engine::result<json::value> evaluate(const request& what) {
  engine::json_limits limits;
  limits.keys_max = 600;
  const auto body = engine::parse_json(what.body, limits);
  if (!body)
    return body.failure();
  if (!body->is_object())
    return invalid("field_type_mismatch", "send a JSON object", "");
  const auto& from = body->get_object();
  for (const auto& each : from)
    if (each.key() != "condition" && each.key() != "data")
      return invalid("field_unknown", "known are `condition` and `data`",
                     "/" + std::string{each.key()});
  const auto* rule = from.if_contains("condition");
  if (rule == nullptr)
    return invalid("field_required", "give `condition`", "/condition");
  const auto compiled = engine::condition::compile(*rule, {}, "/condition");
  if (!compiled)
    return compiled.failure();
  static const json::value nothing = json::object{};
  const auto* data = from.if_contains("data");
  return compiled->evaluate(
    engine::value_data{data == nullptr ? nothing : *data});
}

void evaluate_condition(const api_context&, visit now) {
  auto result = evaluate(now.what);
  if (!result)
    return now.refuse(result.failure());
  json::object out;
  out["result"] = std::move(*result);
  now.respond(json_response(out));
}

} // namespace

std::vector<api_route> condition_routes() {
  return {{"POST", "/v1/conditions/evaluate", messages::scope::events_read,
           evaluate_condition}};
}

} // namespace troupe::http
