// Whether a copy is whole and says one thing: its pages, its tables, and the
// first law, that the turns of a contact give its state.
#include "persistence/codec.hpp"
#include "persistence/copy_rules.hpp"
#include "persistence/sqlite/backup.hpp"
#include "persistence/sqlite/connection.hpp"

#include <optional>

namespace troupe::persistence::sqlite {

namespace {

constexpr std::size_t faults_max = 20; // told of one copy

class examiner {
public:
  explicit examiner(connection db)
    : db_{std::move(db)},
      previous_{db_.get(), "SELECT previous FROM turns WHERE pos=?"},
      turn_{db_.get(), "SELECT pos, workspace, contact, contact_seq, kind, at,"
                       " payload FROM turns WHERE pos=?"} {}

  engine::result<examination> run() {
    // Tables of damaged pages need not be asked.
    if (auto good = look_at_pages(); !good)
      return good.failure();
    if (found_.faults.empty()) {
      if (auto good = look_at_tables(); !good)
        return good.failure();
    }
    if (found_.faults.empty()) {
      if (auto good = look_at_contacts(); !good)
        return good.failure();
    }
    return std::move(found_);
  }

private:
  void fault(std::string what) {
    if (found_.faults.size() < faults_max)
      found_.faults.push_back(std::move(what));
  }

  engine::status look_at_pages() {
    statement pages{db_.get(), "PRAGMA integrity_check(5)"};
    while (pages.step())
      if (pages.text(0) != "ok")
        fault("the file is damaged: " + std::string{pages.text(0)});
    statement keys{db_.get(), "PRAGMA foreign_key_check"};
    while (keys.step())
      fault("a row of " + std::string{keys.text(0)} + " refers to nothing");
    return pages.failed() || keys.failed()
             ? engine::status{db_.failure("check the copy")}
             : engine::success();
  }

  engine::status look_at_tables() {
    for (const auto& each : copy_rules) {
      statement count{db_.get(), each.breaches};
      if (!count.step())
        return db_.failure("check the copy");
      if (const auto breaches = count.integer(0); breaches != 0)
        fault(std::string{each.fault} + " (" + std::to_string(breaches) + ")");
    }
    return engine::success();
  }

  engine::status look_at_contacts() {
    statement contacts{db_.get(), "SELECT contact, snapshot_seq, state, pos"
                                  " FROM contacts JOIN heads USING (contact)"};
    while (contacts.step()) {
      ++found_.contacts;
      std::optional<std::uint64_t> kept;
      if (!contacts.is_null(2)) {
        const auto state = decode_state(contacts.text(2));
        if (!state) {
          fault("the snapshot of contact " + id_at(contacts)
                + " cannot be read");
          continue;
        }
        kept = state_hash(*state);
      }
      look_at_contact(id_at(contacts), contacts.integer(3),
                      static_cast<std::uint64_t>(contacts.integer(1)), kept);
    }
    return contacts.failed() ? engine::status{db_.failure("check the copy")}
                             : engine::success();
  }

  /// @pre the tables agree
  void look_at_contact(const std::string& name, std::int64_t head,
                       std::uint64_t snapshot_seq,
                       std::optional<std::uint64_t> kept) {
    std::vector<std::int64_t> places; // newest first
    auto at = head;
    while (at != 0) {
      scoped_reset reset{previous_};
      if (!previous_.bind(at).step())
        break; // how it began is not kept any more
      places.push_back(at);
      at = previous_.integer(0);
    }
    const auto is_whole = at == 0;
    engine::contact_state state;
    for (auto each = places.rbegin(); each != places.rend(); ++each) {
      const auto turn = read(*each);
      if (!turn)
        return fault("turn " + std::to_string(*each) + " cannot be read");
      ++found_.turns;
      if (!is_whole)
        continue;
      engine::apply(state, *turn);
      if (kept && state.seq == snapshot_seq && state_hash(state) != *kept)
        return fault("the turns of contact " + name
                     + " do not give its snapshot");
    }
  }

  engine::result<engine::turn> read(std::int64_t at) {
    scoped_reset reset{turn_};
    if (!turn_.bind(at).step())
      return db_.failure("read a turn");
    engine::turn row;
    row.stamp.turn
      = engine::position{static_cast<std::uint64_t>(turn_.integer(0))};
    row.workspace
      = engine::workspace_id{static_cast<std::uint32_t>(turn_.integer(1))};
    row.contact
      = engine::contact_id{static_cast<std::uint64_t>(turn_.integer(2))};
    row.stamp.seq = static_cast<std::uint64_t>(turn_.integer(3));
    row.kind = static_cast<engine::turn_kind>(turn_.integer(4));
    row.stamp.at = time_at(turn_, 5);
    return decode_turn(std::move(row), turn_.text(6));
  }

  // The number it has in the tables, as SQL shows it.
  static std::string id_at(const statement& row) {
    return std::to_string(row.integer(0));
  }

  connection db_;
  statement previous_;
  statement turn_;
  examination found_;
};

} // namespace

engine::result<examination> examine(const std::string& file) {
  auto db = connection::open(file, access::still);
  if (!db)
    return db.failure();
  return examiner{std::move(*db)}.run();
}

} // namespace troupe::persistence::sqlite
