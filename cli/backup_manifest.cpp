#include "cli/backup_manifest.hpp"

#include "cli/json_members.hpp"
#include "cli/output.hpp"
#include "cli/small_file.hpp"
#include "engine/strict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::uint64_t format = 1;
constexpr std::size_t bytes_max = std::size_t{1} << 20;
constexpr auto manifest_name = "manifest.json";
constexpr auto sums_name = "SHA256SUMS";

std::string text_of(const backup_manifest& what) {
  json::array tables;
  for (const auto& each : what.facts.rows)
    tables.push_back(json::object{{"table", each.table}, {"rows", each.rows}});
  json::array files;
  for (const auto& each : what.files)
    files.push_back(json::object{
      {"name", each.name}, {"bytes", each.bytes}, {"sha256", each.sha256}});
  json::object all{{"format", format},
                   {"troupe", what.troupe},
                   {"store", what.store},
                   {"schema", what.facts.schema},
                   {"created_at", what.created_at},
                   {"newest_turn", what.facts.newest_turn}};
  if (what.dumped_by != 0)
    all["dumped_by"] = what.dumped_by;
  all["tables"] = std::move(tables);
  all["files"] = std::move(files);
  return pretty(all) + "\n";
}

std::string sums_of(const backup_manifest& what, std::string_view text) {
  std::string out;
  for (const auto& each : what.files)
    out += each.sha256 + "  " + each.name + "\n";
  return out + sha256_of(text) + "  " + manifest_name + "\n";
}

const json::array* list_in(const json::value& of, const char* name) {
  const auto* found
    = of.is_object() ? of.get_object().if_contains(name) : nullptr;
  return found == nullptr ? nullptr : found->if_array();
}

// Names lead nowhere else.
bool is_ours(const backup_manifest& what) {
  const auto* copy = what.is_embedded() ? embedded_copy : database_copy;
  return !what.files.empty() && what.files.front().name == copy
         && std::all_of(what.files.begin() + 1, what.files.end(),
                        [](const file_sum& each) {
                          return each.name == key_copy;
                        });
}

} // namespace

const file_sum* backup_manifest::find(std::string_view name) const {
  for (const auto& each : files)
    if (each.name == name)
      return &each;
  return nullptr;
}

engine::status write_manifest(const std::string& directory,
                              const backup_manifest& what) {
  const auto text = text_of(what);
  if (auto good = write_file(directory + "/" + manifest_name, text); !good)
    return good;
  return write_file(directory + "/" + sums_name, sums_of(what, text));
}

engine::result<backup_manifest> read_manifest(const std::string& directory) {
  const auto no_backup = [&] {
    return engine::invalid("backup_unreadable",
                           directory + " is no backup that this release reads");
  };
  const auto damaged = [&] {
    return engine::invalid("backup_damaged",
                           "the backup is damaged: " + directory + "/"
                             + sums_name + " does not agree with its manifest");
  };
  const auto text = read_small_file(directory + "/" + manifest_name, bytes_max);
  if (!text)
    return no_backup();
  const auto sums = read_small_file(directory + "/" + sums_name, bytes_max);
  // Before it is read: a damaged one may say anything.
  if (!sums || !sums->ends_with(sha256_of(*text) + "  " + manifest_name + "\n"))
    return damaged();
  const auto value = engine::parse_json(*text);
  const auto* tables = value ? list_in(*value, "tables") : nullptr;
  const auto* files = value ? list_in(*value, "files") : nullptr;
  if (tables == nullptr || files == nullptr
      || number_in(*value, "/format") != format)
    return no_backup();
  backup_manifest out;
  out.troupe = text_in(*value, "/troupe");
  out.store = text_in(*value, "/store");
  out.created_at = text_in(*value, "/created_at");
  out.dumped_by = static_cast<int>(number_in(*value, "/dumped_by"));
  out.facts.schema = static_cast<std::int64_t>(number_in(*value, "/schema"));
  out.facts.newest_turn = number_in(*value, "/newest_turn");
  for (const auto& each : *tables)
    out.facts.rows.push_back(
      {text_in(each, "/table"), number_in(each, "/rows")});
  for (const auto& each : *files)
    out.files.push_back({text_in(each, "/name"), number_in(each, "/bytes"),
                         text_in(each, "/sha256")});
  if (!is_ours(out))
    return no_backup();
  if (*sums != sums_of(out, *text))
    return damaged();
  return out;
}

} // namespace troupe::cli
