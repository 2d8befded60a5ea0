// What holds for all of a sequence, beside its nodes and what starts it.
#include "engine/definition_reader.hpp"

namespace troupe::engine {

namespace json = boost::json;

namespace {

// Nothing, or the object of that name.
const json::object* object_of(definition_reader& reader,
                              const json::object& from, std::string_view name,
                              std::string_view form) {
  const auto* written = member(from, name);
  if (written == nullptr || written->is_object())
    return written == nullptr ? nullptr : &written->get_object();
  reader.fail("field_type_mismatch",
              "`" + std::string{name} + "` is " + std::string{form},
              "/" + std::string{name});
  return nullptr;
}

std::optional<frequency_cap> read_cap(definition_reader& reader,
                                      const json::object& from) {
  const std::string place = "/frequency_cap";
  const auto* written = object_of(reader, from, "frequency_cap",
                                  "{\"max\": 3, \"within\": \"7d\"}");
  if (written == nullptr)
    return std::nullopt;
  reader.expect_members(*written, {"max", "within", "channel"}, place);
  frequency_cap cap;
  cap.most = reader.whole(*written, "max", place, 1, cap_most).value_or(1);
  cap.within
    = reader.span(*written, "within", place, true).value_or(duration{});
  if (cap.within > cap_reach) {
    reader.fail("duration_invalid", "`within` is at most \"366d\"",
                place + "/within");
  }
  cap.channel = reader.text(*written, "channel", place, false);
  if (!cap.channel.empty())
    reader.expect_channel(cap.channel, place + "/channel");
  return cap;
}

std::optional<quiet_hours> read_quiet(definition_reader& reader,
                                      const json::object& from) {
  const std::string place = "/quiet_hours";
  const auto* written = object_of(reader, from, "quiet_hours",
                                  "{\"from\": \"22:00\", \"to\": \"08:00\"}");
  if (written == nullptr)
    return std::nullopt;
  reader.expect_members(*written, {"from", "to", "timezone"}, place);
  quiet_hours quiet;
  quiet.hours.from = reader.time_of_day(*written, "from", place);
  quiet.hours.to = reader.time_of_day(*written, "to", place);
  if (quiet.hours.from == quiet.hours.to)
    reader.fail("quiet_hours_endless",
                "nothing would ever be sent; let `from` and `to` differ",
                place + "/to");
  quiet.zone = reader.zone(*written, place);
  return quiet;
}

} // namespace

void read_limits(definition_reader& reader, const json::object& from,
                 sequence_definition& into) {
  if (const auto* goals = member(from, "goals"); goals != nullptr)
    into.goals = reader.clauses(*goals, "/goals", false);
  into.cap = read_cap(reader, from);
  into.quiet = read_quiet(reader, from);
  into.max_event_age = reader.span(from, "max_event_age", "", false);
  const auto word = reader.text(from, "on_resume", "", false);
  if (word == "skip_overdue")
    into.on_resume = resume_rule::skip_overdue;
  else if (!word.empty() && word != "send_overdue")
    reader.fail("field_type_mismatch",
                "`on_resume` is \"send_overdue\" or \"skip_overdue\"",
                "/on_resume");
}

} // namespace troupe::engine
