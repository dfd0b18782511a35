// Runs as ringgate-load --json has printed them, read again.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace ringgate::load {

/// A figure by which runs are compared.
struct Metric {
  const char* name;
  const char* path;  ///< in a run's JSON
  bool more_is_faster;
};
std::span<const Metric> metrics();

/// What was wrong with a file or a word, for people; one line.
struct Complaint {
  std::string text;
};

/// What a comparison needs of a run.
struct Run {
  std::map<std::string, double> figures;     ///< by the metric's name; only what was measured
  std::map<std::string, std::string> facts;  ///< "options/window" and "machine/cpus"
  bool limited = false;                      ///< by the client
  bool sound = true;                         ///< nothing was lost
  bool sustainable = true;                   ///< the server kept up
  bool refused = false;                      ///< more than one message in a hundred
};

/// The runs of a file, a line each. Throws a Complaint that names the file and the line.
struct Runs {
  explicit Runs(const std::string& name);

  /// Names of what was asked for, and of where it ran, in which not all of them and the others
  /// agree; but for where the server listens and the time.
  std::set<std::string> differences(const Runs& others) const;
  /// How many are so.
  std::size_t count(bool (*is_so)(const Run&)) const;
  /// When each was over; empty where one does not say.
  std::vector<std::string> times() const;

  std::string file;
  std::vector<Run> runs;  ///< at least one
};

/// Whether no run began before the nth of the other file was over, for each n; true where times are
/// not known.
bool took_turns(const Runs& a, const Runs& b);

}  // namespace ringgate::load
