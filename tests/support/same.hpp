// Where two turns or states differ, in words; "" when they are the same.
#pragma once

#include "engine/contact.hpp"
#include "engine/json_text.hpp"
#include "engine/turn.hpp"

#include <sstream>
#include <string>
#include <type_traits>

namespace troupe::test {

/// A value as text, every field of it.
class shown {
public:
  [[nodiscard]] std::string text() const {
    return out_.str();
  }

  template <class... Ts>
  shown& add(const Ts&... values) {
    (one(values), ...);
    return *this;
  }

private:
  void one(const std::string& value) {
    out_ << '"' << value << "\" ";
  }

  template <class T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) void one(T value) {
    if constexpr (std::is_enum_v<T>)
      out_ << +static_cast<std::underlying_type_t<T>>(value) << ' ';
    else
      out_ << +value << ' ';
  }

  void one(engine::timestamp value) {
    out_ << value.time_since_epoch().count() << ' ';
  }

  void one(const boost::json::value& value) {
    out_ << engine::to_json(value) << ' ';
  }

  void one(const boost::json::object& value) {
    one(boost::json::value(value));
  }

  template <class T>
  void one(const std::optional<T>& value) {
    out_ << (value ? "+" : "-");
    if (value)
      one(*value);
  }

  template <class T>
  void one(const std::vector<T>& values) {
    out_ << '[';
    for (const auto& each : values)
      one(each);
    out_ << "] ";
  }

  template <class T>
  void one(const engine::copy_on_write<T>& value) {
    one(*value);
  }

  void one(const engine::identity& v) {
    add(v.kind, v.key, v.value);
  }
  void one(const engine::timer& v) {
    add(v.due, v.run, v.visit);
  }
  void one(const engine::inbox_id& v) {
    add(v.high, v.low);
  }
  void one(const engine::idempotency& v) {
    add(v.key_high, v.key_low, v.fingerprint);
  }
  void one(const engine::event_record& v) {
    add(v.type, v.body, v.properties.offset, v.properties.length, v.from,
        v.occurred_at, v.message_id, v.kind, v.context.offset, v.context.length,
        v.anonymous_id);
    for (const auto& name : v.normalised)
      add(name);
    if (v.value)
      add(v.value->amount, v.value->currency);
  }
  void one(const engine::check& v) {
    add(v.asked, v.passed, v.sequence, v.run, v.inputs);
  }
  void one(const engine::warning& v) {
    add(v.code, v.kind);
  }
  void one(const engine::outgoing_send& v) {
    add(v.destination, v.run, v.visit, v.node, v.request);
  }
  void one(const engine::outgoing_message& v) {
    add(v.target, v.type, v.properties, v.hops);
  }
  void one(const engine::identity_attached& v) {
    add(v.who);
  }
  void one(const engine::identity_detached& v) {
    add(v.kind, v.key);
  }
  void one(const engine::attribute_set& v) {
    add(v.name, v.value);
  }
  void one(const engine::tag_added& v) {
    add(v.tag);
  }
  void one(const engine::tag_removed& v) {
    add(v.tag);
  }
  void one(const engine::score_added& v) {
    add(v.by);
  }
  void one(const engine::run_started& v) {
    add(v.number, v.ordinal, v.sequence, v.version, v.re_entry_key, v.vars);
  }
  void one(const engine::run_moved& v) {
    add(v.number, v.node, v.edge, v.wake_at, v.clauses);
  }
  void one(const engine::run_counted& v) {
    add(v.number, v.clause);
  }
  void one(const engine::run_ended& v) {
    add(v.number, v.status, v.reason);
  }
  void one(const engine::identity_inherited& v) {
    add(v.who);
  }
  void one(const engine::run_inherited& v) {
    add(v.taken, v.number_there);
  }
  void one(const engine::entry_inherited& v) {
    add(v.entry);
  }
  void one(const engine::contact_absorbed& v) {
    add(v.contact, v.seq, v.last_turn, v.before);
  }
  void one(const engine::run_paused& v) {
    add(v.number);
  }
  void one(const engine::run_resumed& v) {
    add(v.number);
  }
  void one(const engine::send_counted& v) {
    add(v.sent, v.forgotten);
  }
  void one(const engine::run_overdue& v) {
    add(v.number);
  }
  void one(const engine::preference_set& v) {
    one(v.wanted);
  }
  void one(const engine::preference& v) {
    add(v.channel, v.category, v.subscribed, v.updated_at);
  }
  void one(const engine::contact_session& v) {
    add(v.id, v.started_at, v.last_at, v.due, v.pages);
  }
  void one(const engine::checklist_progress& v) {
    add(v.checklist, v.steps, v.completed);
  }
  void one(const engine::session_opened& v) {
    add(v.session);
  }
  void one(const engine::session_kept& v) {
    add(v.page);
  }
  void one(const engine::session_awaited& v) {
    add(v.due);
  }
  void one(const engine::session_closed&) {}
  void one(const engine::checklist_step_done& v) {
    add(v.checklist, v.step);
  }
  void one(const engine::checklist_done& v) {
    add(v.checklist);
  }
  void one(const engine::nudge& v) {
    add(v.id, v.turn, v.ordinal, v.run_turn, v.run_ordinal, v.run_started_at,
        v.at, v.expires_at, v.status, v.moved_at);
  }
  void one(const engine::nudge_put& v) {
    add(v.id, v.ordinal, v.run, v.expires_at);
  }
  void one(const engine::nudge_moved& v) {
    add(v.id, v.to);
  }
  void one(const engine::nudge_inherited& v) {
    one(v.what);
  }
  void one(const engine::counted_send& v) {
    add(v.sequence, v.channel, v.at);
  }
  void one(const engine::trace_context& v) {
    add(v.high, v.low, v.flags, v.state);
  }
  void one(const engine::intervention& v) {
    add(v.what, v.sequence, canonical(v.vars), v.started, v.ordinal, v.node,
        v.reason, v.by);
  }
  void one(const engine::change& v) {
    out_ << v.index() << ':';
    std::visit(
      [this](const auto& what) {
        one(what);
      },
      v);
  }
  void one(const engine::run& v) {
    add(v.number, v.sequence, v.version, v.node, v.visit, v.ordinal,
        v.started_turn, v.started_at, v.entered_at, v.wake_at, v.counts,
        v.re_entry_key, canonical(v.vars));
  }
  void one(engine::duration value) {
    out_ << value.count() << ' ';
  }
  void one(const engine::tallied_event& v) {
    add(v.at, v.count, v.sum);
  }
  void one(const engine::tally& v) {
    add(v.id, v.reach, v.whole, v.count, v.sum, v.last, v.recent);
  }
  void one(const engine::segment_state& v) {
    add(v.known_tallies, v.known_segments, v.tallies, v.in, v.wake_at);
  }
  void one(const engine::tallies_begun& v) {
    add(v.known, v.filled, v.dropped);
  }
  void one(const engine::event_tallied::entry& v) {
    add(v.id, v.reach, v.whole, v.number);
  }
  void one(const engine::event_tallied& v) {
    add(v.at, v.tallies);
  }
  void one(const engine::segment_moved& v) {
    add(v.segment, v.entered);
  }
  void one(const engine::segments_reviewed& v) {
    add(v.known);
  }
  void one(const engine::segment_wake_set& v) {
    add(v.at);
  }
  void one(const engine::timer_dropped& v) {
    add(v.what);
  }
  void one(const engine::entry_history& v) {
    add(v.sequence, v.re_entry_key, v.last_started, v.last_ended);
  }

