// The bytes of the store. Every run begins with a copy of a store that has the
// definitions already.
#pragma once

#include <string>

namespace troupe::simulation {

class store_files {
public:
  /// Makes a store with the definitions of definitions.hpp, in memory where
  /// that is possible. @throws std::runtime_error
  store_files();
  ~store_files();
  store_files(const store_files&) = delete;
  store_files& operator=(const store_files&) = delete;

  [[nodiscard]] std::string directory() const {
    return root_ + "/store";
  }

  [[nodiscard]] std::string file() const {
    return directory() + "/troupe.db";
  }

  /// As it was made. @pre nobody has it open
  void begin_anew() const;

  /// Keeps the bytes as they are now; puts them back.
  void keep() const;
  /// @pre nobody has it open
  void put_back() const;

private:
  void make_definitions() const;

  std::string root_;
};

} // namespace troupe::simulation
