// On a link that loses nothing every byte is accounted for: packets and sizes as a real Linux client and broker were measured to send them.
import { describe, expect, test } from "vitest";
import { LINUX, LWIP, parseTc } from "../../host/link/index.ts";
import { run } from "../../host/simulation/index.ts";
import { scenario } from "./scenario.ts";

const MESSAGE_COUNT = 40;

/** IPv4 and TCP with timestamps, the options of a SYN, and without any of them. */
const LINUX_HEADER = 52;
const LINUX_SYN = 60;
const LWIP_HEADER = 40;
const LWIP_SYN = 44;

/** CONNECT: fixed and variable header of 12, "sensor-0" with its size. */
const CONNECT = 22;
const ACKNOWLEDGEMENT = 4;
/** PUBLISH: header, topic of 5 with its size, payload of 44; a packet identifier with QoS 1 and 2. */
const PUBLISH = [53, 55, 55];

/** A client of 40 messages, one every 5 s, on a link of 270 ms each way; it stays connected at the end. */
function bytesAt(qos: 0 | 1 | 2, tcp = LINUX) {
  const { ip, mqtt, history, finding, retransmissionCount } = run(
    scenario(3n, {
      link: parseTc("delay 270ms"),
      sensorCount: 1,
      durationUs: MESSAGE_COUNT * 5e6,
      intervalUs: 5e6,
      payloadSize: 44,
      topicOf: () => "tele1",
      keepAliveSeconds: 0,
      tcp,
    }),
    qos,
  );
  expect(history.deliveredCount).toBe(MESSAGE_COUNT);
  expect(finding.count).toBe(0);
  expect(retransmissionCount).toBe(0);
  return { ip, mqtt };
}

describe("a Linux client, to the byte", () => {
  // Up: SYN, its acknowledgement, CONNECT, the acknowledgement of CONNACK. Down: SYN-ACK, a quick acknowledgement of CONNECT, CONNACK.
  const upOnce = LINUX_SYN + LINUX_HEADER + (LINUX_HEADER + CONNECT) + LINUX_HEADER;
  const downOnce = LINUX_SYN + LINUX_HEADER + (LINUX_HEADER + ACKNOWLEDGEMENT);

  test("QoS 0: PUBLISH up, an acknowledgement of TCP down", () => {
    const { ip, mqtt } = bytesAt(0);
    expect(mqtt).toEqual({ upBytes: CONNECT + MESSAGE_COUNT * PUBLISH[0], downBytes: ACKNOWLEDGEMENT });
    expect(ip).toEqual({
      upBytes: upOnce + MESSAGE_COUNT * (LINUX_HEADER + PUBLISH[0]),
      downBytes: downOnce + MESSAGE_COUNT * LINUX_HEADER,
      upPackets: 4 + MESSAGE_COUNT,
      downPackets: 3 + MESSAGE_COUNT,
    });
  });

  test("QoS 1: PUBACK carries TCP's acknowledgement and is acknowledged by itself", () => {
    const { ip, mqtt } = bytesAt(1);
    expect(mqtt).toEqual({
      upBytes: CONNECT + MESSAGE_COUNT * PUBLISH[1],
      downBytes: ACKNOWLEDGEMENT + MESSAGE_COUNT * ACKNOWLEDGEMENT,
    });
    expect(ip).toEqual({
      upBytes: upOnce + MESSAGE_COUNT * (LINUX_HEADER + PUBLISH[1] + LINUX_HEADER),
      downBytes: downOnce + MESSAGE_COUNT * (LINUX_HEADER + ACKNOWLEDGEMENT),
      upPackets: 4 + 2 * MESSAGE_COUNT,
      downPackets: 3 + MESSAGE_COUNT,
    });
  });

  test("QoS 2: PUBREC is acknowledged before PUBREL answers it, for the pause was long, and so is PUBCOMP", () => {
    const { ip, mqtt } = bytesAt(2);
    expect(mqtt).toEqual({
      upBytes: CONNECT + MESSAGE_COUNT * (PUBLISH[2] + ACKNOWLEDGEMENT),
      downBytes: ACKNOWLEDGEMENT + MESSAGE_COUNT * 2 * ACKNOWLEDGEMENT,
    });
    expect(ip).toEqual({
      upBytes:
        upOnce +
        MESSAGE_COUNT * (LINUX_HEADER + PUBLISH[2] + LINUX_HEADER + (LINUX_HEADER + ACKNOWLEDGEMENT) + LINUX_HEADER),
      downBytes: downOnce + MESSAGE_COUNT * 2 * (LINUX_HEADER + ACKNOWLEDGEMENT),
      upPackets: 4 + 4 * MESSAGE_COUNT,
      downPackets: 3 + 2 * MESSAGE_COUNT,
    });
  });
});

test("an lwIP client has no timestamps: twelve bytes less on every packet of either end", () => {
  const { ip } = bytesAt(1, LWIP);
  expect(ip).toEqual({
    upBytes:
      LWIP_SYN + LWIP_HEADER + (LWIP_HEADER + CONNECT) + LWIP_HEADER + MESSAGE_COUNT * (2 * LWIP_HEADER + PUBLISH[1]),
    downBytes:
      LWIP_SYN + LWIP_HEADER + (LWIP_HEADER + ACKNOWLEDGEMENT) + MESSAGE_COUNT * (LWIP_HEADER + ACKNOWLEDGEMENT),
    upPackets: 4 + 2 * MESSAGE_COUNT,
    downPackets: 3 + MESSAGE_COUNT,
  });
});
