// Random values of everything the store encodes. The seed of a run is printed
// by the test that uses one; TROUPE_TEST_SEED sets it.
#pragma once

#include "engine/contact.hpp"
#include "engine/turn.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace troupe::test {

inline std::uint64_t test_seed() {
  if (const auto* given = std::getenv("TROUPE_TEST_SEED"))
    return std::strtoull(given, nullptr, 10);
  return std::random_device{}();
}

class dice {
public:
  explicit dice(std::uint64_t seed) : source_(seed) {}

  /// @returns 0 to n - 1
  std::uint64_t below(std::uint64_t n) {
    return source_() % n;
  }

  bool chance(unsigned percent) {
    return below(100) < percent;
  }

  /// Any number; small ones, and those at the edges, as often as large ones.
  std::uint64_t number(unsigned bits = 64) {
    const auto size = below(bits + 1);
    return size == 0 ? 0 : source_() >> (64 - size);
  }

  std::uint32_t small() {
    return static_cast<std::uint32_t>(number(32));
  }

  std::int64_t whole() {
    return std::bit_cast<std::int64_t>(chance(50) ? number() : ~number());
  }

  template <class T>
  const T& of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

private:
  std::mt19937_64 source_;
};

class random_values {
public:
  explicit random_values(dice& from) : from_(from) {}

  std::string text() {
    static const std::vector<std::string> pieces{
      "a", "Z", " ", "\"", "\\", "/", "\n", "\x01", "\x7f", "å", "€", "😀", "0"};
    std::string out;
    for (auto n = from_.below(12); n > 0; --n)
      out += from_.of(pieces);
    return out;
  }

  double finite() {
    for (;;) {
      const auto made = from_.chance(50)
                          ? std::bit_cast<double>(from_.number())
                          : static_cast<double>(from_.whole()) / 100;
      if (std::isfinite(made))
        return made;
    }
  }

  boost::json::value json(unsigned depth = 3) {
    switch (from_.below(depth == 0 ? 6 : 8)) {
      case 0:
        return nullptr;
      case 1:
        return from_.chance(50);
      case 2:
        return from_.whole();
      case 3:
        return from_.number();
      case 4:
        return finite();
      case 5:
        return boost::json::value(text());
      case 6: {
        boost::json::array items;
        for (auto n = from_.below(4); n > 0; --n)
          items.push_back(json(depth - 1));
        return items;
      }
      default:
        return object(depth - 1);
    }
  }

  boost::json::object object(unsigned depth = 2) {
    boost::json::object members;
    for (auto n = from_.below(4); n > 0; --n)
      members.emplace(text(), json(depth));
    return members;
  }

  engine::timestamp time() {
    return engine::timestamp{engine::duration{from_.whole()}};
  }

  engine::identity identity() {
    const auto key = "k" + text();
    return {static_cast<engine::identity_kind>(1 + from_.below(4)), key,
            from_.chance(50) ? key : "V" + text()};
  }

  engine::timer timer() {
    return {time(), from_.small(), from_.small()};
  }

  engine::change change(std::size_t kind);
  engine::turn turn();
  engine::contact_state state();

private:
  template <class Make>
  auto list(Make make) {
    std::vector<decltype(make())> out;
    if (from_.chance(50))
      for (auto n = from_.below(4); n > 0; --n)
        out.push_back(make());
    return out;
  }

  template <class T>
  std::optional<T> maybe(T value) {
    if (from_.chance(50))
      return value;
    return std::nullopt;
  }

  engine::event_record event();
  engine::run run(std::uint32_t number);
  engine::entry_history entry() {
    return {engine::sequence_id{from_.small()}, text(), time(), time()};
  }
  engine::counted_send counted() {
    return {engine::sequence_id{from_.small()},
            engine::destination_id{from_.small()}, time()};
  }
  double sum() {
    return static_cast<double>(from_.whole()) / 8;
  }
  engine::tally tally() {
    return {engine::tally_id{from_.number()},
            time().time_since_epoch(),
            from_.chance(50),
            from_.number(),
            sum(),
            maybe(time()),
            list([&] {
              return engine::tallied_event{time(), from_.small(), sum()};
            })};
  }
  engine::preference preference() {
    return {text(), text(), from_.chance(50), time()};
  }
  engine::contact_session session() {
    return {"s" + text(), time(), time(), time(), from_.small()};
  }
  engine::nudge nudge() {
    engine::nudge made;
    made.id = "ndg_" + text();
    made.turn = engine::position{from_.number()};
    made.ordinal = from_.small();
    made.run_turn = engine::position{from_.number()};
    made.run_ordinal = from_.small();
    made.run_started_at = time();
    made.at = time();
    made.expires_at = time();
    made.status = nudge_status();
    made.moved_at = time();
    return made;
  }
  engine::nudge_status nudge_status() {
    return static_cast<engine::nudge_status>(1 + from_.below(4));
  }
  engine::contact_id contact() {
    return engine::contact_id{from_.number()};
  }

