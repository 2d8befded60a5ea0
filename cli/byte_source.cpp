#include "cli/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

namespace troupe::cli {

namespace {

using engine::error;
using engine::result;

constexpr std::size_t packed_bytes = 256 * 1024;

error unreadable(const std::string& file) {
  return engine::invalid("file_unreadable",
                         "cannot read " + file + ": " + std::strerror(errno));
}

error damaged(const std::string& file) {
  return engine::invalid("file_damaged",
                         file
                           + " is cut short or damaged: it cannot be "
                             "unpacked any further");
}

enum class packing { none, gzip, zstd };

packing packing_of(std::string_view begin) {
  if (begin.starts_with("\x1f\x8b"))
    return packing::gzip;
  if (begin.starts_with("\x28\xb5\x2f\xfd"))
    return packing::zstd;
  return packing::none;
}

} // namespace

struct byte_source::parts {
  std::string file;
  int descriptor = -1;
  std::optional<std::uint64_t> size;
  packing how = packing::none;
  std::vector<char> packed = std::vector<char>(packed_bytes);
  std::size_t begin = 0; // of what was read and not yet unpacked
  std::size_t end = 0;
  bool is_over = false; // the file
  std::uint64_t consumed = 0;
  z_stream inflating{};
  ZSTD_DCtx* unpacking = nullptr;
  bool is_within = false; // a packed part that has not ended

  parts() = default;
  parts(const parts&) = delete;
  parts& operator=(const parts&) = delete;

  ~parts() {
    if (how == packing::gzip)
      inflateEnd(&inflating);
    ZSTD_freeDCtx(unpacking);
    if (descriptor > STDERR_FILENO)
      close(descriptor);
  }

  engine::status fill() {
    if (begin != end || is_over)
      return engine::success();
    begin = end = 0;
    ssize_t got = 0;
    do
      got = ::read(descriptor, packed.data(), packed.size());
    while (got < 0 && errno == EINTR);
    if (got < 0)
      return unreadable(file);
    is_over = got == 0;
    end = static_cast<std::size_t>(got);
    consumed += end;
    return engine::success();
  }

  // @returns what it gave; 0: it needs more
  result<std::size_t> unpack(char* into, std::size_t most) {
    if (how == packing::none) {
      const auto count = std::min(most, end - begin);
      std::copy_n(packed.data() + begin, count, into);
      begin += count;
      return count;
    }
    return how == packing::gzip ? unpack_gzip(into, most)
                                : unpack_zstd(into, most);
  }

  // Parts that follow one another are one text.
  result<std::size_t> unpack_gzip(char* into, std::size_t most) {
    inflating.next_in = reinterpret_cast<Bytef*>(packed.data() + begin);
    inflating.avail_in = static_cast<uInt>(end - begin);
    inflating.next_out = reinterpret_cast<Bytef*>(into);
    inflating.avail_out = static_cast<uInt>(most);
    const auto came = inflate(&inflating, Z_NO_FLUSH);
    begin = end - inflating.avail_in;
    if (came != Z_OK && came != Z_STREAM_END && came != Z_BUF_ERROR)
      return damaged(file);
    is_within = came != Z_STREAM_END;
    if (!is_within && inflateReset(&inflating) != Z_OK)
      return damaged(file);
    return most - inflating.avail_out;
  }

  result<std::size_t> unpack_zstd(char* into, std::size_t most) {
    ZSTD_inBuffer in{packed.data() + begin, end - begin, 0};
    ZSTD_outBuffer out{into, most, 0};
    const auto came = ZSTD_decompressStream(unpacking, &out, &in);
    begin += in.pos;
    if (ZSTD_isError(came) != 0)
      return damaged(file);
    is_within = came != 0;
    return out.pos;
  }
};

byte_source::byte_source(std::unique_ptr<parts> of) : parts_(std::move(of)) {}
byte_source::byte_source(byte_source&&) noexcept = default;
byte_source& byte_source::operator=(byte_source&&) noexcept = default;
byte_source::~byte_source() = default;

result<byte_source> byte_source::open(const std::string& file) {
  auto of = std::make_unique<parts>();
  of->file = file == "-" ? "standard input" : file;
  of->descriptor
    = file == "-" ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (of->descriptor < 0)
    return unreadable(file);
  struct stat about {};
  if (fstat(of->descriptor, &about) == 0 && S_ISREG(about.st_mode))
    of->size = static_cast<std::uint64_t>(about.st_size);
  if (auto good = of->fill(); !good)
    return good.failure();
  of->how = packing_of({of->packed.data(), of->end});
  if (of->how == packing::gzip && inflateInit2(&of->inflating, 31) != Z_OK) {
    of->how = packing::none;
    return damaged(file);
  }
  if (of->how == packing::zstd)
    of->unpacking = ZSTD_createDCtx();
  return byte_source{std::move(of)};
}

result<std::size_t> byte_source::read(char* into, std::size_t most) {
  for (;;) {
    const auto was_over = parts_->is_over;
    if (parts_->begin != parts_->end || (was_over && parts_->is_within)) {
      auto got = parts_->unpack(into, most);
      if (!got || *got != 0)
        return got;
      if (was_over && parts_->begin == parts_->end)
        return damaged(parts_->file);
    }
    if (auto good = parts_->fill(); !good)
      return good.failure();
    if (parts_->is_over && !parts_->is_within)
      return std::size_t{0};
  }
}

engine::status byte_source::skip(std::uint64_t bytes) {
  std::vector<char> over(packed_bytes);
  while (bytes != 0) {
    const auto got
      = read(over.data(), std::min<std::uint64_t>(bytes, over.size()));
    if (!got)
      return got.failure();
    if (*got == 0)
      return engine::invalid("file_shorter",
                             parts_->file
                               + " is shorter than what was imported of it");
    bytes -= *got;
  }
  return engine::success();
}

std::uint64_t byte_source::consumed() const {
  return parts_->consumed - (parts_->end - parts_->begin);
}

std::optional<std::uint64_t> byte_source::size() const {
  return parts_->size;
}

} // namespace troupe::cli
