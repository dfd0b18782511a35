#include <ringgate/client.h>

#include "client/loop_client.h"
#include "client/thread_client.h"

namespace ringgate {
inline namespace RINGGATE_ABI {

std::unique_ptr<Client> Client::make(const ClientOptions& options, ClientHandler& handler,
                                     std::string& error) {
  return client::LoopClient::make(options, handler, error);
}

std::unique_ptr<Client> Client::start(const ClientOptions& options, ClientHandler& handler,
                                      std::string& error) {
  return client::ThreadClient::start(options, handler, error);
}

}  // namespace RINGGATE_ABI
}  // namespace ringgate
