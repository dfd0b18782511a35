// How wolfSSL reads and writes: memory that its channel has.
#pragma once

#include "tls/wolfssl.h"

namespace ringgate::tls {

/// `channel` is the SslChannel that the object belongs to.
int receive(WOLFSSL* ssl, char* to, int size, void* channel);
int send(WOLFSSL* ssl, char* from, int size, void* channel);

}  // namespace ringgate::tls
