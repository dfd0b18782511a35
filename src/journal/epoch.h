// An epoch: what one run of the server has written, and the note that says so.
//
//   DATA_DIR/journal/00000012/epoch     the note: the salt of its batches, what was before it
//
// The note is safe before the directory gets its name. It stands in the file twice, each in blocks
// of its own, so that either may be damaged.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ringgate/types.h>

#include "journal/format.h"

namespace ringgate::journal {

/// By which a batch is told from everything else that lies in the files: what earlier epochs left
/// there, and what clients sent.
struct Epoch {
  std::uint64_t number = 0;
  /// Random, and known to nobody but this server: seeds the checksum of every batch, so that no
  /// payload can be one.
  std::uint64_t salt = 0;
  std::uint32_t version = 2;  ///< of the format: 1 has no salt

  std::uint32_t magic() const { return version == 1 ? batch_magic_1 : batch_magic; }
  friend bool operator==(const Epoch&, const Epoch&) = default;
};

/// What becomes of the epoch before, once this one is in use.
enum class Fate : std::uint8_t {
  reuse = 0,      ///< everything that is needed was taken over: its files are space
  set_aside = 1,  ///< it was damaged, and is kept for people to look at
};

struct EpochNote {
  Epoch epoch;
  std::uint64_t previous = 0;  ///< number of the epoch before; 0: none
  Fate fate = Fate::reuse;     ///< of that one
  /// Message ids go on behind this, whatever the clock says, although nothing else may tell of
  /// those before; 0: nothing known.
  std::uint64_t next_sequence = 0;
  std::uint64_t segment_size = 0;     ///< octets of each file; 0: unknown
  std::vector<std::string> accounts;  ///< system_ids, as the records of this epoch number them
  /// By shard: the batches that recovery had written and made safe before the epoch was in use.
  std::map<std::uint16_t, std::uint64_t> batches;
};

/// The content of the file.
std::vector<std::uint8_t> write_note(const EpochNote& note);
/// Empty where neither copy is whole.
std::optional<EpochNote> read_note(Octets file);
/// Whether both copies are whole.
bool is_whole_note(Octets file);

}  // namespace ringgate::journal
