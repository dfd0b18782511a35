// Octets of clients lie in the journal's files as they came. Whatever they are, and wherever they
// come to lie, they are no batch: a client knows the format, the epoch and its number, but not its
// salt. The input is the payload; where it looks like a header it gets the checksum of some salt as
// well, which is what a client would try.
#include "journal/recovery.h"
#include "target.h"

namespace ringgate::fuzz {
namespace {

constexpr std::uint64_t right_salt = 0x8C3F'9D27'51E6'B04A;
constexpr std::size_t payload_max = 4 * journal::block_size;
constexpr std::size_t file_size = payload_max + 2 * journal::block_size;

struct File final : journal::OldFiles {
  const std::vector<journal::StoredFile>& files() const override { return list; }
  Result<std::size_t> read(std::size_t, std::uint64_t offset, std::span<std::uint8_t> to) override {
    if (offset >= octets.size()) return std::size_t{0};
    const std::size_t size = std::min<std::size_t>(to.size(), octets.size() - offset);
    std::memcpy(to.data(), octets.data() + offset, size);
    return size;
  }
  std::vector<std::uint8_t> octets = std::vector<std::uint8_t>(file_size);
  std::vector<journal::StoredFile> list = {{"file", file_size}};
};

/// The segment begins with a batch of ours.
void put_batch(File& file, const journal::Epoch& epoch) {
  journal::BatchHeader header{};
  header.size = sizeof header;
  header.sequence = 1;
  header.segment = 1;
  header.oldest = 1;
  journal::seal_batch(file.octets.data(), header, epoch);
}

}  // namespace

void run_forgery(Octets octets) {
  journal::EpochNote note;
  note.epoch = {7, right_salt};
  Input input(octets);
  const std::uint64_t guess = input.u64() == right_salt ? 0 : Input(octets).u64();
  const std::size_t alignment = input.u16() % journal::block_size;
  const Octets payload = input.take(payload_max);
  File file;
  put_batch(file, note.epoch);
  for (std::size_t i = 0; i < payload.size(); ++i)
    file.octets[journal::block_size + alignment + i] = payload[i];
  for (std::size_t at = journal::block_size; at < file_size; at += journal::block_size) {
    journal::BatchHeader header;
    std::memcpy(&header, file.octets.data() + at, sizeof header);
    header.size = static_cast<std::uint32_t>(sizeof header +
                                             header.size % (file_size - at - sizeof header + 1));
    if (at % (2 * journal::block_size) == 0)
      journal::seal_batch(file.octets.data() + at, header, {7, guess});
  }
  const auto scanned = journal::scan(file, note, {});
  ASSERT(scanned);
  ASSERT(scanned.value().first_damage() == nullptr);
  ASSERT(scanned.value().shards.size() == 1);
  ASSERT(scanned.value().shards[0].batches.size() == 1);
}

Seeds seeds_of_forgery(const SeedSource&) {
  return {std::string(10 + 3 * journal::block_size, '\0')};
}

}  // namespace ringgate::fuzz
