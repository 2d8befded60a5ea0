// Inputs that no decision survives, in the binary of planted faults: the
// linker's --wrap leads the contacts' calls of `decide` here. With
// PLANTED_POISON set, an event of type poison.throws, poison.aborts,
// poison.loops or poison.recall, from outside or from another turn, does what
// it says; so does a timer in a sequence whose key begins like that, with "_"
// for ".", a write whose attribute `poison` is such a type, and a contact with
// such an identity while it becomes part of another. poison.recall asks for
// history first and aborts with it.
#include "engine/decide.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#define TROUPE_DECIDE                                                          \
  "_ZN6troupe6engine6decideERKNS0_13contact_stateERKSt7variantIJNS0_11event_"  \
  "inputENS0_11timer_inputENS0_11inbox_inputENS0_11merge_inputENS0_18"         \
  "intervention_inputEEERKNS0_11definitionsENSt6chrono10time_pointINSG_3_"     \
  "V212system_clockENSG_8durationIlSt5ratioILl1ELl1000000EEEEEEPKSt6"          \
  "vectorINS0_10past_eventESaISQ_EE"

namespace troupe::engine {

decision real_decide(
  const contact_state& state, const turn_input& input, const definitions& with,
  timestamp now,
  const std::vector<past_event>* history) asm("__real_" TROUPE_DECIDE);

namespace {

std::string_view kind_of(const contact_state& state, const turn_input& input,
                         const definitions& with) {
  if (const auto* arrived = std::get_if<event_input>(&input)) {
    const auto& event = arrived->event;
    const auto* planted = event.traits.if_contains("poison");
    return event.write && planted != nullptr && planted->is_string()
             ? std::string_view{planted->get_string()}
             : std::string_view{event.record.type};
  }
  if (const auto* joins = std::get_if<merge_input>(&input)) {
    for (const auto& who : *joins->absorbed.identities)
      if (who.key.starts_with("poison."))
        return who.key;
    return {};
  }
  if (const auto* message = std::get_if<inbox_input>(&input))
    return message->record.type;
  const auto* fired = std::get_if<timer_input>(&input);
  const auto* live
    = fired == nullptr ? nullptr : state.find_run(fired->what.run);
  const auto* of
    = live == nullptr ? nullptr : with.find(live->sequence, live->version);
  return of == nullptr ? std::string_view{} : of->definition->key;
}

bool is(std::string_view kind, std::string_view what) {
  return kind.size() == what.size() + 7 && kind.starts_with("poison")
         && kind.ends_with(what);
}

} // namespace

decision planted_decide(
  const contact_state& state, const turn_input& input, const definitions& with,
  timestamp now,
  const std::vector<past_event>* history) asm("__wrap_" TROUPE_DECIDE);

decision planted_decide(const contact_state& state, const turn_input& input,
                        const definitions& with, timestamp now,
                        const std::vector<past_event>* history) {
  static const auto is_planted = std::getenv("PLANTED_POISON") != nullptr;
  if (is_planted) {
    const auto kind = kind_of(state, input, with);
    if (is(kind, "throws"))
      throw std::runtime_error{"planted"};
    if (is(kind, "aborts"))
      std::abort();
    if (is(kind, "recall")) {
      if (history != nullptr)
        std::abort();
      history_request wanted;
      wanted.events.push_back(event_pattern{"lived"});
      return wanted;
    }
    volatile auto for_ever = is(kind, "loops");
    while (for_ever)
      continue;
  }
  return real_decide(state, input, with, now, history);
}

} // namespace troupe::engine
