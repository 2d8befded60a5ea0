// The documents of ready automations, and how settings fill them.
#include "engine/automation.hpp"
#include "engine/json_text.hpp"
#include "engine/message_template.hpp"
#include "engine/segment_definition.hpp"
#include "engine/sequence_definition.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace troupe::engine;

namespace json = boost::json;

namespace {

// What is wrong with a document under these settings; empty: nothing.
std::string fault_of(const automation& what, const json::object& given) {
  const auto settings = settle(what, {}, given, "");
  if (!settings)
    return settings.failure().pointer + ": " + settings.failure().message;
  std::set<std::string> channels;
  for (const auto& each : things_named(what, *settings, "channel"))
    channels.insert(each.key);
  std::set<std::string> templates;
  for (const auto& each : parts_of(what, "templates", *settings)) {
    const auto made = message_template::compile(each.as_object(), "");
    if (!made)
      return made.failure().pointer + ": " + made.failure().message;
    templates.insert(std::string{each.at("key").as_string()});
  }
  for (const auto& each : parts_of(what, "segments", *settings))
    if (const auto rule = compile_segment(each.at("condition"), ""); !rule)
      return rule.failure().pointer + ": " + rule.failure().message;
  for (const auto& each : parts_of(what, "sequences", *settings)) {
    if (!each.at("key").as_string().starts_with(automation_prefix))
      return "key";
    const auto parsed = parse_sequence(each, channels, &templates);
    if (!parsed)
      return parsed.failure().pointer + ": " + parsed.failure().message;
  }
  return {};
}

// One value for each setting, other than its default where there is one.
json::object others(const automation& what) {
  json::object given;
  for (const auto& each : what.document.at("settings").as_object()) {
    const auto& setting = each.value().as_object();
    if (setting.at("type") == "boolean")
      given[each.key()] = !setting.at("default").as_bool();
    else if (setting.at("type") == "integer")
      given[each.key()] = setting.at("maximum");
  }
  return given;
}

} // namespace

TEST_CASE("B57 B58 B59 B60 every ready automation is sequences, templates and "
          "segments that the API would take") {
  REQUIRE(automations().size() == 4);
  for (const auto& each : automations()) {
    CAPTURE(each.key);
    CHECK(fault_of(each, {}) == "");
    CHECK(fault_of(each, others(each)) == "");
    CHECK(find_automation(each.key) == &each);
  }
  CHECK(find_automation("none") == nullptr);
}

TEST_CASE("settings of an automation are those given, else those held, else "
          "the defaults, within their bounds") {
  const auto& what = *find_automation("referral_reward");
  const auto values = settle(what, {{"points", 7}, {"channel", "a"}},
                             {{"channel", "b"}, {"points", nullptr}}, "/s");
  REQUIRE(values);
  CHECK(values->at("points").as_int64() == 50);
  CHECK(values->at("channel").as_string() == "b");
  CHECK(values->at("template").as_string() == "referral_reward");
  const auto wrong = [&](const json::object& given) {
    const auto made = settle(what, {}, given, "/s");
    return made ? std::string{} : made.failure().name + made.failure().pointer;
  };
  CHECK(wrong({{"point", 1}}) == "field_unknown/s/point");
  CHECK(wrong({{"points", -1}}) == "field_invalid/s/points");
  CHECK(wrong({{"points", 100'001}}) == "field_invalid/s/points");
  CHECK(wrong({{"points", 1.5}}) == "field_invalid/s/points");
  CHECK(wrong({{"channel", ""}}) == "field_invalid/s/channel");
  CHECK(wrong({{"channel", std::string(65, 'x')}})
        == "field_invalid/s/channel");
}
