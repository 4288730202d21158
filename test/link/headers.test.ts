// Headers to the byte, against sums of what the standards say, and through a whole connection.
import { describe, expect, it } from "vitest";
import { Headers, type HeadersSpec } from "../../host/link/headers.ts";
import { Link, parseHeaders, parseSeed, TcpConnection } from "../../host/link/index.ts";
import { validateLink } from "../../host/link/validate.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";

describe("a segment of 40 bytes", () => {
  it.each<[string, HeadersSpec, boolean, number, number, number]>([
    // IPv4 20, TCP 20, stamps 12; a block of SACK 12.
    ["IPv4", {}, false, 0, 80, 80],
    ["IPv4 and stamps", {}, true, 0, 92, 92],
    ["IPv4, stamps and a gap", {}, true, 1, 104, 104],
    // IPv6: 40.
    ["IPv6 and stamps", { ip: 6 }, true, 0, 112, 112],
    // PPP: 7e ff 03 00 21 before, checksum and 7e behind.
    ["PPP", { framing: "ppp" }, true, 0, 92, 100],
    ["PPP without address, control and half the protocol", { framing: "ppp-compressed" }, true, 0, 92, 97],
    ["SLIP", { framing: "slip" }, false, 0, 80, 82],
    ["Ethernet", { framing: "ethernet" }, true, 0, 92, 110],
    // ROHC: 4, and 4 for stamps that move; of blocks nothing is taken off.
    ["ROHC", { rohc: true }, false, 0, 80, 44],
    ["ROHC and stamps", { rohc: true }, true, 0, 92, 48],
    ["ROHC over IPv6, stamps and two gaps", { ip: 6, rohc: true }, true, 2, 132, 65],
    ["ROHC over PPP", { rohc: true, framing: "ppp" }, true, 0, 92, 56],
  ])("in %s", (_, spec, stamped, blocks, ipBytes, airBytes) => {
    const headers = new Headers(spec);
    expect(headers.segmentBytes(40, stamped, blocks)).toBe(ipBytes);
    expect(headers.segmentAirBytes(40, stamped, blocks)).toBe(airBytes);
  });

  it("is the smallest frame of Ethernet when it is empty", () => {
    expect(new Headers({ framing: "ethernet" }).segmentAirBytes(0, false, 0)).toBe(64);
  });
});

it("a datagram of 19 bytes has 28 or 48 of headers, and 3 where they are compressed", () => {
  expect(new Headers().datagramBytes(19)).toBe(47);
  expect(new Headers({ ip: 6 }).datagramBytes(19)).toBe(67);
  expect(new Headers({ ip: 6, rohc: true }).datagramAirBytes(19)).toBe(22);
  expect(new Headers({ framing: "ppp" }).datagramAirBytes(19)).toBe(55);
});

/** IP packets of a connection that says `size` bytes up and ends, and bytes on the air. */
function session(headers: HeadersSpec, size: number, tcp: string) {
  const time = new VirtualTime();
  const direction = { delay: { base: 10 }, rate: { bps: 1e6 } };
  const link = new Link(time, validateLink({ headers, up: direction, down: direction }), parseSeed("1"));
  const packets: number[] = [];
  for (const side of [link.up, link.down]) side.observe = (_, sizeBytes) => packets.push(sizeBytes);
  const { client, server } = new TcpConnection(time, link, { client: tcp, server: "linux" });
  client.handler = { opened: () => client.write(new Uint8Array(size)), received() {}, closed() {} };
  server.handler = { opened() {}, received: () => server.close(), closed() {} };
  client.connect();
  time.runToEnd(10_000);
  const { airtimeUs, airByteCount } = link.up.statistics;
  return { packets, airtimeUs, airBytes: airByteCount + link.down.statistics.airByteCount };
}

describe("a connection", () => {
  it("over IPv6 has 20 bytes more on every packet, and segments that are 20 shorter", () => {
    const four = session({}, 40, "linux").packets;
    const six = session({ ip: 6 }, 40, "linux").packets;
    expect(four.slice(0, 4)).toEqual([60, 60, 52, 92]);
    expect(six).toEqual(four.map(size => size + 20));
    expect(Math.max(...session({ ip: 6 }, 5000, "linux").packets)).toBe(1500);
  });

  it("has stamps or not, as the link says", () => {
    // SYN of Linux without stamps: MSS 4, no-operations 2 and SACK permitted 2, no-operation 1 and window scale 3.
    expect(session({ timestamps: false }, 40, "linux").packets.slice(0, 4)).toEqual([52, 52, 40, 80]);
    // lwIP's has MSS alone, and with stamps 12 more.
    expect(session({}, 40, "lwip").packets.slice(0, 4)).toEqual([44, 44, 40, 80]);
    expect(session({ timestamps: true }, 40, "lwip").packets.slice(0, 4)).toEqual([56, 56, 52, 92]);
  });

  it("is on the air for as long as its frames take", () => {
    const { packets, airBytes } = session({ framing: "ppp" }, 40, "linux");
    expect(airBytes).toBe(packets.reduce((sum, size) => sum + size + 8, 0));
    const compressed = session({ rohc: true }, 40, "linux");
    expect(compressed.packets).toEqual(packets);
    // Two SYNs whole and 3 bytes more; all others 8 instead of 52.
    expect(compressed.airBytes).toBe(packets.reduce((sum, size) => sum + (size === 60 ? 63 : size - 44), 0));
    // Up: SYN 63; its last acknowledgement 8; 40 bytes in 48; the end 8. A megabit a second.
    expect(compressed.airtimeUs).toBe(8 * (63 + 8 + 48 + 8));
  });
});

describe("--headers", () => {
  it("changes what it names", () => {
    expect(parseHeaders("ipv6, PPP", "--headers", { rohc: true, ip: 4 })).toEqual({
      ip: 6,
      framing: "ppp",
      rohc: true,
    });
    expect(parseHeaders("unframed,no-rohc,no-timestamps", "--headers")).toEqual({
      framing: "none",
      rohc: false,
      timestamps: false,
    });
  });

  it.each([
    ["ipv5", /--headers: there is no header "ipv5"; did you mean "ipv[46]"/],
    ["", /--headers: there is no header ""; there are ipv4/],
    ["constructor", /--headers: there is no header "constructor"/],
    ["ipv4,ipv6", /"ipv4" and "ipv6" exclude each other/],
  ])("%j is refused", (text, message) => {
    expect(() => parseHeaders(text, "--headers")).toThrow(message);
  });

  it.each([
    [{ ip: 5 }, /link.headers.ip: 4 or 6, not 5/],
    [{ framing: "pppp" }, /link.headers.framing: framing "pppp" is unknown; did you mean "ppp"/],
    [{ rohc: "yes" }, /link.headers.rohc: true or false/],
    [{ rohcc: true }, /did you mean "rohc"/],
  ])("%j in a file is refused", (headers, message) => {
    expect(() => validateLink({ headers })).toThrow(message);
  });
});
