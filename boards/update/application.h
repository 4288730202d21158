/* What a board says to application.c before client_start. */
#ifndef APPLICATION_H
#define APPLICATION_H

/* The board's name in topics, and the filter to subscribe to. The name stays valid; it is at most 48 bytes long. */
const char *application_name(const char *name);

#endif
