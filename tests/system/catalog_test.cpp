// What a workspace demands of events: its catalog, schemas, how names are
// written, and names that changed.
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace troupe;
using namespace troupe::test;

namespace {

using names = std::set<std::string>;

class event_catalog : protected with_server {
protected:
  void set(const std::string& settings) {
    const auto answer
      = own.api.send("PATCH", "/v1/workspaces/" + own.id(), settings, as_json);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
  }

  api_answer make(const std::string& name, const std::string& more = "") {
    return own.api.post("/v1/event-types",
                        R"({"name":")" + name + "\"" + more + "}");
  }

  api_answer patch(const std::string& name, const std::string& body) {
    return own.api.send("PATCH", "/v1/event-types/" + name, body, as_json);
  }

  api_answer rename(const std::string& name, const std::string& to,
                    bool alias = false) {
    return own.api.post("/v1/event-types/" + name + "/rename",
                        R"({"to":")" + to + "\""
                          + (alias ? R"(,"alias":true})" : "}"));
  }

  api_answer archive(const std::string& name) {
    return own.api.post("/v1/event-types/" + name + "/archive", "");
  }

  api_answer type(const std::string& name) {
    return own.api.get("/v1/event-types/" + name);
  }

  api_answer emit(const std::string& event,
                  const std::string& metadata = "{}") {
    return own.api.emit(event_body(event, by_external_id(user), metadata));
  }

  /// What the document of an event with this name and metadata advises.
  names lints_of(const std::string& event, const std::string& metadata) {
    const auto emitted = emit(event, metadata);
    INFO(emitted.body);
    REQUIRE(emitted.status == 200);
    const auto shown = event_of(own.api, emitted);
    names found;
    if (shown.has("/lints"))
      for (const auto& each : shown.at("/lints").as_array())
        found.insert(std::string{each.at("code").as_string()} + ":"
                     + std::string{each.at("path").as_string()});
    return found;
  }

  names runs_of(const std::string& sequence) {
    names found;
    const auto all = contact_of(own.api, user, "/runs").at("/data").as_array();
    for (const auto& each : all)
      if (each.at("sequence").as_string() == sequence)
        found.insert(std::string{each.at("status").as_string()});
    return found;
  }

  static names dependants_of(const api_answer& refused) {
    CHECK(refused.status == 409);
    CHECK(refused.code() == "in_use");
    names found;
    for (const auto& each : refused.at("/dependants").as_array())
      found.insert(std::string{each.at("kind").as_string()} + " "
                   + std::string{each.at("key").as_string()});
    return found;
  }

  const header_list as_json{{"content-type", "application/json"}};
  tenant own{api};
  std::string user = fresh("usr_");
};

constexpr auto invoice
  = R"(,"schema":{"type":"object","required":["invoice_id"],"properties":{)"
    R"("total":{"type":"number","minimum":0},"lines":{"type":"array",)"
    R"("items":{"type":"object","required":["sku"]}}}})";

std::string waiting_for(const std::string& key, const std::string& trigger,
                        const std::string& event) {
  return sequence_on(key, trigger,
                     R"("s":{"type":"wait","any":[{"event":")" + event
                       + R"("}],"timeout":"30d","then":"x","on_timeout":"x"})");
}

} // namespace

TEST_CASE_METHOD(event_catalog,
                 "G3 B64 an event that its type's schema does not allow is "
                 "refused with the place, and others are not",
                 "[system][event_catalog]") {
  REQUIRE(make("invoice.paid", invoice).status == 201);
  CHECK(emit("invoice.paid", R"({"invoice_id":"i","total":4.5})").status
        == 200);
  CHECK(emit("invoice.sent", R"({"total":"much"})").status == 200);
  const auto missing = emit("invoice.paid", R"({"total":1})");
  CHECK(missing.status == 422);
  CHECK(missing.code() == "schema_contract_violated");
  CHECK(missing.text("/errors/0/pointer") == "/metadata/invoice_id");
  const auto wrong
    = emit("invoice.paid", R"({"invoice_id":"i","total":"a lot"})");
  CHECK(wrong.text("/errors/0/pointer") == "/metadata/total");
  CHECK(wrong.text("/detail").find("a number") != std::string::npos);
  CHECK(wrong.body.find("a lot") == std::string::npos);
  const auto as_sdk = own.api.emit(
    R"({"name":"invoice.paid","userId":"u","properties":{"invoice_id":"i",)"
    R"("total":-1}})");
  CHECK(as_sdk.text("/errors/0/pointer") == "/properties/total");
  CHECK(
    own.api.get("/v1/events?type=invoice.paid").at("/data").as_array().size()
    == 1);
}

