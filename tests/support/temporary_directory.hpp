// A directory that is gone with its test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace troupe::test {

class temporary_directory {
public:
  temporary_directory() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "troupe-test-XXXXXX")
          .string();
    if (mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error{"no temporary directory"};
    path_ = pattern;
  }

  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const {
    return path_;
  }

private:
  std::string path_;
};

} // namespace troupe::test
