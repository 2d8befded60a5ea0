// What the catalog says of event types: their states, their names and what
// their properties must be like.
#include "actors/catalog_builder.hpp"
#include "actors/event_type_rows.hpp"

#include <boost/json/parse.hpp>

namespace troupe::actors {

namespace json = boost::json;

void catalog_builder::add_event_type(const persistence::event_type_row& row) {
  catalog->workspaces[row.workspace].event_types[row.name]
    = {state_of_event_type(row.status),
       row.description,
       row.schema,
       row.created_at,
       row.alias_of,
       contract_of(row)};
  if (!row.alias_of.empty())
    names_[row.workspace].add(row.name, row.alias_of);
}

std::shared_ptr<const engine::json_schema>
catalog_builder::contract_of(const persistence::event_type_row& row) {
  if (row.schema.empty())
    return nullptr;
  auto& held = contracts_[{row.workspace, row.name}];
  if (held.schema == row.schema)
    return held.compiled;
  held = {row.schema, nullptr};
  json::error_code failure;
  const auto schema = json::parse(row.schema, failure);
  if (auto made = engine::json_schema::compile(schema))
    held.compiled
      = std::make_shared<const engine::json_schema>(std::move(*made));
  else
    broken.push_back(row.name + ": " + made.failure().message);
  return held.compiled;
}

} // namespace troupe::actors
