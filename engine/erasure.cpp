#include "engine/erasure.hpp"

#include "engine/digest.hpp"

namespace troupe::engine {

turn erased_form(const turn& of) {
  turn out;
  out.workspace = of.workspace;
  out.contact = of.contact;
  out.kind = turn_kind::erased;
  out.stamp = of.stamp;
  out.definitions_version = of.definitions_version;
  out.matched = of.matched;
  for (const auto& each : of.sends)
    out.sends.push_back(
      {each.destination, each.run, each.visit, each.node, {}});
  return out;
}

std::vector<timer> timers_of(const contact_state& state) {
  std::vector<timer> out;
  for (const auto& each : *state.runs)
    if (each->wake_at)
      out.push_back({*each->wake_at, each->number, each->visit});
  if (const auto& wake = state.segments->wake_at)
    out.push_back({*wake, 0, segment_timer});
  if (!state.session->id.empty())
    out.push_back({state.session->due, 0, session_timer});
  return out;
}

std::string tombstone_of(std::string_view secret, workspace_id workspace,
                         const identity& who) {
  std::string text = "tombstone ";
  text += std::to_string(number(workspace));
  text += ' ';
  text += name_of(who.kind);
  text += ' ';
  text += who.key;
  return hmac_sha256(secret, text);
}

std::string contact_hash(std::string_view text_id) {
  return "sha256:" + to_hex(sha256(text_id));
}

error contact_erased() {
  return invalid("contact_erased",
                 "this contact was erased; what was sent of it before is not "
                 "taken again",
                 {});
}

} // namespace troupe::engine
