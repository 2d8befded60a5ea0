#include "engine/turn.hpp"

#include <xxhash.h>

#include <array>

namespace troupe::engine {

std::string_view name_of(run_status what) {
  switch (what) {
    case run_status::active:
      return "active";
    case run_status::completed:
      return "completed";
    case run_status::exited:
      return "exited";
    case run_status::failed:
      return "failed";
    case run_status::paused:
      return "paused";
  }
  return "unknown";
}

std::string_view category_of(const boost::json::object& parts) {
  const auto* found = parts.if_contains("category");
  return found != nullptr && found->is_string()
           ? std::string_view{found->get_string()}
           : std::string_view{};
}

std::string_view name_of(rule asked) {
  switch (asked) {
    // clang-format off
    case rule::trigger_where: return "trigger.where";
    case rule::filter: return "filter";
    case rule::re_entry: return "reentry";
    case rule::cooldown: return "cooldown";
    case rule::paused: return "paused";
    case rule::wait_where: return "wait.where";
    case rule::branch_case: return "branch";
    case rule::exit_when: return "exit_when";
    case rule::node_limit: return "node_limit";
    case rule::runs_limit: return "runs_limit";
    case rule::identity: return "identity";
    case rule::loop: return "loop";
    case rule::attribute_limit: return "attribute_limit";
    case rule::split: return "split";
    case rule::start: return "start";
    case rule::calendar: return "calendar";
    case rule::time_zone: return "time_zone";
    case rule::goal: return "goal";
    case rule::frequency_cap: return "frequency_cap";
    case rule::quiet_hours: return "quiet_hours";
    case rule::max_event_age: return "max_event_age";
    case rule::on_resume: return "on_resume";
    case rule::segment: return "segment";
    case rule::template_path: return "template.path";
    case rule::template_limit: return "template.limit";
    case rule::trigger_type: return "trigger.type";
    case rule::wait_count: return "wait.count";
    case rule::merge: return "merge";
    case rule::webhook_filter: return "filter";
    case rule::consent: return "consent";
      // clang-format on
  }
  return "unknown";
}

inbox_id message_id(const turn& sender, std::size_t index) {
  const std::array<std::uint64_t, 4> words{
    number(sender.workspace), number(sender.contact), sender.stamp.seq, index};
  const auto hash = XXH3_128bits(words.data(), sizeof words);
  return {hash.high64, hash.low64};
}

} // namespace troupe::engine
