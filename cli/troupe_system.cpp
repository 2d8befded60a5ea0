#include "cli/troupe_system.hpp"

#include "actors/courier.hpp"
#include "actors/dispatch.hpp"
#include "actors/feed.hpp"
#include "actors/reader.hpp"
#include "actors/reviewer.hpp"
#include "actors/statistics.hpp"
#include "actors/test_clocks.hpp"
#include "actors/triggers.hpp"
#include "cli/key_maker.hpp"
#include "cli/log.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace troupe::cli {

namespace {

void ask_persistence(caf::event_based_actor* self,
                     const messages::persistence_actor& writer,
                     const std::function<void()>& alive) {
  self
    ->request(writer, caf::infinite, atom::store_atom::value,
              actors::row_change{})
    .then([alive](const actors::row_changed&) {
      alive();
    });
}

// Of a store in a database. When another process has it, what this one knows of
// contacts grows old: better to end, and to be refused at the next start.
void tell_of_store(const engine::status& there) {
  if (there) {
    log_line(log_level::info, "the database is there again");
    return;
  }
  log_line(log_level::error, there.failure().message);
  if (there.failure().name != "store_taken")
    return;
  flush_log();
  std::_Exit(EXIT_FAILURE);
}

// One busy actor must not keep a scheduler thread for itself.
constexpr std::size_t messages_at_once = 100;

// So many that no thread waits for a shard that another one serves.
constexpr unsigned shard_actors_a_thread = 8;

} // namespace

// Without one of these nothing is answered any more: better to end, and to
// start again from what is durable. While all are told to end, one may hear
// that whom it asked is gone before its own turn comes: that is no failure.
template <class Actor>
Actor troupe_system::essential(Actor actor, const char* name) {
  caf::actor_cast<caf::abstract_actor*>(actor)->attach_functor(
    [name, is_stopping = is_stopping_](const caf::error& reason) {
      if (reason == caf::exit_reason::user_shutdown || is_stopping->load())
        return;
      log_line(log_level::error,
               std::string{"the actor "} + name
                 + " ended unexpectedly; stopping",
               {{"reason", to_string(reason)}});
      flush_log();
      std::_Exit(EXIT_FAILURE);
    });
  return actor;
}

engine::result<std::unique_ptr<troupe_system>>
troupe_system::start(system_options options) {
  std::unique_ptr<troupe_system> made{new troupe_system{std::move(options)}};
  auto builder = made->read_catalog();
  if (!builder)
    return builder.failure();
  if (auto spawned = made->spawn_readers(); !spawned)
    return spawned.failure();
  made->spawn_all(std::move(*builder));
  return made;
}

troupe_system::troupe_system(system_options options)
  : options_(std::move(options)),
    catalog_(std::make_shared<messages::published_catalog>()),
    destinations_(
      std::make_shared<messages::published<actors::destination_table>>()),
    ids_(std::make_shared<const engine::id_text>(options_.store->seed())),
    followers_(std::make_shared<follower_list>()),
    late_definitions_(
      std::make_shared<messages::published<messages::definitions_actor>>()),
    shards_(std::make_shared<std::vector<messages::shard_actor>>()),
    shard_table_(std::make_shared<const actors::shard_table>(
      [shards = shards_](unsigned number) {
        return (*shards)[number];
      })) {
  // `stealing` polls: far slower from outside threads (docs/decisions/0003).
  config_.set("scheduler.policy", caf::atom("sharing"));
  config_.set("scheduler.max-threads", options_.threads);
  config_.set("scheduler.max-throughput", messages_at_once);
  system_ = std::make_unique<caf::actor_system>(config_);
}

engine::result<actors::catalog_builder> troupe_system::read_catalog() {
  auto reader = options_.store->open_reader();
  if (!reader)
    return reader.failure();
  actors::reader_actor_state rows;
  rows.store = std::move(*reader);
  const auto loaded = rows.rows();
  if (loaded.failure)
    return *loaded.failure;
  actors::catalog_builder builder;
  builder.build(loaded);
  for (const auto& broken : builder.broken)
    log_line(log_level::error,
             "definition left out, it cannot be read: " + broken);
  catalog_->set(builder.catalog);
  destinations_->set(builder.destinations);
  return builder;
}

