/*
 * esp_transport_ssl on this computer, by OpenSSL: the authority, the certificate and the key as the project hands them over, PEM and
 * its size without the NUL, which ESP-IDF adds. The server's certificate is checked against the authority and the name of the host.
 */
#include "esp_host.h"
#include "esp_transport_ssl.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static SSL_CTX *context;
static SSL *session;

static BIO *pem_of(const char *data, int len) {
  if (len <= 0 || data[len] != 0 || strlen(data) != (size_t)len) {
    fprintf(stderr, "PEM of another size\n");
    abort();
  }
  return BIO_new_mem_buf(data, len);
}

static int judge(int count) {
  if (count > 0) return count;
  int error = SSL_get_error(session, count);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return 0;
  if (error == SSL_ERROR_SSL) fprintf(stderr, "TLS: %s\n", X509_verify_cert_error_string(SSL_get_verify_result(session)));
  ERR_clear_error();
  return -1;
}

static int tls_open(int connection, const char *host) {
  if (session == 0) {
    session = SSL_new(context);
    SSL_set_fd(session, connection);
    SSL_set1_host(session, host);
  }
  return judge(SSL_connect(session));
}
static int tls_read(char *target, int size) { return judge(SSL_read(session, target, size)); }
static int tls_write(const char *source, int size) { return judge(SSL_write(session, source, size)); }
static int tls_pending(void) { return session == 0 ? 0 : SSL_pending(session); }
static void tls_close(void) {
  SSL_free(session);
  session = 0;
}

esp_transport_handle_t esp_transport_ssl_init(void) {
  context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, 0);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  tls = (struct tls_calls){tls_open, tls_read, tls_write, tls_pending, tls_close};
  return (esp_transport_handle_t)&context;
}

void esp_transport_ssl_set_cert_data(esp_transport_handle_t t, const char *data, int len) {
  X509 *authority = PEM_read_bio_X509(pem_of(data, len), 0, 0, 0);
  if (t == 0 || X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority) != 1) abort();
}

void esp_transport_ssl_set_client_cert_data(esp_transport_handle_t t, const char *data, int len) {
  if (t == 0 || SSL_CTX_use_certificate(context, PEM_read_bio_X509(pem_of(data, len), 0, 0, 0)) != 1) abort();
}

void esp_transport_ssl_set_client_key_data(esp_transport_handle_t t, const char *data, int len) {
  if (t == 0 || SSL_CTX_use_PrivateKey(context, PEM_read_bio_PrivateKey(pem_of(data, len), 0, 0, 0)) != 1) abort();
}
