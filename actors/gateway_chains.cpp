// Events that must be applied in the order of their request (design.md 4).
#include "actors/gateway.hpp"
#include "messages/try_again.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

// Sent to a contact without waiting for answers in between.
constexpr std::size_t side_by_side_max = 64;

} // namespace

struct gateway_actor_state::running_chain {
  std::vector<messages::ingest_parcel> commands;
  std::function<void(std::vector<messages::ingest_answer>)> complete;
  std::vector<messages::ingest_answer> answers; // one of each command
  std::size_t next = 0;                         // the first not yet sent
  std::size_t awaited = 0;
  std::optional<engine::error> broken_by;
  // The contact that took the last event holds these.
  std::vector<engine::identity> settled;

  [[nodiscard]] bool is_settled(const messages::ingest& command) const {
    const auto& all = command.event.identities;
    return command.contact == engine::contact_id{} && !all.empty()
           && !command.event.named && all == settled;
  }
};

void gateway_actor_state::begin(messages::ingest_batch::chain& chain) {
  auto running = std::make_shared<running_chain>();
  running->commands = std::move(chain.commands);
  running->complete = std::move(chain.complete);
  running->answers.resize(running->commands.size());
  go_on(running);
}

// An event with other identities than the one before it may make another
// contact of them, so it waits for that answer. Those with the same ones go to
// the same contact, which takes them in the order they are sent.
void gateway_actor_state::go_on(const std::shared_ptr<running_chain>& chain) {
  auto& it = *chain;
  const auto now = options.clock();
  const auto first = it.next;
  std::size_t end = first;
  while (end < it.commands.size() && end - first < side_by_side_max
         && (end == first || it.is_settled(*it.commands[end])))
    ++end;
  if (first == end || it.broken_by) {
    for (; it.next < it.commands.size(); ++it.next)
      it.answers[it.next].failure = it.broken_by;
    std::exchange(it.complete, nullptr)(std::move(it.answers));
    return;
  }
  // The first one of those with new identities goes alone.
  if (!it.is_settled(*it.commands[first]))
    end = first + 1;
  it.next = end;
  it.awaited = end - first;
  for (auto at = first; at < end; ++at) {
    auto identities = it.commands[at]->event.identities;
    messages::ingest_batch::item item{
      std::move(it.commands[at]),
      [this, chain, at, identities = std::move(identities)](
        messages::ingest_answer answer) mutable {
        auto& of = *chain;
        if (answer.failure && messages::may_be_tried_again(*answer.failure))
          of.broken_by = answer.failure;
        // One that met a conflict is not wholly of that contact.
        if (answer.failure || !answer.done.warnings.empty())
          of.settled.clear();
        else
          of.settled = std::move(identities);
        of.answers[at] = std::move(answer);
        if (--of.awaited == 0)
          go_on(chain);
      }};
    ingest_one(item, now);
  }
}

} // namespace troupe::actors
