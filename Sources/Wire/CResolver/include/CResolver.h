#pragma once

/// The system's resolver, for what getaddrinfo does not answer: the services of a name. Every name
/// starts with cr_.

#include <stdint.h>

enum {
  CR_NO_NAME = -1,
  CR_NO_SERVICES = -2,
  CR_NO_ANSWER = -3,
  CR_NOT_UNDERSTOOD = -4,
};

/// A service (RFC 2782): where it listens.
struct cr_service {
  /// As in the answer, ended by a zero.
  char host[256];
  uint16_t port;
};

/// Asks for the SRV records of a name and writes them into services, capacity at most. Blocks for as
/// long as the resolver waits. With server, an IPv4 address, that is asked at port instead of those of
/// the system, and once. Returns how many there are, or what is wrong, below 0.
int cr_services(const char *name, const char *server, uint16_t port, struct cr_service *services,
                int capacity);
