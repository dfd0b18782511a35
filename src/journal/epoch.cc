#include "journal/epoch.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/hash.h"

namespace ringgate::journal {
namespace {

std::optional<EpochNote> read_copy(Octets octets) {
  NoteHeader header;
  if (octets.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, octets.data(), sizeof header);
  if (header.magic != note_magic || header.size < sizeof header || header.size > octets.size() ||
      header.checksum != hash_64(octets.first(header.size).subspan(sizeof header.checksum)))
    return std::nullopt;
  EpochNote out;
  out.epoch = {header.number, header.salt, header.version};
  out.previous = header.previous;
  out.fate = static_cast<Fate>(header.fate);
  out.next_sequence = header.next_sequence;
  out.segment_size = header.segment_size;
  Octets rest = octets.first(header.size).subspan(sizeof header);
  if (rest.size() < header.shards * sizeof(NoteShard)) return std::nullopt;
  for (std::uint32_t i = 0; i < header.shards; ++i) {
    NoteShard one;
    std::memcpy(&one, rest.data(), sizeof one);
    out.batches[static_cast<std::uint16_t>(one.shard)] = one.batches;
    rest = rest.subspan(sizeof one);
  }
  for (std::uint32_t i = 0; i < header.accounts; ++i) {
    if (rest.empty() || rest.size() < 1u + rest[0]) return std::nullopt;
    out.accounts.emplace_back(reinterpret_cast<const char*>(rest.data()) + 1, rest[0]);
    rest = rest.subspan(1u + rest[0]);
  }
  return out;
}

}  // namespace

std::vector<std::uint8_t> write_note(const EpochNote& note) {
  std::vector<std::uint8_t> copy(sizeof(NoteHeader));
  for (const auto& [shard, batches] : note.batches) {
    const NoteShard one{shard, batches};
    const auto* const octets = reinterpret_cast<const std::uint8_t*>(&one);
    copy.insert(copy.end(), octets, octets + sizeof one);
  }
  for (const std::string& name : note.accounts) {
    ASSERT(name.size() <= 0xFF);
    copy.push_back(static_cast<std::uint8_t>(name.size()));
    copy.insert(copy.end(), name.begin(), name.end());
  }
  NoteHeader header{};
  header.magic = note_magic;
  header.version = note.epoch.version;
  header.size = static_cast<std::uint32_t>(copy.size());
  header.accounts = static_cast<std::uint32_t>(note.accounts.size());
  header.number = note.epoch.number;
  header.salt = note.epoch.salt;
  header.previous = note.previous;
  header.fate = static_cast<std::uint32_t>(note.fate);
  header.next_sequence = note.next_sequence;
  header.segment_size = note.segment_size;
  header.shards = static_cast<std::uint32_t>(note.batches.size());
  std::memcpy(copy.data(), &header, sizeof header);
  header.checksum = hash_64(Octets(copy).subspan(sizeof header.checksum));
  std::memcpy(copy.data(), &header, sizeof header);
  copy.resize(round_up(copy.size(), block_size));
  std::vector<std::uint8_t> out = copy;
  out.insert(out.end(), copy.begin(), copy.end());
  ASSERT(out.size() % (2 * block_size) == 0);
  return out;
}

std::optional<EpochNote> read_note(Octets file) {
  for (std::size_t at = 0; at < file.size(); at += block_size)
    if (auto note = read_copy(file.subspan(at))) return note;
  return std::nullopt;
}

bool is_whole_note(Octets file) {
  const Octets first = file.first(file.size() / 2), second = file.subspan(file.size() / 2);
  return std::equal(first.begin(), first.end(), second.begin(), second.end()) &&
         read_copy(first).has_value();
}

}  // namespace ringgate::journal
