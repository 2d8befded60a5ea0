#include "tests/support/actor_world.hpp"

#include "actors/courier.hpp"
#include "actors/reviewer.hpp"
#include "actors/test_clocks.hpp"
#include "actors/triggers.hpp"
#include "persistence/sqlite/sqlite_store.hpp"
#include "tests/support/flaky_reader.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

namespace troupe::tests {

namespace {

std::string make_directory() {
  auto pattern
    = (std::filesystem::temp_directory_path() / "troupe-actors-XXXXXX")
        .string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

} // namespace

persistence::destination_row channel(engine::workspace_id workspace,
                                     persistence::destination_kind kind,
                                     const std::string& key) {
  persistence::destination_row row;
  row.text_id = "cha_" + key;
  row.workspace = workspace;
  row.kind = kind;
  row.key = key;
  row.status = persistence::definition_status::active;
  row.settings = "{}";
  return row;
}

actor_world::actor_world(std::size_t contacts_per_shard,
                         engine::workspace_kind kind, std::size_t calls_at_once)
  : directory_(make_directory()) {
  auto opened = persistence::sqlite::open_store(directory_, time.clock()());
  REQUIRE(opened);
  store = std::make_shared<flaky_store>(std::move(*opened));
  workspace.text_id = "ws_test";
  workspace.name = "test";
  workspace.kind = kind;
  workspace.created_at = time.clock()();
  if (kind == engine::workspace_kind::test)
    workspace.test_now = workspace.created_at;
  workspace = *store->put(workspace);
  REQUIRE(store->put(
    channel(workspace.id, persistence::destination_kind::capture, "capture")));
  REQUIRE(store->put(
    channel(workspace.id, persistence::destination_kind::step, "http")));
  look_ = std::move(*store->open_reader());
  auto db = persistence::sqlite::connection::open(
    directory_ + "/troupe.db", persistence::sqlite::access::read);
  REQUIRE(db);
  reader = time.spawn(
    actors::reader,
    std::shared_ptr<persistence::store_reader>{
      std::make_shared<flaky_reader>(std::move(*db), definitions_unread)});
  spawn_shards(contacts_per_shard);
  spawn_work(calls_at_once);
  time.run();
}

void actor_world::spawn_shards(std::size_t contacts_per_shard) {
  actors::persistence_options writing;
  writing.store = store;
  writing.courier = time.spawn(actors::courier, actors::courier_options{});
  writing.clock = time.clock();
  writing.notify
    = [followers = followers_](const actors::durable_notice& notice) {
        for (const auto& follower : *followers)
          caf::anon_send(follower, atom::notice_atom::value, notice);
      };
  writing.redefined = [this] {
    caf::anon_send(definitions_, atom::change_atom::value);
  };
  writer = time.spawn(actors::persistence_writer, std::move(writing));
  const auto commits = std::make_shared<actors::commit_queue>();
  const auto collector
    = time.spawn(actors::collector, actors::collector_options{commits, writer});
  table_ = std::make_shared<const actors::shard_table>(
    [all = shards](unsigned number) {
      return (*all)[number];
    });
  constexpr unsigned shards_each = 2;
  for (unsigned first = 0; first < engine::shard_count; first += shards_each) {
    actors::shard_options shard;
    shard.first = first;
    shard.count = shards_each;
    shard.seed = store->seed();
    shard.shards = table_;
    shard.commits = commits;
    shard.collector = collector;
    shard.reader = reader;
    shard.persistence = writer;
    shard.catalog = catalog_;
    shard.clock = time.clock();
    shard.contacts_max = contacts_per_shard;
    shards->insert(shards->end(), shards_each,
                   time.spawn(actors::shard, std::move(shard)));
  }
}

void actor_world::spawn_work(std::size_t calls_at_once) {
  actors::reader_actor_state rows;
  rows.store = std::move(*store->open_reader());
  actors::catalog_builder builder;
  builder.build(rows.rows());
  catalog_->set(builder.catalog);
  destinations_->set(builder.destinations);
  actors::triggers_options triggering;
  triggering.reader = reader;
  triggering.persistence = writer;
  triggering.shards = table_;
  triggering.seed = store->seed();
  triggering.catalog = catalog_;
  triggering.clock = time.clock();
  const auto triggers = time.spawn(actors::triggers, std::move(triggering));
  actors::scheduler_options waking;
  waking.reader = reader;
  waking.triggers = triggers;
  waking.shards = table_;
  waking.seed = store->seed();
  waking.catalog = catalog_;
  waking.clock = time.clock();
  const auto scheduler = time.spawn(actors::scheduler, std::move(waking));
  actors::dispatch_options sending;
  keeper_ = time.spawn(page_keeper, reader, pages);
  sending.common.reader = caf::actor_cast<messages::reader_actor>(keeper_);
  sending.common.persistence = writer;
  sending.common.port = std::make_shared<const messages::call_port>(
    [this](messages::outgoing_call call, auto done) {
      called(call);
      calls.push_back({std::move(call), std::move(done)});
    });
  sending.common.ids = std::make_shared<const engine::id_text>(store->seed());
  sending.common.clock = time.clock();
  sending.common.window = calls_at_once;
  sending.common.counters = counters;
  sending.common.destinations = destinations_;
  sending.common.disable
    = [this](const persistence::destination_row& row, std::string why) {
        messages::definition_change wish;
        wish.what = messages::definition_change::kind::disabled_webhook;
        wish.workspace = row.workspace;
        wish.target = row.text_id;
        wish.body = {{"reason", std::move(why)}};
        caf::anon_send(definitions_, atom::change_atom::value, std::move(wish));
      };
  const auto dispatch = time.spawn(actors::dispatch, std::move(sending));
  spawn_test_clocks(dispatch, triggers);
  *followers_ = {scheduler, dispatch, test_clocks};
  actors::reviewer_options reviewing;
  reviewing.reader = reader;
  reviewing.persistence = writer;
  reviewing.shards = table_;
  reviewing.catalog = catalog_;
  reviewing.clock = time.clock();
  const auto reviewer = time.spawn(actors::reviewer, std::move(reviewing));
  actors::definitions_options defining;
  defining.reader = reader;
  defining.persistence = writer;
  defining.dispatch = dispatch;
  defining.reviewer = reviewer;
  defining.catalog = catalog_;
  defining.destinations = destinations_;
  defining.check_url = [](const std::string&) {
    return engine::success();
  };
  defining.make_secret = [] {
    return engine::result<std::string>{std::string{"whsec_test"}};
  };
  defining.make_id = [count = 0](std::string_view prefix) mutable {
    return std::string{prefix} + std::to_string(++count);
  };
  defining.builder = std::move(builder);
  definitions_ = time.spawn(actors::definitions, std::move(defining));
}

void actor_world::spawn_test_clocks(const messages::dispatch_actor& dispatch,
                                    const messages::triggers_actor& triggers) {
  actors::test_clocks_options moving;
  moving.reader = reader;
  moving.lister = reader;
  moving.persistence = writer;
  moving.dispatch = dispatch;
  moving.triggers = triggers;
  moving.shards = table_;
  moving.seed = store->seed();
  moving.catalog = catalog_;
  moving.clock = time.clock();
  test_clocks = time.spawn(actors::test_clocks, std::move(moving));
}

actor_world::~actor_world() {
  followers_->clear();
  calls.clear();
  pages->held.clear();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

messages::ingest actor_world::event(const std::string& type,
                                    const std::string& external_id,
                                    const std::string& key) const {
  messages::ingest command;
  command.workspace = workspace.id;
  command.event.record.type = type;
  command.event.record.body = "{}";
  command.event.identities.push_back(
    *engine::make_identity(engine::identity_kind::external_id, external_id));
  if (!key.empty())
    command.event.key = engine::idempotency{std::hash<std::string>{}(key), 1,
                                            std::hash<std::string>{}(type)};
  return command;
}

asked<messages::ingest_answer> actor_world::send(messages::ingest command) {
  const auto& primary = command.event.identities.front();
  const auto number = engine::shard_of(store->seed(), command.workspace,
                                       primary.kind, primary.key);
  asked<messages::ingest_answer> out;
  command.reply = std::make_shared<messages::ingest_reply>(
    [out](messages::ingest_answer answer) {
      REQUIRE(!out.has_value()); // told once
      *out.answer = std::move(answer);
    });
  caf::anon_send((*shards)[number], atom::ingest_atom::value,
                 messages::ingest_parcel{std::move(command)});
  return out;
}

messages::definition_changed
actor_world::define(messages::definition_change::kind what,
                    const std::string& json, const std::string& target) {
  messages::definition_change wish;
  wish.what = what;
  wish.workspace = workspace.id;
  wish.target = target;
  wish.body = boost::json::parse(json);
  const auto answer = time.ask<messages::definition_changed>(
    definitions_, atom::change_atom::value, std::move(wish));
  time.run();
  for (int tries = 0; !answer.has_value() && tries < 10; ++tries)
    time.advance(std::chrono::seconds{1}); // what was stored is read again
  REQUIRE(answer.has_value());
  return *answer;
}

void actor_world::let_go() {
  pages->holds = false;
  caf::anon_send(keeper_, atom::tick_atom::value);
  time.run();
}

engine::contact_state
actor_world::stored(const std::string& external_id) const {
  const auto who
    = *engine::make_identity(engine::identity_kind::external_id, external_id);
  const auto owners = look_->resolve(workspace.id, std::span{&who, 1});
  REQUIRE(owners);
  const auto loaded = look_->load(owners->front().contact);
  REQUIRE(loaded);
  return loaded->state;
}

std::vector<engine::turn> actor_world::events() const {
  persistence::event_query all;
  all.workspace = workspace.id;
  all.limit = 10'000;
  all.with_platform = false;
  auto page = look_->events(all);
  REQUIRE(page);
  std::reverse(page->turns.begin(), page->turns.end());
  return page->turns;
}

} // namespace troupe::tests
