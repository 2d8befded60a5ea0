// What an event caused: its turn, and the turns that took what it sent.
#include "actors/reader.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace troupe::actors {

namespace {

using engine::contact_id;
using engine::position;

constexpr std::size_t chunk_turns = 100;
// Turns of a contact to look at for those that took a turn's messages, at each
// distance, and of all contacts of a trace.
constexpr std::size_t scanned_of_turn_max = 2000;
constexpr std::size_t scanned_max = 20'000;
constexpr std::uint64_t near_positions = 1024;
constexpr std::uint64_t far_positions = 1U << 20U;

std::size_t effects_of(const engine::turn& what) {
  const auto segments = std::count_if(
    what.changes.begin(), what.changes.end(), [](const engine::change& each) {
      return std::holds_alternative<engine::segment_moved>(each);
    });
  return what.nodes_entered + static_cast<std::size_t>(segments)
         + what.matched.size() + what.sends.size() + what.messages.size();
}

// Runs that the turn moves or ends and did not start.
std::set<std::uint32_t> older_runs_of(const engine::turn& what) {
  std::set<std::uint32_t> numbers;
  for (const auto& each : what.changes)
    if (const auto* moved = std::get_if<engine::run_moved>(&each))
      numbers.insert(moved->number);
    else if (const auto* ended = std::get_if<engine::run_ended>(&each))
      numbers.insert(ended->number);
  for (const auto& each : what.changes)
    if (const auto* started = std::get_if<engine::run_started>(&each))
      numbers.erase(started->number);
  return numbers;
}

bool begins(const engine::turn& what, std::uint32_t run) {
  return std::any_of(what.changes.begin(), what.changes.end(),
                     [run](const engine::change& each) {
                       const auto* started
                         = std::get_if<engine::run_started>(&each);
                       return started != nullptr && started->number == run;
                     });
}

// Takes out what the turn began.
void take_begun(std::set<std::uint32_t>& numbers, const engine::turn& what) {
  for (const auto& each : what.changes)
    if (const auto* started = std::get_if<engine::run_started>(&each))
      numbers.erase(started->number);
    else if (const auto* taken = std::get_if<engine::run_inherited>(&each))
      numbers.erase(taken->taken->number);
}

class tracer {
public:
  explicit tracer(persistence::store_reader& store) : store_(store) {}

  /// Turns by themselves, without what they caused.
  messages::trace_found tell(std::vector<engine::turn> turns) {
    for (auto& turn : turns) {
      add(std::move(turn), 0);
      name_runs(out_.turns.back());
    }
    return std::move(out_);
  }

  messages::trace_found run(engine::turn first) {
    add(std::move(first), 0);
    // The list grows on the way.
    for (std::size_t i = 0; i < out_.turns.size() && !out_.failure; ++i) {
      name_runs(out_.turns[i]);
      follow(i);
    }
    return std::move(out_);
  }

private:
  void add(engine::turn what, std::size_t depth) {
    effects_ += effects_of(what);
    const auto messages = what.messages.size();
    out_.turns.push_back(
      {std::move(what), depth, std::vector<std::size_t>(messages), {}});
  }

  // Reads the contact's turns backwards to where its runs began.
  void name_runs(messages::traced_turn& of) {
    std::vector<engine::turn> told; // newest first
    const auto contact = of.what.contact;
    auto unknown = older_runs_of(of.what);
    const auto touched = unknown;
    std::erase_if(unknown, [&](std::uint32_t number) {
      return named_.contains({contact, number});
    });
    auto before = of.what.stamp.turn;
    auto more = !unknown.empty();
    while (more && scanned_ < scanned_max) {
      auto page = checked(store_.turns(of.what.contact, before, chunk_turns));
      scanned_ += page.turns.size();
      more = page.has_more;
      for (auto& turn : page.turns) {
        before = turn.stamp.turn;
        take_begun(unknown, turn);
        told.push_back(std::move(turn));
        more = more && !unknown.empty();
        if (unknown.empty())
          break;
      }
    }
    engine::past_runs runs;
    for (auto turn = told.rbegin(); turn != told.rend(); ++turn)
      runs.add(*turn);
    runs.add(of.what);
    for (const auto number : touched)
      if (const auto* run = runs.find(number))
        named_[{contact, number}] = *run;
    for (const auto& each : of.what.changes)
      if (const auto* started = std::get_if<engine::run_started>(&each))
        named_[{contact, started->number}] = *runs.find(started->number);
    for (const auto& [run, known] : named_)
      if (run.first == contact
          && (touched.contains(run.second) || begins(of.what, run.second)))
        of.runs.push_back(known);
  }

