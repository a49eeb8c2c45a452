#include "CResolver.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

/// The largest message there is.
enum { answer_size = 65535 };

static int reason(int error) {
  switch (error) {
    case HOST_NOT_FOUND:
      return CR_NO_NAME;
    case NO_DATA:
      return CR_NO_SERVICES;
    default:
      return CR_NO_ANSWER;
  }
}

int cr_services(const char *name, const char *server, uint16_t port, struct cr_service *services,
                int capacity) {
  struct __res_state state;
  memset(&state, 0, sizeof state);
  if (res_ninit(&state) != 0) return CR_NO_ANSWER;
  if (server) {
    state.nscount = 1;
    state.retry = 1;
    state.nsaddr_list[0].sin_family = AF_INET;
    state.nsaddr_list[0].sin_port = htons(port);
    if (inet_pton(AF_INET, server, &state.nsaddr_list[0].sin_addr) != 1) {
      res_nclose(&state);
      return CR_NO_ANSWER;
    }
  }
  static _Thread_local unsigned char answer[answer_size];
  int length = res_nsearch(&state, name, ns_c_in, ns_t_srv, answer, sizeof answer);
  int error = state.res_h_errno;
  res_nclose(&state);
  if (length < 0) return reason(error);
  ns_msg message;
  if (length > (int)sizeof answer || ns_initparse(answer, length, &message) != 0) {
    return CR_NOT_UNDERSTOOD;
  }
  int count = 0;
  for (int index = 0; index < ns_msg_count(message, ns_s_an) && count < capacity; index++) {
    ns_rr record;
    if (ns_parserr(&message, ns_s_an, index, &record) != 0) return CR_NOT_UNDERSTOOD;
    if (ns_rr_type(record) != ns_t_srv) continue;
    // Priority, weight and port, two bytes each, come before the host.
    if (ns_rr_rdlen(record) < 7) return CR_NOT_UNDERSTOOD;
    const unsigned char *data = ns_rr_rdata(record);
    struct cr_service *service = &services[count];
    if (ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), data + 6, service->host,
                           sizeof service->host) < 0) {
      return CR_NOT_UNDERSTOOD;
    }
    service->port = ns_get16(data + 4);
    count++;
  }
  return count > 0 ? count : CR_NO_SERVICES;
}