  static std::string canonical(const boost::json::object& value) {
    return engine::canonical_json(boost::json::value(value));
  }

public:
  shown& turn(const engine::turn& v) {
    return add(v.workspace, v.contact, v.kind, v.stamp.seq, v.stamp.at,
               v.stamp.turn, v.definitions_version, v.hops, v.event, v.key,
               v.fired, v.consumed, v.changes, v.trace, v.warnings, v.matched,
               v.sends, v.messages, v.timers_set, v.timers_cleared,
               v.nodes_entered, v.external_id, v.email, v.failure, v.intervened,
               v.request_id, v.traced);
  }

  /// Members of objects in no order: a state is what it holds.
  shown& state(const engine::contact_state& v) {
    return add(v.workspace, v.id, v.seq, v.last_at, v.last_turn, v.skip_turn,
               v.runs_started, v.score, v.identities, canonical(*v.attributes),
               v.tags, v.runs, v.entries, v.absorbed, v.paused, v.overdue,
               v.sends, v.segments, v.preferences, v.session, v.checklists,
               v.nudges);
  }

private:
  std::ostringstream out_;
};

inline std::string first_difference(const std::string& a,
                                    const std::string& b) {
  if (a == b)
    return {};
  std::size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at])
    ++at;
  const auto from = at < 60 ? 0 : at - 60;
  return "…" + a.substr(from, 120) + "\n…" + b.substr(from, 120);
}

inline std::string difference(const engine::turn& a, const engine::turn& b) {
  return first_difference(shown{}.turn(a).text(), shown{}.turn(b).text());
}

inline std::string difference(const engine::contact_state& a,
                              const engine::contact_state& b) {
  return first_difference(shown{}.state(a).text(), shown{}.state(b).text());
}

} // namespace troupe::test
