// `troupe import`: events of a file, also of other products.
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/importer.hpp"
#include "cli/output.hpp"
#include "engine/json_text.hpp"

#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>

namespace troupe::cli {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::result;

constexpr std::size_t batch_default = 500;
constexpr std::size_t batch_max = 1000;
constexpr std::size_t patience_default = 300;
constexpr std::size_t patience_max = 86'400;
constexpr std::size_t mark_bytes = 64 * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

result<std::size_t> number_of(const arguments& given, const std::string& option,
                              std::size_t usual, std::size_t most) {
  const auto text = given.text(option, std::to_string(usual));
  std::size_t out = 0;
  const auto read
    = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()
      || out == 0 || out > most)
    return invalid("option_invalid", option + " takes a number from 1 to "
                                       + std::to_string(most));
  return out;
}

// "orders.csv.gz" is a table.
std::string format_by_name(std::string file) {
  for (const std::string_view packed : {".gz", ".zst", ".zstd"})
    if (file.ends_with(packed))
      file.resize(file.size() - packed.size());
  return file.ends_with(".csv") ? "csv" : "ndjson";
}

using column_map = std::vector<std::pair<std::string, std::string>>;

result<column_map> map_of(const arguments& given) {
  column_map out;
  for (const auto& each : given.all("--map")) {
    const auto at = each.rfind('=');
    if (at == each.npos || at == 0 || at + 1 == each.size())
      return invalid("option_invalid", "--map takes COLUMN=FIELD");
    out.emplace_back(each.substr(0, at), each.substr(at + 1));
  }
  return out;
}

