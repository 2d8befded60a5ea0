// U6: what comes again has the same name, and nothing else has it.
#include "engine/input_name.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <set>

using namespace troupe::engine;

namespace {

contact_state contact(std::uint64_t id) {
  contact_state out;
  out.workspace = workspace_id{1};
  out.id = contact_id{id};
  return out;
}

using part = std::function<void(incoming_event&)>;

std::uint64_t name_with(const part& what, std::uint64_t contact_number = 7) {
  event_input out;
  out.event.record.type = "order.completed";
  out.event.record.body = R"({"type":"order.completed"})";
  what(out.event);
  return name_of(contact(contact_number), out);
}

/// Of a contact that is named in the path: it has no record.
part written(const part& what) {
  return [what](incoming_event& event) {
    event.record = {};
    event.write.emplace().exact = true;
    what(event);
  };
}

part by(identity_kind kind, const char* key) {
  return [kind, key](incoming_event& event) {
    event.identities.push_back({kind, key, key});
  };
}

void nothing(incoming_event& /*event*/) {}

} // namespace

TEST_CASE("U6 inputs that differ have other names, the same after a restart",
          "[poison]") {
  const std::vector<part> all{
    nothing,
    by(identity_kind::external_id, "a"),
    by(identity_kind::anonymous_id, "a"),
    by(identity_kind::external_id, "b"),
    [](auto& event) {
      event.record.body = "{}";
    },
    [](auto& event) {
      event.key = idempotency{1, 2, 3, false};
    },
    written(nothing),
    written(by(identity_kind::email, "a@x.com")),
    written([](auto& event) {
      event.traits["name"] = "Ada";
    }),
    written([](auto& event) {
      event.traits["name"] = "Bob";
    }),
    written([](auto& event) {
      event.write->tags.emplace();
    }),
    written([](auto& event) {
      event.write->tags = {"vip"};
    }),
    written([](auto& event) {
      event.write->tags_removed = {"vip"};
    }),
    written([](auto& event) {
      event.write->score = 0;
    }),
    written([](auto& event) {
      event.write->removed = {identity_kind::email};
    }),
    written([](auto& event) {
      event.write->exact = false;
    }),
  };
  std::set<std::uint64_t> names;
  for (const auto& each : all) {
    const auto name = name_with(each);
    CHECK(name != 0);
    CHECK(name == name_with(each));
    CHECK(names.insert(name).second);
  }
}

TEST_CASE("U6 a contact's id is part of the name where it comes again",
          "[poison]") {
  CHECK(name_with(nothing, 7) != name_with(nothing, 8));
  CHECK(name_with(written(nothing), 7) != name_with(written(nothing), 8));
  // Found by who it is, it may be made anew each time.
  const auto found = by(identity_kind::external_id, "a");
  CHECK(name_with(found, 7) == name_with(found, 8));
}

TEST_CASE("U6 a review comes again at each start", "[poison]") {
  intervention_input review;
  review.what.what = intervention_kind::review;
  const auto name = name_of(contact(7), review);
  CHECK(name != 0);
  CHECK(name == name_of(contact(7), review));
  CHECK(name != name_of(contact(8), review));
}
