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
 * Bulk: connections that send so many bytes, from the first write to the last byte read, Linux 6.18, both ends on one machine that had other work.
 * `count` transfers a row.
 */
export interface BulkRow {
  /** The sender's congestion control. */
  readonly congestion: "reno" | "cubic";
  readonly byteCount: number;
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

type BulkCells = [BulkRow["congestion"], ...number[]];

function bulk([
  congestion,
  byteCount,
  oneWayMs,
  lossPercent,
  count,
  mean,
  p10,
  p50,
  p90,
  up,
  down,
]: BulkCells): BulkRow {
  return { congestion, byteCount, oneWayMs, lossPercent, count, mean, p10, p50, p90, up, down };
}

const BULK_TABLE: BulkCells[] = [
  ["reno", 300_000, 25, 0, 40, 270, 230, 263, 327, 310985, 4587],
  ["reno", 300_000, 270, 0, 40, 2521, 2432, 2439, 2982, 311020, 7261],
  ["reno", 300_000, 25, 1, 150, 526, 235, 383, 1021, 314056, 6319],
  ["reno", 300_000, 100, 1, 150, 1797, 903, 1304, 3715, 314074, 6154],
  ["reno", 300_000, 270, 1, 150, 4978, 2432, 3512, 10680, 314067, 6536],
  ["reno", 300_000, 25, 3, 150, 1079, 308, 1124, 1856, 320308, 6807],
  ["reno", 300_000, 100, 3, 150, 4130, 1328, 4052, 7282, 320289, 7193],
  ["reno", 300_000, 270, 3, 150, 10873, 3524, 10606, 18170, 320301, 6752],
  ["cubic", 1_000_000, 25, 0, 12, 352, 330, 331, 382, 1036122, 23429],
  ["cubic", 1_000_000, 25, 1, 120, 1436, 429, 1083, 2940, 1047377, 21753],
  ["cubic", 300_000, 25, 5, 120, 1588, 532, 1589, 2697, 328304, 7608],
  ["cubic", 1_000_000, 25, 5, 80, 7481, 4494, 7719, 9982, 1092277, 21964],
  ["cubic", 1_000_000, 150, 0, 12, 2061, 1966, 1975, 2293, 1036169, 26073],
  ["cubic", 1_000_000, 150, 1, 120, 8029, 2556, 6788, 16083, 1046921, 19863],
  ["cubic", 300_000, 150, 5, 120, 7171, 2569, 6783, 11841, 327756, 7580],
  ["cubic", 1_000_000, 150, 5, 80, 35854, 25010, 37021, 45772, 1093077, 21474],
  ["reno", 1_000_000, 25, 0, 12, 335, 331, 336, 338, 1036096, 25817],
  ["reno", 1_000_000, 25, 1, 120, 2046, 428, 2243, 3398, 1047287, 19785],
  ["reno", 300_000, 25, 5, 120, 1763, 846, 1810, 2528, 327527, 6872],
  ["reno", 1_000_000, 25, 5, 80, 7307, 5885, 7266, 8890, 1091878, 20120],
  ["reno", 1_000_000, 150, 0, 12, 2010, 1959, 1974, 2093, 1036126, 26029],
  ["reno", 1_000_000, 150, 1, 120, 11205, 2861, 11832, 19902, 1047249, 22111],
  ["reno", 300_000, 150, 5, 120, 10440, 5021, 10928, 15490, 328308, 7736],
];
export const MEASURED_BULK: readonly BulkRow[] = BULK_TABLE.map(bulk);
