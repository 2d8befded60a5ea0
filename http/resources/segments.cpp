#include "http/resources/segments.hpp"

#include "engine/segment_definition.hpp"
#include "http/resources/contact_list.hpp"
#include "http/resources/json_body.hpp"
#include "http/resources/named_entries.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::scope;
using messages::segment_entry;

constexpr auto here = &messages::workspace_catalog::segments;

json::object view_of(const segment_entry& of) {
  return {{"id", of.text_id},
          {"key", of.key},
          {"name", of.name},
          {"description", of.description},
          {"condition", of.condition},
          {"status", of.archived ? "archived" : "active"},
          {"version", of.version},
          {"created_at", time_or_null(of.created_at)},
          {"updated_at", time_or_null(of.updated_at)}};
}

/// What was changed, as it is then, with the job that looks at everyone.
std::function<json::object(json::object)>
view_with_job(const api_context& with, engine::workspace_id workspace,
              std::string name) {
  return [after = view_after(with, workspace, here, std::move(name), view_of)](
           const json::object& shown) {
    auto view = after(shown);
    if (const auto* job = shown.if_contains("job"))
      view["job"] = *job;
    return view;
  };
}

void create(const api_context& with, visit now) {
  auto wish = read_wish(now, kind::segment);
  if (!wish)
    return;
  const auto workspace = now.who.workspace;
  change(with, std::move(now), std::move(*wish), 201,
         view_with_job(with, workspace, {}));
}

void list(const api_context& with, visit now) {
  list_entries(with, std::move(now), list_kind::segments, here, view_of);
}

void show(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* entry = entry_of_path(*known, now, here);
  if (entry == nullptr)
    return now.refuse(no_such("segment"));
  messages::definition_lookup asked;
  asked.workspace = now.who.workspace;
  asked.what = messages::segment_lookup{entry->id};
  look_up(with, std::move(asked),
          [answer = pending_answer{std::move(now)},
           view = view_of(*entry)](messages::definition_found found) mutable {
            if (found.failure)
              return answer.refuse(*found.failure);
            view["contacts"] = found.segment.contacts;
            answer.respond(json_response(std::move(view)));
          });
}

void archive(const api_context& with, visit now) {
  auto wish = wish_of(now, kind::archived_segment);
  wish.target = now.route.parameter("key");
  const auto workspace = now.who.workspace;
  auto view = view_with_job(with, workspace, wish.target);
  change(with, std::move(now), std::move(wish), 200, std::move(view));
}

void list_members(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* entry = entry_of_path(*known, now, here);
  if (entry == nullptr || entry->archived)
    return now.refuse(no_such("segment"));
  list_contacts(with, std::move(now), entry->id);
}

engine::result<engine::condition> read_condition(const request& what) {
  auto from = read_object(what);
  if (!from)
    return from.failure();
  if (auto good = check_members(*from, {"condition"}); !good)
    return good.failure();
  const auto* condition = from->if_contains("condition");
  if (condition == nullptr || !condition->is_object())
    return engine::invalid("field_required",
                           "give `condition`: a JSONLogic rule", "/condition");
  return engine::compile_segment(*condition, "/condition");
}

void preview(const api_context& with, visit now) {
  auto rule = read_condition(now.what);
  if (!rule)
    return now.refuse(rule.failure());
  const auto known = with.catalog->get();
  messages::definition_lookup asked;
  asked.workspace = now.who.workspace;
  asked.what = messages::segment_preview{
    std::move(*rule), known->workspaces.at(asked.workspace).definitions,
    with.now_in(asked.workspace)};
  look_up(with, std::move(asked),
          [answer = pending_answer{std::move(now)}](
            const messages::definition_found& found) {
            if (found.failure)
              return answer.refuse(*found.failure);
            const auto& seen = found.segment;
            const auto share = seen.looked_at == 0
                                 ? 0.0
                                 : static_cast<double>(seen.contacts)
                                     / static_cast<double>(seen.looked_at);
            const auto estimate
              = seen.looked_at == seen.total
                  ? seen.contacts
                  : static_cast<std::uint64_t>(
                    share * static_cast<double>(seen.total) + 0.5);
            answer.respond(json_response({{"count", seen.contacts},
                                          {"looked_at", seen.looked_at},
                                          {"contacts", seen.total},
                                          {"estimate", estimate}}));
          });
}

void show_job(const api_context& with, visit now) {
  messages::definition_lookup asked;
  asked.workspace = now.who.workspace;
  asked.what = messages::job_lookup{std::string{now.route.parameter("id")}};
  look_up(with, std::move(asked),
          [answer = pending_answer{std::move(now)}](
            const messages::definition_found& found) {
            if (found.failure)
              return answer.refuse(*found.failure);
            const auto& job = found.job;
            json::object view{
              {"id", job.text_id},
              {"kind", job.kind},
              {"subject", job.subject},
              {"status", job.finished_at ? "completed" : "running"},
              {"progress", {{"done", job.done}, {"total", job.total}}},
              {"created_at", time_or_null(job.created_at)},
              {"finished_at",
               time_or_null(job.finished_at.value_or(engine::timestamp{}))}};
            answer.respond(json_response(std::move(view)));
          });
}

} // namespace

std::vector<api_route> segment_routes() {
  return {
    {"POST", "/v1/segments", scope::manage, create},
    {"GET", "/v1/segments", scope::events_read, list},
    {"POST", "/v1/segments/preview", scope::manage, preview},
    {"GET", "/v1/segments/{key}", scope::events_read, show},
    {"GET", "/v1/segments/{key}/contacts", scope::events_read, list_members},
    {"POST", "/v1/segments/{key}/archive", scope::manage, archive},
    {"GET", "/v1/jobs/{id}", scope::events_read, show_job}};
}

} // namespace troupe::http