  dice& from_;
};

inline engine::change random_values::change(std::size_t kind) {
  switch (kind) {
    case 0:
      return engine::identity_attached{identity()};
    case 1:
      return engine::identity_detached{identity().kind, text()};
    case 2:
      return engine::attribute_set{text(), json()};
    case 3:
      return engine::tag_added{text()};
    case 4:
      return engine::tag_removed{text()};
    case 5:
      return engine::score_added{from_.whole()};
    case 6:
      return engine::run_started{
        from_.small(), from_.small(), engine::sequence_id{from_.small()},
        from_.small(), text(),        object()};
    case 7:
      return engine::run_moved{from_.small(), text(), text(), maybe(time()),
                               from_.small()};
    case 8:
      return engine::run_counted{from_.small(), from_.small()};
    case 9:
      return engine::run_ended{
        from_.small(), static_cast<engine::run_status>(1 + from_.below(4)),
        text()};
    case 10:
      return engine::identity_inherited{identity()};
    case 11:
      return engine::run_inherited{engine::copy_on_write{run(from_.small())},
                                   from_.small()};
    case 12:
      return engine::entry_inherited{entry()};
    case 13:
      return engine::contact_absorbed{
        contact(), from_.number(), engine::position{from_.number()}, list([&] {
          return contact();
        })};
    case 14:
      return engine::run_paused{from_.small()};
    case 15:
      return engine::run_resumed{from_.small()};
    case 16:
      return engine::send_counted{counted(), time()};
    case 17:
      return engine::run_overdue{from_.small()};
    case 18:
      return engine::tallies_begun{from_.number(), list([&] {
                                     return tally();
                                   }),
                                   list([&] {
                                     return engine::tally_id{from_.number()};
                                   })};
    case 19:
      return engine::event_tallied{time(), list([&] {
                                     return engine::event_tallied::entry{
                                       engine::tally_id{from_.number()},
                                       time().time_since_epoch(),
                                       from_.chance(50), sum()};
                                   })};
    case 20:
      return engine::segment_moved{engine::segment_id{from_.small()},
                                   from_.chance(50)};
    case 21:
      return engine::segments_reviewed{from_.number()};
    case 22:
      return engine::segment_wake_set{maybe(time())};
    case 23:
      return engine::timer_dropped{timer()};
    case 24:
      return engine::preference_set{preference()};
    case 25:
      return engine::session_opened{session()};
    case 26:
      return engine::session_kept{from_.chance(50)};
    case 27:
      return engine::session_awaited{time()};
    case 28:
      return engine::session_closed{};
    case 29:
      return engine::checklist_step_done{text(), text()};
    case 30:
      return engine::checklist_done{text()};
    case 31:
      return engine::nudge_put{text(), from_.small(), from_.small(), time()};
    case 32:
      return engine::nudge_moved{text(), nudge_status()};
    default:
      return engine::nudge_inherited{nudge()};
  }
}

inline engine::event_record random_values::event() {
  engine::event_record made;
  made.type = text();
  made.body = text() + R"({"a":1})" + text();
  made.from = static_cast<engine::door>(from_.below(15));
  made.occurred_at = maybe(time());
  made.value = maybe(engine::event_value{static_cast<double>(from_.whole()) / 8,
                                         from_.chance(50) ? "EUR" : ""});
  made.message_id = from_.chance(50) ? text() : std::string{};
  made.properties.offset
    = static_cast<std::uint32_t>(from_.below(made.body.size()));
  made.properties.length = static_cast<std::uint32_t>(
    from_.below(made.body.size() - made.properties.offset + 1));
  made.kind = static_cast<engine::event_kind>(from_.below(6));
  if (from_.chance(50)) {
    made.context = made.properties;
    made.anonymous_id = text();
    made.normalised = {text(), text()};
  }
  return made;
}

