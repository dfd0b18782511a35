#include "load/text_file.h"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace ringgate::load {

std::optional<std::string> text_of_file(const std::string& name, std::size_t size_max,
                                        std::string& fault) {
  std::ifstream in(name, std::ios::binary);
  std::string text(size_max + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) {
    fault = "cannot read it: " + std::system_category().message(errno);
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() <= size_max) return text;
  fault = "it has more than " + std::to_string(size_max) + " octets";
  return std::nullopt;
}

LineRead read_line(std::istream& in, std::size_t size_max, std::string& line) {
  line.clear();
  for (char c; in.get(c);) {
    if (c == '\n') return LineRead::line;
    if (line.size() == size_max) return LineRead::too_long;
    line.push_back(c);
  }
  return line.empty() ? LineRead::end : LineRead::line;
}

}  // namespace ringgate::load
