#include "persistence/postgres/backup.hpp"

#include "persistence/copy_rules.hpp"
#include "persistence/postgres/client_program.hpp"
#include "persistence/postgres/connection.hpp"
#include "persistence/postgres/lane.hpp"
#include "persistence/postgres/settings.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

namespace {

constexpr auto patience = std::chrono::hours{24};

// Rows of keys can be emptied under a snapshot: not while this holds them. It
// is taken before the moment of the snapshot, which is that of the first query.
constexpr auto begin_moment
  = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    "SET LOCAL statement_timeout=0; SET LOCAL lock_timeout='60s';"
    "SET LOCAL idle_in_transaction_session_timeout=0;"
    "SET LOCAL enable_seqscan=on;"
    "LOCK TABLE installation, keys IN ACCESS SHARE MODE";

engine::status is_new_enough(const client_program& program,
                             const std::string& name, int needed) {
  const auto version = program.version();
  if (!version)
    return version.failure();
  if (*version >= needed)
    return engine::success();
  return engine::invalid("backup_tool_too_old",
                         name + " is of PostgreSQL " + std::to_string(*version)
                           + "; that of " + std::to_string(needed)
                           + " or later is needed");
}

/// Of one transaction. No statement of it is repeated on another connection.
engine::result<copy_facts> count_rows(connection& db) {
  const auto first = db.ask("SELECT (SELECT max(version)"
                            " FROM schema_migrations)::bigint,"
                            " (SELECT coalesce(max(pos), 0) FROM turns)",
                            {});
  // Partitioned tables hold nothing themselves.
  const auto tables
    = db.ask("SELECT convert_to(c.relname, 'UTF8'),"
             " convert_to(format('SELECT count(*) FROM %I.%I', n.nspname,"
             " c.relname), 'UTF8') FROM pg_class c"
             " JOIN pg_namespace n ON n.oid=c.relnamespace"
             " WHERE c.relkind='r' AND n.nspname=current_schema()"
             " ORDER BY c.relname COLLATE \"C\"",
             {});
  if (!first || !tables)
    return db.failure("count the rows of the store");
  copy_facts out;
  out.schema = first->integer(0, 0);
  out.newest_turn = static_cast<std::uint64_t>(first->integer(0, 1));
  for (int row = 0; row < tables->rows(); ++row) {
    const auto count = db.ask(tables->bytes(row, 1), {});
    if (!count)
      return db.failure("count the rows of the store");
    out.rows.push_back({std::string{tables->bytes(row, 0)},
                        static_cast<std::uint64_t>(count->integer(0, 0))});
  }
  return out;
}

/// Whether the tables of what was restored agree.
engine::status check_tables(connection& db) {
  db.be_patient(patience);
  if (!db.execute("SET statement_timeout=0"))
    return db.failure("check what was restored");
  for (const auto& each : copy_rules) {
    const auto count = db.ask(each.breaches, {});
    if (!count)
      return db.failure("check what was restored");
    if (const auto breaches = count->integer(0, 0); breaches != 0)
      return engine::invalid("backup_damaged",
                             "it is restored, and its tables do not agree: "
                               + std::string{each.fault} + " ("
                               + std::to_string(breaches) + ")");
  }
  return engine::success();
}

/// Counts rows in what pg_restore writes: a line each, between COPY and "\.".
class row_counter {
public:
  void take(std::string_view part) {
    for (const char c : part)
      if (c != '\n')
        keep(c);
      else
        end_line();
  }

  std::vector<table_rows> counted() && {
    std::sort(rows_.begin(), rows_.end(),
              [](const table_rows& a, const table_rows& b) {
                return a.table < b.table;
              });
    return std::move(rows_);
  }

private:
  static constexpr std::size_t line_max = 1024; // of which names are part

  void keep(char c) {
    if (line_.size() < line_max)
      line_ += c;
  }

  void end_line() {
    if (in_rows_ && line_ == "\\.")
      in_rows_ = false;
    else if (in_rows_)
      ++rows_.back().rows;
    else if (line_.starts_with("COPY "))
      begin_table();
    line_.clear();
  }

