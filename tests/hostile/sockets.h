// What tests of crowds need of the system: sockets by the thousand, from more than one address.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringgate::hostile {

/// A blocking connection to 127.0.0.1, from that address of this machine if one is given, or -1
/// with errno. Its close resets it: thousands of them must not use up the ports by waiting there.
int connect_from(std::uint16_t port, const char* source);
/// connect_from for who will never read: the kernel keeps as little as it can of what is sent to
/// it, and the server has to keep the rest.
int connect_deaf(std::uint16_t port);

/// Whether this process may have that many descriptors at once, after asking for them.
bool raise_descriptors(std::size_t count);

/// Resident memory of this process.
std::size_t resident_octets();

/// A port that nobody listens on, below those that outgoing connections get.
std::uint16_t unused_port();

}  // namespace ringgate::hostile