engine::status troupe_system::spawn_readers() {
  auto counting = options_.store->open_reader();
  if (!counting)
    return counting.failure();
  counting_ = std::move(*counting);
  for (auto* target : {&loader_, &lister_, &worker_}) {
    auto reader = options_.store->open_reader();
    if (!reader)
      return reader.failure();
    *target = essential(
      system_->spawn<caf::detached>(
        actors::reader,
        std::shared_ptr<persistence::store_reader>{std::move(*reader)}),
      "reader");
  }
  return engine::success();
}

void troupe_system::spawn_all(actors::catalog_builder builder) {
  courier_ = essential(
    system_->spawn(actors::courier, actors::courier_options{}), "courier");
  actors::feed_options telling;
  telling.reader = lister_;
  const auto following = telling.followers;
  feed_ = essential(system_->spawn(actors::feed, std::move(telling)), "feed");
  actors::persistence_options writing;
  writing.store = options_.store;
  writing.courier = courier_;
  writing.counters = counters_;
  writing.notify
    = [followers = followers_](const actors::durable_notice& notice) {
        const auto all = followers->get();
        const auto told = caf::make_message(atom::notice_atom::value, notice);
        for (const auto& follower : *all)
          caf::anon_send(caf::actor_cast<caf::actor>(follower), told);
      };
  writing.nudge = [following, feed = feed_] {
    if (following->load() != 0)
      caf::anon_send(feed, atom::nudge_atom::value);
  };
  writing.reached = tell_of_store;
  writing.redefined = [definitions = late_definitions_] {
    if (const auto to = *definitions->get())
      caf::anon_send(to, atom::change_atom::value);
  };
  persistence_ = essential(system_->spawn<caf::detached>(
                             actors::persistence_writer, std::move(writing)),
                           "persistence");
  collector_ = essential(
    system_->spawn(actors::collector,
                   actors::collector_options{commits_, persistence_}),
    "collector");
  actors::statistics_options counting;
  counting.store = counting_;
  counting.persistence = persistence_;
  statistics_ = essential(
    system_->spawn<caf::detached>(actors::statistics, std::move(counting)),
    "statistics");
  spawn_shards();
  actors::triggers_options triggering;
  triggering.reader = worker_;
  triggering.persistence = persistence_;
  triggering.shards = shard_table_;
  triggering.seed = options_.store->seed();
  triggering.catalog = catalog_;
  triggers_ = essential(system_->spawn(actors::triggers, std::move(triggering)),
                        "triggers");
  actors::scheduler_options waking;
  waking.reader = worker_;
  waking.triggers = triggers_;
  waking.shards = shard_table_;
  waking.seed = options_.store->seed();
  waking.catalog = catalog_;
  scheduler_ = essential(system_->spawn(actors::scheduler, std::move(waking)),
                         "scheduler");
  spawn_dispatch();
  spawn_test_clocks();
  // What was committed before is found by their first look at the store.
  followers_->set(std::make_shared<const std::vector<messages::follower_actor>>(
    std::vector<messages::follower_actor>{scheduler_, dispatch_,
                                          test_clocks_}));
  actors::reviewer_options reviewing;
  reviewing.reader = worker_;
  reviewing.persistence = persistence_;
  reviewing.shards = shard_table_;
  reviewing.catalog = catalog_;
  reviewer_ = essential(system_->spawn(actors::reviewer, std::move(reviewing)),
                        "reviewer");
  caf::anon_send(reviewer_, atom::change_atom::value); // what was not finished
  actors::definitions_options defining;
  defining.reader = worker_;
  defining.persistence = persistence_;
  defining.dispatch = dispatch_;
  defining.reviewer = reviewer_;
  defining.catalog = catalog_;
  defining.destinations = destinations_;
  defining.check_url = options_.check_url;
  defining.make_secret = options_.make_secret;
  defining.make_id = new_text_id;
  defining.make_key = new_key;
  defining.builder = std::move(builder);
  definitions_ = essential(
    system_->spawn(actors::definitions, std::move(defining)), "definitions");
  late_definitions_->set(
    std::make_shared<const messages::definitions_actor>(definitions_));
  // Somebody may have changed them before it could be told.
  caf::anon_send(definitions_, atom::change_atom::value);
  actors::gateway_options asking;
  asking.shards = shard_table_;
  asking.seed = options_.store->seed();
  asking.reader = lister_;
  asking.persistence = persistence_;
  asking.definitions = definitions_;
  asking.dispatch = dispatch_;
  asking.statistics = statistics_;
  asking.test_clocks = test_clocks_;
  asking.destinations = destinations_;
  asking.ids = ids_;
  asking.deadline = options_.request_deadline;
  gateway_
    = essential(system_->spawn(actors::gateway, std::move(asking)), "gateway");
}

