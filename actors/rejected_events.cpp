// Events that were not taken, on their way into the store and out of it.
#include "actors/gateway_read.hpp"
#include "actors/reader.hpp"
#include "actors/work.hpp"

namespace troupe::actors {

messages::rejected_found
reader_actor_state::find_rejected(const messages::rejected_search& search) {
  messages::rejected_found found;
  auto rows = store->rejected_events(
    {search.workspace, search.code, search.before, search.limit + 1});
  if (!rows) {
    found.failure = rows.failure();
    return found;
  }
  found.rows = std::move(*rows);
  found.has_more = found.rows.size() > search.limit;
  if (found.has_more)
    found.rows.pop_back();
  return found;
}

void gateway_actor_state::keep_rejected(messages::rejected_events events,
                                        const messages::status_slot& slot) {
  row_change change;
  for (auto& row : events.rows)
    change.rows.emplace_back(std::move(row));
  ask(self, options.persistence, atom::store_atom::value, std::move(change),
      slot_to<row_changed>([slot](row_changed done) {
        (*slot.complete)({std::move(done.failure), {}, {}});
      }));
}

} // namespace troupe::actors
