/** How long messages took: the distribution of the delay of each row, and its tail. */
import type { EChartsCoreOption } from "echarts/core";
import type { SimulationData, TableData } from "../data.ts";
import { percent, shortTime } from "../quantities.ts";
import { DASHES, type Palette } from "./palette.ts";

/** Sides of a grid are where its lines are, not where its words end. */
export const WHOLE = { outerBoundsMode: "none" } as const;

/** `isTail`: the share that has not arrived yet, on a scale that shows one in ten thousand. What never arrives stays in it. */
export function delayChart({ rows }: SimulationData, palette: Palette, isTail: boolean): EChartsCoreOption {
  const axis = { axisLine: { lineStyle: { color: palette.line } }, axisLabel: { color: palette.faint } };
  const name = { nameLocation: "middle" as const, nameTextStyle: { color: palette.faint } };
  const all = rows.flatMap(({ delays }) => delays.map(([ms]) => ms)).filter(ms => ms > 0);
  const least = Math.min(...all, 1000);
  const waiting = rows.flatMap(({ delays }) => delays.map(([, share]) => 1 - share)).filter(share => share > 0);
  return {
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif" },
    color: [...palette.series],
    grid: { ...WHOLE, left: 84, right: 26, top: 36, bottom: 48 },
    legend: { top: 0, textStyle: { color: palette.ink }, itemWidth: 34 },
    tooltip: { trigger: "axis", ...tip(palette), formatter: (items: unknown) => tipText(items, isTail) },
    xAxis: {
      type: "log",
      min: 10 ** Math.floor(Math.log10(least)),
      max: 10 ** Math.ceil(Math.log10(Math.max(...all, 1))),
      ...name,
      name: "delay from the reading to the subscriber",
      nameGap: 30,
      ...axis,
      axisLabel: { ...axis.axisLabel, formatter: shortTime, hideOverlap: true },
      splitLine: { lineStyle: { color: palette.line, opacity: 0.6 } },
    },
    yAxis: {
      type: isTail ? "log" : "value",
      min: isTail ? 10 ** Math.floor(Math.log10(Math.min(0.01, ...waiting))) : 0,
      max: 1,
      ...name,
      name: isTail ? "not yet delivered, of all published" : "delivered, of all published",
      nameGap: 60,
      ...axis,
      axisLabel: { ...axis.axisLabel, formatter: (share: number) => percent(share) },
      splitLine: { lineStyle: { color: palette.line, opacity: 0.6 } },
    },
    series: rows.map(({ name: title, delays }, index) => ({
      name: title,
      type: "line",
      step: "end",
      symbol: "none",
      lineStyle: { width: 2.25, type: DASHES[index % DASHES.length] },
      data: [[Math.max(delays[0]?.[0] ?? 1, 1e-3), 0] as const, ...delays]
        .map(([ms, share]) => [Math.max(ms, 1e-3), isTail ? 1 - share : share])
        .filter(([, share]) => !isTail || share > 0),
    })),
  };
}

/** What a pointer shows, in the page's colours. */
export function tip(palette: Palette) {
  return {
    backgroundColor: palette.card,
    borderColor: palette.line,
    textStyle: { color: palette.ink, fontSize: 13 },
    confine: true,
  };
}

interface TipItem {
  seriesName: string;
  value: [number, number];
  marker: string;
}

function tipText(items: unknown, isTail: boolean): string {
  const list = items as TipItem[];
  const lines = list.map(
    ({ seriesName, value, marker }) => `${marker} ${seriesName}: ${percent(value[1], 4)} after ${shortTime(value[0])}`,
  );
  return [isTail ? "not yet delivered" : "delivered", ...lines].join("<br>");
}

/** The same in numbers. */
export function delayTable({ rows }: SimulationData): TableData {
  const shares = [0.5, 0.9, 0.95, 0.99, 0.999, 1];
  return {
    head: ["of those delivered", ...rows.map(({ name }) => name)],
    rows: shares.map(share => [
      share === 1 ? "all" : percent(share),
      ...rows.map(({ delays }) => {
        const most = delays.at(-1)?.[1] ?? 0;
        const point = delays.find(each => each[1] >= share * most - 1e-12) ?? delays.at(-1);
        return point === undefined || most === 0 ? "-" : `within ${shortTime(point[0])}`;
      }),
    ]),
  };
}
