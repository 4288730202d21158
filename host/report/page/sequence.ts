/** The sequence diagram of one message: sensor, broker, subscriber, and every packet between, lost ones included. */
import type { LifeData, StepData, TableData } from "../data.ts";
import { shortTime } from "../quantities.ts";
import { LINE_HEIGHT, ladderOf, type Moment } from "./ladder.ts";
import type { Palette } from "./palette.ts";

const WIDTH = 760;
const SENSOR_X = 130;
const BROKER_X = 560;
const SUBSCRIBER_X = 700;

/** A message as people name it. */
export function nameOfLife({ sensor, number }: Pick<LifeData, "sensor" | "number">): string {
  return `sensor ${sensor}, message #${number}`;
}

/** What became of it, in a sentence. `isQos0`: nobody acknowledges, and it is not said to be missing. */
export function storyOf(life: LifeData, isQos0: boolean): string {
  const { deliveredUs, acknowledgedUs, steps } = life;
  const lostCount = steps.reduce(
    (sum, [, , way, took, , , count]) => sum + (way !== 0 && took === null ? count : 0),
    0,
  );
  const parts = [
    deliveredUs.length === 0 ? "never delivered" : `delivered after ${shortTime(deliveredUs[0] / 1000)}`,
    ...(deliveredUs.length > 1 ? [`${deliveredUs.length} times`] : []),
    ...(isQos0
      ? []
      : [acknowledgedUs === null ? "never acknowledged" : `acknowledged after ${shortTime(acknowledgedUs / 1000)}`]),
    ...(lostCount > 0 ? [`${lostCount} packet${lostCount > 1 ? "s" : ""} lost on the way`] : []),
  ];
  return `${nameOfLife(life)}: ${parts.join(", ")}.`;
}

/** The drawing, as SVG text: of numbers and words of this program only. `isQos0`: nobody acknowledges. */
export function sequenceSvg(life: LifeData, palette: Palette, isQos0: boolean): string {
  const ladder = ladderOf(momentsOf(life, isQos0));
  const { yOf, height } = ladder;
  const parts: string[] = [];
  for (const [from, to] of life.silent) {
    const [top, bottom] = [yOf(from), Math.max(yOf(to), yOf(from) + 4)];
    parts.push(box(SENSOR_X + 1, top, BROKER_X - SENSOR_X - 2, bottom - top, palette.shade));
    if (bottom - top > 14) parts.push(words(BROKER_X - 8, top + 13, "no link", palette.faint, "end"));
  }
  for (const [x, title] of [
    [SENSOR_X, "Sensor"],
    [BROKER_X, "Broker"],
    [SUBSCRIBER_X, "Subscriber"],
  ] as const) {
    parts.push(line(x, 26, x, height - 6, palette.faint, 1.5));
    parts.push(words(x, 16, title, palette.ink, "middle", "700"));
  }
  for (const { y, lengthUs } of ladder.breaks) {
    parts.push(box(SENSOR_X - 6, y - 5, SUBSCRIBER_X - SENSOR_X + 12, 10, palette.card, 1));
    parts.push(line(SENSOR_X - 6, y - 5, SUBSCRIBER_X + 6, y - 5, palette.line, 1, "3 3"));
    parts.push(line(SENSOR_X - 6, y + 5, SUBSCRIBER_X + 6, y + 5, palette.line, 1, "3 3"));
    parts.push(words(SENSOR_X - 12, y + 4, `… ${shortTime(lengthUs / 1000)}`, palette.faint, "end"));
  }
  parts.push(moment(SENSOR_X, yOf(0), "published", palette.ink, palette, 0));
  for (const [index, step] of life.steps.entries()) parts.push(arrow(step, yOf, lineOf(life, index), palette));
  if (life.acknowledgedUs !== null && !isQos0) {
    parts.push(moment(SENSOR_X, yOf(life.acknowledgedUs), "acknowledged", palette.good, palette, life.acknowledgedUs));
  }
  for (const [index, us] of life.deliveredUs.entries()) {
    const colour = index === 0 ? palette.good : palette.bad;
    const y = yOf(us);
    parts.push(line(BROKER_X, y, SUBSCRIBER_X - 5, y, colour, 2), head(SUBSCRIBER_X, y, 1, 0, colour));
    parts.push(
      words((BROKER_X + SUBSCRIBER_X) / 2, y - 5, index === 0 ? "delivered" : "again", colour, "middle", "700"),
    );
  }
  const label = storyOf(life, isQos0).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<svg class="sequence" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${Math.ceil(height)}" role="img" aria-label="${label}">${parts.join("")}</svg>`;
}

function momentsOf(life: LifeData, isQos0: boolean): Moment[] {
  const { steps, deliveredUs, acknowledgedUs } = life;
  return [
    { us: 0, lineCount: 1 },
    ...steps.flatMap(([us, , way, took, , , , lastUs], index) => [
      { us, lineCount: lineOf(life, index) + 1 },
      ...(lastUs > us ? [{ us: lastUs, lineCount: 0 }] : []),
      ...(way !== 0 && took !== null ? [{ us: us + took, lineCount: 0 }] : []),
    ]),
    ...deliveredUs.map(us => ({ us, lineCount: 1 })),
    ...(acknowledgedUs === null || isQos0 ? [] : [{ us: acknowledgedUs, lineCount: 1 }]),
  ];
}

