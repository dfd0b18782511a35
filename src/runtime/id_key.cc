#include "runtime/id_key.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/hex.h"
#include "runtime/files.h"

namespace ringgate::runtime {
namespace {

constexpr std::size_t key_text_size = 2 * std::tuple_size_v<IdKey>;

std::string text_of(const IdKey& key) { return to_hex(key) + "\n"; }

std::optional<IdKey> key_in(std::string_view text) {
  if (text.size() == key_text_size + 1 && text.back() == '\n') text.remove_suffix(1);
  if (text.size() != key_text_size) return std::nullopt;
  IdKey out{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = hex_value(text[i]);
    if (!digit) return std::nullopt;
    out[i / 2] = static_cast<std::uint8_t>(out[i / 2] << 4 | *digit);
  }
  // As it is written, and no other way.
  if (to_hex(out) != text) return std::nullopt;
  return out;
}

/// The first octets of a file, a few more than a key has.
Result<std::string> read_head(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return error_of(path, errno);
  char head[2 * key_text_size];
  ssize_t got;
  do got = read(fd, head, sizeof head);
  while (got < 0 && errno == EINTR);
  const int number = errno;
  close(fd);
  if (got < 0) return error_of(path, number);
  return std::string(head, static_cast<std::size_t>(got));
}

}  // namespace

Result<std::optional<IdKey>> find_id_key(const std::string& data_dir) {
  const std::string path = data_dir + "/id.key";
  const auto head = read_head(path);
  if (!head) {
    if (head.error().os_errno != ENOENT) return head.error();
    return std::optional<IdKey>();
  }
  const auto key = key_in(head.value());
  if (!key)
    return Error{ErrorCode::invalid, 0,
                 path + " is damaged: it should hold " + std::to_string(key_text_size) +
                     " hexadecimal digits. Put back a copy, or remove it: then a new key is made, "
                     "and SMPP 3.3 clients see other ids of the messages that are open"};
  return key;
}

Result<IdKey> stored_id_key(const std::string& data_dir) {
  const auto found = find_id_key(data_dir);
  if (!found) return found.error();
  if (found.value()) return *found.value();
  IdKey key;
  if (getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
    return error_of("getrandom", errno);
  if (auto written = write_file(data_dir, "id.key", text_of(key)); !written) return written.error();
  return key;
}

std::optional<IdKey> machine_id_key(unsigned node, const std::string& machine_id_file) {
  const auto head = read_head(machine_id_file);
  // 32 hexadecimal digits; "uninitialized" and nothing at all are what images have before their
  // first boot.
  constexpr std::size_t machine_id_size = 32;
  if (!head || head.value().size() < machine_id_size) return std::nullopt;
  const std::string text = "ringgate message ids of node " + std::to_string(node) + " on " +
                           head.value().substr(0, machine_id_size);
  const auto [low, high] = hash_128(as_octets(text));
  IdKey key;
  std::memcpy(key.data(), &low, 8);
  std::memcpy(key.data() + 8, &high, 4);
  return key;
}

}  // namespace ringgate::runtime