// What the file begins with, as hexadecimal digits.
std::string mark_of(std::string_view begin) {
  const auto hash = engine::wide_fingerprint(
    json::value(json::string_view{begin.data(), begin.size()}));
  char out[33];
  std::snprintf(out, sizeof out, "%016llx%016llx",
                static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return out;
}

// Where an import goes on, if it does.
result<import_state> state_to_begin(const arguments& given,
                                    const std::string& state_file,
                                    import_state fresh) {
  if (!given.is_set("--resume"))
    return fresh;
  if (state_file.empty())
    return invalid("option_invalid",
                   "--resume needs a file, and no --dry-run: of standard input "
                   "no place is kept; lines that were taken are not taken "
                   "again");
  auto kept = read_import_state(state_file);
  if (!kept)
    return kept.failure();
  if (!*kept)
    return fresh;
  if ((*kept)->file_mark != fresh.file_mark || (*kept)->what != fresh.what)
    return invalid("import_changed",
                   "the file, the server or the options are not those of the "
                   "import that "
                     + state_file + " is of");
  return **kept;
}

// The state keeps which file of rejects it goes on with, also when a run in
// between writes none.
engine::status keep_rejects(const arguments& given, import_state& state) {
  const auto file = given.text("--rejects");
  if (file.empty())
    return engine::success();
  std::error_code none;
  if (std::filesystem::equivalent(file, given.text("FILE"), none))
    return invalid("option_invalid", "--rejects is the file itself");
  const auto whole
    = std::filesystem::absolute(file, none).lexically_normal().string();
  if (state.rejects != 0 && !state.rejects_file.empty()
      && state.rejects_file != whole)
    return invalid("rejects_changed",
                   "the import goes on with --rejects " + state.rejects_file);
  state.rejects_file = whole;
  return engine::success();
}

// Names and passwords are none of a file's business.
std::string without_user(std::string url) {
  const auto host = url.find("://");
  const auto begin = host == url.npos ? 0 : host + 3;
  const auto end = url.find_first_of("/?#", begin);
  const auto at = url.substr(0, end).rfind('@');
  return at == url.npos || at < begin ? url : url.erase(begin, at + 1 - begin);
}

/// The file, opened, with all that is known of it before its first event.
struct opened_file {
  record_reader records;
  std::optional<csv_events> columns;
  std::string mark;
};

result<opened_file> open_file(const arguments& given, bool is_table) {
  auto source = byte_source::open(given.text("FILE"));
  if (!source)
    return source.failure();
  opened_file out{
    {std::move(*source), is_table ? record_kind::csv : record_kind::line},
    std::nullopt,
    {}};
  const auto begin = out.records.peek(mark_bytes);
  if (!begin)
    return begin.failure();
  out.mark = mark_of(*begin);
  if (begin->starts_with(byte_order_mark))
    if (auto good = out.records.go_to(byte_order_mark.size(), 1); !good)
      return good.failure();
  if (!is_table)
    return out;
  auto header = out.records.next();
  if (!header)
    return header.failure();
  if (!*header || (*header)->failure)
    return invalid("columns_invalid", "the table has no header");
  const auto map = map_of(given);
  if (!map)
    return map.failure();
  auto columns = csv_events::of((*header)->cells, given.text("--type"), *map);
  if (!columns)
    return columns.failure();
  out.columns = std::move(*columns);
  return out;
}

std::string path_of(const std::string& format, const arguments& given,
                    const std::string& mark) {
  const auto is_own = format == "ndjson" || format == "csv";
  return "/v1/events/import?format=" + (is_own ? "native" : format)
         + "&source=" + mark + (given.is_set("--start") ? "&start=true" : "")
         + (given.is_set("--dry-run") ? "&dry_run=true" : "");
}

// What must be the same for an import to go on.
std::string what_of(const std::string& url, const std::string& format,
                    const arguments& given) {
  auto out = without_user(url) + "\n" + format + "\n" + given.text("--type")
             + "\n" + (given.is_set("--start") ? "start" : "history");
  for (const auto& each : given.all("--map"))
    out += "\n" + each;
  return out;
}

void print_summary(const arguments& given, const importer& done) {
  const auto& counts = done.counts();
  const json::object out{
    {"file", given.text("FILE")},      {"dry_run", given.is_set("--dry-run")},
    {"lines", counts.lines},           {"accepted", counts.accepted},
    {"duplicates", counts.duplicates}, {"rejected", counts.rejected},
    {"seconds", done.seconds()}};
  std::printf("%s\n", engine::to_json(out).c_str());
}

// What the options alone say of it.
result<import_plan> plan_of(const arguments& given, const std::string& format) {
  const auto batch = number_of(given, "--batch", batch_default, batch_max);
  if (!batch)
    return batch.failure();
  const auto patience
    = number_of(given, "--patience", patience_default, patience_max);
  if (!patience)
    return patience.failure();
  if (format != "csv" && (given.has("--map") || given.has("--type")))
    return invalid("option_invalid", "--map and --type are of tables (csv)");
  import_plan out;
  out.batch = *batch;
  out.patience = std::chrono::seconds{*patience};
  return out;
}

// Where it begins, or goes on. Without a place for its state there is none in
// the plan afterwards, unless it is to go on.
result<import_state> begin_at(const arguments& given, import_plan& plan,
                              record_reader& records, import_state fresh) {
  auto state = state_to_begin(given, plan.state_file, std::move(fresh));
  if (!state)
    return state;
  if (state->offset != 0)
    if (auto good = records.go_to(state->offset, state->number); !good)
      return good.failure();
  if (!plan.state_file.empty())
    if (auto good = try_import_state(plan.state_file); !good) {
      if (given.is_set("--resume"))
        return good.failure();
      std::fprintf(stderr, "troupe: %s: --resume will not go on from here\n",
                   plain(good.failure().message).c_str());
      plan.state_file.clear();
    }
  if (auto good = keep_rejects(given, *state); !good)
    return good.failure();
  return state;
}

int import_file(const arguments& given) {
  const auto file = given.text("FILE");
  const auto format = given.text("--format", format_by_name(file));
  auto plan = plan_of(given, format);
  if (!plan)
    return report(plan.failure());
  auto server = client::of(given);
  if (!server)
    return report(server.failure());
  auto opened = open_file(given, format == "csv");
  if (!opened)
    return report(opened.failure());
  plan->path = path_of(format, given, opened->mark);
  if (file != "-" && !given.is_set("--dry-run"))
    plan->state_file = state_file_of(file);
  import_state fresh;
  fresh.file_mark = opened->mark;
  fresh.what = what_of(server->url(), format, given);
  auto state = begin_at(given, *plan, opened->records, std::move(fresh));
  if (!state)
    return report(state.failure());
  auto rejects = rejects_file::open(given.text("--rejects"), state->rejects);
  if (!rejects)
    return report(rejects.failure());
  const auto state_file = plan->state_file;
  importer all{std::move(*plan),           std::move(*server),
               std::move(opened->records), std::move(opened->columns),
               std::move(*rejects),        std::move(*state)};
  const auto done = all.run();
  print_summary(given, all);
  if (!done) {
    if (!state_file.empty())
      std::fputs("troupe: --resume goes on from here\n", stderr);
    return report(done.failure());
  }
  std::error_code none;
  if (!state_file.empty())
    std::filesystem::remove(state_file, none);
  return all.counts().rejected == 0 ? exit_success : exit_failure;
}

} // namespace

command import_command() {
  command out{"import", "Import events of a file, also of other products"};
  out.operands = {{"FILE", "to read, also .gz or .zst; -: standard input"}};
  out.options
    = {{"--format",
        "FORMAT",
        "what it is [csv by its name, else ndjson]",
        {"ndjson", "csv", "segment", "posthog", "amplitude", "customerio"}},
       {"--type", "TYPE", "of the rows of a table that have none"},
       {"--map",
        "COLUMN=FIELD",
        "a column that is called otherwise: id=external_id; -: leave it out",
        {},
        true},
       {"--start", "",
        "let the events start sequences and webhooks, as if they "
        "happened now"},
       {"--dry-run", "", "have the server check the lines and take none"},
       {"--rejects", "FILE", "gets the lines that were not taken, and why"},
       {"--resume", "", "go on where an import of this file was ended"},
       {"--batch", "N", "lines of a request [500]"},
       {"--patience", "SECONDS", "with a server that does not answer [300]"}};
  for (auto& each : connection_options())
    out.options.push_back(std::move(each));
  out.examples
    = {"troupe import events.ndjson.gz --rejects rejected.ndjson",
       "troupe import people.csv --type '$identify' --map id=external_id",
       "troupe import segment-archive.gz --format segment --dry-run"};
  out.run = import_file;
  return out;
}

} // namespace troupe::cli
