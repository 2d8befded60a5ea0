#include "cli/backup_files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace troupe::cli {

namespace {

constexpr std::size_t part_bytes = std::size_t{1} << 20;

engine::error unreadable(const std::string& path) {
  return engine::invalid("file_unreadable",
                         "cannot read " + path + ": " + std::strerror(errno));
}

engine::error unwritable(const std::string& path) {
  return engine::invalid("file_unwritable",
                         "cannot write " + path + ": " + std::strerror(errno));
}

class descriptor {
public:
  descriptor(const std::string& path, int flags)
    : number_{open(path.c_str(), flags | O_CLOEXEC, 0600)} {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0)
      close(number_);
  }

  [[nodiscard]] int number() const {
    return number_;
  }

  [[nodiscard]] bool put(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto done = write(number_, bytes.data(), bytes.size());
      if (done < 0 && errno != EINTR)
        return false;
      bytes.remove_prefix(done < 0 ? 0 : static_cast<std::size_t>(done));
    }
    return true;
  }

  [[nodiscard]] bool sync() const {
    return number_ >= 0 && fsync(number_) == 0;
  }

private:
  int number_;
};

class sha256 {
public:
  sha256() {
    EVP_DigestInit_ex(of_.get(), EVP_sha256(), nullptr);
  }

  void add(std::string_view bytes) {
    EVP_DigestUpdate(of_.get(), bytes.data(), bytes.size());
  }

  std::string text() {
    constexpr std::string_view digits{"0123456789abcdef"};
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    EVP_DigestFinal_ex(of_.get(), bytes.data(), &size);
    std::string out;
    for (unsigned i = 0; i < size; ++i)
      (out += digits[bytes.at(i) >> 4]) += digits[bytes.at(i) & 15];
    return out;
  }

private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> of_{EVP_MD_CTX_new(),
                                                         EVP_MD_CTX_free};
};

constexpr int fresh_file = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/// @param to gets what is read, where it is given
engine::result<file_sum> read_all(const std::string& from, const descriptor* to,
                                  const std::string& to_path) {
  const descriptor in{from, O_RDONLY};
  if (in.number() < 0)
    return unreadable(from);
  file_sum out;
  sha256 sum;
  std::vector<char> part(part_bytes);
  for (;;) {
    const auto got = read(in.number(), part.data(), part.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return unreadable(from);
    if (got == 0)
      break;
    const std::string_view bytes{part.data(), static_cast<std::size_t>(got)};
    sum.add(bytes);
    out.bytes += bytes.size();
    if (to != nullptr && !to->put(bytes))
      return unwritable(to_path);
  }
  if (to == nullptr ? !in.sync() : !to->sync())
    return unwritable(to == nullptr ? from : to_path);
  out.sha256 = sum.text();
  return out;
}

bool sync_directory(const std::string& path) {
  return descriptor{path, O_RDONLY | O_DIRECTORY}.sync();
}

} // namespace

engine::result<file_sum> sum_of(const std::string& directory,
                                const std::string& name) {
  auto out = read_all(directory + "/" + name, nullptr, {});
  if (out)
    out->name = name;
  return out;
}

engine::result<file_sum> copy_file(const std::string& from,
                                   const std::string& to) {
  const descriptor out{to, fresh_file};
  if (out.number() < 0)
    return unwritable(to);
  return read_all(from, &out, to);
}

engine::status write_file(const std::string& to, std::string_view text) {
  const descriptor out{to, fresh_file};
  return out.number() >= 0 && out.put(text) && out.sync()
           ? engine::success()
           : engine::status{unwritable(to)};
}

std::string sha256_of(std::string_view text) {
  sha256 sum;
  sum.add(text);
  return sum.text();
}

engine::result<fresh_directory> fresh_directory::make(std::string path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  std::error_code none;
  if (std::filesystem::symlink_status(path, none).type()
      != std::filesystem::file_type::not_found)
    return engine::invalid("backup_exists", path + " is there already");
  auto fresh = path + ".unfinished-XXXXXX";
  if (mkdtemp(fresh.data()) == nullptr) // mode 0700
    return unwritable(path);
  return fresh_directory{std::move(path), std::move(fresh)};
}

fresh_directory::fresh_directory(fresh_directory&& other) noexcept
  : path_{std::move(other.path_)}, fresh_{std::exchange(other.fresh_, {})} {}

fresh_directory::~fresh_directory() {
  std::error_code none;
  if (!fresh_.empty())
    std::filesystem::remove_all(fresh_, none);
}

engine::status fresh_directory::finish() {
  const auto parent = std::filesystem::absolute(path_).parent_path().string();
  if (!sync_directory(fresh_)
      || std::rename(fresh_.c_str(), path_.c_str()) != 0)
    return unwritable(path_);
  fresh_.clear();
  return sync_directory(parent) ? engine::success()
                                : engine::status{unwritable(parent)};
}

} // namespace troupe::cli
