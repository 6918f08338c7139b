// SPDX-License-Identifier: Apache-2.0
#include "core/text/byte_source.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

namespace salient {
namespace {

constexpr std::uint64_t chunk_bytes = 256 << 10;

Error damaged(const InputFile& file, std::uint64_t position, const std::string& found) {
  return Error{ErrorCode::format,
               escape_for_message(file.path().string()),
               fmt::format("byte {}", position),
               "a whole gzip stream",
               found,
               "the file is damaged or was cut short; get it again"};
}

}  // namespace

struct ByteSource::Inflate {
  z_stream stream{};
  bool between_members = false;
  ~Inflate() { inflateEnd(&stream); }
};

ByteSource::ByteSource(InputFile file) : file_(std::move(file)) {}
ByteSource::ByteSource(ByteSource&& other) noexcept = default;
ByteSource::~ByteSource() = default;

Result<ByteSource> ByteSource::open(const std::filesystem::path& path) {
  SALIENT_ASSIGN(InputFile file, InputFile::open(path));
  ByteSource source(std::move(file));
  std::array<std::byte, 2> magic{};
  if (source.size() < magic.size()) return source;
  SALIENT_CHECK(source.file_.read(0, magic));
  if (magic[0] != std::byte{0x1F} || magic[1] != std::byte{0x8B}) return source;
  source.inflate_ = std::make_unique<Inflate>();
  constexpr int gzip_only = 16 + MAX_WBITS;
  if (inflateInit2(&source.inflate_->stream, gzip_only) != Z_OK) {
    return Error{ErrorCode::memory, path.string(), "", "memory to decompress", "none", "close other programs"};
  }
  return source;
}

Status ByteSource::fill() {
  input_.resize(std::min(chunk_bytes, file_.size() - position_));
  SALIENT_CHECK(file_.read(position_, std::as_writable_bytes(std::span(input_))));
  position_ += input_.size();
  return {};
}

Result<bool> ByteSource::read(std::string& out) {
  if (inflate_) return read_compressed(out);
  if (position_ == file_.size()) return false;
  SALIENT_CHECK(fill());
  out += input_;
  return true;
}

Result<bool> ByteSource::read_compressed(std::string& out) {
  z_stream& stream = inflate_->stream;
  if (stream.avail_in == 0) {
    if (position_ == file_.size()) {
      if (inflate_->between_members) return false;
      return damaged(file_, position_, "its end");
    }
    SALIENT_CHECK(fill());
    stream.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream.avail_in = static_cast<uInt>(input_.size());
  }
  const auto here = [&] { return position_ - stream.avail_in; };
  if (std::exchange(inflate_->between_members, false)) inflateReset(&stream);
  const std::size_t before = out.size();
  out.resize(before + chunk_bytes);
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
  stream.avail_out = static_cast<uInt>(chunk_bytes);
  const int code = inflate(&stream, Z_NO_FLUSH);
  out.resize(out.size() - stream.avail_out);
  if (code == Z_STREAM_END) {
    inflate_->between_members = true;
  } else if (code != Z_OK && code != Z_BUF_ERROR) {
    return damaged(file_, here(), stream.msg == nullptr ? "bytes that are none" : stream.msg);
  }
  return true;
}

}  // namespace salient
