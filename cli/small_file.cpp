#include "cli/small_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace troupe::cli {

engine::result<std::string> read_small_file(const std::string& path,
                                            std::size_t bytes_max) {
  const auto fault = [&](const std::string& why) {
    return engine::error{engine::errc::invalid_request,
                         "file_unreadable",
                         "cannot read " + path + ": " + why,
                         {}};
  };
  const auto file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return fault(std::strerror(errno));
  std::string content;
  std::array<char, 8'192> part{};
  ssize_t got = 0;
  while (content.size() <= bytes_max
         && (got = read(file, part.data(), part.size())) > 0)
    content.append(part.data(), static_cast<std::size_t>(got));
  const auto reason = got < 0 ? std::string{std::strerror(errno)} : "";
  close(file);
  if (got < 0)
    return fault(reason);
  if (content.size() > bytes_max)
    return fault("it is larger than " + std::to_string(bytes_max) + " bytes");
  return content;
}

} // namespace troupe::cli
