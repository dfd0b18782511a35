// An ESME: a program's own end of a bind to a message centre.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <ringgate/api.h>
#include <ringgate/gate.h>
#include <ringgate/message.h>
#include <ringgate/types.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

/// Where a client binds, as whom, and how.
struct ClientOptions {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6 literal
  std::uint16_t port = 2775;
  BindMode mode = BindMode::transceiver;
  std::string system_id;            ///< at most 15 characters
  std::string password;             ///< at most 8, or 64 where the server takes more than SMPP has
  std::string system_type;          ///< at most 12
  std::uint8_t version = 0x34;      ///< interface_version: 0x33, 0x34 or 0x50
  std::uint8_t range_ton = 0;       ///< of address_range
  std::uint8_t range_npi = 0;       ///< likewise
  std::string address_range;        ///< at most 40
  unsigned window = 10;             ///< submits that wait for their answer at once, 1-65,536
  unsigned queue_max = 1'000;       ///< submits that wait for a place in the window, or for a bind,
                                    ///< 0-1,000,000
  unsigned deliver_window = 1'000;  ///< deliveries that the program has not answered, 1-10,000;
                                    ///< those beyond get ESME_RTHROTTLED, and come again
  unsigned connect_s = 10;          ///< until the connection is there
  unsigned bind_s = 10;             ///< ... and until the bind is answered
  unsigned response_s = 30;         ///< until a submit or an enquire_link is
  unsigned enquire_link_s = 30;     ///< of silence, after which the other side is asked; 0 = never
  /// After a loss it binds again: at once where the bind had lasted, else after retry_min_ms, and
  /// twice that each time up to retry_max_ms, give or take a quarter. A bind that is refused for
  /// what it says (password, system_id, ...) waits for retry_max_ms; one that is refused with
  /// ESME_RALYBND, since the other side has not noticed the loss yet, for ghost_ms.
  unsigned retry_min_ms = 1'000;
  unsigned retry_max_ms = 60'000;
  unsigned ghost_ms = 15'000;
};

enum class ClientState : std::uint8_t {
  waiting,  ///< not connected, until it is time to try
  connecting,
  binding,
  bound,
  unbinding,
  ended,  ///< for good
};
/// "waiting".
RINGGATE_API std::string_view client_state_name(ClientState state);

/// A message to be submitted with submit_sm. A text above 254 octets goes as message_payload.
struct Outgoing : Content {
  std::uint64_t token = 0;  ///< given back in Submitted, for the program's own use
};

/// What has become of a submit. Every one that was taken gets one.
enum class SubmitResult : std::uint8_t {
  accepted,  ///< ESME_ROK
  refused,   ///< any other command_status
  not_sent,  ///< it has not left: it is safe to submit it again
  unknown,   ///< it left, and there was no answer that says: it may have been accepted
};

/// ... and of which: the end of a submit.
struct Submitted {
  std::uint64_t token = 0;
  SubmitResult result = SubmitResult::unknown;
  Status status = Status::ESME_ROK;  ///< of the answer
  std::string_view id;  ///< of an accepted one, as the other side writes it; empty where
                        ///< that is above 64 characters
};

/// Names a delivery until it is answered, and nothing ever again: sequence_numbers come back, this
/// does not.
struct DeliveryTicket {
  std::uint32_t connection = 0;  ///< counted from 1
  std::uint64_t name = 0;        ///< counts its deliveries from 1
  friend bool operator==(DeliveryTicket, DeliveryTicket) = default;
};

/// A deliver_sm, or data_sm: a message, or a receipt where is_receipt().
struct Delivery : Content {
  DeliveryTicket ticket;
  /// message_type of esm_class (5.0 §4.7.12).
  bool is_receipt() const { return (esm_class & 0x3C) == 0x04; }
};

