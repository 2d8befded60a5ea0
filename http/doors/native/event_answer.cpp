#include "http/doors/native/event_answer.hpp"

#include "engine/json_text.hpp"

namespace troupe::http::native {

namespace {

void append_text(std::string& out, std::string_view text) {
  engine::append_json(out, boost::json::string_view{text.data(), text.size()});
}

void append_text_or_null(std::string& out, const std::string& text) {
  if (text.empty())
    out += "null";
  else
    append_text(out, text);
}

void append_sdk_members(std::string& out, const messages::receipt& done,
                        const std::string& id, const engine::id_text& ids) {
  out += R"(,"eventId":")";
  out += id;
  out += R"(","duplicate":)";
  out += done.replayed ? "true" : "false";
  out += R"(,"status":"accepted","resolvedSubjectId":")";
  out += ids.contact(done.workspace, done.contact);
  out += '"';
}

// The G door has its own word for an e-mail that stayed where it was (G34).
std::string_view code_of(const engine::warning& what) {
  return what.code == "identity_conflict"
             && what.kind == engine::identity_kind::email
           ? std::string_view{"email_owned_by_other_contact"}
           : std::string_view{what.code};
}

} // namespace

response answer_of(const messages::receipt& done, const engine::id_text& ids,
                   bool as_sdk) {
  response answer;
  auto& out = answer.body;
  out.reserve(320);
  const auto id
    = ids.at_position("evt_", done.workspace, {done.at, done.turn, 0});
  out += R"({"id":")";
  out += id;
  out += R"(","type":)";
  append_text(out, done.type);
  out += R"(,"contact":{"id":")";
  out += ids.contact(done.workspace, done.contact);
  out += R"(","external_id":)";
  append_text_or_null(out, done.external_id);
  out += R"(,"email":)";
  append_text_or_null(out, done.email);
  out += R"(},"received_at":")";
  out += engine::to_iso8601(done.at);
  out += R"(","fan_out":{"sequences_woken":)";
  out += std::to_string(done.nodes_entered);
  out += R"(,"webhooks_dispatched":)";
  out += std::to_string(done.matched);
  out += '}';
  if (!done.warnings.empty()) {
    out += R"(,"warnings":[)";
    for (std::size_t i = 0; i < done.warnings.size(); ++i) {
      if (i != 0)
        out += ',';
      out += R"({"code":)";
      append_text(out, code_of(done.warnings[i]));
      out += '}';
    }
    out += ']';
  }
  if (as_sdk)
    append_sdk_members(out, done, id, ids);
  out += '}';
  if (done.replayed)
    answer.headers.emplace_back("Idempotent-Replay", "true");
  return answer;
}

} // namespace troupe::http::native
