#include "cli/byte_sink.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace troupe::cli {

namespace {

constexpr int gzip_window_bits = 31;
constexpr int gzip_memory = 8;

} // namespace

struct byte_sink::parts {
  std::string file;
  std::string fresh; // gets its name when it is whole; empty: written in place
  int descriptor = -1;
  bool is_gzip = false;
  z_stream deflating{};
  ZSTD_CCtx* packing = nullptr;
  std::array<char, 64 * 1024> packed{};

  parts() = default;
  parts(const parts&) = delete;
  parts& operator=(const parts&) = delete;

  ~parts() {
    if (is_gzip)
      deflateEnd(&deflating);
    ZSTD_freeCCtx(packing);
    if (descriptor > STDERR_FILENO)
      close(descriptor);
    if (!fresh.empty()) // part of it would pass for the whole
      unlink(fresh.c_str());
  }

  // What is no file (a pipe, /dev/null) is written in place, and a link's file
  // is replaced, not the link.
  void open_file() {
    std::error_code none;
    const auto is_there = std::filesystem::exists(file, none);
    const auto whole = is_there ? std::filesystem::canonical(file, none)
                                : std::filesystem::path{file};
    if (is_there && !std::filesystem::is_regular_file(file, none)) {
      descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
      return;
    }
    file = whole.string();
    fresh = file + ".new";
    unlink(fresh.c_str()); // of a run that was killed
    // What is exported tells of people.
    descriptor
      = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
      fresh.clear();
  }

  engine::status finish() {
    if (auto good = put_packed({}, true); !good)
      return good;
    if (fresh.empty())
      return engine::success();
    const auto is_kept = fsync(descriptor) == 0;
    if (close(std::exchange(descriptor, -1)) != 0 || !is_kept
        || std::rename(fresh.c_str(), file.c_str()) != 0)
      return unwritable();
    fresh.clear();
    return engine::success();
  }

  engine::error unwritable() const {
    return engine::invalid("file_unwritable", "cannot write " + file + ": "
                                                + std::strerror(errno));
  }

  engine::status put(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto done = ::write(descriptor, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR)
        continue;
      if (done < 0)
        return unwritable();
      bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return engine::success();
  }

  engine::status put_gzip(std::string_view bytes, bool is_end) {
    // zlib does not change what it reads.
    deflating.next_in
      = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    deflating.avail_in = static_cast<uInt>(bytes.size());
    int came = Z_OK;
    do {
      deflating.next_out = reinterpret_cast<Bytef*>(packed.data());
      deflating.avail_out = static_cast<uInt>(packed.size());
      came = deflate(&deflating, is_end ? Z_FINISH : Z_NO_FLUSH);
      if (auto good = put({packed.data(), packed.size() - deflating.avail_out});
          !good)
        return good;
    } while (deflating.avail_out == 0 || (is_end && came == Z_OK));
    return engine::success();
  }

  engine::status put_zstd(std::string_view bytes, bool is_end) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer out{packed.data(), packed.size(), 0};
      left = ZSTD_compressStream2(packing, &out, &in,
                                  is_end ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0)
        return engine::invalid("file_unwritable", ZSTD_getErrorName(left));
      if (auto good = put({packed.data(), out.pos}); !good)
        return good;
    } while (in.pos != in.size || (is_end && left != 0));
    return engine::success();
  }

  engine::status put_packed(std::string_view bytes, bool is_end) {
    if (is_gzip)
      return put_gzip(bytes, is_end);
    if (packing != nullptr)
      return put_zstd(bytes, is_end);
    return put(bytes);
  }
};

byte_sink::byte_sink(std::unique_ptr<parts> of) : parts_(std::move(of)) {}
byte_sink::byte_sink(byte_sink&&) noexcept = default;
byte_sink& byte_sink::operator=(byte_sink&&) noexcept = default;
byte_sink::~byte_sink() = default;

engine::result<byte_sink> byte_sink::open(const std::string& file) {
  auto of = std::make_unique<parts>();
  const auto is_output = file.empty() || file == "-";
  of->file = is_output ? "standard output" : file;
  if (is_output)
    of->descriptor = STDOUT_FILENO;
  else
    of->open_file();
  if (of->descriptor < 0)
    return of->unwritable();
  if (file.ends_with(".gz"))
    of->is_gzip
      = deflateInit2(&of->deflating, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                     gzip_window_bits, gzip_memory, Z_DEFAULT_STRATEGY)
        == Z_OK;
  else if (file.ends_with(".zst"))
    of->packing = ZSTD_createCCtx();
  return byte_sink{std::move(of)};
}

engine::status byte_sink::write(std::string_view bytes) {
  return bytes.empty() ? engine::success() : parts_->put_packed(bytes, false);
}

engine::status byte_sink::finish() {
  return parts_->finish();
}

} // namespace troupe::cli