/** Packets that leave the same end at the same moment stand below each other: which of them this is. */
function lineOf({ steps }: LifeData, index: number): number {
  const [us, , way] = steps[index];
  return steps.slice(0, index).filter(each => each[0] === us && each[2] === way && way !== 0).length;
}

/** A packet: from one end to the other, or half the way to a cross. */
function arrow(
  [us, what, way, took, size, repeat, count, lastUs]: StepData,
  yOf: (us: number) => number,
  lineIndex: number,
  palette: Palette,
): string {
  const from = yOf(us) + lineIndex * LINE_HEIGHT;
  if (way === 0) return moment(SENSOR_X, from, what, palette.bad, palette, us);
  const [source, target] = way > 0 ? [SENSOR_X, BROKER_X] : [BROKER_X, SENSOR_X];
  const isLost = took === null;
  const colour = isLost
    ? palette.bad
    : repeat === 1
      ? palette.kinds[4]
      : way > 0
        ? palette.series[0]
        : palette.series[2];
  const again = count > 1 ? `, ${count} times until ${shortTime(lastUs / 1000)}` : repeat === 1 ? ", sent again" : "";
  const text = `${what}, ${size} B${again}${isLost ? ", lost" : ""}`;
  const label = words(
    source + way * 14,
    from - 4,
    text.length > 62 ? `${text.slice(0, 60)}…` : text,
    isLost || repeat === 1 ? colour : palette.ink,
    way > 0 ? "start" : "end",
  );
  const time =
    way > 0 && lineIndex === 0 ? words(SENSOR_X - 12, from + 4, shortTime(us / 1000), palette.faint, "end") : "";
  if (isLost) {
    const x = source + way * 300;
    const y = from + 8;
    const cross = line(x - 5, y - 5, x + 5, y + 5, colour, 2) + line(x - 5, y + 5, x + 5, y - 5, colour, 2);
    return line(source, from, x, y, colour, 1.75, "6 4") + cross + label + time;
  }
  const to = yOf(us + took);
  const length = Math.hypot(target - source, to - from);
  const [dx, dy] = [(target - source) / length, (to - from) / length];
  return (
    line(source, from, target - dx * 7, to - dy * 7, colour, 1.75) + head(target, to, dx, dy, colour) + label + time
  );
}

/** Something that happened at the sensor. */
function moment(x: number, y: number, text: string, colour: string, palette: Palette, us: number): string {
  const time = us === 0 ? "0" : shortTime(us / 1000);
  return `<circle cx="${x}" cy="${fixed(y)}" r="4.5" fill="${colour}"/>${words(x - 12, y - 9, text, colour, "end", "700")}${words(x - 12, y + 4, time, palette.faint, "end")}`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, width: number, dash = ""): string {
  const dashes = dash === "" ? "" : ` stroke-dasharray="${dash}"`;
  return `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" stroke="${colour}" stroke-width="${width}"${dashes}/>`;
}

/** The point of an arrow that comes from (dx, dy). */
function head(x: number, y: number, dx: number, dy: number, colour: string): string {
  const corner = (side: number) => `${fixed(x - dx * 9 - side * dy * 4)},${fixed(y - dy * 9 + side * dx * 4)}`;
  return `<polygon points="${fixed(x)},${fixed(y)} ${corner(1)} ${corner(-1)}" fill="${colour}"/>`;
}

function box(x: number, y: number, width: number, height: number, colour: string, opacity = 0.22): string {
  return `<rect x="${fixed(x)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}" fill="${colour}" opacity="${opacity}"/>`;
}

function words(x: number, y: number, text: string, colour: string, anchor: string, weight = "400"): string {
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${fixed(x)}" y="${fixed(y)}" fill="${colour}" text-anchor="${anchor}" font-weight="${weight}" class="words">${safe}</text>`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** The same as a list. */
export function stepTable(life: LifeData, isQos0: boolean): TableData {
  const rows: { us: number; cells: string[] }[] = life.steps.map(
    ([us, what, way, took, size, repeat, count, lastUs]) => ({
      us,
      cells: [
        what,
        way === 0 ? "at the sensor" : way > 0 ? "to the broker" : "to the sensor",
        way === 0 ? "" : `${size} B`,
        way === 0 ? "" : took === null ? "lost" : `arrived after ${shortTime(took / 1000)}`,
        count > 1 ? `sent again ${count} times until ${shortTime(lastUs / 1000)}` : repeat === 1 ? "sent again" : "",
      ],
    }),
  );
  rows.push({ us: 0, cells: ["published", "at the sensor", "", "", ""] });
  for (const us of life.deliveredUs) rows.push({ us, cells: ["delivered", "to the subscriber", "", "", ""] });
  if (life.acknowledgedUs !== null && !isQos0) {
    rows.push({ us: life.acknowledgedUs, cells: ["acknowledged", "at the sensor", "", "", ""] });
  }
  return {
    head: ["after", "what", "where", "size", "and then", ""],
    rows: rows
      .sort((a, b) => a.us - b.us)
      .map(({ us, cells }) => [us === 0 ? "0 ms" : `${(us / 1000).toFixed(1)} ms`, ...cells]),
  };
}
