/*
 * TCP by sockets, none of which blocks but the look-up of a name; TLS by OpenSSL where a CA is given. The server's certificate is
 * checked against the CA and the name of the host, always.
 */
#define _POSIX_C_SOURCE 200809L
#include "board.h"
#include "posix.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const struct network_settings *settings;
static SSL_CTX *context;
static SSL *tls;
static int connection = -1;
static short wanted = POLLIN;

const char *network_start(const struct network_settings *given) {
  settings = given;
  if (settings->ca_file == 0) return 0;
  context = SSL_CTX_new(TLS_client_method());
  if (context == 0) return "TLS cannot be begun";
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, 0);
  if (SSL_CTX_load_verify_locations(context, settings->ca_file, 0) != 1) return "the CA file cannot be read";
  if (settings->cert_file == 0) return 0;
  if (SSL_CTX_use_certificate_chain_file(context, settings->cert_file) != 1) return "the certificate cannot be read";
  if (SSL_CTX_use_PrivateKey_file(context, settings->key_file, SSL_FILETYPE_PEM) != 1) return "the key cannot be read";
  return SSL_CTX_check_private_key(context) == 1 ? 0 : "the key is not the certificate's";
}

static int begin_tls(void) {
  unsigned char address[16];
  int is_address = inet_pton(AF_INET, settings->host, address) == 1 || inet_pton(AF_INET6, settings->host, address) == 1;
  tls = SSL_new(context);
  if (tls == 0 || SSL_set_fd(tls, connection) != 1) return -1;
  if (is_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), settings->host) == 1 ? 0 : -1;
  SSL_set_tlsext_host_name(tls, settings->host);
  return SSL_set1_host(tls, settings->host) == 1 ? 0 : -1;
}

static int begin_tcp(void) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = 0;
  int fault = getaddrinfo(settings->host, settings->port, &hints, &list);
  if (fault != 0) {
    board_say(settings->host, gai_strerror(fault));
    return -1;
  }
  for (struct addrinfo *entry = list; entry != 0 && connection < 0; entry = entry->ai_next) {
    connection = socket(entry->ai_family, entry->ai_socktype, entry->ai_protocol);
    if (connection < 0) continue;
    fcntl(connection, F_SETFL, O_NONBLOCK);
    if (connect(connection, entry->ai_addr, entry->ai_addrlen) == 0 || errno == EINPROGRESS) break;
    close(connection);
    connection = -1;
  }
  freeaddrinfo(list);
  return connection < 0 || (context != 0 && begin_tls() != 0) ? -1 : 0;
}

/* What an answer of OpenSSL means for the caller of read and write. */
static int judge(int count) {
  if (count > 0) return count;
  int error = SSL_get_error(tls, count);
  if (error == SSL_ERROR_WANT_READ) return 0;
  if (error == SSL_ERROR_WANT_WRITE) {
    wanted |= POLLOUT;
    return 0;
  }
  if (error == SSL_ERROR_SSL) {
    long verified = SSL_get_verify_result(tls);
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    board_say("TLS", verified != X509_V_OK ? X509_verify_cert_error_string(verified) : reason == 0 ? "fault" : reason);
    ERR_clear_error();
  }
  return -1;
}

int network_open(void) {
  if (connection < 0 && begin_tcp() != 0) return -1;
  struct pollfd state = {connection, POLLOUT, 0};
  if (poll(&state, 1, 0) == 0) return 0;
  int error = 0, one = 1;
  socklen_t size = sizeof error;
  getsockopt(connection, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return -1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  wanted = POLLIN;
  if (tls == 0) return 1;
  int shaken = SSL_connect(tls);
  return shaken == 1 ? 1 : judge(shaken);
}

int network_read(uint8_t *target, int size) {
  if (tls != 0) return judge(SSL_read(tls, target, size));
  ssize_t count = recv(connection, target, (size_t)size, 0);
  if (count > 0) return (int)count;
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : -1;
}

int network_write(const uint8_t *source, int size) {
  wanted = POLLIN;
  if (tls != 0) return judge(SSL_write(tls, source, size));
  ssize_t count = send(connection, source, (size_t)size, MSG_NOSIGNAL);
  if (count < size) wanted |= POLLOUT;
  if (count >= 0) return (int)count;
  return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
}

void network_close(void) {
  if (tls != 0) {
    SSL_shutdown(tls);
    SSL_free(tls);
  }
  if (connection >= 0) close(connection);
  tls = 0;
  connection = -1;
}

void network_wait(int ms) {
  struct pollfd state = {connection, wanted, 0};
  if (ms > 0) poll(&state, connection >= 0, ms);
}
