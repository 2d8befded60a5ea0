#include "cli/import_state.hpp"

#include "cli/json_members.hpp"
#include "cli/small_file.hpp"
#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"

#include <boost/json/object.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t state_bytes_max = 64 * 1024;

engine::error unwritable(const std::string& file) {
  return engine::invalid("file_unwritable", "cannot write " + file);
}

} // namespace

std::string state_file_of(const std::string& file) {
  return file + ".troupe-import";
}

engine::result<std::optional<import_state>>
read_import_state(const std::string& file) {
  using answer = std::optional<import_state>;
  std::error_code none;
  if (!std::filesystem::exists(file, none))
    return answer{};
  const auto text = read_small_file(file, state_bytes_max);
  if (!text)
    return text.failure();
  const auto value = engine::parse_json(*text);
  if (!value || number_in(*value, "/next_line") == 0)
    return engine::invalid("state_unreadable",
                           file
                             + " is no state of an import: remove it to "
                               "begin anew");
  import_state out;
  out.file_mark = text_in(*value, "/file_mark");
  out.what = text_in(*value, "/what");
  out.offset = number_in(*value, "/offset");
  out.number = number_in(*value, "/next_line");
  out.rejects_file = text_in(*value, "/rejects_file");
  out.rejects = number_in(*value, "/rejects_bytes");
  out.counts
    = {number_in(*value, "/lines"), number_in(*value, "/accepted"),
       number_in(*value, "/duplicates"), number_in(*value, "/rejected")};
  return answer{std::move(out)};
}

engine::status try_import_state(const std::string& file) {
  const auto fresh = file + ".new";
  if (!std::ofstream{fresh, std::ios::trunc})
    return unwritable(file);
  std::error_code none;
  std::filesystem::remove(fresh, none);
  return engine::success();
}

engine::status write_import_state(const std::string& file,
                                  const import_state& state) {
  const auto fresh = file + ".new";
  {
    std::ofstream out{fresh, std::ios::trunc};
    out << engine::to_json(json::object{{"file_mark", state.file_mark},
                                        {"what", state.what},
                                        {"offset", state.offset},
                                        {"next_line", state.number},
                                        {"rejects_file", state.rejects_file},
                                        {"rejects_bytes", state.rejects},
                                        {"lines", state.counts.lines},
                                        {"accepted", state.counts.accepted},
                                        {"duplicates", state.counts.duplicates},
                                        {"rejected", state.counts.rejected}})
        << '\n';
    if (!out.flush())
      return unwritable(fresh);
  }
  std::error_code failure;
  std::filesystem::rename(fresh, file, failure);
  if (failure)
    return engine::invalid("file_unwritable",
                           "cannot write " + file + ": " + failure.message());
  return engine::success();
}

} // namespace troupe::cli