TEST_CASE_METHOD(event_catalog,
                 "a schema holds from the answer to its change on, for what "
                 "the platform says too",
                 "[system][event_catalog]") {
  REQUIRE(emit("seat.added").status == 200);
  REQUIRE(patch("seat.added", R"({"schema":{"required":["seat"]}})").status
          == 200);
  CHECK(emit("seat.added").code() == "schema_contract_violated");
  REQUIRE(patch("seat.added", R"({"schema":{"required":["row"]}})").status
          == 200);
  CHECK(emit("seat.added", R"({"seat":1})").text("/errors/0/pointer")
        == "/metadata/row");
  REQUIRE(patch("seat.added", R"({"schema":null})").status == 200);
  CHECK(emit("seat.added").status == 200);
  const auto viewed = [this](const std::string& path) {
    return own.api.post("/v1/system-events",
                        R"({"event":"$form_submitted","user_id":")" + user
                          + R"(","properties":{"form_id":")" + path
                          + R"(","fields":{}}})");
  };
  REQUIRE(viewed("a").status == 202);
  REQUIRE(patch("$form_submitted",
                R"({"schema":{"properties":{"form_id":{"const":"a"}}}})")
            .status
          == 200);
  CHECK(viewed("a").status == 202);
  CHECK(viewed("b").text("/errors/0/pointer") == "/properties/form_id");
}

TEST_CASE_METHOD(event_catalog,
                 "S19 a closed catalog takes only active event types, and the "
                 "platform's",
                 "[system][event_catalog]") {
  REQUIRE(emit("tour.seen").status == 200);
  REQUIRE(emit("tour.done").status == 200);
  REQUIRE(make("tour.begun").status == 201);
  REQUIRE(make("tour.left").status == 201);
  REQUIRE(archive("tour.left").status == 200);
  CHECK(emit("tour.left").status == 200); // the catalog is open
  CHECK(type("tour.left").text("/status") == "archived");
  REQUIRE(patch("tour.done", R"({"description":"All of it"})").status == 200);
  set(R"({"catalog":"closed"})");
  CHECK(emit("tour.begun").status == 200);
  for (const auto* other :
       {"tour.seen", "tour.done", "tour.left", "tour.never"}) {
    INFO(other);
    const auto refused = emit(other);
    CHECK(refused.status == 422);
    CHECK(refused.code() == "event_type_unknown");
    CHECK(refused.text("/errors/0/pointer") == "/type");
  }
  CHECK(type("tour.never").status == 404);
  CHECK(own.api.emit(R"({"name":"tour.seen","userId":"u"})")
          .text("/errors/0/pointer")
        == "/name");
  CHECK(emit("$form_submitted", R"({"form_id":"f","fields":{}})").status
        == 200);
  REQUIRE(make("tour.seen").status == 201);
  CHECK(emit("tour.seen").status == 200);
  set(R"({"catalog":"open"})");
  CHECK(emit("tour.never").status == 200);
}

TEST_CASE_METHOD(event_catalog,
                 "B25 S42 names that are neither snake_case nor object.action "
                 "are linted",
                 "[system][event_catalog]") {
  constexpr auto avoid
    = R"x({"email":"user@example.com","plan":"Pro Plan ($99/yr)"})x";
  constexpr auto good
    = R"({"plan_name":"pro","billing_interval":"annual","mrr_cents":9900})";
  CHECK(lints_of("SubCreated", avoid)
        == names{"event_name_case:type", "pii_property:email"});
  CHECK(lints_of("subscription.created", good).empty());
  for (const auto* odd :
       {"UserSignup", "purchase-completed", "Signup Completed", "order..paid",
        "order.", "1st_order"}) {
    INFO(odd);
    CHECK(lints_of(odd, "{}") == names{"event_name_case:type"});
  }
  for (const auto* each : {"feature_activated", "referral.converted", "viewed",
                           "order.item.added"}) {
    INFO(each);
    CHECK(lints_of(each, "{}").empty());
  }
  CHECK(lints_of("$identify", R"({"traits":{"plan":"pro"}})").empty());
}

TEST_CASE_METHOD(event_catalog,
                 "B24 a workspace that is strict about names refuses odd ones",
                 "[system][event_catalog]") {
  REQUIRE(emit("Signup Completed").status == 200); // the default advises
  set(R"({"naming":"strict"})");
  for (const auto* odd : {"Signup Completed", "UserSignup", "a-b"}) {
    INFO(odd);
    const auto refused = emit(odd);
    CHECK(refused.status == 422);
    CHECK(refused.code() == "event_name_case");
    CHECK(refused.text("/errors/0/pointer") == "/type");
    CHECK(make(odd).code() == "event_name_case");
  }
  CHECK(emit("signup_completed").status == 200);
  CHECK(rename("signup_completed", "SignupCompleted").code()
        == "event_name_case");
  CHECK(emit("$form_submitted", R"({"form_id":"f","fields":{}})").status
        == 200);
}

