// Changes of administrators: stored whole, with their note, or not at all.
#include "tests/persistence/contract/contract.hpp"

#include <algorithm>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::persistence;

namespace {

key_row key_of(const std::string& id) {
  key_row key;
  key.text_id = "key_" + id;
  key.prefix = "tr_live_" + id;
  return key;
}

admin_row note(workspace_id workspace, const std::string& action,
               engine::timestamp at = noon) {
  admin_row made;
  made.workspace = workspace;
  made.at = at;
  made.action = action;
  made.actor = "key_actor";
  made.request_id = "req_" + action;
  made.details = R"({"a":1})";
  return made;
}

std::string actions_of(opened_store& at, const admin_query& asked) {
  const auto rows = at.reader().admin_rows(asked);
  REQUIRE(rows);
  std::string out;
  for (const auto& row : *rows)
    out += (out.empty() ? "" : " ") + row.action;
  return out;
}

} // namespace

TEST_CASE("a workspace is stored with its key, its channels and the note",
          "[contract]") {
  opened_store at;
  workspace_row fresh;
  fresh.text_id = "ws_1";
  fresh.name = "One";
  fresh.kind = engine::workspace_kind::test;
  fresh.settings = R"({"naming":"strict"})";
  fresh.created_at = noon;
  auto key = key_of("1");
  key.kind = engine::key_kind::write;
  key.name = "browser";
  key.created_at = noon;
  destination_row channel;
  channel.text_id = "cha_1";
  channel.kind = destination_kind::capture;
  channel.status = definition_status::active;
  channel.settings = "{}";
  const auto stored = at.store().put_all({fresh, key, channel},
                                         note(here, "workspace.created"));
  REQUIRE(stored);
  REQUIRE(stored->size() == 3);
  const auto id = std::get<workspace_row>(stored->front()).id;
  at.reopen();
  const auto workspaces = at.reader().workspaces();
  REQUIRE(workspaces->size() == 1);
  CHECK(workspaces->front().kind == engine::workspace_kind::test);
  CHECK(workspaces->front().settings == R"({"naming":"strict"})");
  CHECK(workspaces->front().created_at == noon);
  const auto keys = at.reader().keys();
  REQUIRE(keys->size() == 1);
  CHECK(keys->front().workspace == id);
  CHECK(keys->front().kind == engine::key_kind::write);
  CHECK(keys->front().name == "browser");
  CHECK(keys->front().created_at == noon);
  REQUIRE(at.reader().destinations()->size() == 1);
  CHECK(at.reader().destinations()->front().workspace == id);
  const auto notes = at.reader().admin_rows({here, {}, {}, {}, {}, 0, 10});
  REQUIRE(notes);
  REQUIRE(notes->size() == 1);
  CHECK(notes->front().subject == "ws_1");
  CHECK(notes->front().actor == "key_actor");
  CHECK(notes->front().request_id == "req_workspace.created");
  CHECK(notes->front().details == R"({"a":1})");
  CHECK(notes->front().at == noon);
}

TEST_CASE("a change with one row that cannot be is not stored at all",
          "[contract]") {
  opened_store at;
  workspace_row one;
  one.text_id = "ws_1";
  REQUIRE(at.store().put_all({one, key_of("1")}, std::nullopt));
  workspace_row two;
  two.text_id = "ws_2";
  CHECK_FALSE(at.store().put_all({two, key_of("1")}, note(here, "x")));
  CHECK(at.reader().workspaces()->size() == 1);
  CHECK(at.reader().keys()->size() == 1);
  CHECK(actions_of(at, {here, {}, {}, {}, {}, 0, 10}).empty());
}

TEST_CASE("notes are found newest first by workspace, action, time and request",
          "[contract]") {
  opened_store at;
  int minute = 0;
  for (const auto* action : {"key.created", "key.revoked", "webhook.created"})
    REQUIRE(at.store().put_all({}, note(here, action, noon + ++minute * 1min)));
  REQUIRE(at.store().put_all({}, note(elsewhere, "key.created")));
  admin_query asked;
  asked.workspace = here;
  CHECK(actions_of(at, asked) == "webhook.created key.revoked key.created");
  asked.limit = 2;
  CHECK(actions_of(at, asked) == "webhook.created key.revoked");
  asked.before = at.reader().admin_rows(asked)->back().id;
  CHECK(actions_of(at, asked) == "key.created");
  asked.before = 0;
  asked.action = "key.*";
  CHECK(actions_of(at, asked) == "key.revoked key.created");
  asked.action = "key.revoked";
  CHECK(actions_of(at, asked) == "key.revoked");
  asked.action.clear();
  asked.since = noon + 2min;
  asked.until = noon + 3min;
  CHECK(actions_of(at, asked) == "key.revoked");
  asked.since.reset();
  asked.until.reset();
  asked.request_id = "req_key.created";
  CHECK(actions_of(at, asked) == "key.created");
}

TEST_CASE("the installation's secret is random and stays", "[contract]") {
  opened_store one;
  opened_store two;
  const auto secret = one.store().secret();
  CHECK(secret.size() == 32);
  CHECK(secret != two.store().secret());
  CHECK(std::count(secret.begin(), secret.end(), '\0') < 8);
  one.reopen();
  CHECK(one.store().secret() == secret);
}

TEST_CASE("G74 events are found by their request, a bounded way at a time",
          "[contract]") {
  opened_store at;
  auto one = contact(1);
  for (int i = 0; i < 50; ++i) {
    auto sent = event("order.paid");
    sent.event.request_id = "req_" + std::to_string(i);
    one.see(sent, noon + i * 1min);
    at.save(one);
  }
  event_query asked;
  asked.workspace = here;
  asked.request_id = "req_3";
  auto page = at.reader().events(asked);
  REQUIRE(page);
  REQUIRE(page->turns.size() == 1);
  CHECK(page->turns.front().request_id == "req_3");
  asked.scanned_max = 10;
  int pages = 0;
  do {
    page = at.reader().events(asked);
    REQUIRE(page);
    if (page->turns.empty()) {
      REQUIRE(page->has_more);
      REQUIRE(engine::number(page->next) != 0);
      asked.before = page->next;
    }
    ++pages;
  } while (page->turns.empty() && pages < 20);
  CHECK(pages == 5);
  CHECK(page->turns.size() == 1);
}

TEST_CASE("an end of the time asked for is found without what is later",
          "[contract]") {
  opened_store at;
  auto one = contact(1);
  for (int i = 0; i < 40; ++i) {
    one.see(event("tick"), noon + i * 1h);
    at.save(one);
  }
  event_query asked;
  asked.workspace = here;
  asked.until = noon + 5h;
  // One hour of slack, for clocks that differ, and what is asked for.
  asked.scanned_max = 7;
  const auto page = at.reader().events(asked);
  REQUIRE(page);
  CHECK(page->turns.size() == 5);
  CHECK_FALSE(page->has_more);
}
