// From a wish in JSON to the rows to store, or to what is wrong with it.
#pragma once

#include "actors/definitions.hpp"

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

namespace troupe::actors {

engine::result<wished_rows> rows_of(const messages::definition_change& wish,
                                    const definitions_options& options);

/// What the store added: id and version.
void show_stored(const persistence::any_row& stored,
                 boost::json::object& shown);

// -- by kind ------------------------------------------------------------------

/// The next version, a draft or active at once.
/// @returns `sequence_archived`, or what is wrong with the definition
engine::result<wished_rows>
new_sequence(const messages::definition_change& wish,
             const definitions_options& options);

/// No rows; what `new_sequence` would say of the definition.
engine::result<wished_rows>
checked_sequence(const messages::definition_change& wish,
                 const definitions_options& options);

/// @returns `sequence_not_found`, `sequence_archived` or `no_draft`
engine::result<wished_rows>
published_sequence(const messages::definition_change& wish,
                   const definitions_options& options);

/// Paused, resumed or archived; no rows when it is so already.
/// @returns `sequence_not_found`, `sequence_archived` or `sequence_not_active`
engine::result<wished_rows>
changed_sequence(const messages::definition_change& wish,
                 const definitions_options& options);

engine::result<wished_rows> new_webhook(const messages::definition_change& wish,
                                        const definitions_options& options);

/// @returns `webhook_not_found`, or what is wrong with a member
engine::result<wished_rows>
changed_webhook(const messages::definition_change& wish,
                const definitions_options& options);

/// Removed, disabled, or with a new secret.
/// @returns `webhook_not_found`
engine::result<wished_rows>
removed_webhook(const messages::definition_change& wish,
                const definitions_options& options);
engine::result<wished_rows>
disabled_webhook(const messages::definition_change& wish,
                 const definitions_options& options);
engine::result<wished_rows>
rotated_webhook(const messages::definition_change& wish,
                const definitions_options& options);

engine::result<wished_rows> new_channel(const messages::definition_change& wish,
                                        const definitions_options& options);

/// @returns `channel_not_found`, or what is wrong with a member
engine::result<wished_rows>
changed_channel(const messages::definition_change& wish,
                const definitions_options& options);

/// With what uses it, if anything does.
/// @returns `channel_not_found` or `channel_built_in`
engine::result<wished_rows>
removed_channel(const messages::definition_change& wish,
                const definitions_options& options);

/// The next version of a template.
/// @returns `template_archived`, or what is wrong with a part
engine::result<wished_rows>
new_template(const messages::definition_change& wish,
             const definitions_options& options);

/// With what uses it, if anything does; no rows when it is so already.
/// @returns `template_not_found`
engine::result<wished_rows>
archived_template(const messages::definition_change& wish,
                  const definitions_options& options);

/// Its next version, and a job that has all contacts looked at.
/// @returns `segment_archived`, or what is wrong with the condition
engine::result<wished_rows> new_segment(const messages::definition_change& wish,
                                        const definitions_options& options);

/// With what uses it, if anything does; no rows when it is so already.
/// @returns `segment_not_found`
engine::result<wished_rows>
archived_segment(const messages::definition_change& wish,
                 const definitions_options& options);
/// @returns what is wrong with a member, or `checklists_limit`
engine::result<wished_rows>
new_checklist(const messages::definition_change& wish,
              const definitions_options& options);

/// @returns what is wrong with a member, or `funnels_limit`
engine::result<wished_rows> new_funnel(const messages::definition_change& wish,
                                       const definitions_options& options);

/// @returns `checklist_not_found`
engine::result<wished_rows>
removed_checklist(const messages::definition_change& wish,
                  const definitions_options& options);

/// @returns `funnel_not_found`
engine::result<wished_rows>
removed_funnel(const messages::definition_change& wish,
               const definitions_options& options);

/// Publishes its sequences, with the templates and segments that the workspace
/// does not have yet; no rows when it is so already.
/// @returns `automation_not_found`, `unknown_channel`, or what is wrong with a
/// setting
engine::result<wished_rows>
enabled_automation(const messages::definition_change& wish,
                   const definitions_options& options);

/// Its sequences start nothing any more; their runs go on.
/// @returns `automation_not_found`
engine::result<wished_rows>
disabled_automation(const messages::definition_change& wish,
                    const definitions_options& options);

// -- for all kinds ------------------------------------------------------------

/// The time of the workspace: of its own clock when it is a test workspace.
engine::timestamp now_in(engine::workspace_id workspace,
                         const definitions_options& options);

/// Keys of the workspace's channels.
std::set<std::string> channels_of(const definitions_options& options,
                                  engine::workspace_id workspace);

/// Keys of the workspace's templates.
std::set<std::string> templates_of(const definitions_options& options,
                                   engine::workspace_id workspace);

/// Keys of the workspace's segments.
std::set<std::string> segments_of(const definitions_options& options,
                                  engine::workspace_id workspace);

/// The member, a text of 1 to `max` bytes.
engine::result<std::string> text_member(const boost::json::object& from,
                                        std::string_view name, std::size_t max);

/// That the member `url` may be called.
/// @returns what is wrong with it, at `/url`
engine::status check_url(const boost::json::object& from,
                         const definitions_options& options);

/// The members that the audit log tells, as JSON text: never what may hold a
/// secret, as a URL or a channel's headers can.
std::string told(const boost::json::object& shown,
                 std::initializer_list<std::string_view> names);

} // namespace troupe::actors