TEST_CASE_METHOD(event_catalog,
                 "B62 B79 a type in use is neither renamed nor archived, and "
                 "the refusal says what uses it",
                 "[system][event_catalog]") {
  REQUIRE(make("pay.done", R"(,"description":"Paid")").status == 201);
  CHECK(
    own.api.get("/v1/event-types?status=active").at("/data").as_array().size()
    == 1);
  publish(own.api, sequence_on("thanks", "pay.done",
                               R"("s":{"type":"wait","for":"1h","then":"x"})"));
  publish(own.api,
          sequence_on("tell", "other",
                      R"("s":{"type":"emit","event":"pay.done","then":"x"})"));
  REQUIRE(own.api
            .post("/v1/segments",
                  R"({"key":"payers","condition":{">=":[{"event_count":)"
                  R"({"event":"pay.done"}},1]}})")
            .status
          < 300);
  REQUIRE(own.api.post("/v1/funnels", R"({"key":"f","steps":["a","pay.done"]})")
            .status
          == 201);
  const auto hook = subscribe(own.api, "http://127.0.0.1:9/", "pay.done");
  const names all{"sequence thanks", "sequence tell", "segment payers",
                  "funnel f", "webhook " + hook.text("/id")};
  CHECK(dependants_of(archive("pay.done")) == all);
  CHECK(dependants_of(rename("pay.done", "payment.done")) == all);
  CHECK(type("pay.done").text("/status") == "active");
  CHECK(type("payment.done").status == 404);
}

TEST_CASE_METHOD(event_catalog,
                 "B62 an older version of a sequence uses a type as long as it "
                 "has runs",
                 "[system][event_catalog]") {
  publish(own.api, waiting_for("old", "begin", "pay.done"));
  REQUIRE(emit("begin").status == 200);
  REQUIRE(make("pay.done").status == 201);
  publish(own.api, waiting_for("old", "begin", "other"));
  CHECK(dependants_of(archive("pay.done")) == names{"sequence old"});
  CHECK(dependants_of(rename("pay.done", "p")) == names{"sequence old"});
  REQUIRE(own.api.post("/v1/sequences/old/archive", "").status == 200);
  CHECK(dependants_of(archive("pay.done")) == names{"sequence old"});
  REQUIRE(emit("pay.done").status == 200); // the run ends
  REQUIRE(runs_of("old") == names{"completed"});
  CHECK(archive("pay.done").text("/status") == "archived");
}

TEST_CASE_METHOD(event_catalog,
                 "B62 a type that nothing names is renamed whole",
                 "[system][event_catalog]") {
  REQUIRE(make("bill.paid", invoice).status == 201);
  const auto renamed = rename("bill.paid", "invoice.paid");
  CHECK(renamed.status == 200);
  CHECK(renamed.text("/name") == "invoice.paid");
  CHECK(renamed.text("/status") == "active");
  CHECK(renamed.has("/schema/required"));
  CHECK(renamed.at("/aliases").as_array().empty());
  CHECK(type("bill.paid").text("/status") == "archived");
  CHECK(type("bill.paid").at("/schema").is_null());
  CHECK(emit("invoice.paid").code() == "schema_contract_violated");
  CHECK(event_of(own.api, emit("bill.paid")).text("/type") == "bill.paid");
  CHECK(rename("bill.paid", "invoice.paid").code() == "event_type_exists");
  CHECK(rename("invoice.paid", "invoice.paid").status == 200);
  CHECK(rename("invoice.paid", "$paid").code() == "reserved_event_name");
  CHECK(rename("invoice.paid", "a/b").code() == "field_invalid");
  CHECK(rename("never.seen", "seen").code() == "event_type_not_found");
  CHECK(own.api
          .post("/v1/event-types/invoice.paid/rename",
                R"({"to":"x","alias":"yes"})")
          .text("/errors/0/pointer")
        == "/alias");
  const auto log = own.api.get("/v1/audit-log?action=event_type.renamed");
  REQUIRE(log.at("/data").as_array().size() == 1);
}

