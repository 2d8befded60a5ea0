// A PostgreSQL cluster that lives as long as the object, and databases in it or
// in one that is there.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

struct pg_conn;

namespace troupe::test {

class postgres_cluster {
public:
  /// @param settings "name=value"
  /// @throws std::runtime_error when it does not start
  explicit postgres_cluster(const std::vector<std::string>& settings = {});
  ~postgres_cluster();

  postgres_cluster(const postgres_cluster&) = delete;
  postgres_cluster& operator=(const postgres_cluster&) = delete;

  [[nodiscard]] std::string url(const std::string& database) const;

  /// Ends the server at once, as a crash does.
  void stop();
  void start();

  /// Where its socket is.
  [[nodiscard]] const std::string& directory() const {
    return directory_;
  }

  /// The one all tests of this process share.
  static postgres_cluster& shared();

private:
  pid_t id_ = -1;
  void tell(const std::string& word);

  int input_ = -1; // it ends when this is closed
  int output_ = -1;
  std::string directory_;
};

/// An empty database that is gone with the object.
class postgres_database {
public:
  /// @param server the URL of any database there
  explicit postgres_database(std::string server
                             = postgres_cluster::shared().url("postgres"));
  ~postgres_database();

  postgres_database(const postgres_database&) = delete;
  postgres_database& operator=(const postgres_database&) = delete;

  [[nodiscard]] const std::string& url() const {
    return url_;
  }

  /// From a connection of its own, as a person with a shell would.
  /// @returns the first column of the first row, if there is one
  /// @throws std::runtime_error when it fails
  std::string run(const std::string& sql) const;

  /// Every row of every table as text, with bytes as they are where they are
  /// ASCII.
  [[nodiscard]] std::string content() const;

  using session = std::unique_ptr<pg_conn, void (*)(pg_conn*)>;
  [[nodiscard]] session open() const;

private:
  std::string server_;
  std::string name_;
  std::string url_;
};

} // namespace troupe::test
