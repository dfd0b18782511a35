// The file that a page goes into when a run is over.
#pragma once

#include <string>
#include <utility>

namespace ringgate::load {

/// Opened before the run, which would be lost on a name with a typing error; what it holds is only
/// replaced by a page that is whole, and none is left where there is no page.
class PageFile {
 public:
  /// An empty name: none is wanted.
  explicit PageFile(std::string name) : name_(std::move(name)) {}
  ~PageFile();
  PageFile(const PageFile&) = delete;
  PageFile& operator=(const PageFile&) = delete;

  bool wanted() const { return !name_.empty(); }
  /// Whether it can be written; errno says why not.
  bool open();
  /// Whether all of it is written.
  bool write(const std::string& page);

 private:
  const std::string name_;
  std::string part_;     // where it grows; empty: in its place
  unsigned mode_ = 0;    // of what it replaces
  bool is_new_ = false;  // and has no page yet
};

}  // namespace ringgate::load
