#include <ringgate/version.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

const char* library_version() noexcept { return RINGGATE_VERSION; }

}  // namespace RINGGATE_ABI
}  // namespace ringgate
