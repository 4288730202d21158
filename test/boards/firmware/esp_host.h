/* How esp_host_tls.c stands between esp_transport and the socket of esp_host.c. */
#ifndef ESP_HOST_H
#define ESP_HOST_H

extern struct tls_calls {
  int (*open)(int connection, const char *host); /* 1, 0 goes on, -1 */
  int (*read)(char *target, int size);           /* bytes, 0 for none now, below zero for a close */
  int (*write)(const char *source, int size);    /* the same */
  int (*pending)(void);                          /* bytes that can be read without a look at the socket */
  void (*close)(void);
} tls;

#endif
