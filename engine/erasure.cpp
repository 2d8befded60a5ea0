#include "engine/erasure.hpp"

#include "engine/digest.hpp"
#include "engine/json_text.hpp"

namespace troupe::engine {

namespace {

// Letters of other languages are bytes above ASCII.
bool is_of_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
         || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

bool names(std::string_view text, std::string_view name) {
  for (auto at = text.find(name); at != text.npos;
       at = text.find(name, at + 1)) {
    const auto end = at + name.size();
    // Behind an escape a letter may be its last: "\tada@example.com".
    const auto before = at == 0 || !is_of_word(text[at - 1])
                        || (at > 1 && text[at - 2] == '\\');
    if (before && (end == text.size() || !is_of_word(text[end])))
      return true;
  }
  return false;
}

} // namespace

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

bool names_one_of(std::string_view text, const std::vector<std::string>& all) {
  for (const auto& name : all) {
    if (names(text, name))
      return true;
    const auto quoted = to_json(boost::json::value(name));
    const std::string_view escaped{quoted.data() + 1, quoted.size() - 2};
    if (escaped != name && names(text, escaped))
      return true;
  }
  return false;
}

error contact_erased() {
  return invalid("contact_erased",
                 "this contact was erased; what was sent of it before is not "
                 "taken again",
                 {});
}

} // namespace troupe::engine
