// What the tests of the command line share: the real binary as a person at a
// shell runs it, with a server and a key in its environment.
#pragma once

#include "tests/support/command.hpp"
#include "tests/support/process.hpp"
#include "tests/support/tested_binary.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace troupe::test {

class shell : protected with_server {
protected:
  shell() {
    std::ofstream{key_file_} << shared_server().key() << "\n";
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return directory_.path() + "/" + name;
  }

  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream{path(name)}.rdbuf();
    return out.str();
  }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream{path(name)} << text;
    return path(name);
  }

  [[nodiscard]] std::vector<std::string> environment() const {
    return {"TROUPE_API_URL=http://127.0.0.1:"
              + std::to_string(shared_server().port()),
            "TROUPE_API_KEY_FILE=" + key_file_};
  }

  command_result troupe(const std::vector<std::string>& words) {
    auto done = run_troupe(words, environment());
    UNSCOPED_INFO(done.output << done.errors);
    return done;
  }

  boost::json::value shown(std::vector<std::string> words) {
    words.insert(words.end(), {"--output", "json"});
    const auto done = troupe(words);
    REQUIRE(done.code == 0);
    return boost::json::parse(done.output);
  }

  /// The words of a command that goes on until it is ended.
  [[nodiscard]] std::vector<std::string>
  words_of(const std::vector<std::string>& words) const {
    std::vector<std::string> all{"/usr/bin/env"};
    for (const auto& each : environment())
      all.push_back(each);
    all.push_back(tested_binary());
    all.insert(all.end(), words.begin(), words.end());
    return all;
  }

private:
  temporary_directory directory_;
  std::string key_file_ = path("key");
};

} // namespace troupe::test
