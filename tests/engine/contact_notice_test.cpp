#include "engine/contact_notice.hpp"
#include "engine/decide.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe::engine;

namespace {

webhook_subscription listening(std::uint32_t endpoint, std::string event,
                               const char* filter = nullptr) {
  webhook_subscription out;
  out.endpoint = destination_id{endpoint};
  out.events.emplace_back(std::move(event));
  if (filter != nullptr)
    out.filter = *condition::compile(boost::json::parse(filter));
  return out;
}

event_input said(const char* traits) {
  event_input out;
  out.event.record.type = "a.b";
  out.event.traits = boost::json::parse(traits).as_object();
  out.event.identities = {{identity_kind::external_id, "ada", "ada"}};
  return out;
}

contact_state nobody() {
  contact_state out;
  out.workspace = workspace_id{1};
  out.id = contact_id{7};
  return out;
}

// Decides, applies, and says who is told what.
std::vector<std::string> told(contact_state& state, const turn_input& input,
                              const definitions& with) {
  const auto made = decide(state, input, with, timestamp{duration{100}}, {});
  const auto& turn = std::get<troupe::engine::turn>(made);
  apply(state, turn);
  std::vector<std::string> out;
  for (const auto& each : turn.sends)
    out.push_back(std::to_string(number(each.destination)) + " " + each.node);
  return out;
}

} // namespace

TEST_CASE("B73 a contact is told of to those that ask for it by name or "
          "prefix, once a turn",
          "[engine][contact_notice]") {
  definitions with{1};
  with.add(listening(1, "contact.created"));
  with.add(listening(2, "contact.*"));
  with.add(listening(3, "*"));
  with.add(listening(4, "contact.updated"));
  auto state = nobody();
  using list = std::vector<std::string>;
  CHECK(told(state, said(R"({"plan":"pro","size":2})"), with)
        == list{"1 contact.created", "2 contact.created"});
  CHECK(told(state, said("{}"), with).empty());
  CHECK(told(state, said(R"({"plan":"pro"})"), with).empty()); // it is known
  CHECK(told(state, said(R"({"plan":"free"})"), with)
        == list{"4 contact.updated", "2 contact.updated"});
}

TEST_CASE("nothing is made for a turn that nobody listens to",
          "[engine][contact_notice]") {
  definitions with{1};
  with.add(listening(1, "*"));
  with.add(listening(2, "order.*"));
  auto state = nobody();
  CHECK(told(state, said("{}"), with).empty());
}

TEST_CASE("a filter of a notice sees the contact as it is now",
          "[engine][contact_notice]") {
  definitions with{1};
  with.add(listening(1, "contact.updated",
                     R"({"==":[{"var":"contact.attributes.plan"},"pro"]})"));
  auto state = nobody();
  told(state, said("{}"), with);
  CHECK(told(state, said(R"({"plan":"free"})"), with).empty());
  CHECK(told(state, said(R"({"plan":"pro"})"), with).size() == 1);
}

TEST_CASE("B73 a notice names what changed, and the contact with its id",
          "[engine][contact_notice]") {
  definitions with{1};
  with.add(listening(1, "contact.updated"));
  auto state = nobody();
  told(state, said(R"({"plan":"free","size":2})"), with);
  const auto made = decide(state, said(R"({"plan":"pro","size":2})"), with,
                           timestamp{duration{200}}, {});
  const auto& turn = std::get<troupe::engine::turn>(made);
  REQUIRE(turn.sends.size() == 1);
  CHECK(is_notice(turn.sends[0]));
  const id_text ids{1};
  const auto shown
    = boost::json::parse(notice_document(turn, turn.sends[0], ids));
  CHECK(shown.at("type") == "contact.updated");
  CHECK(shown.at("changed") == boost::json::array{"attributes.plan"});
  CHECK(shown.at("contact").at("id")
        == boost::json::value(ids.contact(turn.workspace, turn.contact)));
  CHECK(shown.at("contact").at("attributes").at("plan") == "pro");
  CHECK(shown.at("contact").at("external_id") == "ada");
}

TEST_CASE("G65 a turn has as many notices as ids of deliveries have room for, "
          "and says when there were more",
          "[engine][contact_notice]") {
  definitions with{1};
  for (std::uint32_t endpoint = 1; endpoint <= 300; ++endpoint)
    with.add(listening(endpoint, "contact.created"));
  const auto made
    = decide(nobody(), said("{}"), with, timestamp{duration{100}}, {});
  const auto& decided = std::get<turn>(made);
  CHECK(decided.sends.size() == 255);
  REQUIRE(decided.warnings.size() == 1);
  CHECK(decided.warnings.front().code == "notice_limit");
}
