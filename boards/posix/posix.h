/* What main.c says to the network and the flash of this board, and asks of them. */
#ifndef POSIX_H
#define POSIX_H

struct network_settings {
  const char *host, *port;
  const char *ca_file, *cert_file, *key_file; /* or 0; with ca_file the connection is TLS */
};

/* 0, or what is wrong with a certificate or key. */
const char *network_start(const struct network_settings *settings);
/* Waits until something can be moved, at most `ms`. */
void network_wait(int ms);
int flash_open(const char *path);

#endif
