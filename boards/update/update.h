/*
 * A new module by MQTT: a message whose topic ends in module/ and the SHA-256 of its payload, 64 hex digits. It may be larger than
 * the RAM: it comes in pieces and goes to flash in pieces.
 */
#ifndef UPDATE_H
#define UPDATE_H

#include "client.h"

/* Whether the message is such a one, or would be. */
int update_is_for(const struct client_message *message);

/*
 * Takes such a message, or a piece of it. Answers 0 while there is more to come, and one line when it is decided: update_taken, or why
 * the module was refused. What comes of a refused one afterwards is passed over.
 */
const char *update_piece(const struct client_message *message);

/* Answered for a module that the next start will run. */
extern const char update_taken[];

#endif
