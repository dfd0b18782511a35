// A histogram as a text that other programs read: HdrHistogram, version 2, compressed, in base64.
#pragma once

#include <string>

#include "base/histogram.h"

namespace ringgate::load {

/// Three significant digits, lowest value 1, highest Histogram::highest: opens wherever
/// HdrHistogram does, and adds up with others of its kind.
std::string hdr_text(const Histogram& histogram);

}  // namespace ringgate::load
