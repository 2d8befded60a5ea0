// Erasing contacts, and what is kept of those that were.
#include "persistence/contact_closer.hpp"
#include "persistence/erasing.hpp"
#include "persistence/erasures_found.hpp"
#include "persistence/sqlite/erasing_database.hpp"
#include "persistence/sqlite/reader.hpp"
#include "persistence/sqlite/writer.hpp"

#include <algorithm>

namespace troupe::persistence::sqlite {

using engine::number;

namespace {

constexpr std::size_t turns_at_once = 200;

engine::error changed_meanwhile() {
  return {engine::errc::conflict, "changed", "the contact has changed", {}};
}

} // namespace

engine::status writer::begin_erasure(const erasure_wish& wish) {
  transaction tx{db_};
  contact_closer work{erasing_database{db_}, secret_};
  using outcome = decltype(work)::outcome;
  const auto begun = tx ? work.begin(wish) : outcome::failed;
  if (begun == outcome::changed)
    return changed_meanwhile();
  if (begun == outcome::failed || !save(wish.note) || !tx.commit())
    return db_.failure("erase a contact");
  has_erased_ = true;
  return engine::success();
}

engine::result<erasing> writer::erase_more(timestamp now) {
  eraser work{erasing_database{db_}};
  {
    transaction tx{db_};
    const auto found = tx ? work.find() : std::nullopt;
    if (!found)
      return db_.failure("erase a contact");
    if (*found) {
      has_erased_ = true;
      if (!work.slice(turns_at_once) || !tx.commit())
        return db_.failure("erase a contact");
      return erasing::goes_on;
    }
  }
  const auto emptied = work.find_emptied();
  if (!emptied)
    return db_.failure("erase a contact");
  if (emptied->last == 0)
    return erasing::nothing;
  has_erased_ = true;
  // The log still has the pages as they were.
  const auto is_empty = db_.empty_log();
  if (!is_empty)
    return is_empty.failure();
  if (!*is_empty)
    return erasing::waits;
  transaction tx{db_};
  if (!tx || !work.finish(emptied->last, now) || !tx.commit())
    return db_.failure("erase a contact");
  return erasing::nothing;
}

// What comes of a call that was under way when its contact was erased.
// @returns nothing on a failure
std::optional<bool> writer::is_erased(const attempt_row& attempt) {
  if (!has_erased_)
    return false;
  statement find{db_.get(), "SELECT 1 FROM turns WHERE pos=? AND kind=8"};
  const auto found = find.bind(number(attempt.key.turn)).step();
  return find.failed() ? std::nullopt : std::optional{found};
}

engine::result<std::vector<erasure_row>>
reader::erasures(const erasure_query& query) {
  auto found = erasures_found(erasing_database{db_}, query);
  if (!found)
    return db_.failure("read the erasures");
  return std::move(*found);
}

// Only where there are any: most stores have none.
engine::status
reader::note_erased(workspace_id workspace,
                    std::vector<engine::identity_owner>& owners) {
  const auto is_unknown = [](const engine::identity_owner& each) {
    return each.contact == contact_id{};
  };
  if (std::none_of(owners.begin(), owners.end(), is_unknown))
    return engine::success();
  {
    scoped_reset reset{sql_.secret};
    if (!sql_.secret.step())
      return sql_.secret.failed() ? db_.failure("find an identity")
                                  : engine::success();
    if (secret_.empty())
      secret_ = sql_.secret.text(0);
  }
  for (auto& owner : owners) {
    if (!is_unknown(owner))
      continue;
    const auto hash = engine::tombstone_of(secret_, workspace, owner.who);
    scoped_reset reset{sql_.tombstone};
    owner.erased = sql_.tombstone.bind(number(workspace), as_blob{hash}).step();
    if (sql_.tombstone.failed())
      return db_.failure("find an identity");
  }
  return engine::success();
}

} // namespace troupe::persistence::sqlite
