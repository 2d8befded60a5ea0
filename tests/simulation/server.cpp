#include "tests/simulation/server.hpp"

#include "actors/courier.hpp"
#include "actors/dispatch.hpp"
#include "actors/feed.hpp"
#include "actors/persistence.hpp"
#include "actors/reader.hpp"
#include "actors/reviewer.hpp"
#include "actors/scheduler.hpp"
#include "actors/triggers.hpp"
#include "messages/definition_lookup.hpp"
#include "messages/explain.hpp"
#include "messages/nudges.hpp"
#include "messages/statistics.hpp"

#include <caf/send.hpp>

#include <stdexcept>

namespace troupe::simulation {

namespace {

constexpr unsigned shard_actors = 4;
constexpr engine::duration early{3s};

} // namespace

server::server(timeline& time, dice& from, const fault_plan& plan,
               server_options options)
  : time_(time),
    plan_(plan),
    store_(std::move(options.store)),
    clock_([&time] {
      return time.now();
    }),
    table_(std::make_shared<const actors::shard_table>(
      [all = shards_](unsigned number) {
        return (*all)[number];
      })),
    threads_(time, from, plan) {
  auto reader = store_->open_reader();
  if (!reader)
    throw std::runtime_error{reader.failure().message};
  reading_ = std::move(*reader);
  auto builder = read_catalog();
  loader_ = threads_.spawn(actors::reader, reading_);
  worker_ = threads_.spawn(actors::reader, reading_);
  spawn_writing();
  spawn_shards(options.contacts_max);
  spawn_work(options.port);
  spawn_front(std::move(builder));
}

server::~server() {
  *is_alive_ = false;
  threads_.end();
  followers_->clear();
  shards_->clear();
}

actors::catalog_builder server::read_catalog() {
  actors::reader_actor_state rows;
  rows.store = reading_;
  const auto loaded = rows.rows();
  if (loaded.failure)
    throw std::runtime_error{loaded.failure->message};
  actors::catalog_builder builder;
  builder.build(loaded);
  catalog_->set(builder.catalog);
  destinations_->set(builder.destinations);
  return builder;
}

void server::spawn_writing() {
  actors::persistence_options writing;
  writing.store = store_;
  writing.courier = threads_.spawn(actors::courier, actors::courier_options{});
  writing.clock = clock_;
  writing.notify
    = [followers = followers_](const actors::durable_notice& notice) {
        for (const auto& follower : *followers)
          caf::anon_send(follower, atom::notice_atom::value, notice);
      };
  actors::feed_options telling;
  telling.reader = loader_;
  feed_ = threads_.spawn(actors::feed, std::move(telling));
  writing.nudge = [feed = feed_] {
    caf::anon_send(feed, atom::nudge_atom::value);
  };
  persistence_ = threads_.spawn(actors::persistence_writer, std::move(writing));
  collector_ = threads_.spawn(
    actors::collector, actors::collector_options{commits_, persistence_});
}

void server::spawn_shards(std::size_t contacts_max) {
  constexpr auto each = engine::shard_count / shard_actors;
  for (unsigned i = 0; i < shard_actors; ++i) {
    actors::shard_options shard;
    shard.first = i * each;
    shard.count = each;
    shard.seed = store_->seed();
    shard.shards = table_;
    shard.commits = commits_;
    shard.collector = collector_;
    shard.reader = loader_;
    shard.persistence = persistence_;
    shard.catalog = catalog_;
    shard.clock = clock_;
    shard.contacts_max = contacts_max;
    shards_->insert(shards_->end(), each,
                    threads_.spawn(actors::shard, std::move(shard)));
  }
}

void server::spawn_work(const messages::call_port& port) {
  actors::triggers_options triggering;
  triggering.reader = worker_;
  triggering.persistence = persistence_;
  triggering.shards = table_;
  triggering.seed = store_->seed();
  triggering.catalog = catalog_;
  triggering.clock = clock_;
  actors::scheduler_options waking;
  waking.reader = worker_;
  waking.triggers = threads_.spawn(actors::triggers, std::move(triggering));
  waking.shards = table_;
  waking.seed = store_->seed();
  waking.catalog = catalog_;
  waking.clock = clock_;
  if (plan_.defect == planted::early_scheduler)
    waking.clock = [clock = clock_] {
      return clock() + early;
    };
  const auto scheduler = threads_.spawn(actors::scheduler, std::move(waking));
  actors::dispatch_options sending;
  sending.common.reader = worker_;
  sending.common.persistence = persistence_;
  sending.common.port = std::make_shared<const messages::call_port>(
    [port, is_alive = is_alive_](messages::outgoing_call call, auto done) {
      if (*is_alive)
        port(std::move(call), std::move(done));
    });
  sending.common.ids = std::make_shared<const engine::id_text>(store_->seed());
  sending.common.clock = clock_;
  sending.common.destinations = destinations_;
  sending.common.disable = [](const auto&, const std::string&) {};
  dispatch_ = threads_.spawn(actors::dispatch, std::move(sending));
  *followers_ = {scheduler, dispatch_};
}

void server::spawn_front(actors::catalog_builder builder) {
  actors::reviewer_options reviewing;
  reviewing.reader = worker_;
  reviewing.persistence = persistence_;
  reviewing.shards = table_;
  reviewing.catalog = catalog_;
  reviewing.clock = clock_;
  actors::definitions_options changing;
  changing.reader = worker_;
  changing.persistence = persistence_;
  changing.dispatch = dispatch_;
  changing.reviewer = threads_.spawn(actors::reviewer, std::move(reviewing));
  changing.catalog = catalog_;
  changing.destinations = destinations_;
  changing.check_url = [](const std::string&) {
    return engine::success();
  };
  changing.make_secret = [] {
    return engine::result<std::string>{std::string{"whsec_simulated"}};
  };
  changing.make_id = [count = 0](std::string_view prefix) mutable {
    return std::string{prefix} + std::to_string(++count);
  };
  changing.clock = clock_;
  changing.builder = std::move(builder);
  const auto definitions
    = threads_.spawn(actors::definitions, std::move(changing));
  actors::gateway_options asking;
  asking.shards = table_;
  asking.seed = store_->seed();
  asking.reader = loader_;
  asking.persistence = persistence_;
  asking.definitions = definitions;
  asking.dispatch = dispatch_;
  asking.destinations = destinations_;
  asking.ids = std::make_shared<const engine::id_text>(store_->seed());
  asking.clock = [this] {
    return std::chrono::steady_clock::time_point{
      time_.now().time_since_epoch()};
  };
  gateway_ = threads_.spawn(actors::gateway, std::move(asking));
}

void server::ingest(
  std::vector<messages::ingest> request,
  std::function<void(std::vector<messages::ingest_answer>)> done) {
  messages::ingest_batch batch;
  batch.items = std::make_shared<std::vector<messages::ingest_batch::item>>();
  const auto told = [done = std::move(done), is_alive = is_alive_](
                      std::vector<messages::ingest_answer> answers) {
    if (*is_alive)
      done(std::move(answers));
  };
  if (request.size() == 1) {
    batch.items->push_back(
      {std::move(request.front()), [told](messages::ingest_answer answer) {
         told({std::move(answer)});
       }});
  } else {
    messages::ingest_batch::chain chain;
    for (auto& each : request)
      chain.commands.emplace_back(std::move(each));
    chain.complete = told;
    batch.chains
      = std::make_shared<std::vector<messages::ingest_batch::chain>>();
    batch.chains->push_back(std::move(chain));
  }
  caf::anon_send(gateway_, atom::ingest_atom::value, std::move(batch));
}

void server::follow(engine::workspace_id workspace, engine::position after,
                    std::function<void(const engine::turn&)> take) {
  messages::event_follower who;
  who.search.contact.workspace = workspace;
  who.after = after;
  who.take = [take = std::move(take),
              is_alive = is_alive_](const std::vector<engine::turn>& turns) {
    for (const auto& each : turns)
      if (*is_alive)
        take(each);
    return *is_alive;
  };
  who.beat = [is_alive = is_alive_] {
    return *is_alive;
  };
  who.has_room = [] {
    return true;
  };
  caf::anon_send(feed_, atom::follow_atom::value, std::move(who),
                 messages::followed_slot{
                   std::make_shared<std::function<void(messages::followed)>>(
                     [](const messages::followed&) {})});
}

void server::define(messages::definition_change wish,
                    std::function<void(messages::definition_changed)> done) {
  caf::anon_send(
    gateway_, atom::change_atom::value, std::move(wish),
    messages::definition_changed_slot{
      std::make_shared<std::function<void(messages::definition_changed)>>(
        std::move(done))});
}

} // namespace troupe::simulation
