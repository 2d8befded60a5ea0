#include "http/doors/door_event.hpp"

#include "engine/json_text.hpp"
#include "engine/system_events.hpp"
#include "http/answered.hpp"
#include "http/doors/house_rules.hpp"
#include "http/resources/events.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace troupe::http {

namespace json = boost::json;

namespace {

constexpr std::string_view shared_keys = "shared";

bool shares_keys(const messages::workspace_catalog& of) {
  const auto* how = of.settings.if_contains("idempotency");
  return how != nullptr && how->is_string() && how->get_string() == shared_keys;
}

// What an event is called and of whom it is, not how its body is written.
std::uint64_t gist_of(std::string_view name, const messages::ingest& command) {
  const auto& event = command.event;
  json::array gist{json::string_view{name.data(), name.size()}};
  if (!event.identities.empty()) {
    gist.emplace_back(static_cast<int>(event.identities.front().kind));
    gist.emplace_back(event.identities.front().key);
  }
  if (command.contact != engine::contact_id{})
    gist.emplace_back(engine::number(command.contact));
  return engine::fingerprint(gist);
}

} // namespace

void set_message_id(const api_context& with, messages::ingest& command,
                    std::string_view id, key_scope scope) {
  command.event.record.message_id = id;
  set_key(with, command, id, scope, 0);
}

void set_unique_id(const api_context& with, messages::ingest& command,
                   std::string_view id, key_scope scope) {
  auto& event = command.event;
  event.record.message_id = id;
  if (share_key(with, command, id))
    return;
  const auto gist = gist_of(event.record.type, command);
  std::string key{reinterpret_cast<const char*>(&gist), sizeof gist};
  event.key = idempotency_of(key.append(id), scope, command.workspace, 0);
  event.key->is_kept = true;
}

bool share_key(const api_context& with, messages::ingest& command,
               std::string_view key) {
  const auto all = with.catalog->get();
  const auto of = all->workspaces.find(command.workspace);
  if (of == all->workspaces.end() || !shares_keys(of->second))
    return false;
  auto& event = command.event;
  const auto name = of->second.definitions->names().current(event.record.type);
  event.key = idempotency_of(key, key_scope::all_doors, command.workspace,
                             gist_of(name, command));
  event.key->is_kept = true;
  return true;
}

engine::status check_occurred(engine::timestamp at,
                              engine::timestamp received_at,
                              std::string pointer) {
  if (at <= received_at + occurred_ahead_max
      && at >= received_at - occurred_before_max)
    return engine::success();
  return engine::invalid("timestamp_out_of_range",
                         "events are taken from 400 days back to an hour ahead",
                         std::move(pointer));
}

void set_key(const api_context& with, messages::ingest& command,
             std::string_view key, key_scope scope, std::uint64_t fingerprint) {
  if (!share_key(with, command, key))
    command.event.key
      = idempotency_of(key, scope, command.workspace, fingerprint);
}

void set_fingerprint(const api_context& with, messages::ingest& command,
                     const json::value& value, key_scope scope) {
  const auto mark = engine::wide_fingerprint(value);
  set_key(with, command,
          std::to_string(mark.high) + "-" + std::to_string(mark.low), scope, 0);
}

engine::error to_be_tried_again(engine::error why) {
  if (why.code == engine::errc::conflict)
    why.code = engine::errc::overloaded;
  return why;
}

engine::status hold_to_rules(const api_context& with, const visit& now,
                             messages::ingest& command,
                             std::string_view name_pointer,
                             const std::string& pointer) {
  auto& event = command.event;
  const auto is_own_name = event.record.kind != engine::event_kind::track;
  if (!is_own_name && engine::is_reserved_name(event.record.type))
    if (auto good
        = engine::check_system_event(event.record.type, event.properties,
                                     std::string{name_pointer}, pointer);
        !good)
      return good;
  if (auto good = hold_to_house_rules(with, command.workspace, event,
                                      name_pointer, pointer);
      !good)
    return good;
  if (now.who.from_browser && !is_own_name)
    if (auto good = check_browser(event.record.type); !good)
      return good;
  event.from_browser = now.who.from_browser;
  event.request_id = now.what.id.view();
  event.traced = trace_of(now.what);
  return engine::success();
}

namespace {

// Which of the events belong together: those that name one person in any way.
class chain_finder {
public:
  explicit chain_finder(const std::vector<messages::ingest_parcel>& events)
    : leader_(events.size()) {
    first_.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      leader_[i] = i;
      for (const auto& who : events[i]->event.identities)
        meet({static_cast<std::uint64_t>(who.kind), who.key}, i);
      if (events[i]->contact != engine::contact_id{})
        meet({engine::number(events[i]->contact), {}}, i);
    }
  }

  /// Of each event that is the first of its chain, the events in it.
  std::vector<std::vector<std::size_t>> chains() {
    std::vector<std::vector<std::size_t>> found(leader_.size());
    for (std::size_t i = 0; i < leader_.size(); ++i)
      found[leader(i)].push_back(i);
    return found;
  }

private:
  std::size_t leader(std::size_t of) {
    while (leader_[of] != of)
      of = leader_[of] = leader_[leader_[of]];
    return of;
  }

  /// An identity's kind and key, or a contact's id and nothing.
  using name = std::pair<std::uint64_t, std::string_view>;

  struct hash_of_name {
    std::size_t operator()(const name& of) const {
      return std::hash<std::string_view>{}(of.second) ^ of.first;
    }
  };

  void meet(const name& who, std::size_t event) {
    if (const auto [known, is_new] = first_.try_emplace(who, event); !is_new)
      join(event, known->second);
  }

  void join(std::size_t one, std::size_t other) {
    const auto a = leader(one);
    const auto b = leader(other);
    leader_[std::max(a, b)] = std::min(a, b);
  }

  std::unordered_map<name, std::size_t, hash_of_name> first_;
  std::vector<std::size_t> leader_;
};

// Answers come on the thread of the gateway, one after the other.
struct gathering {
  std::vector<messages::ingest_answer> answers;
  std::size_t awaited = 0;
  std::function<void(std::vector<messages::ingest_answer>)> complete;

  void arrived(std::size_t at, messages::ingest_answer&& answer) {
    answers[at] = std::move(answer);
    if (--awaited == 0)
      complete(std::move(answers));
  }
};

} // namespace

void take_events(
  std::vector<messages::ingest_parcel> events,
  std::function<void(std::vector<messages::ingest_answer>)> complete) {
  const auto all = std::make_shared<gathering>();
  all->answers.resize(events.size());
  all->awaited = events.size();
  all->complete = std::move(complete);
  if (events.empty())
    return all->complete({});
  // Before any event is moved: it looks into them.
  const auto chains = chain_finder{events}.chains();
  for (std::size_t leader = 0; leader < chains.size(); ++leader) {
    const auto& places = chains[leader];
    if (places.empty())
      continue;
    if (places.size() == 1) {
      take_event({std::move(events[leader]),
                  [all, at = leader](messages::ingest_answer&& answer) {
                    all->arrived(at, std::move(answer));
                  }});
      continue;
    }
    messages::ingest_batch::chain chain;
    for (const auto at : places)
      chain.commands.push_back(std::move(events[at]));
    chain.complete
      = [all, places](std::vector<messages::ingest_answer> answers) {
          for (std::size_t i = 0; i < places.size(); ++i)
            all->arrived(places[i], std::move(answers[i]));
        };
    take_chain(std::move(chain));
  }
}

} // namespace troupe::http
