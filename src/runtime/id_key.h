// The key that permutes this node's message ids: see message/id_codec.h.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "message/id_codec.h"

namespace ringgate::runtime {

/// The key in DATA_DIR/id.key (24 hexadecimal digits), made there at the first start; safe on
/// stable storage when this returns. The caller holds the lock of the directory. A file that is no
/// key is an error: with a new key, ids that clients still hold would mean other messages.
Result<IdKey> stored_id_key(const std::string& data_dir);

/// The same, but none is made: empty where there is none.
Result<std::optional<IdKey>> find_id_key(const std::string& data_dir);

/// For a node that writes no files: the key follows from the machine and the node, so that restarts
/// keep it. Empty where the machine has no id. `machine_id_file` is /etc/machine-id but in tests.
std::optional<IdKey> machine_id_key(unsigned node, const std::string& machine_id_file);

}  // namespace ringgate::runtime
