#include "engine/event_document.hpp"
#include "engine/notice.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe::engine;

namespace {

constexpr auto type = "schema_contract.changed";

webhook_subscription listening(std::uint32_t endpoint, std::string event,
                               const char* filter = nullptr) {
  webhook_subscription out;
  out.endpoint = destination_id{endpoint};
  out.events.emplace_back(std::move(event));
  if (filter != nullptr)
    out.filter = *condition::compile(boost::json::parse(filter));
  return out;
}

} // namespace

TEST_CASE("G65 a notice goes to each endpoint that listens to it, once") {
  definitions with{3};
  auto twice = listening(2, "*");
  twice.events.emplace_back(type);
  with.add(listening(1, "order.*"));
  with.add(std::move(twice));
  with.add(
    listening(3, type, R"({"==":[{"var":"event.properties.name"},"x"]})"));
  with.add(
    listening(4, type, R"({"==":[{"var":"event.properties.name"},"y"]})"));
  with.add(listening(5, type, R"({"has_tag":"vip"})"));
  const auto told = notice_of(workspace_id{1}, {{"type", type}, {"name", "x"}},
                              with, timestamp{duration{5}});
  CHECK(told.kind == turn_kind::notice);
  CHECK(told.contact == contact_id{});
  CHECK(told.matched == std::vector{destination_id{2}, destination_id{3}});
  CHECK(told.event->type == type);
  CHECK(event_document(told, id_text{1}, "ws_1")
        == R"({"type":"schema_contract.changed","name":"x"})");
}
