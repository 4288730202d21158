/*
 * The other end: judges what the client sends, packet by packet, and has an answer ready for each, which is sent only while the client is
 * being healed. Every session is new to it.
 */
static uint8_t packet[1024], reply[8192];
static int32_t packet_size, reply_size, packet_count;

static void hang_up(void) { packet_size = reply_size = packet_count = 0; }

static void say(uint8_t first, const uint8_t *body, int32_t size) {
  if (reply_size + size + 2 > (int32_t)sizeof reply) reply_size = 0;
  reply[reply_size++] = first;
  reply[reply_size++] = (uint8_t)size;
  memcpy(reply + reply_size, body, (size_t)size);
  reply_size += size;
}

static void judge(const uint8_t *body, int32_t size) {
  const uint8_t first = packet[0];
  uint8_t answers[16] = {0};
  if ((packet_count++ == 0) != (first == 0x10)) fault("CONNECT is not first and once [MQTT-3.1.0-1]", first);
  switch (first >> 4) {
  case 1: say(0x20, answers, 2 + is_five); return;
  case 3: {
    int32_t qos = first >> 1 & 3, at = 2 + (body[0] << 8 | body[1]);
    if (qos == 3) fault("QoS 3 [MQTT-3.3.1-4]", first);
    if (qos == 0) return;
    if ((body[at] | body[at + 1]) == 0) fault("packet identifier 0 [MQTT-2.2.1-3]", first);
    say(qos == 1 ? 0x40 : 0x50, body + at, 2);
    return;
  }
  case 6: say(0x70, body, 2); return;
  case 8:
  case 10:
    /* The scripts ask for one filter at a time. */
    memcpy(answers, body, 2);
    if (is_five) say(first >> 4 == 8 ? 0x90 : 0xb0, answers, 4);
    else say(first >> 4 == 8 ? 0x90 : 0xb0, answers, first >> 4 == 8 ? 3 : 2);
    return;
  case 12: say(0xd0, answers, 0); return;
  case 4:
  case 5:
  case 7:
    if (size < 2) fault("an acknowledgement without identifier", first);
    return;
  case 14: return;
  case 15:
    if (is_five) return;
  }
  fault("a packet that no client sends", first);
}

/* Bytes that the client has sent: section 2.2. */
static void hear(const uint8_t *bytes, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    if (packet_size == (int32_t)sizeof packet) fault("a packet larger than the outbox", packet[0]);
    packet[packet_size++] = bytes[i];
    int32_t size = 0, at = 1;
    for (int shift = 0; at < packet_size; shift += 7) {
      size |= (packet[at] & 0x7f) << shift;
      if (at > 4) fault("a length of more than four bytes", packet[0]);
      if (packet[at++] < 0x80) break;
    }
    if (at < 2 || packet[at - 1] >= 0x80 || packet_size < at + size) continue;
    judge(packet + at, size);
    packet_size = 0;
  }
}
