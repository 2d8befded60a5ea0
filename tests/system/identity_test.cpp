// Which contact an event belongs to, over the real socket.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

std::string contact(const std::string& external_id, const std::string& email,
                    const std::string& id = {}) {
  std::string out{"{"};
  if (!external_id.empty())
    out += "\"external_id\":\"" + external_id + "\",";
  if (!email.empty())
    out += "\"email\":\"" + email + "\",";
  if (!id.empty())
    out += "\"id\":\"" + id + "\",";
  out.back() = '}';
  return out;
}

class identities : protected with_server {
protected:
  /// The id of the contact that an event by this lands on.
  std::string lands_on(const std::string& who) {
    const auto made = api.emit(event_body("identity.seen", who));
    INFO(who << " " << made.body);
    REQUIRE(made.status == 200);
    const auto shown = event_of(api, made);
    REQUIRE(shown.status == 200);
    return shown.text("/contact/id");
  }

  std::size_t events_of(const std::string& external_id) {
    const auto found
      = api.get("/v1/events?contact[external_id]=" + external_id);
    return found.at("/data").is_array() ? found.at("/data").get_array().size()
                                        : 0;
  }
};

} // namespace

TEST_CASE_METHOD(identities,
                 "G25 an external_id alone identifies, and makes "
                 "the contact when it is new",
                 "[system][identity]") {
  const auto who = fresh("usr_");
  CHECK(contact_of(api, who).status == 404);
  const auto id = lands_on(contact(who, {}));
  CHECK(id.starts_with("con_"));
  CHECK(lands_on(contact(who, {})) == id);
  CHECK(contact_of(api, who).text("/id") == id);
}

TEST_CASE_METHOD(identities,
                 "G26 G79 an e-mail alone identifies and makes the "
                 "contact, whose external_id is null",
                 "[system][identity]") {
  const auto address = fresh("eve") + "@example.com";
  const auto made = api.emit(event_body("g26.seen", contact({}, address)));
  REQUIRE(made.status == 200);
  CHECK(made.text("/contact/email") == address);
  CHECK(made.has("/contact/external_id"));
  CHECK(made.at("/contact/external_id").is_null());
  CHECK(lands_on(contact({}, address))
        == event_of(api, made).text("/contact/id"));
}

TEST_CASE_METHOD(identities,
                 "G79 a new external_id with a new e-mail is one "
                 "contact that has both",
                 "[system][identity]") {
  const auto who = fresh("usr_");
  const auto address = fresh("both") + "@example.com";
  const auto id = lands_on(contact(who, address));
  CHECK(lands_on(contact(who, {})) == id);
  CHECK(lands_on(contact({}, address)) == id);
}

TEST_CASE_METHOD(identities, "G27 a contact's own id alone identifies it",
                 "[system][identity]") {
  const auto who = fresh("usr_");
  const auto id = lands_on(contact(who, {}));
  CHECK(lands_on(contact({}, {}, id)) == id);
  CHECK(events_of(who) == 2);
}

