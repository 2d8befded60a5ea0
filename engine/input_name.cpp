#include "engine/input_name.hpp"

#include "engine/overloaded.hpp"

#include <boost/json/serialize.hpp>

#include <xxhash.h>

namespace troupe::engine {

namespace {

/// Each part goes in with what went before it: order and borders count.
class naming {
public:
  void add(std::uint64_t number) {
    made_ = XXH3_64bits_withSeed(&number, sizeof number, made_);
  }

  void add(std::string_view text) {
    made_ = XXH3_64bits_withSeed(text.data(), text.size(), made_);
  }

  /// Never 0.
  [[nodiscard]] std::uint64_t made() const {
    return made_ | 1;
  }

private:
  std::uint64_t made_ = 0;
};

// Its event is none: what it writes is all there is.
void add_write(naming& to, const incoming_event& event) {
  const auto& write = *event.write;
  to.add(std::uint64_t{write.exact} << 1 | std::uint64_t{write.is_new});
  to.add(boost::json::serialize(event.traits));
  to.add(write.tags ? write.tags->size() + 1 : 0);
  for (const auto& tag : write.tags.value_or(std::vector<std::string>{}))
    to.add(tag);
  to.add(write.tags_removed.size());
  for (const auto& tag : write.tags_removed)
    to.add(tag);
  to.add(std::uint64_t{write.score.has_value()});
  to.add(static_cast<std::uint64_t>(write.score.value_or(0)));
  to.add(write.removed.size());
  for (const auto kind : write.removed)
    to.add(static_cast<std::uint64_t>(kind));
  for (const auto& each : event.preferences) {
    to.add(each.channel);
    to.add(each.category);
    to.add(std::uint64_t{each.subscribed});
  }
}

void add_event(naming& to, const contact_state& of,
               const incoming_event& event) {
  // Found by its identities, a contact that is new has another id each time.
  const auto& who = event.identities;
  if (who.empty() || (event.write && event.write->exact))
    to.add(number(of.id));
  if (event.named)
    to.add(number(*event.named));
  for (const auto& each : who) {
    to.add(static_cast<std::uint64_t>(each.kind));
    to.add(each.key);
  }
  to.add(event.record.type);
  to.add(event.record.body);
  if (event.key) {
    to.add(event.key->key_high);
    to.add(event.key->key_low);
  }
  if (event.write)
    add_write(to, event);
}

} // namespace

std::uint64_t name_of(const contact_state& of, const turn_input& input) {
  naming out;
  out.add(std::uint64_t{number(of.workspace)});
  out.add(input.index());
  return std::visit(
    overloaded{[&](const event_input& arrived) {
                 add_event(out, of, arrived.event);
                 return out.made();
               },
               [&](const timer_input& fired) {
                 const auto due = fired.what.due.time_since_epoch().count();
                 out.add(number(of.id));
                 out.add(static_cast<std::uint64_t>(due));
                 out.add(std::uint64_t{fired.what.run} << 32
                         | fired.what.visit);
                 return out.made();
               },
               [&](const inbox_input& message) {
                 out.add(message.id.high);
                 out.add(message.id.low);
                 return out.made();
               },
               [&](const intervention_input& wish) {
                 out.add(number(of.id));
                 if (wish.trigger) {
                   out.add(wish.trigger->high);
                   out.add(wish.trigger->low);
                   return out.made();
                 }
                 // Its job is stored, and asks again at each start.
                 if (wish.what.what == intervention_kind::review) {
                   out.add("review");
                   return out.made();
                 }
                 return std::uint64_t{0};
               },
               [](const merge_input&) {
                 return std::uint64_t{0};
               }},
    input);
}

} // namespace troupe::engine
