/* What main.c says to the network and the flash of this board, and asks of them. */
#ifndef POSIX_H
#define POSIX_H

#include <stdint.h>

struct network_settings {
  const char *host, *port;
  const char *ca_file, *cert_file, *key_file; /* or 0; with ca_file the connection is TLS */
};

/* 0, or what is wrong with a certificate or key. */
const char *network_start(const struct network_settings *settings);
/* Waits until something can be moved, at most `ms`. */
void network_wait(int ms);

/* Files as NOR flash: a file, or -1; then 0, or -1 for a fault. A new file is erased. */
int nor_open(const char *path, uint32_t size);
int nor_read(int file, uint32_t at, void *target, uint32_t size);
int nor_program(int file, uint32_t at, const void *source, uint32_t size);
int nor_erase(int file, uint32_t at, uint32_t size);

/* The store's file; and the file of the module's slots, where the engine is an interpreter. */
int flash_open(const char *path);
int module_open(const char *path);

#endif