TEST_CASE_METHOD(identities,
                 "G27 an own id that was never given out is 404 "
                 "contact_not_found and stores nothing",
                 "[system][identity]") {
  const auto type = fresh("g27.lost.");
  for (const std::string id :
       {"con_00000000000000000000000000", "con_7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "con_01JABCDEFGHJKMNPQRSTVWXYZ0", "con_short", "usr_1"}) {
    const auto refused = api.emit(event_body(type, contact({}, {}, id)));
    INFO(id << " " << refused.body);
    CHECK(refused.status == 404);
    CHECK(refused.code() == "contact_not_found");
  }
  CHECK(api.get("/v1/events?type=" + type).at("/data").as_array().empty());
}

TEST_CASE_METHOD(identities,
                 "G28 of three contacts' identifiers external_id "
                 "wins, then e-mail",
                 "[system][identity]") {
  const auto first = fresh("usr_");
  const auto second = fresh("usr_");
  const auto third = fresh("usr_");
  const auto address = fresh("g28") + "@example.com";
  const auto one = lands_on(contact(first, {}));
  const auto two = lands_on(contact(second, address));
  const auto three = lands_on(contact(third, {}));
  CHECK(lands_on(contact(first, address, three)) == one);
  CHECK(lands_on(contact({}, address, three)) == two);
  CHECK(contact_of(api, second).text("/email") == address);
}

TEST_CASE_METHOD(identities,
                 "G29 all three identifiers of one contact are one "
                 "contact and one event",
                 "[system][identity]") {
  const auto who = fresh("usr_");
  const auto address = fresh("g29") + "@example.com";
  const auto id = lands_on(contact(who, address));
  CHECK(lands_on(contact(who, address, id)) == id);
  CHECK(events_of(who) == 2);
}

TEST_CASE_METHOD(identities,
                 "G30 an event of nobody is 422 contact_required, "
                 "stores nothing and uses no key",
                 "[system][identity]") {
  const auto type = fresh("g30.nobody.");
  const auto key = fresh("g30:");
  for (const std::string who :
       {"", R"("contact":{})", R"("contact":null)",
        R"("contact":{"external_id":null,"email":null,"id":null})",
        R"("contact":{"external_id":"","email":"","id":""})"}) {
    const auto refused = api.emit(
      "{\"type\":\"" + type + "\"" + (who.empty() ? "" : ",") + who + "}", key);
    INFO(who << " " << refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.code() == "contact_required");
  }
  CHECK(api.get("/v1/events?type=" + type).at("/data").as_array().empty());
  const auto used = api.emit(event_body(type, contact(fresh("usr_"), {})), key);
  CHECK(used.status == 200);
  CHECK(used.header("idempotent-replay").empty());
}

TEST_CASE_METHOD(identities, "G31 an e-mail is the same in any case",
                 "[system][identity]") {
  const auto name = fresh("g31ada");
  const auto id = lands_on(contact({}, name + "@example.com"));
  CHECK(lands_on(contact({}, "G31" + name.substr(3) + "@Example.COM")) == id);
}

TEST_CASE_METHOD(identities,
                 "G32 dots do not count in Gmail addresses and do "
                 "elsewhere; a +tag counts",
                 "[system][identity]") {
  const auto name = fresh("gee");
  const auto id = lands_on(contact({}, name + "@gmail.com"));
  CHECK(lands_on(contact({}, "g.e.e" + name.substr(3) + "@gmail.com")) == id);
  CHECK(lands_on(contact({}, "g.ee" + name.substr(3) + "@googlemail.com"))
        == id);
  CHECK(lands_on(contact({}, name + "+shop@gmail.com")) != id);
  const auto other = lands_on(contact({}, name + "@example.com"));
  CHECK(lands_on(contact({}, "g.ee" + name.substr(3) + "@example.com"))
        != other);
}

TEST_CASE_METHOD(identities,
                 "G33 a new e-mail with a known external_id takes "
                 "the place of the old; history stays",
                 "[system][identity]") {
  const auto who = fresh("usr_");
  const auto old_address = fresh("old") + "@example.com";
  const auto new_address = fresh("new") + "@example.com";
  const auto id = lands_on(contact(who, old_address));
  const auto moved
    = api.emit(event_body("g33.moved", contact(who, new_address)));
  CHECK(moved.text("/contact/email") == new_address);
  CHECK(contact_of(api, who).text("/email") == new_address);
  CHECK(lands_on(contact({}, new_address)) == id);
  CHECK(events_of(who) == 3);
  CHECK(lands_on(contact({}, old_address)) != id);
}

TEST_CASE_METHOD(identities,
                 "G34 an e-mail of another contact with an "
                 "external_id stays there and the answer warns",
                 "[system][identity]") {
  const auto owner = fresh("usr_");
  const auto sender = fresh("usr_");
  const auto address = fresh("g34") + "@example.com";
  const auto owner_id = lands_on(contact(owner, address));
  const auto made = api.emit(event_body("g34.sent", contact(sender, address)));
  INFO(made.body);
  REQUIRE(made.status == 200);
  CHECK(made.text("/contact/external_id") == sender);
  CHECK(made.at("/contact/email").is_null());
  CHECK(made.body.find("email_owned_by_other_contact") != std::string::npos);
  CHECK(lands_on(contact({}, address)) == owner_id);
}

TEST_CASE_METHOD(identities,
                 "G34 the contact of a sign-up by e-mail is "
                 "adopted by the external_id that comes later",
                 "[system][identity]") {
  const auto who = fresh("usr_");
  const auto address = fresh("signup") + "@example.com";
  const auto id = lands_on(contact({}, address));
  CHECK(lands_on(contact(who, address)) == id);
  CHECK(events_of(who) == 2);
}

TEST_CASE_METHOD(identities, "placeholder values never identify anyone",
                 "[system][identity]") {
  for (const std::string value :
       {"null", "undefined", "0", "-1", "anonymous", "00000000"}) {
    const auto refused
      = api.emit(event_body("identity.seen", contact(value, {})));
    INFO(value << " " << refused.body);
    CHECK(refused.status == 422);
  }
}

TEST_CASE_METHOD(identities,
                 "a contact is found by id, external_id and e-mail "
                 "and is 404 when there is none",
                 "[system][identity]") {
  const auto who = fresh("usr_");
  const auto address = fresh("found") + "@example.com";
  const auto id = lands_on(contact(who, address));
  CHECK(api.get("/v1/contacts/" + id).text("/external_id") == who);
  CHECK(contact_of(api, who).text("/id") == id);
  CHECK(api.get("/v1/contacts/email:" + percent_encode(address)).text("/id")
        == id);
  for (const std::string missing :
       {"con_00000000000000000000000000", "external_id:nobody-has-this",
        "email:nobody%40example.com"}) {
    for (const auto* rest : {"", "/timeline", "/runs"}) {
      const auto answer = api.get("/v1/contacts/" + missing + rest);
      INFO(missing << rest << " " << answer.body);
      CHECK(answer.status == 404);
      CHECK(answer.code() == "contact_not_found");
    }
  }
}

TEST_CASE_METHOD(identities,
                 "G22 G23 every event appears in its contact's "
                 "timeline, newest first",
                 "[system][identity]") {
  const auto who = fresh("usr_");
  for (const auto* type : {"timeline.one", "timeline.two", "timeline.three"})
    api.emit(event_body(type, contact(who, {})));
  const auto timeline = contact_of(api, who, "/timeline");
  INFO(timeline.body);
  REQUIRE(timeline.at("/data").is_array());
  REQUIRE(timeline.at("/data").get_array().size() == 3);
  CHECK(timeline.number("/data/0/seq") == 3);
  CHECK(timeline.number("/data/2/seq") == 1);
  CHECK(timeline.text("/data/0/event/type") == "timeline.three");
  CHECK(timeline.text("/data/2/event/type") == "timeline.one");
  CHECK(timeline.text("/data/0/kind") == "event");
}
