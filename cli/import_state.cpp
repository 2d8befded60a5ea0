#include "cli/import_state.hpp"

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

std::uint64_t number_in(const json::object& of, std::string_view name) {
  const auto* found = of.if_contains(name);
  return found != nullptr && found->is_int64() && found->get_int64() >= 0
           ? static_cast<std::uint64_t>(found->get_int64())
           : 0;
}

std::string text_in(const json::object& of, std::string_view name) {
  const auto* found = of.if_contains(name);
  return found != nullptr && found->is_string()
           ? std::string{found->get_string()}
           : std::string{};
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
  if (!value || !value->is_object())
    return engine::invalid("state_unreadable",
                           file
                             + " is no state of an import: remove it to "
                               "begin anew");
  const auto& from = value->get_object();
  import_state out;
  out.file_mark = text_in(from, "file_mark");
  out.what = text_in(from, "what");
  out.offset = number_in(from, "offset");
  out.number = number_in(from, "next_line");
  out.rejects = number_in(from, "rejects_bytes");
  out.counts = {number_in(from, "lines"), number_in(from, "accepted"),
                number_in(from, "duplicates"), number_in(from, "rejected")};
  return answer{std::move(out)};
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
                                        {"rejects_bytes", state.rejects},
                                        {"lines", state.counts.lines},
                                        {"accepted", state.counts.accepted},
                                        {"duplicates", state.counts.duplicates},
                                        {"rejected", state.counts.rejected}})
        << '\n';
    if (!out.flush())
      return engine::invalid("file_unwritable", "cannot write " + fresh);
  }
  std::error_code failure;
  std::filesystem::rename(fresh, file, failure);
  if (failure)
    return engine::invalid("file_unwritable",
                           "cannot write " + file + ": " + failure.message());
  return engine::success();
}

} // namespace troupe::cli
