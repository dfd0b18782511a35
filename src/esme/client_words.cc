// What of a client's API needs no socket.
#include <ringgate/client.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

std::string_view client_state_name(ClientState state) {
  switch (state) {
    case ClientState::waiting:
      return "waiting";
    case ClientState::connecting:
      return "connecting";
    case ClientState::binding:
      return "binding";
    case ClientState::bound:
      return "bound";
    case ClientState::unbinding:
      return "unbinding";
    case ClientState::ended:
      return "ended";
  }
  return "unknown";
}

void ClientHandler::on_deliveries(Client& client, std::span<const Delivery> deliveries) noexcept {
  for (const Delivery& one : deliveries) client.answer(one.ticket, Status::ESME_RX_T_APPN);
}

}  // namespace RINGGATE_ABI
}  // namespace ringgate
