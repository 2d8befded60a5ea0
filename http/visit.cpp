#include "http/visit.hpp"

#include "engine/json_text.hpp"
#include "http/admission.hpp"
#include "http/problem.hpp"

namespace troupe::http {

using engine::errc;
using engine::error;

namespace {

void add(response& to, header_fields more) {
  for (auto& field : more)
    to.headers.push_back(std::move(field));
}

// The path without whom it names: answers end up in the logs of clients.
std::string without_identities(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto end = path.find('/', 1);
    const auto part = path.substr(0, end);
    const auto colon = part.find(':');
    out += part.substr(0, colon);
    if (colon != part.npos)
      out += ":-";
    path.remove_prefix(part.size());
  }
  return out;
}

} // namespace

response problem_of(const error& why, const request_id& id,
                    std::string_view path, header_fields more,
                    std::optional<std::chrono::milliseconds> retry_after,
                    const dialect* speaks) {
  problem_context context;
  context.request_id = id.view();
  const auto instance = without_identities(path);
  context.instance = instance;
  context.retry_after = retry_after;
  auto refusal = refusal_of(why, context, speaks);
  add(refusal, std::move(more));
  return refusal;
}

engine::timestamp api_context::now_in(engine::workspace_id workspace) const {
  const auto own = messages::clock_of(*catalog->get(), workspace);
  return own ? own->now() : clock();
}

std::string api_context::tenant_of(engine::workspace_id workspace) const {
  const auto known = catalog->get();
  const auto found = known->workspaces.find(workspace);
  return found == known->workspaces.end() ? std::string{}
                                          : found->second.text_id;
}

std::vector<std::string> api_context::names_of(engine::workspace_id workspace,
                                               const std::string& type) const {
  const auto known = catalog->get();
  const auto found = known->workspaces.find(workspace);
  return found == known->workspaces.end()
           ? std::vector{type}
           : found->second.definitions->names().all(type);
}

void visit::respond(response with) {
  add(with, std::move(who.with_answer));
  answer.respond(std::move(with));
}

void visit::refuse(const error& why, header_fields more) {
  respond(problem_of(why, what.id, path, std::move(more), {}, what.speaks));
}

bool let_in(const api_context& with, visit& now, credentials given,
            messages::scope needed) {
  const auto refused = with.gate->admit(with, now.what, given, needed, now.who);
  if (refused)
    now.respond(problem_of(refused->why, now.what.id, now.path, {},
                           refused->retry_after, now.what.speaks));
  return !refused;
}

pending_answer::pending_answer(visit from)
  : parts_{std::make_shared<parts>(
    std::move(from.answer), from.what.id, std::move(from.path),
    std::move(from.who.with_answer), from.what.speaks)} {}

void pending_answer::respond(response with) const {
  add(with, std::move(parts_->with_answer));
  parts_->answer.respond(std::move(with));
}

void pending_answer::refuse(const error& why) const {
  respond(problem_of(why, parts_->id, parts_->path, {}, {}, parts_->speaks));
}

void pending_answer::refuse(const messages::definition_changed& done) const {
  problem_context context;
  context.request_id = parts_->id.view();
  const auto instance = without_identities(parts_->path);
  context.instance = instance;
  for (const auto& each : done.dependants)
    context.dependants.emplace_back(each.kind, each.key);
  respond(refusal_of(*done.failure, context, parts_->speaks));
}

response json_response(const boost::json::value& body, std::uint16_t status) {
  response answer;
  answer.status = status;
  answer.body = engine::to_json(body);
  return answer;
}

error no_such(std::string_view what) {
  return {errc::not_found,
          std::string{what} + "_not_found",
          "there is no such " + std::string{what},
          {}};
}

engine::status check_content(const request& what) {
  if (what.header("Content-Encoding"))
    return error{errc::invalid_request,
                 "unsupported_content_encoding",
                 "send the body as it is, without Content-Encoding",
                 {}};
  const auto type = what.header("Content-Type");
  const error unsupported{errc::invalid_request,
                          "unsupported_media_type",
                          "send JSON with `Content-Type: application/json`",
                          {}};
  if (!type || what.header_count("Content-Type") != 1)
    return unsupported;
  std::string plain;
  for (const char c : *type)
    if (c != ' ' && c != '\t' && c != '"')
      plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  if (plain != "application/json" && plain != "application/json;charset=utf-8")
    return unsupported;
  return engine::success();
}

} // namespace troupe::http
