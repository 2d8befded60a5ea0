// The changes of a turn as stored bytes: the index in engine::change, then the
// fields.
#include "engine/overloaded.hpp"
#include "persistence/codec_values.hpp"

namespace troupe::persistence {

using namespace engine;

namespace {

std::uint32_t small(byte_reader& in) {
  return static_cast<std::uint32_t>(in.number());
}

change get_run_change(byte_reader& in, std::uint64_t kind) {
  switch (kind) {
    case 6: {
      run_started c;
      c.number = small(in);
      c.ordinal = small(in);
      c.sequence = sequence_id{small(in)};
      c.version = small(in);
      c.re_entry_key = in.text();
      c.vars = get_json_object(in);
      return c;
    }
    case 7: {
      run_moved c;
      c.number = small(in);
      c.node = in.text();
      c.edge = in.text();
      c.wake_at = get_optional_time(in);
      c.clauses = small(in);
      return c;
    }
    case 8: {
      run_counted c;
      c.number = small(in);
      c.clause = small(in);
      return c;
    }
    case 9: {
      run_ended c;
      c.number = small(in);
      c.status = static_cast<run_status>(in.byte());
      c.reason = in.text();
      return c;
    }
    case 14:
      return run_paused{small(in)};
    case 15:
      return run_resumed{small(in)};
    case 16: {
      send_counted c;
      c.sent = get_counted(in);
      c.forgotten = get_time(in);
      return c;
    }
    case 17:
      return run_overdue{small(in)};
    default:
      in.fail();
      return {};
  }
}

change get_merge_change(byte_reader& in, std::uint64_t kind) {
  switch (kind) {
    case 10:
      return identity_inherited{get_identity(in)};
    case 11: {
      run_inherited c;
      c.taken = copy_on_write{get_run(in)};
      c.number_there = small(in);
      return c;
    }
    case 12:
      return entry_inherited{get_entry(in)};
    case 13: {
      contact_absorbed c;
      c.contact = contact_id{in.fixed()};
      c.seq = in.number();
      c.last_turn = position{in.number()};
      c.before = get_contacts(in);
      return c;
    }
    default:
      in.fail();
      return {};
  }
}

void put_engagement(byte_writer& out, const session_opened& c) {
  put_session(out, c.session);
}

void put_engagement(byte_writer& out, const session_kept& c) {
  out.byte(c.page ? 1 : 0);
}

void put_engagement(byte_writer& out, const session_awaited& c) {
  put_time(out, c.due);
}

void put_engagement(byte_writer&, const session_closed&) {}

void put_engagement(byte_writer& out, const checklist_step_done& c) {
  out.text(c.checklist);
  out.text(c.step);
}

void put_engagement(byte_writer& out, const checklist_done& c) {
  out.text(c.checklist);
}

void put_engagement(byte_writer& out, const nudge_put& c) {
  out.text(c.id);
  out.number(c.ordinal);
  out.number(c.run);
  put_time(out, c.expires_at);
}

void put_engagement(byte_writer& out, const nudge_moved& c) {
  out.text(c.id);
  out.byte(static_cast<std::uint8_t>(c.to));
}

void put_engagement(byte_writer& out, const nudge_inherited& c) {
  put_nudge(out, c.what);
}

change get_engagement_change(byte_reader& in, std::uint64_t kind) {
  switch (kind) {
    case 25:
      return session_opened{get_session(in)};
    case 26:
      return session_kept{in.byte() != 0};
    case 27:
      return session_awaited{get_time(in)};
    case 28:
      return session_closed{};
    case 29: {
      checklist_step_done c;
      c.checklist = in.text();
      c.step = in.text();
      return c;
    }
    case 30:
      return checklist_done{std::string{in.text()}};
    case 31: {
      nudge_put c;
      c.id = in.text();
      c.ordinal = small(in);
      c.run = small(in);
      c.expires_at = get_time(in);
      return c;
    }
    case 32: {
      nudge_moved c;
      c.id = in.text();
      c.to = static_cast<nudge_status>(in.byte());
      return c;
    }
    case 33:
      return nudge_inherited{get_nudge(in)};
    default:
      in.fail();
      return {};
  }
}

} // namespace

void put(byte_writer& out, const change& what) {
  out.number(what.index());
  std::visit(overloaded{
               [&](const identity_attached& c) {
                 put_identity(out, c.who);
               },
               [&](const identity_detached& c) {
                 out.byte(static_cast<std::uint8_t>(c.kind));
                 out.text(c.key);
               },
               [&](const attribute_set& c) {
                 out.text(c.name);
                 put_json(out, c.value);
               },
               [&](const tag_added& c) {
                 out.text(c.tag);
               },
               [&](const tag_removed& c) {
                 out.text(c.tag);
               },
               [&](const score_added& c) {
                 out.signed_number(c.by);
               },
               [&](const run_started& c) {
                 out.number(c.number);
                 out.number(c.ordinal);
                 out.number(number(c.sequence));
                 out.number(c.version);
                 out.text(c.re_entry_key);
                 put_json(out, c.vars);
               },
               [&](const run_moved& c) {
                 out.number(c.number);
                 out.text(c.node);
                 out.text(c.edge);
                 put_time(out, c.wake_at);
                 out.number(c.clauses);
               },
               [&](const run_counted& c) {
                 out.number(c.number);
                 out.number(c.clause);
               },
               [&](const run_ended& c) {
                 out.number(c.number);
                 out.byte(static_cast<std::uint8_t>(c.status));
                 out.text(c.reason);
               },
               [&](const identity_inherited& c) {
                 put_identity(out, c.who);
               },
               [&](const run_inherited& c) {
                 put_run(out, *c.taken);
                 out.number(c.number_there);
               },
               [&](const entry_inherited& c) {
                 put_entry(out, c.entry);
               },
               [&](const contact_absorbed& c) {
                 out.fixed(number(c.contact));
                 out.number(c.seq);
                 out.number(number(c.last_turn));
                 put_contacts(out, c.before);
               },
               [&](const run_paused& c) {
                 out.number(c.number);
               },
               [&](const run_resumed& c) {
                 out.number(c.number);
               },
               [&](const send_counted& c) {
                 put_counted(out, c.sent);
                 put_time(out, c.forgotten);
               },
               [&](const run_overdue& c) {
                 out.number(c.number);
               },
               [&](const tallies_begun& c) {
                 put(out, c);
               },
               [&](const event_tallied& c) {
                 put(out, c);
               },
               [&](const segment_moved& c) {
                 put(out, c);
               },
               [&](const segments_reviewed& c) {
                 out.fixed(c.known);
               },
               [&](const segment_wake_set& c) {
                 put_time(out, c.at);
               },
               [&](const timer_dropped& c) {
                 put(out, c);
               },
               [&](const preference_set& c) {
                 put_preference(out, c.wanted);
               },
               [&](const auto& c) {
                 put_engagement(out, c);
               },
             },
             what);
}

change get_change(byte_reader& in) {
  const auto kind = in.number();
  switch (kind) {
    case 0:
      return identity_attached{get_identity(in)};
    case 1: {
      identity_detached c;
      c.kind = static_cast<identity_kind>(in.byte());
      c.key = in.text();
      return c;
    }
    case 2: {
      attribute_set c;
      c.name = in.text();
      c.value = get_json(in);
      return c;
    }
    case 3:
      return tag_added{std::string{in.text()}};
    case 4:
      return tag_removed{std::string{in.text()}};
    case 5:
      return score_added{in.signed_number()};
    case 24:
      return preference_set{get_preference(in)};
    default:
      if (kind > 24)
        return get_engagement_change(in, kind);
      if (kind > 17)
        return get_segment_change(in, kind);
      return kind < 10 || kind > 13 ? get_run_change(in, kind)
                                    : get_merge_change(in, kind);
  }
}

} // namespace troupe::persistence
