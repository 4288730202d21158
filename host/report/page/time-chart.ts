/** Delivery over time: messages published and delivered, the longest delay, and behind both when sensors had no link. */
import type { EChartsCoreOption } from "echarts/core";
import type { SimulationData, TableData } from "../data.ts";
import { clock, clockStep, percent, shortTime } from "../quantities.ts";
import { tip, WHOLE } from "./delay-chart.ts";
import { DASHES, type Palette } from "./palette.ts";

export function timeChart({ rows, silent, binS }: SimulationData, palette: Palette): EChartsCoreOption {
  const runS = binS * (rows[0]?.publishedIn.length ?? 1);
  const axisLine = { lineStyle: { color: palette.line } };
  const splitLine = { lineStyle: { color: palette.line, opacity: 0.6 } };
  const label = { color: palette.faint };
  const x = (gridIndex: number) => ({
    gridIndex,
    type: "value" as const,
    min: 0,
    max: runS,
    interval: clockStep(runS),
    axisLine,
    splitLine: { show: false },
    axisLabel: {
      ...label,
      show: gridIndex === 1,
      showMaxLabel: false,
      formatter: (seconds: number) => clock(seconds, runS),
    },
    axisPointer: { label: { show: false } },
  });
  const name = { nameLocation: "middle" as const, nameGap: 52, nameTextStyle: label };
  const longest = rows.flatMap(({ worstMs }) => worstMs).filter(ms => ms !== null);
  const points = (values: readonly (number | null)[]) => values.map((value, index) => [(index + 0.5) * binS, value]);
  const shading = shadesOf(silent, binS, palette);
  return {
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif" },
    color: [...palette.series],
    legend: { top: 0, textStyle: { color: palette.ink }, itemWidth: 34, data: rows.map(row => row.name) },
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    tooltip: { trigger: "axis", ...tip(palette), formatter: (items: unknown) => tipText(items, silent, binS, runS) },
    grid: [
      { ...WHOLE, left: 76, right: 20, top: 36, height: "30%" },
      { ...WHOLE, left: 76, right: 20, top: "48%", bottom: 30 },
    ],
    xAxis: [x(0), x(1)],
    yAxis: [
      {
        gridIndex: 0,
        type: "value",
        ...name,
        name: `delivered in ${shortTime(binS * 1000)}`,
        axisLabel: label,
        splitLine,
      },
      {
        gridIndex: 1,
        type: "log",
        ...name,
        name: "longest delay",
        min: 10 ** Math.floor(Math.log10(Math.min(...longest, 1000))),
        max: 10 ** Math.ceil(Math.log10(Math.max(...longest, 1))),
        axisLabel: { ...label, formatter: shortTime, hideOverlap: true },
        splitLine,
      },
    ],
    series: [0, 1].flatMap(grid =>
      rows.map((row, index) => ({
        name: row.name,
        type: "line",
        xAxisIndex: grid,
        yAxisIndex: grid,
        ...lonely(grid === 0 ? row.deliveredIn : row.worstMs),
        connectNulls: false,
        lineStyle: { width: 1.75, type: DASHES[index % DASHES.length] },
        data: points(grid === 0 ? row.deliveredIn : row.worstMs),
        ...(index === 0 ? { markArea: shading } : {}),
      })),
    ),
  };
}

/** A line joins neighbours, and what has none would not be seen: where any value stands between gaps, each is a point as well. */
function lonely(values: readonly (number | null)[]): object {
  const isGap = (index: number) => (values[index] ?? null) === null;
  const isLonely = values.some((_, index) => !isGap(index) && isGap(index - 1) && isGap(index + 1));
  return isLonely ? { symbol: "circle", symbolSize: 4, showAllSymbol: true } : { symbol: "none" };
}

/** Grey behind the parts of the time in which sensors had no link: the more of them, the darker. */
function shadesOf(silent: readonly number[] | null, binS: number, palette: Palette): object {
  if (silent === null) return { data: [] };
  const most = Math.max(...silent);
  const data = silent.flatMap((share, index) => {
    if (share === 0) return [];
    const style = { color: palette.shade, opacity: 0.08 + 0.47 * (share / most) };
    return [[{ xAxis: index * binS, itemStyle: style }, { xAxis: (index + 1) * binS }]];
  });
  return { silent: true, data };
}

interface TipItem {
  seriesName: string;
  axisIndex: number;
  value: [number, number | null];
  marker: string;
}

function tipText(items: unknown, silent: readonly number[] | null, binS: number, runS: number): string {
  const list = items as TipItem[];
  if (list.length === 0) return "";
  const at = list[0].value[0];
  const share = silent?.[Math.floor(at / binS)];
  const lines = list.map(({ seriesName, axisIndex, value, marker }) => {
    const text =
      axisIndex === 0 ? `${value[1]} delivered` : `longest delay ${value[1] === null ? "-" : shortTime(value[1])}`;
    return `${marker} ${seriesName}: ${text}`;
  });
  const dark = share === undefined ? [] : [`${percent(share, 1)} of the sensors without a link`];
  return [`from ${clock(at - binS / 2, runS)}`, ...dark, ...lines].join("<br>");
}

/** What the shading means, in a sentence. */
export function shadingNote(silent: readonly number[] | null): string {
  if (silent === null) return "The link has no outages.";
  const most = Math.max(...silent);
  return most === 0
    ? "No outage fell into this run."
    : `Shaded: sensors without a link; the darkest is ${percent(most, 1)} of them at a time.`;
}

/** The same in numbers, in 24 parts. */
export function timeTable({ rows, silent, binS }: SimulationData): TableData {
  const binCount = rows[0]?.publishedIn.length ?? 0;
  const width = Math.ceil(binCount / 24);
  const starts = Array.from({ length: Math.ceil(binCount / width) }, (_, index) => index * width);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    head: [
      "from",
      "without a link",
      "published",
      ...rows.flatMap(({ name }) => [`${name}: delivered`, `${name}: longest delay`]),
    ],
    rows: starts.map(start => {
      const part = <T>(values: readonly T[]) => values.slice(start, start + width);
      const shares = silent === null ? [0] : part(silent);
      return [
        clock(start * binS, binS * binCount),
        percent(sum(shares) / shares.length, 2),
        String(sum(part(rows[0].publishedIn))),
        ...rows.flatMap(row => {
          const worst = Math.max(...part(row.worstMs).map(ms => ms ?? 0));
          return [String(sum(part(row.deliveredIn))), worst === 0 ? "-" : shortTime(worst)];
        }),
      ];
    }),
  };
}