TEST_CASE_METHOD(event_catalog,
                 "B62 with an alias a type in use is renamed, and whoever "
                 "listens to one of its names hears of all",
                 "[system][event_catalog]") {
  const auto ends = R"("s":{"type":"wait","for":"30d","then":"x"})";
  REQUIRE(make("pay.done", invoice).status == 201);
  const auto one = R"({"invoice_id":"i"})";
  REQUIRE(emit("pay.done", one).status == 200);
  publish(own.api, sequence_on("by_old", "pay.done", ends));
  publish(own.api, waiting_for("waits", "begin", "pay.done"));
  REQUIRE(emit("begin").status == 200);
  const auto renamed = rename("pay.done", "payment.done", true);
  REQUIRE(renamed.status == 200);
  CHECK(renamed.text("/name") == "payment.done");
  CHECK(renamed.text("/aliases/0") == "pay.done");
  CHECK(type("pay.done").text("/name") == "payment.done");
  CHECK(patch("pay.done", R"({"description":"x"})").text("/name")
        == "payment.done");
  publish(own.api, sequence_on("by_new", "payment.done", ends));
  REQUIRE(own.api
            .post("/v1/segments",
                  R"({"key":"twice","condition":{">=":[{"event_count":)"
                  R"({"event":"payment.done"}},2]}})")
            .status
          < 300);

  CHECK(emit("pay.done").code() == "schema_contract_violated");
  const auto sent = emit("pay.done", one);
  CHECK(sent.number("/fan_out/sequences_woken") >= 3);
  CHECK(event_of(own.api, sent).text("/type") == "payment.done");
  CHECK(runs_of("by_old") == names{"active"});
  CHECK(runs_of("by_new") == names{"active"});
  CHECK(runs_of("waits") == names{"completed"});
  for (const auto* name : {"pay.done", "payment.done"})
    CHECK(own.api.get(std::string{"/v1/events?type="} + name)
            .at("/data")
            .as_array()
            .size()
          == 2);
  CHECK(eventually([this] {
    return own.api.get("/v1/segments/twice/contacts")
             .at("/data")
             .as_array()
             .size()
           == 1;
  }));
}

TEST_CASE_METHOD(event_catalog,
                 "B62 an alias holds for what sequences emit, for funnels and "
                 "in a closed catalog, and ends when it is archived",
                 "[system][event_catalog]") {
  REQUIRE(make("a.done").status == 201);
  REQUIRE(emit("a.done").status == 200);
  REQUIRE(rename("a.done", "b.done", true).status == 200);
  REQUIRE(rename("b.done", "c.done", true).status == 200);
  CHECK(type("a.done").text("/aliases/0") == "a.done");
  CHECK(type("a.done").text("/aliases/1") == "b.done");
  CHECK(rename("c.done", "a.done", true).text("/aliases/0") == "b.done");
  CHECK(type("c.done").text("/name") == "a.done");
  CHECK(make("b.done").code() == "event_type_exists");
  REQUIRE(
    own.api.post("/v1/funnels", R"({"key":"f","steps":["b.done","never"]})")
      .status
    == 201);
  CHECK(own.api.get("/v1/funnels/f").number("/counts/0/contacts") == 1);
  CHECK(dependants_of(archive("b.done")) == names{"funnel f"});
  publish(own.api,
          sequence_on("tell", "begin",
                      R"("s":{"type":"emit","event":"c.done","then":"x"})"));
  set(R"({"catalog":"closed"})");
  CHECK(emit("b.done").status == 200);
  CHECK(emit("begin").code() == "event_type_unknown");
  REQUIRE(make("begin").status == 201);
  REQUIRE(emit("begin").status == 200);
  CHECK(eventually([this] {
    return own.api.get("/v1/events?type=a.done").at("/data").as_array().size()
           == 3;
  }));
  const auto all = own.api.get("/v1/event-types").at("/data").as_array();
  for (const auto& each : all)
    CHECK(each.at("name").as_string() != "b.done");
  REQUIRE(own.api.send("DELETE", "/v1/funnels/f", "", {}).status == 200);
  CHECK(archive("b.done").text("/name") == "b.done");
  CHECK(emit("b.done").code() == "event_type_unknown");
  CHECK(type("a.done").text("/aliases/0") == "c.done");
}

TEST_CASE_METHOD(event_catalog,
                 "R10 a type shows which properties its events had",
                 "[system][event_catalog]") {
  REQUIRE(emit("seen.once", R"({"plan":"pro","seats":2})").status == 200);
  REQUIRE(emit("seen.once", R"({"seats":"two"})").status == 200);
  const auto shown = type("seen.once");
  CHECK(shown.number("/observed/count") == 2);
  CHECK(shown.number("/observed/properties/seats/count") == 2);
  CHECK(shown.text("/observed/properties/plan/types/0") == "string");
  CHECK(shown.at("/observed/properties/seats/types").as_array().size() == 2);
}
