#include "cli/rejects_file.hpp"

#include "cli/json_members.hpp"
#include "engine/json_text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::uint64_t said_max = 10;

engine::error unwritable(const std::string& file) {
  return engine::invalid("file_unwritable", "cannot write " + file);
}

} // namespace

engine::result<rejects_file> rejects_file::open(const std::string& file,
                                                std::uint64_t bytes) {
  rejects_file out;
  out.name_ = file;
  out.bytes_ = bytes;
  if (file.empty())
    return out;
  std::error_code failure;
  if (bytes != 0) {
    const auto size = std::filesystem::file_size(file, failure);
    if (failure || size < bytes)
      return engine::invalid("rejects_changed",
                             file + " is not as the import left it");
    std::filesystem::resize_file(file, bytes, failure);
    if (failure)
      return unwritable(file);
  }
  // What is rejected tells of people.
  const auto made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (made < 0)
    return unwritable(file);
  ::close(made);
  out.out_.open(file, bytes == 0 ? std::ios::trunc : std::ios::app);
  if (!out.out_)
    return unwritable(file);
  return out;
}

engine::status rejects_file::add(std::uint64_t line, std::uint64_t offset,
                                 const engine::error& why,
                                 std::string_view input) {
  json::object about{{"line", line}, {"offset", offset}};
  about["error"] = as_json(why);
  if (name_.empty()) {
    if (said_ < said_max)
      std::fprintf(stderr, "%s\n", engine::to_json(about).c_str());
    if (said_++ == said_max)
      std::fputs("troupe: more lines are rejected; --rejects FILE takes them "
                 "all\n",
                 stderr);
    return engine::success();
  }
  about["input"] = json::string_view{input.data(), input.size()};
  const auto text = engine::to_json(about) + "\n";
  out_ << text;
  bytes_ += text.size();
  return out_ ? engine::success() : engine::status{unwritable(name_)};
}

engine::result<std::uint64_t> rejects_file::flush() {
  if (!name_.empty() && !out_.flush())
    return unwritable(name_);
  return bytes_;
}

} // namespace troupe::cli
