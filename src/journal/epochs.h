// The epochs of a data directory, and how one takes the place of another.
//
//   journal/00000012/        in use: the highest that has its name
//   journal/00000013.new/    being written by a recovery, or was when that ended
//   set-aside/00000011/      damaged, and repaired into its successor
//
// One rename takes a new epoch into use. What is to become of the one before stands in the new
// one's note, so whoever starts next can finish what a crash has interrupted. Only files that have
// names of ours are ever removed.
#pragma once

#include "io/directories.h"
#include "journal/epoch.h"

namespace ringgate::journal {

/// One data directory, which nobody else changes meanwhile. One thread.
class Epochs {
 public:
  explicit Epochs(io::Directories& directories) : directories_(directories) {}

  /// The epoch in use; its number is 0 where there is none. Changes nothing.
  Result<EpochNote> current();

  /// Whether both copies of the note of that epoch, which has one, are whole. Changes nothing.
  Result<bool> is_note_whole(std::uint64_t number);

  /// Finishes what an earlier run has begun. The lines say what was found that needs a person.
  Result<void> settle(const EpochNote& current, std::vector<std::string>& lines);

  /// A directory for the files of a new epoch, at unfinished_path_of(the number returned).
  Result<std::uint64_t> begin(std::uint64_t after);

  /// The files written there are safe. With this they count, and their names are safe as well.
  Result<void> take_into_use(const EpochNote& note);

  /// It does not come to that: removes what was begun.
  Result<void> drop_unfinished(std::uint64_t number);

  /// Gives up what was before the epoch that this note is of, where it is still there.
  Result<void> give_up_previous(const EpochNote& note);
  /// Whether it is. Changes nothing.
  Result<bool> has_previous(const EpochNote& note);

  /// Where what was before was set aside, damaged as it was; empty: it was not, or is not there any
  /// more. Changes nothing.
  Result<std::string> find_set_aside(const EpochNote& note);
  /// The note of an epoch that lies there.
  Result<EpochNote> note_of(const std::string& path, std::uint64_t number);

  static std::string path_of(std::uint64_t number);
  static std::string unfinished_path_of(std::uint64_t number);
  static std::string note_path_of(std::uint64_t number);
  static std::string file_name(unsigned shard, std::uint32_t file);
  /// Whether that is a name of a file of batches.
  static bool is_segment(std::string_view name);

 private:
  Result<void> remove_epoch(const std::string& path);
  Result<void> set_aside(std::uint64_t number);

  io::Directories& directories_;
};

}  // namespace ringgate::journal
