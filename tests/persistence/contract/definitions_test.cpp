#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace troupe::persistence;

namespace {

workspace_row add_workspace(opened_store& at, const std::string& text_id) {
  auto made = at.store().put(workspace_row{{}, text_id, "Name of " + text_id});
  REQUIRE(made);
  return *made;
}

} // namespace

TEST_CASE("workspaces are added, renamed and read back", "[contract]") {
  opened_store at;
  const auto one = add_workspace(at, "ws_1");
  auto two = add_workspace(at, "ws_2");
  CHECK(one.id != two.id);
  CHECK(engine::number(one.id) != 0);
  // A workspace that others refer to can be renamed.
  REQUIRE(at.store().put(destination_row{{},
                                         "whe_1",
                                         two.id,
                                         destination_kind::webhook,
                                         "",
                                         definition_status{1},
                                         "{}",
                                         "s"}));
  two.name = "Renamed";
  REQUIRE(at.store().put(two));
  at.reopen();
  const auto all = at.reader().workspaces();
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].id == one.id);
  CHECK((*all)[0].text_id == "ws_1");
  CHECK((*all)[0].name == "Name of ws_1");
  CHECK((*all)[1].id == two.id);
  CHECK((*all)[1].name == "Renamed");
}

TEST_CASE("a new row with a text id in use is refused and harms nothing",
          "[contract]") {
  opened_store at;
  const auto ws = add_workspace(at, "ws_1");
  CHECK_FALSE(at.store().put(workspace_row{{}, "ws_1", "Thief"}));
  destination_row endpoint{{},    "whe_1",
                           ws.id, destination_kind::webhook,
                           "",    definition_status::active,
                           "{}",  "secret"};
  REQUIRE(at.store().put(endpoint));
  endpoint.secret = "thief";
  CHECK_FALSE(at.store().put(endpoint));
  CHECK(at.reader().workspaces()->front().name == "Name of ws_1");
  REQUIRE(at.reader().destinations()->size() == 1);
  CHECK(at.reader().destinations()->front().secret == "secret");
}

TEST_CASE("keys are added, revoked and read back", "[contract]") {
  opened_store at;
  const auto ws = add_workspace(at, "ws_1");
  key_row key;
  key.text_id = "key_1";
  key.workspace = ws.id;
  key.prefix = "trp_abc";
  for (std::size_t i = 0; i < key.hash.size(); ++i)
    key.hash[i] = static_cast<std::uint8_t>(i * 31); // zeros and high bytes
  key.scopes = 0b10101;
  auto made = at.store().put(key);
  REQUIRE(made);
  CHECK(made->id != 0);
  key.text_id = "key_2";
  key.prefix = "trp_def";
  REQUIRE(at.store().put(key));
  made->revoked = true;
  REQUIRE(at.store().put(*made));
  at.reopen();
  const auto all = at.reader().keys();
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  const auto& back = all->front();
  CHECK(back.id == made->id);
  CHECK(back.text_id == "key_1");
  CHECK(back.workspace == ws.id);
  CHECK(back.prefix == "trp_abc");
  CHECK(back.hash == key.hash);
  CHECK(back.scopes == 0b10101);
  CHECK(back.revoked);
  CHECK_FALSE((*all)[1].revoked);
}

TEST_CASE("a key of an unknown workspace is refused", "[contract]") {
  opened_store at;
  key_row key;
  key.text_id = "key_1";
  key.workspace = workspace_id{99};
  key.prefix = "trp_abc";
  CHECK_FALSE(at.store().put(key));
  CHECK(at.reader().keys()->empty());
}

TEST_CASE("a sequence gets versions under its key and keeps its id",
          "[contract]") {
  opened_store at;
  const auto ws = add_workspace(at, "ws_1");
  const auto other = add_workspace(at, "ws_2");
  const sequence_row draft{
    {}, "seq_1", ws.id, "welcome", 0, definition_status::draft, R"({"v":1})"};
  auto first = at.store().put(draft);
  REQUIRE(first);
  CHECK(first->version == 1);
  CHECK(engine::number(first->id) != 0);
  auto next = draft;
  next.text_id = "seq_unused";
  next.definition = R"({"v":2})";
  const auto second = at.store().put(next);
  REQUIRE(second);
  CHECK(second->id == first->id);
  CHECK(second->text_id == "seq_1");
  CHECK(second->version == 2);
  auto elsewhere_row = draft;
  elsewhere_row.text_id = "seq_2";
  elsewhere_row.workspace = other.id;
  const auto third = at.store().put(elsewhere_row);
  REQUIRE(third);
  CHECK(third->id != first->id);
  CHECK(third->version == 1);
  // The status of a version changes; its definition never does.
  auto published = *first;
  published.status = definition_status::active;
  published.definition = R"({"v":"other"})";
  REQUIRE(at.store().put(published));
  at.reopen();
  const auto all = at.reader().sequences();
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  CHECK((*all)[0].version == 1);
  CHECK((*all)[0].status == definition_status::active);
  CHECK((*all)[0].definition == R"({"v":1})");
  CHECK((*all)[1].id == first->id);
  CHECK((*all)[1].version == 2);
  CHECK((*all)[1].status == definition_status::draft);
  CHECK((*all)[1].definition == R"({"v":2})");
  CHECK((*all)[2].workspace == other.id);
  CHECK((*all)[2].key == "welcome");
  CHECK((*all)[2].text_id == "seq_2");
}

TEST_CASE("destinations are added, changed and read back", "[contract]") {
  opened_store at;
  const auto ws = add_workspace(at, "ws_1");
  auto made = at.store().put(destination_row{{},
                                             "cha_1",
                                             ws.id,
                                             destination_kind::http,
                                             "sms",
                                             definition_status::active,
                                             R"({"url":"https://x"})",
                                             "whsec_1"});
  REQUIRE(made);
  made->status = definition_status::disabled;
  made->secret = "whsec_2";
  REQUIRE(at.store().put(*made));
  at.reopen();
  const auto all = at.reader().destinations();
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  const auto& back = all->front();
  CHECK(back.id == made->id);
  CHECK(back.text_id == "cha_1");
  CHECK(back.workspace == ws.id);
  CHECK(back.kind == destination_kind::http);
  CHECK(back.key == "sms");
  CHECK(back.status == definition_status::disabled);
  CHECK(back.settings == R"({"url":"https://x"})");
  CHECK(back.secret == "whsec_2");
}

TEST_CASE("a second process is refused until the first has ended",
          "[contract]") {
  opened_store at;
  const auto second = at.maker().open(noon);
  REQUIRE_FALSE(second);
  CHECK(second.failure().code == engine::errc::storage_unavailable);
  at.close();
  CHECK(at.maker().open(noon));
}

TEST_CASE("a store that a newer release wrote is refused", "[contract]") {
  opened_store at;
  at.close();
  at.maker().pretend_newer_schema();
  const auto opened = at.maker().open(noon);
  REQUIRE_FALSE(opened);
  CHECK(opened.failure().name == "schema_too_new");
}