void troupe_system::spawn_shards() {
  const auto how_many
    = std::min(std::bit_ceil(shard_actors_a_thread
                             * static_cast<unsigned>(options_.threads)),
               engine::shard_count);
  for (unsigned i = 0; i < how_many; ++i) {
    actors::shard_options shard;
    shard.count = engine::shard_count / how_many;
    shard.first = i * shard.count;
    shard.directory_max *= shard.count;
    shard.seed = options_.store->seed();
    shard.shards = shard_table_;
    shard.commits = commits_;
    shard.collector = collector_;
    shard.reader = loader_;
    shard.persistence = persistence_;
    shard.catalog = catalog_;
    shard.counters = counters_;
    shard.guard = options_.guard;
    shard.contacts_max
      = std::max<std::size_t>(1, options_.contacts_max / how_many);
    const auto count = shard.count;
    shards_->insert(
      shards_->end(), count,
      essential(system_->spawn(actors::shard, std::move(shard)), "shard"));
  }
}

void troupe_system::spawn_dispatch() {
  actors::dispatch_options sending;
  sending.common.reader = worker_;
  sending.common.persistence = persistence_;
  sending.common.port = options_.port;
  sending.common.ids = ids_;
  sending.common.counters = counters_;
  sending.common.destinations = destinations_;
  sending.common.disable
    = [definitions = late_definitions_](const persistence::destination_row& row,
                                        std::string why) {
        messages::definition_change wish;
        wish.what = messages::definition_change::kind::disabled_webhook;
        wish.workspace = row.workspace;
        wish.target = row.text_id;
        wish.body = {{"reason", std::move(why)}};
        if (const auto to = *definitions->get())
          caf::anon_send(to, atom::change_atom::value, std::move(wish));
      };
  dispatch_ = essential(system_->spawn(actors::dispatch, std::move(sending)),
                        "dispatch");
}

void troupe_system::spawn_test_clocks() {
  actors::test_clocks_options moving;
  moving.reader = worker_;
  moving.lister = lister_;
  moving.persistence = persistence_;
  moving.dispatch = dispatch_;
  moving.triggers = triggers_;
  moving.shards = shard_table_;
  moving.seed = options_.store->seed();
  moving.catalog = catalog_;
  test_clocks_ = essential(
    system_->spawn(actors::test_clocks, std::move(moving)), "test_clocks");
}

// A contact that is nobody's, then a change of nothing: both go the whole way
// to the store and back.
void troupe_system::probe(std::function<void()> alive) const {
  messages::contact_reference nobody;
  nobody.id = engine::contact_id{1};
  auto next = [&system = *system_, writer = persistence_,
               alive = std::move(alive)](const messages::contact_shown&) {
    system.spawn(ask_persistence, writer, alive);
  };
  caf::anon_send(
    gateway_, atom::show_atom::value, nobody,
    messages::contact_shown_slot{
      std::make_shared<std::function<void(messages::contact_shown)>>(
        std::move(next))});
}

troupe_system::~troupe_system() {
  stop();
}

// From the edge inwards; an exit waits behind what is in a mailbox already.
void troupe_system::stop() {
  is_stopping_->store(true);
  const auto end = [](auto& actor) {
    if (actor)
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    actor = nullptr;
  };
  end(gateway_);
  end(feed_);
  end(definitions_);
  end(reviewer_);
  end(scheduler_);
  end(test_clocks_);
  end(triggers_);
  end(dispatch_);
  for (const auto& shard : *shards_)
    caf::anon_send_exit(shard, caf::exit_reason::user_shutdown);
  end(statistics_);
  end(collector_);
  end(persistence_);
  end(courier_);
  end(loader_);
  end(lister_);
  end(worker_);
  followers_->set(
    std::make_shared<const std::vector<messages::follower_actor>>());
  late_definitions_->set(std::make_shared<const messages::definitions_actor>());
  system_->await_all_actors_done();
  shards_->clear(); // nobody looks a shard up any more
}

} // namespace troupe::cli
