#include "tests/support/postgres_cluster.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <utility>

namespace troupe::test {

namespace {

std::string run_on(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> db{PQconnectdb(url.c_str()),
                                                      PQfinish};
  PQsetNoticeReceiver(
    db.get(), [](void*, const PGresult*) {}, nullptr);
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result{
    PQexec(db.get(), sql.c_str()), PQclear};
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error{"could not run " + sql + ": "
                             + PQerrorMessage(db.get())};
  return PQntuples(result.get()) == 0 ? std::string{}
                                      : PQgetvalue(result.get(), 0, 0);
}

std::string read_line(int from) {
  std::string line;
  char byte = 0;
  while (read(from, &byte, 1) == 1 && byte != '\n')
    line += byte;
  if (byte != '\n')
    throw std::runtime_error{"PostgreSQL does not start"};
  return line;
}

// The same server's other database.
std::string with_database(const std::string& url, const std::string& name) {
  const auto host = url.find("//") + 2;
  const auto path = url.find('/', host);
  const auto rest = std::min(url.find('?', host), url.size());
  return url.substr(0, std::min(path, rest)) + '/' + name + url.substr(rest);
}

} // namespace

postgres_cluster::postgres_cluster(const std::vector<std::string>& settings) {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
    throw std::runtime_error{"no pipes"};
  std::vector<const char*> command{TROUPE_SOURCE_DIRECTORY
                                   "/tests/support/postgres_cluster.sh"};
  for (const auto& each : settings)
    command.push_back(each.c_str());
  command.push_back(nullptr);
  id_ = fork();
  if (id_ == 0) {
    // A group of its own: what ends the test from a terminal is not meant.
    setpgid(0, 0);
    dup2(in[0], 0);
    dup2(out[1], 1);
    execv(command.front(), const_cast<char* const*>(command.data()));
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  output_ = out[0];
  directory_ = read_line(output_);
}

postgres_cluster::~postgres_cluster() {
  close(input_);
  waitpid(id_, nullptr, 0);
  close(output_);
}

std::string postgres_cluster::url(const std::string& database) const {
  return "postgresql:///" + database + "?user=troupe&host=" + directory_;
}

void postgres_cluster::tell(const std::string& word) {
  const auto line = word + '\n';
  if (write(input_, line.data(), line.size())
        != static_cast<ssize_t>(line.size())
      || read_line(output_) != word)
    throw std::runtime_error{"PostgreSQL does not " + word};
}

void postgres_cluster::stop() {
  tell("stop");
}

void postgres_cluster::start() {
  tell("start");
}

postgres_cluster& postgres_cluster::shared() {
  static postgres_cluster only;
  return only;
}

// Its name is nobody else's: several programs may share the server.
postgres_database::postgres_database(std::string server)
  : server_(std::move(server)) {
  static std::atomic<int> made{0};
  name_ = "test_" + std::to_string(getpid()) + '_' + std::to_string(++made);
  url_ = with_database(server_, name_);
  run_on(server_, "CREATE DATABASE " + name_);
}

postgres_database::~postgres_database() {
  try {
    run_on(server_, "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception& reason) {
    std::fprintf(stderr, "%s\n", reason.what()); // it goes with its cluster
  }
}

std::string postgres_database::run(const std::string& sql) const {
  return run_on(url_, sql);
}

std::string postgres_database::content() const {
  return run("SET bytea_output=escape;"
             "SELECT string_agg(query_to_xml('SELECT t::text AS r FROM '"
             " || c.oid::regclass || ' t', true, true, '')::text, '')"
             " FROM pg_class c WHERE c.relkind='r'"
             " AND c.relnamespace='public'::regnamespace");
}

postgres_database::session postgres_database::open() const {
  return {PQconnectdb(url_.c_str()), PQfinish};
}

} // namespace troupe::test
