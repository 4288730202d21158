/**
 * perigee.h: the core as C sees it. Made from what the module exports, so that it follows every change of the core.
 */
import { callsOf, constantsOf, reasonsOf } from "./exports.js";

/** @param {string} text */
function comment(text) {
  return text === "" ? "" : `/* ${text.replace(/\s*\n\s*/g, "\n   ")} */\n`;
}

/** @param {{ name: string, value: number, documentation: string }} constant @param {string} prefix */
function define({ name, value, documentation }, prefix) {
  return `${comment(documentation)}#define PERIGEE_${prefix}${name} ${value < 0 ? `(${value})` : value}\n`;
}

/**
 * A number that differs for any other list of calls, or place of a field: FNV-1a over names, counts of parameters and of results, and offsets.
 * @param {import("./exports.js").Call[]} calls @param {readonly string[]} fields
 */
function interfaceHash(calls, fields) {
  const text = [
    ...calls.map(({ name, parameters, hasResult }) => `${name}/${parameters.length}/${Number(hasResult)}`),
    ...fields.map(line => line.split(" ").slice(1, 3).join("/")),
  ].join();
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `0x${hash.toString(16).padStart(8, "0")}u`;
}

/** The getters of host/core/getters.ts, as C reads them. */
const GETTERS = {
  state: "perigee_memory[client + PERIGEE_STATE]",
  refusal: "perigee_memory[client + PERIGEE_REFUSAL]",
  reason: "perigee_word(client + PERIGEE_REASON)",
  receive_address: "perigee_word(client + PERIGEE_RECEIVED_END)",
  transmit_address: "perigee_word(client + PERIGEE_LEAVING)",
  composed_end: "perigee_word(client + PERIGEE_COMPOSED_END)",
  session_address: "client + PERIGEE_SESSION",
  session_size: "perigee_word(client + PERIGEE_CONNECT_PACKET) - client - PERIGEE_SESSION",
  unstored_outbox_address: "perigee_word(client + PERIGEE_DIRTY_START)",
  outbox_used: "perigee_word(client + PERIGEE_TAIL) - perigee_word(client + PERIGEE_HEAD)",
  outbox_capacity: "perigee_word(client + PERIGEE_CONNECT_PACKET) - perigee_word(client + PERIGEE_OUTBOX)",
  in_flight: "perigee_word(client + PERIGEE_IN_FLIGHT)",
  event_id: "perigee_word(client + PERIGEE_VIEW_ID)",
  event_flags: "perigee_word(client + PERIGEE_VIEW)",
  topic_address: "perigee_word(client + PERIGEE_VIEW_TOPIC)",
  topic_size: "perigee_word(client + PERIGEE_VIEW_TOPIC_SIZE)",
  payload_address: "perigee_word(client + PERIGEE_VIEW_PAYLOAD)",
  payload_size: "perigee_word(client + PERIGEE_PIECE_SIZE)",
  payload_total: "perigee_word(client + PERIGEE_VIEW_PAYLOAD_SIZE)",
};

/** Of a core that knows MQTT 5.0, and what stands in their place in one that does not. */
const FIVE = `#define PERIGEE_FIVE 1
static inline int32_t perigee_event_code(int32_t client) { return perigee_word(client + PERIGEE_EVENT_CODE); }
/* The version, 4 or 5, of the session in the record. */
static inline int32_t perigee_session_level(int32_t client) { return 4 + perigee_memory[client + PERIGEE_SESSION + 2]; }`;
const FOUR = `/* This core knows MQTT 3.1.1 alone: what a client may ask of both. */
#define PERIGEE_FIVE 0
static inline int32_t perigee_event_code(int32_t client) { return (void)client, 0; }
static inline int32_t perigee_session_level(int32_t client) { return (void)client, 4; }
static inline int32_t perigee_speak(int32_t client, int32_t level) { return (void)client, level == 4 ? PERIGEE_OK : PERIGEE_MISUSE_RANGE; }
static inline int32_t perigee_aliases(int32_t client, int32_t inbound, int32_t outbound) { return (void)client, (void)inbound, (void)outbound, PERIGEE_OK; }
static inline void perigee_tick(int32_t client, int32_t now) { (void)client, (void)now; }`;

/** CONNACK of MQTT 3.1.1, section 3.2.2.3. */
const RETURN_CODES = [
  [1, "Unacceptable protocol version"],
  [2, "Identifier rejected"],
  [3, "Server unavailable"],
  [4, "Bad user name or password"],
  [5, "Not authorized"],
];