  // "COPY public.heads (contact, pos) FROM stdin;"
  void begin_table() {
    auto name = line_.substr(5, line_.find(" (") - 5);
    name.erase(0, name.rfind('.') + 1);
    std::erase(name, '"');
    rows_.push_back({std::move(name), 0});
    in_rows_ = true;
  }

  std::string line_;
  bool in_rows_ = false;
  std::vector<table_rows> rows_;
};

} // namespace

engine::result<dump> dump_store(const std::string& url,
                                const std::string& file) {
  auto db = connection::open(url, access::read);
  if (!db)
    return db.failure();
  const client_program program{"pg_dump", url};
  if (auto good
      = is_new_enough(program, "pg_dump", db->server_version() / 10000);
      !good)
    return good.failure();
  const auto there = db->ask("SELECT (to_regclass('schema_migrations') IS NOT"
                             " NULL AND to_regclass('turns') IS NOT NULL)::int",
                             {});
  if (!there)
    return db->failure("look for the store");
  if (there->integer(0, 0) == 0)
    return engine::invalid("backup_no_store",
                           "there is no store in the database");
  db->be_patient(patience);
  if (!db->execute(begin_moment))
    return db->failure("begin the copy");
  const auto moment
    = db->ask("SELECT convert_to(pg_export_snapshot(), 'UTF8'),"
              " convert_to(format('%I.*', current_schema()), 'UTF8')",
              {});
  if (!moment)
    return db->failure("begin the copy");
  dump out;
  if (auto done = program.run({"--format=custom", "--compress=1", "--no-owner",
                               "--no-privileges", "--no-password",
                               "--lock-wait-timeout=60s",
                               "--snapshot=" + std::string{moment->bytes(0, 0)},
                               "--table=" + std::string{moment->bytes(0, 1)},
                               "--file=" + file, "--dbname"});
      !done)
    return done.failure();
  auto counted = count_rows(*db);
  if (!counted)
    return counted.failure();
  out.facts = std::move(*counted);
  const auto made_by = program.version();
  out.made_by = made_by ? *made_by : 0;
  return out;
}

engine::result<copy_facts> read_dump(const std::string& file, int made_by) {
  const client_program program{"pg_restore", {}};
  if (auto good = is_new_enough(program, "pg_restore", made_by); !good)
    return good.failure();
  row_counter counter;
  if (auto done = program.run({"--file=-", file},
                              [&counter](std::string_view part) {
                                counter.take(part);
                              });
      !done)
    return done.failure();
  copy_facts out;
  out.rows = std::move(counter).counted();
  return out;
}

engine::status restore_dump(const std::string& url, const std::string& file,
                            int made_by) {
  const client_program program{"pg_restore", url};
  if (auto good = is_new_enough(program, "pg_restore", made_by); !good)
    return good;
  auto db = connection::open(url, access::write);
  if (!db)
    return db.failure();
  if (auto safe = check_settings(*db); !safe)
    return safe;
  lane held{std::move(*db)};
  if (auto reserved = held.reserve(); !reserved)
    return reserved;
  // What an extension brought is none of ours.
  const auto others
    = held.db().ask("SELECT count(*) FROM pg_class c"
                    " JOIN pg_namespace n ON n.oid=c.relnamespace"
                    " WHERE n.nspname=current_schema() AND NOT EXISTS (SELECT 1"
                    " FROM pg_depend d WHERE d.objid=c.oid AND d.deptype='e')",
                    {});
  if (!others)
    return held.db().failure("look into the database");
  if (others->integer(0, 0) != 0)
    return engine::invalid("target_not_empty",
                           "the database is not empty: restore into a new one");
  if (auto done
      = program.run({"--single-transaction", "--exit-on-error", "--no-owner",
                     "--no-privileges", "--no-password", "--dbname", file});
      !done)
    return done;
  return check_tables(held.db());
}

} // namespace troupe::persistence::postgres
