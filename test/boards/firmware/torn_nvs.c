/*
 * The store over NVS, boards/esp32/main/store_nvs.c, against values in memory that behave as ESP-IDF says that NVS does: each is
 * replaced whole or not at all, a blob takes an entry of 32 bytes for each 32 and two more, and what has no room is refused. The power is cut
 * at every operation, once before it is done and once behind it. After each cut: what is loaded is what the last finished save kept, or
 * what the unfinished one was to keep; and the store works on. Then a partition that is full, or fails.
 *
 * Prints what it did; a fault ends it with a line and status 1.
 */
#include "board.h"
#include "nvs.h"
#include "nvs_flash.h"
#include "store_nvs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_SIZE 150
#define FIELDS_SIZE 28
#define SAVES 60
#define VALUE_COUNT 40
static uint32_t few(uint32_t room);
#define CHANGE_SIZE(room) few(room)
#include "torn_session.h"

static struct {
  char key[16];
  uint8_t bytes[512];
  size_t size;
} values[VALUE_COUNT];
/* Operations until the power goes; whether the last one is done; room of the partition, in entries. */
static long power;
static int done_last, is_refused;
static size_t room;
static size_t most_used;

static int spend(void) {
  if (power < 0) return -1;
  return power-- == 0 ? (done_last ? 1 : -1) : 0;
}

static size_t entries(size_t size) { return 2 + (size + 31) / 32; }

static int find(const char *key) {
  for (int i = 0; i < VALUE_COUNT; i++)
    if (strcmp(values[i].key, key) == 0) return i;
  return -1;
}

esp_err_t nvs_flash_init_partition(const char *label) { return strcmp(label, "session") == 0 ? ESP_OK : 1; }
esp_err_t nvs_flash_erase_partition(const char *name) { return (void)name, 1; }
esp_err_t nvs_open_from_partition(const char *partition, const char *space, nvs_open_mode_t mode, nvs_handle_t *handle) {
  (void)partition, (void)space, (void)mode;
  return *handle = 7, ESP_OK;
}
esp_err_t nvs_commit(nvs_handle_t handle) { return handle == 7 && power >= 0 ? ESP_OK : 1; }

esp_err_t nvs_set_blob(nvs_handle_t handle, const char *key, const void *value, size_t length) {
  int spent = spend(), at = find(key), free_at = find("");
  size_t used = entries(length);
  if (handle != 7 || spent < 0 || is_refused || strlen(key) > 15) return 1;
  for (int i = 0; i < VALUE_COUNT; i++)
    if (values[i].key[0] != 0) used += entries(values[i].size);
  if (used > room) return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
  if (used > most_used) most_used = used;
  if (at < 0) at = free_at;
  if (length > sizeof values[at].bytes) exit(2);
  strcpy(values[at].key, key);
  memcpy(values[at].bytes, value, length);
  values[at].size = length;
  return spent == 0 ? ESP_OK : 1;
}

esp_err_t nvs_get_blob(nvs_handle_t handle, const char *key, void *value, size_t *length) {
  int at = find(key);
  if (handle != 7 || at < 0) return ESP_ERR_NVS_NOT_FOUND;
  if (values[at].size > *length) return ESP_ERR_NVS_INVALID_LENGTH;
  memcpy(value, values[at].bytes, *length = values[at].size);
  return ESP_OK;
}

esp_err_t nvs_erase_key(nvs_handle_t handle, const char *key) {
  int at = find(key);
  if (handle != 7 || at < 0) return ESP_ERR_NVS_NOT_FOUND;
  int spent = spend();
  if (spent < 0) return 1;
  values[at].key[0] = 0;
  return spent == 0 ? ESP_OK : 1;
}

void board_say(const char *what, const char *detail) { (void)what, (void)detail; }

/* Most changes are small, as those of a session are. */
static uint32_t few(uint32_t room) {
  uint32_t size = draw(draw(4) == 0 ? room + 1 : 8);
  return size < room ? size : room;
}

static void fail(const char *what, long cut, int index) {
  printf("FAULT %s: cut at operation %ld, save %d, done %d\n", what, cut, index, done_last);
  exit(1);
}

/* Answers 1 where the cut came behind the last save. */
static int cut_at(long cut) {
  int index = 0;
  memset(values, 0, sizeof values);
  power = cut;
  if (load(1) != 0) fail("an empty partition was loaded", cut, 0);
  while (index < SAVES && save(index) == 0 && power >= 0) index++;
  if (power >= 0) return 1;
  power = 1L << 40;
  int loaded = load(1);
  if (loaded <= 0 && index > 0) fail("nothing was loaded", cut, index);
  if (loaded > 0 && is_state(index + 1)) index++;
  else if (loaded > 0 ? !is_state(index) : index != 0) fail("another state was loaded", cut, index);
  for (int more = 0; more < 40 && index < SAVES + 40; more++, index++)
    if (save(index) != 0) fail("a save failed after the cut", cut, index);
  if (load(1) != 1 || !is_state(index)) fail("lost after the recovery", cut, index);
  return 0;
}

int main(void) {
  long cuts = 0;
  room = 140;
  if (store_open("session") != 0 || store_open("elsewhere") == 0 || store_open("session") != 0) fail("opening", 0, 0);
  for (done_last = 0; done_last < 2; done_last++)
    for (long cut = 0; !cut_at(cut); cut++) cuts++;
  printf("cuts %ld\n", cuts);

  memset(values, 0, sizeof values);
  power = 1L << 40;
  load(1);
  for (int i = 0; i < 3000; i++)
    if (save(i) != 0) fail("a save failed", 0, i);
  printf("entries %u\n", (unsigned)most_used);
  if (load(2) != -1) fail("another client's session was loaded", 0, 0);
  if (save(0) != 0 || load(2) != 1 || now.word != 1) fail("another client cannot begin", 0, 0);

  // A partition that fails for a while: what was kept last stays, and what comes behind the failure is not lost again.
  memset(values, 0, sizeof values);
  load(1);
  int index = 0;
  for (; index < 20; index++) save(index);
  is_refused = 1;
  if (save(20) == 0 || save(20) == 0) fail("a save was said to be kept", 0, 20);
  is_refused = 0;
  if (load(1) != 1 || !is_state(20)) fail("what was kept last is gone", 0, 20);
  load(1);
  is_refused = 1;
  save(20);
  is_refused = 0;
  for (index = 20; index < 30; index++)
    if (save(index) != 0) fail("a save failed after a failure", 0, index);
  if (load(1) != 1 || !is_state(30)) fail("lost behind a failure", 0, 30);
  printf("failures passed\n");
  return 0;
}