  template <class T>
  T checked(engine::result<T> value) {
    if (!value)
      out_.failure = value.failure();
    return value ? std::move(*value) : T{};
  }

  // 0: nobody's yet
  contact_id target_of(const engine::turn& sender,
                       const engine::outgoing_message& message) {
    auto contact = sender.contact;
    if (message.target) {
      const auto owners = checked(
        store_.resolve(sender.workspace,
                       std::span<const engine::identity>{&*message.target, 1}));
      contact = owners.empty() ? contact_id{} : owners.front().contact;
    }
    const auto into = checked(store_.merged_into(contact));
    return into == contact_id{} ? contact : into;
  }

  void follow(std::size_t index) {
    const auto messages = out_.turns[index].what.messages.size();
    if (messages == 0)
      return;
    if (out_.turns[index].depth >= messages::trace_depth_max
        || effects_ >= messages::trace_effects_max) {
      out_.truncated = true;
      return;
    }
    std::map<contact_id, std::map<engine::inbox_id, std::size_t>> sent;
    for (std::size_t i = 0; i < messages; ++i) {
      const auto& sender = out_.turns[index].what;
      const auto target = target_of(sender, sender.messages[i]);
      if (target != contact_id{})
        sent[target][engine::message_id(sender, i)] = i;
    }
    for (auto& [target, wanted] : sent)
      find_takers(index, target, wanted);
  }

  // Messages are taken soon after they were sent: the turns next to the
  // sender's are looked at first, and last those up to the newest.
  void find_takers(std::size_t sender, contact_id target,
                   std::map<engine::inbox_id, std::size_t>& wanted) {
    const auto sent = engine::number(out_.turns[sender].what.stamp.turn);
    auto since = sent;
    for (const auto reach : {near_positions, far_positions}) {
      look(sender, target, since, position{sent + reach}, wanted);
      since = sent + reach - 1;
    }
    look(sender, target, since, {}, wanted);
  }

  // Looks at the contact's turns after `since` and below `before` (0: the
  // newest), downwards.
  void look(std::size_t sender, contact_id target, std::uint64_t since,
            position before, std::map<engine::inbox_id, std::size_t>& wanted) {
    for (std::size_t looked = 0; !wanted.empty(); looked += chunk_turns) {
      if (looked >= scanned_of_turn_max || scanned_ >= scanned_max) {
        out_.truncated = true;
        return;
      }
      auto page = checked(store_.timeline(target, before, chunk_turns));
      scanned_ += page.turns.size();
      for (auto& turn : page.turns) {
        before = turn.stamp.turn;
        if (engine::number(before) <= since)
          return;
        const auto found
          = turn.consumed ? wanted.find(*turn.consumed) : wanted.end();
        if (found == wanted.end())
          continue;
        out_.turns[sender].taken_by[found->second] = out_.turns.size();
        wanted.erase(found);
        add(std::move(turn), out_.turns[sender].depth + 1);
      }
      if (!page.has_more)
        return;
    }
  }

  persistence::store_reader& store_;
  messages::trace_found out_;
  std::size_t effects_ = 0;
  std::size_t scanned_ = 0;
  // Runs that were found; one trace names them many times.
  std::map<std::pair<contact_id, std::uint32_t>, engine::past_run> named_;
};

} // namespace

messages::trace_found
reader_actor_state::trace(const messages::trace_search& search) {
  messages::trace_found failed;
  messages::decision_search event;
  event.contact.workspace = search.workspace;
  event.event = search.event;
  auto turn = event_turn(event, {});
  if (turn)
    return tracer{*store}.run(std::move(*turn));
  failed.failure = turn.failure();
  return failed;
}

messages::trace_found reader_actor_state::caused(const caused_search& search) {
  messages::trace_found failed;
  std::vector<engine::turn> turns;
  for (const auto each : search.turns) {
    auto turn = store->turn_at(each);
    if (!turn) {
      if (turn.failure().code == engine::errc::not_found)
        continue; // older than what is kept
      failed.failure = turn.failure();
      return failed;
    }
    turns.push_back(std::move(*turn));
  }
  return tracer{*store}.tell(std::move(turns));
}

} // namespace troupe::actors
