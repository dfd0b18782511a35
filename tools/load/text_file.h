// Files that people name, read with a bound: a device or a disk image has no end.
#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <string>

namespace ringgate::load {

/// All of it. Empty, and `fault` says why: it cannot be read, or is larger than that.
std::optional<std::string> text_of_file(const std::string& name, std::size_t size_max,
                                        std::string& fault);

enum class LineRead : unsigned char { line, end, too_long };
/// The next line, without its end.
LineRead read_line(std::istream& in, std::size_t size_max, std::string& line);

}  // namespace ringgate::load