/// A bind that has ended, or has not come about.
struct ClientLoss {
  bool was_bound = false;
  CloseCause cause = CloseCause::none;  ///< none: the connection was never there
  Status status = Status::ESME_ROK;     ///< of a refused bind
  std::string_view text;                ///< for people
  std::uint64_t retry_ms = 0;           ///< until the next attempt
};

class Client;

/// Implement this to hear of a client. Calls come on the thread that runs it, never two at a time;
/// a throw ends the process. Views are good until the call returns. Inside a call the program may
/// submit, answer and stop, but neither turn nor destroy the client.
class RINGGATE_API ClientHandler {
 public:
  virtual ~ClientHandler() = default;

  /// It is bound, at first or again.
  virtual void on_bound(Client&) noexcept {}
  /// A bind has ended, or an attempt to get one; it will try again.
  virtual void on_loss(Client&, const ClientLoss&) noexcept {}
  /// What has become of submits, in the order in which it did.
  virtual void on_submitted(Client&, std::span<const Submitted>) noexcept {}
  /// Answer each, here or later. Unless this is overridden they are put off (ESME_RX_T_APPN).
  virtual void on_deliveries(Client& client, std::span<const Delivery> deliveries) noexcept;
  /// There is room again, after Posted::full.
  virtual void on_room(Client&) noexcept {}
  /// It has ended: nothing more is heard of it.
  virtual void on_ended(Client&) noexcept {}
};

/// One bind, kept: it connects, binds, asks a silent peer whether it lives, and binds again after a
/// loss, until stop().
///
/// make() gives one that lives in a loop of the program's own: everything, the destructor included,
/// on that thread. start() gives one with a thread of its own: then any thread may call it, but for
/// turn(), and the destructor is not for the handler's calls.
class RINGGATE_API Client {
 public:
  /// In the caller's loop: wait until descriptor() is readable, then turn(). Null, and one line in
  /// `error` for each mistake in `options`, or one about the kernel. The handler outlives it.
  static std::unique_ptr<Client> make(const ClientOptions& options, ClientHandler& handler,
                                      std::string& error);
  /// On a thread of its own.
  static std::unique_ptr<Client> start(const ClientOptions& options, ClientHandler& handler,
                                       std::string& error);

  /// After stop() of a client with a thread of its own: waits for the end. Else drops the
  /// connection if there still is one, and the handler hears nothing of that.
  virtual ~Client() = default;

  /// Submits; copies what it takes. Stops at the first that is not taken and says why; `taken` is
  /// how many were before it. `full`: the queue is; on_room tells when to go on. `gone`: after
  /// stop(). `misuse`: no submit_sm can say this (an address above 20 characters, more than 65,535
  /// octets of text, ...). What is queued when a connection is lost goes by the next.
  virtual Posted submit(std::span<const Outgoing> messages, std::size_t& taken) = 0;
  /// Submits one.
  Posted submit(const Outgoing& message) {
    std::size_t taken = 0;
    return submit({&message, 1}, taken);
  }
  /// Answers a delivery. `gone`: its connection is; `misuse`: there is none of that name. Of a
  /// client with a thread of its own only the handler's calls hear that; elsewhere `ok` means that
  /// it is on its way, and `full` that far more are than there can be deliveries.
  virtual Posted answer(DeliveryTicket ticket, Status status = Status::ESME_ROK) = 0;

  /// The end: what waits in the queue is given back (SubmitResult::not_sent), what is out waits for
  /// its answer, at most response_s; then it unbinds, closes, and says on_ended.
  virtual void stop() = 0;

  /// What it is doing. With a thread of its own: a moment ago.
  virtual ClientState state() const = 0;

  /// Readable when there is something to do for turn(), its timers among it: the same one for the
  /// whole life, for poll(), epoll or a ring. -1 with a thread of its own.
  virtual int descriptor() const = 0;
  /// Does what there is to do, without waiting. Nothing with a thread of its own.
  virtual void turn() = 0;
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate
