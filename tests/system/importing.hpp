// What the tests of `troupe import` and `troupe export` share: the binary as a
// person at a shell uses it, with files and a workspace of its own.
#pragma once

#include "tests/support/tested_binary.hpp"
#include "tests/system/cli_shell.hpp"
#include "tests/system/tenant.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::test {

/// A workspace of its own, and the binary with its key.
class importing : protected access_case {
protected:
  static constexpr std::chrono::seconds patience{30};

  [[nodiscard]] std::string path(const std::string& name) const {
    return directory_.path() + "/" + name;
  }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream{path(name), std::ios::binary} << text;
    return path(name);
  }

  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream{path(name)}.rdbuf();
    return out.str();
  }

  [[nodiscard]] std::vector<std::string> environment(const tenant& of,
                                                     std::uint16_t port) const {
    return {"TROUPE_API_URL=http://127.0.0.1:" + std::to_string(port),
            "TROUPE_API_KEY=" + of.made.text("/key")};
  }

  /// What runs it without waiting for its end.
  [[nodiscard]] static std::vector<std::string>
  running(const std::vector<std::string>& environment,
          const std::vector<std::string>& words) {
    std::vector<std::string> all{"/usr/bin/env"};
    all.insert(all.end(), environment.begin(), environment.end());
    all.push_back(tested_binary());
    all.insert(all.end(), words.begin(), words.end());
    return all;
  }

  command_result troupe(const std::vector<std::string>& words) {
    return troupe_in(own, words);
  }

  command_result troupe_in(const tenant& of,
                           const std::vector<std::string>& words) {
    auto done = run_troupe(words, environment(of, shared_server().port()));
    UNSCOPED_INFO(done.output << done.errors);
    return done;
  }

  /// Its summary.
  boost::json::value imported(std::vector<std::string> words, int code = 0) {
    words.insert(words.begin(), "import");
    const auto done = troupe(words);
    REQUIRE(done.code == code);
    return boost::json::parse(done.output);
  }

  std::string line(const std::string& type, const std::string& more = "") {
    return R"({"type":")" + type + R"(","contact":{"external_id":")" + user
           + "\"}" + more + "}\n";
  }

  std::vector<boost::json::value> rejects(const std::string& name) {
    std::vector<boost::json::value> out;
    std::istringstream in{read(name)};
    for (std::string each; std::getline(in, each);)
      out.push_back(boost::json::parse(each));
    return out;
  }

  std::vector<boost::json::value> exported(const tenant& of) {
    const auto done = troupe_in(of, {"export", "events"});
    REQUIRE(done.code == 0);
    std::vector<boost::json::value> out;
    std::istringstream in{done.output};
    for (std::string each; std::getline(in, each);)
      out.push_back(boost::json::parse(each));
    return out;
  }

  std::int64_t runs_of(const std::string& who) {
    return static_cast<std::int64_t>(
      contact_of(own.api, who, "/runs").at("/data").as_array().size());
  }

  tenant own{api};
  std::string user = fresh("usr_");

private:
  temporary_directory directory_;
};

/// A pipe by name that this process writes into.
class named_pipe {
public:
  explicit named_pipe(std::string name) : name_{std::move(name)} {
    REQUIRE(mkfifo(name_.c_str(), 0600) == 0);
    descriptor_ = open(name_.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(descriptor_ >= 0);
  }
  named_pipe(const named_pipe&) = delete;
  named_pipe& operator=(const named_pipe&) = delete;

  ~named_pipe() {
    end();
  }

  void write(std::string_view text) {
    while (!text.empty()) {
      const auto done = ::write(descriptor_, text.data(), text.size());
      REQUIRE(done > 0);
      text.remove_prefix(static_cast<std::size_t>(done));
    }
  }

  void end() {
    if (descriptor_ >= 0)
      close(descriptor_);
    descriptor_ = -1;
  }

private:
  std::string name_;
  int descriptor_ = -1;
};

/// Lines without ids, of some people.
inline std::vector<std::string> many_lines(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(R"({"type":"many.came","external_id":"p_)"
                  + std::to_string(i % 7) + R"(","properties":{"n":)"
                  + std::to_string(i) + R"(,"filler":")" + std::string(60, '.')
                  + "\"}}\n");
  return out;
}

inline std::string joined(const std::vector<std::string>& lines,
                          std::size_t from, std::size_t to) {
  std::string out;
  for (; from < to; ++from)
    out += lines[from];
  return out;
}

} // namespace troupe::test