inline engine::turn random_values::turn() {
  engine::turn made;
  made.definitions_version = from_.number();
  made.hops = from_.small();
  made.nodes_entered = from_.small();
  made.event = maybe(event());
  made.key = maybe(
    engine::idempotency{from_.number(), from_.number(), from_.number()});
  made.fired = maybe(timer());
  made.consumed = maybe(engine::inbox_id{from_.number(), from_.number()});
  constexpr auto kinds = std::variant_size_v<engine::change>;
  made.changes = list([&] {
    return change(from_.below(kinds));
  });
  made.trace = list([&] {
    return engine::check{static_cast<engine::rule>(1 + from_.below(12)),
                         from_.chance(50), engine::sequence_id{from_.small()},
                         from_.small(), text()};
  });
  made.warnings = list([&] {
    return engine::warning{text(), identity().kind};
  });
  made.matched = list([&] {
    return engine::destination_id{from_.small()};
  });
  made.sends = list([&] {
    return engine::outgoing_send{engine::destination_id{from_.small()},
                                 from_.small(), from_.small(), text(),
                                 object()};
  });
  made.messages = list([&] {
    return engine::outgoing_message{maybe(identity()), text(), text(),
                                    from_.small()};
  });
  made.timers_set = list([&] {
    return timer();
  });
  made.timers_cleared = list([&] {
    return timer();
  });
  made.external_id = text();
  made.email = text();
  made.failure = text();
  made.intervened = maybe(engine::intervention{
    static_cast<engine::intervention_kind>(1 + from_.below(5)),
    engine::sequence_id{from_.small()}, object(),
    engine::position{from_.number()}, from_.small(), text(), text(), text()});
  made.request_id = text();
  return made;
}

inline engine::run random_values::run(std::uint32_t number) {
  engine::run made;
  made.number = number;
  made.sequence = engine::sequence_id{from_.small()};
  made.version = from_.small();
  made.node = text();
  made.visit = from_.small();
  made.ordinal = from_.small();
  made.started_turn = engine::position{from_.number()};
  made.started_at = time();
  made.entered_at = time();
  made.wake_at = maybe(time());
  made.counts = list([&] {
    return from_.small();
  });
  made.re_entry_key = text();
  made.vars = object();
  return made;
}

inline engine::contact_state random_values::state() {
  engine::contact_state made;
  made.workspace = engine::workspace_id{from_.small()};
  made.id = engine::contact_id{from_.number()};
  made.seq = from_.number();
  made.last_at = time();
  made.last_turn = engine::position{from_.number()};
  made.skip_turn = engine::position{from_.number()};
  made.runs_started = from_.small();
  made.score = from_.whole();
  made.identities.edit() = list([&] {
    return identity();
  });
  made.attributes.edit() = object();
  made.tags.edit() = list([&] {
    return text();
  });
  std::uint32_t runs = 0;
  for (auto& each : list([&] {
         return run(++runs);
       }))
    made.runs.edit().emplace_back(std::move(each));
  made.entries.edit() = list([&] {
    return entry();
  });
  made.absorbed.edit() = list([&] {
    return contact();
  });
  made.paused.edit() = list([&] {
    return from_.small();
  });
  made.overdue.edit() = list([&] {
    return from_.small();
  });
  made.sends.edit() = list([&] {
    return counted();
  });
  if (from_.chance(50)) {
    auto& segments = made.segments.edit();
    segments.known_tallies = from_.number();
    segments.known_segments = from_.number();
    segments.tallies = list([&] {
      return engine::copy_on_write{tally()};
    });
    segments.in = list([&] {
      return engine::segment_id{from_.small()};
    });
    segments.wake_at = maybe(time());
  }
  made.preferences.edit() = list([&] {
    return preference();
  });
  if (from_.chance(50))
    made.session.edit() = session();
  made.checklists.edit() = list([&] {
    return engine::checklist_progress{text(), list([&] {
                                        return text();
                                      }),
                                      from_.chance(50)};
  });
  made.nudges.edit() = list([&] {
    return nudge();
  });
  return made;
}

} // namespace troupe::test
