// command_id: one row per PDU, with the session states in which each side may send it (5.0 §2.4
// table, 3.4 §2.3).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ringgate::smpp {

enum class Command : std::uint32_t {
  bind_receiver = 0x00000001,
  bind_transmitter = 0x00000002,
  query_sm = 0x00000003,
  submit_sm = 0x00000004,
  deliver_sm = 0x00000005,
  unbind = 0x00000006,
  replace_sm = 0x00000007,
  cancel_sm = 0x00000008,
  bind_transceiver = 0x00000009,
  outbind = 0x0000000B,
  enquire_link = 0x00000015,
  submit_multi = 0x00000021,
  alert_notification = 0x00000102,
  data_sm = 0x00000103,
  broadcast_sm = 0x00000111,
  query_broadcast_sm = 0x00000112,
  cancel_broadcast_sm = 0x00000113,
  generic_nack = 0x80000000,
  bind_receiver_resp = 0x80000001,
  bind_transmitter_resp = 0x80000002,
  query_sm_resp = 0x80000003,
  submit_sm_resp = 0x80000004,
  deliver_sm_resp = 0x80000005,
  unbind_resp = 0x80000006,
  replace_sm_resp = 0x80000007,
  cancel_sm_resp = 0x80000008,
  bind_transceiver_resp = 0x80000009,
  enquire_link_resp = 0x80000015,
  submit_multi_resp = 0x80000021,
  data_sm_resp = 0x80000103,
  broadcast_sm_resp = 0x80000111,
  query_broadcast_sm_resp = 0x80000112,
  cancel_broadcast_sm_resp = 0x80000113,
};

inline constexpr std::uint32_t response_bit = 0x80000000;
constexpr bool is_response(std::uint32_t command_id) { return (command_id & response_bit) != 0; }
constexpr Command response_of(Command request) {
  return static_cast<Command>(static_cast<std::uint32_t>(request) | response_bit);
}

/// Session states (5.0 §2.2). Outbound belongs to the outbind dialogue; closed sessions have no
/// state to ask about.
enum class State : std::uint8_t { open, outbound, bound_tx, bound_rx, bound_trx, unbound };

namespace in {  // sets of states, as bits
inline constexpr std::uint8_t open = 1 << 0, outbound = 1 << 1, tx = 1 << 2, rx = 1 << 3,
                              trx = 1 << 4, unbound = 1 << 5;
inline constexpr std::uint8_t none = 0, bound = tx | rx | trx, any = 0x3F, fresh = open | outbound;
}  // namespace in

struct CommandRow {
  Command id;
  std::string_view name;
  std::uint8_t since;     ///< 0x33, 0x34 or 0x50
  std::uint8_t esme_may;  ///< states in which an ESME may send it
  std::uint8_t mc_may;    ///< states in which the message centre may
};

#define RINGGATE_COMMAND(name, since, esme, mc) \
  CommandRow { Command::name, #name, since, esme, mc }
// enquire_link is answered in every state, unlike 3.4's table: peers send it before the bind and
// after unbind.
inline constexpr std::array command_rows{
    RINGGATE_COMMAND(bind_receiver, 0x33, in::fresh, in::none),
    RINGGATE_COMMAND(bind_transmitter, 0x33, in::fresh, in::none),
    RINGGATE_COMMAND(query_sm, 0x33, in::tx | in::trx, in::none),
    RINGGATE_COMMAND(submit_sm, 0x33, in::tx | in::trx, in::none),
    RINGGATE_COMMAND(deliver_sm, 0x33, in::none, in::rx | in::trx),
    RINGGATE_COMMAND(unbind, 0x33, in::bound, in::bound),
    RINGGATE_COMMAND(replace_sm, 0x33, in::tx | in::trx, in::none),
    RINGGATE_COMMAND(cancel_sm, 0x33, in::tx | in::trx, in::none),
    RINGGATE_COMMAND(bind_transceiver, 0x34, in::fresh, in::none),
    RINGGATE_COMMAND(outbind, 0x34, in::none, in::open),
    RINGGATE_COMMAND(enquire_link, 0x33, in::any, in::any),
    RINGGATE_COMMAND(submit_multi, 0x33, in::tx | in::trx, in::none),
    RINGGATE_COMMAND(alert_notification, 0x34, in::none, in::rx | in::trx),
    RINGGATE_COMMAND(data_sm, 0x34, in::tx | in::trx, in::rx | in::trx),
    RINGGATE_COMMAND(broadcast_sm, 0x50, in::tx | in::trx, in::none),
    RINGGATE_COMMAND(query_broadcast_sm, 0x50, in::tx | in::trx, in::none),
    RINGGATE_COMMAND(cancel_broadcast_sm, 0x50, in::tx | in::trx, in::none),
    RINGGATE_COMMAND(generic_nack, 0x33, in::any, in::any),
    RINGGATE_COMMAND(bind_receiver_resp, 0x33, in::none, in::fresh),
    RINGGATE_COMMAND(bind_transmitter_resp, 0x33, in::none, in::fresh),
    RINGGATE_COMMAND(query_sm_resp, 0x33, in::none, in::tx | in::trx),
    RINGGATE_COMMAND(submit_sm_resp, 0x33, in::none, in::tx | in::trx),
    RINGGATE_COMMAND(deliver_sm_resp, 0x33, in::rx | in::trx, in::none),
    RINGGATE_COMMAND(unbind_resp, 0x33, in::bound, in::bound),
    RINGGATE_COMMAND(replace_sm_resp, 0x33, in::none, in::tx | in::trx),
    RINGGATE_COMMAND(cancel_sm_resp, 0x33, in::none, in::tx | in::trx),
    RINGGATE_COMMAND(bind_transceiver_resp, 0x34, in::none, in::fresh),
    RINGGATE_COMMAND(enquire_link_resp, 0x33, in::any, in::any),
    RINGGATE_COMMAND(submit_multi_resp, 0x33, in::none, in::tx | in::trx),
    RINGGATE_COMMAND(data_sm_resp, 0x34, in::rx | in::trx, in::tx | in::trx),
    RINGGATE_COMMAND(broadcast_sm_resp, 0x50, in::none, in::tx | in::trx),
    RINGGATE_COMMAND(query_broadcast_sm_resp, 0x50, in::none, in::tx | in::trx),
    RINGGATE_COMMAND(cancel_broadcast_sm_resp, 0x50, in::none, in::tx | in::trx),
};
#undef RINGGATE_COMMAND

constexpr const CommandRow* command_row(std::uint32_t command_id) {
  for (const CommandRow& row : command_rows)
    if (static_cast<std::uint32_t>(row.id) == command_id) return &row;
  return nullptr;
}

constexpr std::string_view command_name(Command command) {
  const CommandRow* row = command_row(static_cast<std::uint32_t>(command));
  return row == nullptr ? std::string_view("unknown") : row->name;
}

constexpr std::uint8_t bit_of(State state) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(state));
}

}  // namespace ringgate::smpp
