#include "cli/record_reader.hpp"

#include <algorithm>

namespace troupe::cli {

namespace {

constexpr std::size_t read_bytes = 128 * 1024;

std::string_view without_break(std::string_view text) {
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  return text;
}

} // namespace

engine::error record_too_long() {
  return engine::invalid("record_too_long",
                         "a record has at most "
                           + std::to_string(record_bytes_max / 1024) + " KiB");
}

std::string_view record_reader::rest() const {
  return std::string_view{buffer_}.substr(at_);
}

void record_reader::pass(std::size_t bytes) {
  at_ += bytes;
  offset_ += bytes;
}

engine::status record_reader::fill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const auto size = buffer_.size();
  buffer_.resize(size + read_bytes);
  const auto got = from_.read(buffer_.data() + size, read_bytes);
  buffer_.resize(size + (got ? *got : 0));
  if (!got)
    return got.failure();
  is_all_ = *got == 0;
  return engine::success();
}

engine::result<std::string_view> record_reader::peek(std::size_t most) {
  while (rest().size() < most && !is_all_)
    if (auto good = fill(); !good)
      return good.failure();
  return rest().substr(0, most);
}

// The record goes up to its first line break: what follows is read anew.
engine::result<std::optional<file_record>>
record_reader::cut_off(engine::error why) {
  file_record out;
  out.number = number_++;
  out.offset = offset_;
  cut_ = rest().substr(0, std::min(rest().find('\n'), record_bytes_max));
  out.text = without_break(cut_);
  out.failure = std::move(why);
  auto line_break = rest().find('\n');
  while (line_break == std::string_view::npos && !is_all_) {
    pass(rest().size());
    if (auto good = fill(); !good)
      return good.failure();
    line_break = rest().find('\n');
  }
  pass(line_break == std::string_view::npos ? rest().size() : line_break + 1);
  out.end = offset_;
  return std::optional{std::move(out)};
}

// Nothing: more must be read to see its end.
engine::result<std::optional<file_record>> record_reader::found() {
  using answer = std::optional<file_record>;
  const auto all = rest();
  file_record out;
  std::size_t size = 0;
  if (kind_ == record_kind::csv) {
    auto row = read_csv_record(all, is_all_);
    if (!row)
      return answer{};
    if (row->has_open_quote)
      return cut_off(
        engine::invalid("quote_open", "a quote is opened and not closed"));
    size = row->bytes;
    out.cells = std::move(row->cells);
  } else {
    const auto line_break = all.find('\n');
    if (line_break == all.npos && !is_all_)
      return answer{};
    size = line_break == all.npos ? all.size() : line_break + 1;
  }
  if (size > record_bytes_max)
    return cut_off(record_too_long());
  out.number = number_++;
  out.offset = offset_;
  out.text = without_break(all.substr(0, size));
  pass(size);
  out.end = offset_;
  return answer{std::move(out)};
}

engine::result<std::optional<file_record>> record_reader::next() {
  for (;;) {
    if (!rest().empty()) {
      auto record = found();
      if (!record || *record)
        return record;
      if (rest().size() > record_bytes_max)
        return cut_off(record_too_long());
    }
    if (is_all_)
      return std::optional<file_record>{};
    if (auto good = fill(); !good)
      return good.failure();
  }
}

engine::status record_reader::go_to(std::uint64_t offset,
                                    std::uint64_t number) {
  const auto over = offset - offset_;
  const auto here = std::min<std::uint64_t>(over, rest().size());
  pass(here);
  number_ = number;
  offset_ = offset;
  return from_.skip(over - here);
}

} // namespace troupe::cli
