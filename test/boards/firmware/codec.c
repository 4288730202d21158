/*
 * Counts the instructions of the codec alone, assembly/wire/: a QoS 1 PUBLISH of a topic of 24 and a payload of 32 bytes, written
 * (header, sizes, topic and payload copied in, checked and numbered), and read (framed, checked, its view filled).
 * codec_core.c is what wasm2c made of it.
 */
#include "codec_core.h"
#include "codec_core.c"
#include "measure.h"
#include <string.h>

#define AT 256
#define VIEW 1024

int network_open(void) { return 0; }
int32_t board_reading(char *text) { return (void)text, 0; }

int main(void) {
  static Z_codec_instance_t codec;
  uint32_t start, empty, at, end, fault;
  Z_codec_init_module();
  Z_codec_instantiate(&codec);
  start = now();
  empty = now() - start;

  start = now();
  at = Z_codecZ_beginPublish(&codec, AT, 2, 24, 32);
  memcpy(MEMORY_BYTES + at, topic, 24);
  end = Z_codecZ_packetEnd(&codec, AT);
  memcpy(MEMORY_BYTES + end - 32, payload, 32);
  fault = Z_codecZ_seal(&codec, AT, end, 7, 0);
  tell("encode", now() - start - empty);
  if (end - AT != 62 || fault != 0) board_halt("encode");

  start = now();
  uint32_t size = Z_codecZ_packetSize(&codec, AT, 62, 0);
  fault = Z_codecZ_decodePublish(&codec, AT, VIEW, 0);
  tell("decode", now() - start - empty);
  uint32_t view[6];
  memcpy(view, MEMORY_BYTES + VIEW, sizeof view);
  if (size != 62 || fault != 0 || view[1] != 7 || view[3] != 24 || view[5] != 32) board_halt("decode");
  if (memcmp(MEMORY_BYTES + view[2], topic, 24) != 0 || memcmp(MEMORY_BYTES + view[4], payload, 32) != 0) board_halt("view");
  machine_exit(0);
}