const getterLines = Object.entries(GETTERS).map(
  ([name, value]) => `static inline int32_t perigee_${name}(int32_t client) { return (int32_t)(${value}); }`,
);

/**
 * @param {Uint8Array} bytes the module @param {readonly string[]} fields a line of C for each field of a client's record
 * @param {string} root of the repository, with a slash @param {string} version
 */
export function cHeader(bytes, fields, root, version) {
  const calls = callsOf(bytes, root);
  const statuses = constantsOf(root, "status.ts");
  const isFive = calls.some(({ name }) => name === "speak");
  // No answer is below the reason codes negated, so that a byte tells all of them apart.
  const names = [
    ...statuses.filter(({ value }) => value < 0 && value > -0x80).map(({ name, value }) => [value, name]),
    ...RETURN_CODES,
    ...(isFive ? reasonsOf(root).filter(([code]) => code >= 0x80) : []),
  ];
  const prototypes = calls.map(({ cName, parameters, hasResult, documentation }) => {
    const list = parameters.map(name => `int32_t ${name}`).join(", ");
    return `${comment(documentation)}${hasResult ? "int32_t" : "void"} perigee_${cName}(${list === "" ? "void" : list});\n`;
  });
  const rows = calls.map(
    ({ name, cName, parameters, hasResult }) =>
      `    ${hasResult ? "ANSWERS" : "SILENT"}(${parameters.length}, ${cName}, ${name})`,
  );
  return `/* perigee.h ${version}: every call of the core. Made from the module by "npm run build": do not edit. */
#ifndef PERIGEE_H
#define PERIGEE_H

#include <stdint.h>

#define PERIGEE_VERSION "${version}"
/* Another number, another list of calls or place of a field: a module of that kind is refused. */
#define PERIGEE_INTERFACE ${interfaceHash(calls, fields)}

/* Answers below zero, and the reasons of a close. */
${statuses.map(constant => define(constant, "")).join("")}
/* Events of perigee_next_event. */
${constantsOf(root, "session/events.ts")
  .map(constant => define(constant, "EVENT_"))
  .join("")}
/* States of perigee_state. */
${constantsOf(root, "session/transitions.ts")
  .filter(({ value }) => value < 8)
  .map(constant => define(constant, "STATE_"))
  .join("")}
/* What perigee_next_timeout answers where nothing is awaited. */
#define PERIGEE_NEVER 0x7fffffff

/* The core's memory: every address that it takes or answers counts from here. */
extern uint8_t *perigee_memory;

${prototypes.join("\n")}
/* Fields of a client, in bytes from its address: little-endian words but for the bytes, to be read and never written. */
${fields.join("\n")}

static inline int32_t perigee_word(int32_t at) {
  int32_t word;
  __builtin_memcpy(&word, __builtin_assume_aligned(perigee_memory + at, 4), 4);
  return word;
}
${getterLines.join("\n")}

/* Where the payload, or this piece of it, begins in the whole. */
static inline int32_t perigee_payload_offset(int32_t client) {
  return perigee_payload_total(client) - perigee_word(client + PERIGEE_STREAM_LEFT) - perigee_payload_size(client);
}

${isFive ? FIVE : FOUR}

/* The parameters of a call with so many of them. */
#define PERIGEE_PARAMETERS_1 int32_t a
#define PERIGEE_PARAMETERS_2 PERIGEE_PARAMETERS_1, int32_t b
#define PERIGEE_PARAMETERS_3 PERIGEE_PARAMETERS_2, int32_t c
#define PERIGEE_PARAMETERS_4 PERIGEE_PARAMETERS_3, int32_t d
#define PERIGEE_PARAMETERS_5 PERIGEE_PARAMETERS_4, int32_t e

/* Each call once, for an engine to define: count of parameters, name in C, name of the export. */
#define PERIGEE_CALLS(ANSWERS, SILENT) \\
${rows.join(" \\\n")}

/* Rows of a byte and a text: answers below zero, reason codes of CONNACK and DISCONNECT. The texts end with NUL, as do the rows. */
#define PERIGEE_NAMES \\
${names.map(([value, text]) => `    "\\${(value & 0xff).toString(8).padStart(3, "0")}${text}\\0"`).join(" \\\n")}

/* The name of an answer below zero; the words of a reason code, and of one negated, which a command answers. */
static inline const char *perigee_name(int32_t code) {
  static const char rows[] = PERIGEE_NAMES;
  const char *row = rows;
  while (*row != 0 && (uint8_t)*row != (uint8_t)(code <= -128 ? -code : code)) row += __builtin_strlen(row) + 1;
  return *row != 0 ? row + 1 : "unknown";
}

#endif
`;
}
