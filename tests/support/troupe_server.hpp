// The real binary over a directory of its own, and a database of its own where
// that is what is tested: started, stopped, killed and started again as a test
// wants.
#pragma once

#include "tests/support/api_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/tested_store.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace troupe::test {

class troupe_server {
public:
  /// Starts it on an empty store. @throws std::runtime_error when it does not
  /// say that it is ready, with what it wrote to stderr
  /// @param arguments of `serve`, beside those every test needs
  explicit troupe_server(std::vector<std::string> arguments = {});

  /// Over the same data; on another port, usually.
  /// @param clock_ahead what its wall clock shows beyond the true time
  void start(std::chrono::minutes clock_ahead = {});

  /// The same, with clocks that go so many times as fast.
  void start_fast(unsigned times);

  /// SIGKILL, and waits for the end.
  void kill();

  /// SIGTERM; the exit code, or -1 when it did not end within 30 s.
  int stop();

  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

  /// The key with every scope that the first start wrote.
  [[nodiscard]] const std::string& key() const noexcept {
    return key_;
  }

  /// What it said on stdout when it was ready.
  [[nodiscard]] const std::string& ready_line() const noexcept {
    return ready_line_;
  }

  [[nodiscard]] api_client client() const {
    return api_client{port_, key_};
  }

  [[nodiscard]] process& running() {
    return *process_;
  }

  [[nodiscard]] const std::string& directory() const noexcept {
    return directory_.path();
  }

  /// What `serve` is given so that it finds this one's store.
  [[nodiscard]] std::vector<std::string> store_arguments() const;

  /// Null when it is the embedded store that is tested.
  [[nodiscard]] const postgres_database* database() const noexcept {
    return database_.get();
  }

  /// All bytes that it stores, in files or in the database.
  [[nodiscard]] std::string stored() const;

  /// What it wrote to stderr so far.
  [[nodiscard]] std::string errors() const;

private:
  void start_with(std::vector<std::string> clock);

  std::vector<std::string> arguments_;
  temporary_directory directory_;
  std::unique_ptr<postgres_database> database_ = make_tested_database();
  std::unique_ptr<process> process_; // ends before its store
  std::string ready_line_;
  std::uint16_t port_ = 0;
  std::string key_;
};

} // namespace troupe::test
