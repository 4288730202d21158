/** What the bytes were for, up and down, in each row. */
import type { EChartsCoreOption } from "echarts/core";
import type { SimulationData, TableData } from "../data.ts";
import { shortBytes } from "../quantities.ts";
import { tip, WHOLE } from "./delay-chart.ts";
import type { Palette } from "./palette.ts";

interface Bar {
  name: string;
  published: number;
  bytes: { kind: string; count: number }[];
}

function barsOf({ rows }: SimulationData): Bar[] {
  return rows.flatMap(({ name, published, bytes }) =>
    (["up", "down"] as const).map(way => ({
      name: `${name} ${way}`,
      published,
      bytes: bytes.map(each => ({ kind: each.kind, count: each[way] })),
    })),
  );
}

/** The kinds that occur at all, in their order. */
function kindsOf(bars: readonly Bar[]): string[] {
  const kinds = new Set(bars.flatMap(({ bytes }) => bytes.filter(({ count }) => count > 0).map(({ kind }) => kind)));
  return (bars[0]?.bytes ?? []).map(({ kind }) => kind).filter(kind => kinds.has(kind));
}

export function byteChart(data: SimulationData, palette: Palette): EChartsCoreOption {
  const bars = barsOf(data);
  const kinds = kindsOf(bars);
  const label = { color: palette.faint };
  return {
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif" },
    color: [...palette.kinds],
    grid: { ...WHOLE, left: 96, right: 24, top: 60, bottom: 30 },
    legend: { top: 0, textStyle: { color: palette.ink } },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow" },
      ...tip(palette),
      valueFormatter: (value: unknown) => shortBytes(Number(value)),
    },
    xAxis: {
      type: "value",
      axisLabel: { ...label, formatter: shortBytes, hideOverlap: true },
      splitLine: { lineStyle: { color: palette.line, opacity: 0.6 } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: bars.map(({ name }) => name),
      axisLabel: { color: palette.ink },
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
    },
    series: kinds.map(kind => ({
      name: kind,
      type: "bar",
      stack: "bytes",
      barMaxWidth: 26,
      itemStyle: { borderColor: palette.card, borderWidth: 0.5 },
      data: bars.map(({ bytes }) => bytes.find(each => each.kind === kind)?.count ?? 0),
    })),
  };
}

/** The same in numbers: of everything, and of one message in the mean. */
export function byteTable(data: SimulationData): TableData {
  const bars = barsOf(data);
  const kinds = kindsOf(bars);
  return {
    head: ["", ...kinds, "together", "a message"],
    rows: bars.map(({ name, published, bytes }) => {
      const sum = bytes.reduce((total, { count }) => total + count, 0);
      return [
        name,
        ...kinds.map(kind => shortBytes(bytes.find(each => each.kind === kind)?.count ?? 0)),
        shortBytes(sum),
        shortBytes(sum / Math.max(1, published)),
      ];
    }),
  };
}
