/**
 * Real Linux TCP over lossy links, as measured: what the simulated TCP must reproduce. The tests and `npm run bench measured` compare with it.
 *
 * Linux with Reno and mosquitto 2.0.11 over a TUN device that delayed every packet and lost some, independently, in both directions. All times in
 * ms, packets and bytes of IP a message, everything of the connection included.
 */

/** 100 publishers, 40 messages of 44 bytes each, one every 5 s, topic of 5 bytes; round trip 540 ms (541.2 with the machine's own). One run a row. */
export interface TelemetryRow {
  readonly lossPercent: number;
  readonly qos: 0 | 1 | 2;
  /** Publisher to subscriber. */
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  /** Publisher to PUBACK or PUBCOMP; 0 at QoS 0. */
  readonly acknowledged: number;
  readonly acknowledgedP95: number;
  readonly connect: number;
  readonly connectP95: number;
  readonly mqttConnect: number;
  readonly packets: number;
  readonly up: number;
  readonly down: number;
}

const COLUMNS: readonly (keyof TelemetryRow)[] = [
  "lossPercent",
  "qos",
  "mean",
  "p50",
  "p90",
  "p95",
  "p99",
  "acknowledged",
  "acknowledgedP95",
  "connect",
  "connectP95",
  "mqttConnect",
  "packets",
  "up",
  "down",
];

function table(rows: readonly (readonly number[])[]): TelemetryRow[] {
  return rows.map(
    row => Object.fromEntries(COLUMNS.map((name, index) => [name, row[index]])) as unknown as TelemetryRow,
  );
}

export const MEASURED: readonly TelemetryRow[] = table([
  [0, 0, 271, 271, 271, 272, 282, 0, 0, 542, 543, 1084, 2.25, 113.5, 57.5],
  [0, 1, 271, 271, 272, 273, 279, 543, 545, 542, 547, 1084, 3.25, 167.4, 61.5],
  [0, 2, 814, 813, 815, 818, 852, 1085, 1091, 542, 543, 1084, 6.23, 274.1, 117.6],
  [1, 0, 281, 271, 271, 272, 1018, 0, 0, 562, 547, 1130, 2.28, 115.6, 58.2],
  [1, 1, 280, 271, 272, 273, 375, 560, 547, 572, 549, 1140, 3.32, 170.1, 63.8],
  [1, 2, 836, 812, 813, 815, 1593, 1116, 1089, 582, 547, 1137, 6.35, 278.1, 121.7],
  [5, 0, 321, 271, 272, 1023, 1464, 0, 0, 674, 1555, 1332, 2.42, 125.1, 61.1],
  [5, 1, 325, 271, 272, 1020, 1587, 644, 1333, 623, 1553, 1230, 3.6, 181.4, 72.6],
  [5, 2, 951, 813, 1580, 1631, 2370, 1263, 1999, 684, 1567, 1377, 6.82, 293.8, 136.9],
  [10, 0, 376, 271, 1015, 1049, 1855, 0, 0, 694, 1566, 1731, 2.62, 138.6, 65.3],
  [10, 1, 416, 271, 1030, 1462, 2502, 803, 2083, 745, 1569, 1705, 3.92, 194.8, 82.7],
  [10, 2, 1144, 813, 1856, 2350, 3799, 1510, 2678, 765, 1568, 1643, 7.39, 313.5, 154.4],
  [20, 0, 1258, 271, 1571, 2958, 23537, 0, 0, 1009, 2584, 2436, 3.01, 169.6, 72.7],
  [20, 1, 983, 271, 2003, 3300, 12157, 1681, 5542, 1071, 2583, 2775, 4.48, 219.1, 100.2],
  [20, 2, 2283, 1579, 4544, 6918, 14691, 2893, 7835, 968, 2573, 2192, 8.29, 343.1, 187.4],
]);

/** What the last row was again with six times as many publishers, 23,943 messages in one run on Linux 6.18: less noise where stalls are long. */
export const MEASURED_LONGER: readonly TelemetryRow[] = table([
  [20, 2, 2740, 1600, 5503, 8238, 19_870, 3480, 10_266, 1076, 2579, 2447, 8.25, 339.8, 187.8],
]);

/** The sums of a run without loss over 100 publishers, divided by 100. */
export const MEASURED_BYTES = [
  { qos: 0, upBytes: 4538, upPackets: 46, downBytes: 2300, downPackets: 44 },
  { qos: 1, upBytes: 6698, upPackets: 86, downBytes: 2460, downPackets: 44 },
  { qos: 2, upBytes: 10_966, upPackets: 165, downBytes: 4702, downPackets: 84 },
] as const;

/** A minute of silence from the 60th second on: 50 publishers at QoS 1, 20 messages each, one every 10 s. All arrived, none disconnected. */
export const MEASURED_OUTAGE = { mean: 12_300, p50: 271, max: 70_700, packets: 3.15 } as const;

/**
 * Bulk: one connection after the other sends 300,000 bytes, from the first write to the last byte read, Linux 6.18 with Reno, both ends
 * on one machine. `count` transfers a row.
 */
export interface BulkRow {
  readonly oneWayMs: number;
  readonly lossPercent: number;
  readonly count: number;
  readonly mean: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  /** Bytes a transfer, with its handshake and end. */
  readonly up: number;
  readonly down: number;
}

export const BULK_BYTES = 300_000;

export const MEASURED_BULK: readonly BulkRow[] = [
  { oneWayMs: 25, lossPercent: 0, count: 40, mean: 270, p10: 230, p50: 263, p90: 327, up: 310985, down: 4587 },
  { oneWayMs: 270, lossPercent: 0, count: 40, mean: 2521, p10: 2432, p50: 2439, p90: 2982, up: 311020, down: 7261 },
  { oneWayMs: 25, lossPercent: 1, count: 150, mean: 526, p10: 235, p50: 383, p90: 1021, up: 314056, down: 6319 },
  { oneWayMs: 100, lossPercent: 1, count: 150, mean: 1797, p10: 903, p50: 1304, p90: 3715, up: 314074, down: 6154 },
  { oneWayMs: 270, lossPercent: 1, count: 150, mean: 4978, p10: 2432, p50: 3512, p90: 10680, up: 314067, down: 6536 },
  { oneWayMs: 25, lossPercent: 3, count: 150, mean: 1079, p10: 308, p50: 1124, p90: 1856, up: 320308, down: 6807 },
  { oneWayMs: 100, lossPercent: 3, count: 150, mean: 4130, p10: 1328, p50: 4052, p90: 7282, up: 320289, down: 7193 },
  { oneWayMs: 270, lossPercent: 3, count: 150, mean: 10873, p10: 3524, p50: 10606, p90: 18170, up: 320301, down: 6752 },
];
