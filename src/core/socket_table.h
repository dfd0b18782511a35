// The sockets of a core's links: what is under way on each, who is read next, and how each ends.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "base/counter.h"
#include "core/secured.h"
#include "io/channel.h"
#include "io/network.h"
#include "io/sockets.h"

namespace ringgate {

class Shard;

/// Between the shard, which knows links, and the kernel, which knows sockets. A socket is kept
/// until the last completion on it, so that none finds another's. Pure; one thread.
class SocketTable final : public io::Network {
 public:
  /// Octets of one buffer of the kernel's; a receive that brings fewer has taken all there was.
  static constexpr int buffer_size = 16 * 1024;
  /// Buffers that the kernel has for all links of a core.
  static constexpr unsigned buffer_count = 64;

  /// All outlive it. `places`: links that there may be. `channels` may be null, where every
  /// connection is in plain.
  SocketTable(io::Sockets& kernel, io::Channels* channels, Shard& shard, std::uint32_t places);

  /// A socket that nothing is under way on gets its link. `channel`: what its octets go through;
  /// null: they are in plain. `address` is its peer's.
  void open(int socket, LinkId link, std::unique_ptr<io::Channel> channel = nullptr,
            std::string address = {});
  /// The link of a completion that is under way there.
  LinkId at(std::uint32_t slot) const;

  // Completions, for the link at that slot. A receive's octets come first, buffer by buffer.

  /// Borrowed for the call.
  void on_octets(std::uint32_t slot, Octets octets);
  /// `result`: octets, 0 at the end, or a negative errno. `more`: the receive goes on.
  void on_received(std::uint32_t slot, int result, bool more);
  /// `result`: octets, or a negative errno.
  void on_sent(std::uint32_t slot, int result);
  /// A channel has been taken through what it had of its handshake.
  void on_shaken(LinkId link);

  // Of the shard.

  void apply(std::span<const io::LinkCommand> commands) override;
  bool has_unread(LinkId link) override;

  // A turn.

  void begin_turn(Nanos now);
  /// Closes those whose peers have had their time to read.
  void end_lingering();
  /// Tells the shard which links are no more.
  void tell_released();
  /// Behind the shard's turn, which gives memory back.
  void arm_receives();
  /// Whether peers have gone whose places are not free yet.
  bool has_ends() const { return !untold_.empty(); }
  /// When a turn is wanted next even if nothing happens.
  Nanos deadline() const;

  /// Closes what is open, without a word. Nobody may complete anything any more.
  void close_all();

  std::uint64_t rearmed() const { return rearmed_.get(); }

 private:
  // What the peers have ended costs system calls and log lines: more than so many wait for the next
  // turn.
  static constexpr unsigned ends_per_turn_max = 16;

  struct Socket {
    int fd = -1;
    LinkId link;
    bool receiving = false;     ///< a receive is under way
    bool streaming = false;     ///< bound: receives may bring many pieces
    bool heavy = false;         ///< has taken more than its share of buffers: one at a time
    bool queued = false;        ///< in rearm_ or rearm_heavy_
    std::uint32_t buffers = 0;  ///< taken in that turn
    std::uint64_t turn = 0;
    bool wanted = false;  ///< the shard wants octets
    bool sending = false;
    bool closing = false;
    bool hung_up = false;
    std::unique_ptr<Secured> secured;  ///< null: in plain

    /// Nobody but the channel's own thread may use it now.
    bool is_shaking() const { return secured != nullptr && secured->shaking; }
    bool is_under_way() const { return receiving || sending || is_shaking(); }
  };
  enum class End : std::uint8_t {
    orderly,  ///< the peer says no more
    broken,   ///< nothing more comes or goes
    channel,  ///< its channel is over, and says why
  };
  struct Untold {
    LinkId link;
    End how;
  };
  struct Lingering {
    LinkId link;
    Nanos until;
  };

  Socket* find(LinkId link);
  std::uint32_t& buffers_of(Socket& socket) const;
  void carry_out(const io::LinkCommand& command);
  void receive(Socket& socket);
  void receive_later(Socket& socket);
  void receive_now(LinkId link);
  void cancel_receive(const Socket& socket);
  void weigh(Socket& socket, int result);
  void hang_up(Socket& socket, bool broken);
  void tell_later(LinkId link, End how);
  void tell_ends();
  void tell(const Socket& socket, End how);
  bool is_crowded() const { return turn_ < crowded_until_; }
  void on_cipher(Socket& socket, Octets octets);
  void on_cipher_sent(Socket& socket, std::size_t count);
  void read_channel(Socket& socket);
  void write_channel(Socket& socket);
  void send_outgoing(Socket& socket);
  void end_sending(Socket& socket);
  void tell_over(Socket& socket);
  void look_again();
  static bool is_stuck(const Socket& socket);
  void close(Socket& socket, bool at_once);
  void release_if_quiet(Socket& socket);

  io::Sockets& kernel_;
  io::Channels* const channels_;
  Shard& shard_;
  std::vector<Socket> sockets_;  // by slot
  // Receives to be armed before the turn ends: first those of links that take little, then, some at
  // a time, those that take all they can get. So buffers are never all theirs.
  std::deque<LinkId> rearm_;
  std::deque<LinkId> rearm_heavy_;
  // The shard is told of so many a turn; what others have said goes before.
  std::deque<Untold> untold_;
  std::deque<Lingering> lingering_;
  std::vector<LinkId> released_;
  std::vector<LinkId> later_;  // whose channels have something to say that no completion brings
  std::uint64_t turn_ = 1;
  std::uint64_t crowded_until_ = 0;  // turn: there were too few buffers
  unsigned ended_ = 0;               // in this turn
  std::size_t deciphered_ = 0;       // octets, likewise
  Nanos now_ = 0;
  Counter rearmed_;
  std::vector<std::uint8_t> read_;  // of a channel; nothing stays in it
};

}  // namespace ringgate
