// What contacts keep for segments, as stored bytes: in states and in changes.
#include "persistence/codec_values.hpp"

#include <bit>

namespace troupe::persistence {

using namespace engine;

namespace {

void put_sum(byte_writer& out, double sum) {
  out.fixed(std::bit_cast<std::uint64_t>(sum));
}

double get_sum(byte_reader& in) {
  return std::bit_cast<double>(in.fixed());
}

void put_tally(byte_writer& out, const tally& what) {
  out.fixed(static_cast<std::uint64_t>(what.id));
  out.signed_number(what.reach.count());
  out.byte(what.whole ? 1 : 0);
  out.number(what.count);
  put_sum(out, what.sum);
  put_time(out, what.last);
  out.number(what.recent.size());
  for (const auto& each : what.recent) {
    put_time(out, each.at);
    out.number(each.count);
    put_sum(out, each.sum);
  }
}

tally get_tally(byte_reader& in) {
  tally what;
  what.id = tally_id{in.fixed()};
  what.reach = duration{in.signed_number()};
  what.whole = in.byte() != 0;
  what.count = in.number();
  what.sum = get_sum(in);
  what.last = get_optional_time(in);
  what.recent.resize(in.count());
  for (auto& each : what.recent) {
    each.at = get_time(in);
    each.count = static_cast<std::uint32_t>(in.number());
    each.sum = get_sum(in);
  }
  count_recent(what);
  return what;
}

tallies_begun get_begun(byte_reader& in) {
  tallies_begun what;
  what.known = in.fixed();
  what.filled.resize(in.count());
  for (auto& each : what.filled)
    each = get_tally(in);
  what.dropped.resize(in.count());
  for (auto& id : what.dropped)
    id = tally_id{in.fixed()};
  return what;
}

event_tallied get_tallied(byte_reader& in) {
  event_tallied what;
  what.at = get_time(in);
  what.tallies.resize(in.count());
  for (auto& each : what.tallies) {
    each.id = tally_id{in.fixed()};
    each.reach = duration{in.signed_number()};
    each.whole = in.byte() != 0;
    each.number = get_sum(in);
  }
  return what;
}

timer get_timer(byte_reader& in) {
  timer what;
  what.due = get_time(in);
  what.run = static_cast<std::uint32_t>(in.number());
  what.visit = static_cast<std::uint32_t>(in.number());
  return what;
}

} // namespace

void put(byte_writer& out, const tallies_begun& what) {
  out.fixed(what.known);
  out.number(what.filled.size());
  for (const auto& each : what.filled)
    put_tally(out, each);
  out.number(what.dropped.size());
  for (const auto id : what.dropped)
    out.fixed(static_cast<std::uint64_t>(id));
}

void put(byte_writer& out, const event_tallied& what) {
  put_time(out, what.at);
  out.number(what.tallies.size());
  for (const auto& each : what.tallies) {
    out.fixed(static_cast<std::uint64_t>(each.id));
    out.signed_number(each.reach.count());
    out.byte(each.whole ? 1 : 0);
    put_sum(out, each.number);
  }
}

void put(byte_writer& out, const segment_moved& what) {
  out.number(number(what.segment));
  out.byte(what.entered ? 1 : 0);
}

void put(byte_writer& out, const timer_dropped& what) {
  put_time(out, what.what.due);
  out.number(what.what.run);
  out.number(what.what.visit);
}

change get_segment_change(byte_reader& in, std::uint64_t kind) {
  switch (kind) {
    case 18:
      return get_begun(in);
    case 19:
      return get_tallied(in);
    case 20: {
      segment_moved what;
      what.segment = segment_id{static_cast<std::uint32_t>(in.number())};
      what.entered = in.byte() != 0;
      return what;
    }
    case 21:
      return segments_reviewed{in.fixed()};
    case 22:
      return segment_wake_set{get_optional_time(in)};
    case 23:
      return timer_dropped{get_timer(in)};
    default:
      in.fail();
      return {};
  }
}

void put_segments(byte_writer& out, const segment_state& of) {
  out.fixed(of.known_tallies);
  out.fixed(of.known_segments);
  out.number(of.tallies.size());
  for (const auto& each : of.tallies)
    put_tally(out, *each);
  out.number(of.in.size());
  for (const auto id : of.in)
    out.number(number(id));
  put_time(out, of.wake_at);
}

segment_state get_segments(byte_reader& in) {
  segment_state of;
  of.known_tallies = in.fixed();
  of.known_segments = in.fixed();
  of.tallies.resize(in.count());
  for (auto& each : of.tallies)
    each = copy_on_write{get_tally(in)};
  of.in.resize(in.count());
  for (auto& id : of.in)
    id = segment_id{static_cast<std::uint32_t>(in.number())};
  of.wake_at = get_optional_time(in);
  return of;
}

} // namespace troupe::persistence
