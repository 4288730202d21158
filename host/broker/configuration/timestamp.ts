/** A time by strftime's letters, in local time: those that dates and times need. */
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "January February March April May June July August September October November December".split(" ");

const two = (value: number): string => String(value).padStart(2, "0");

const LETTERS: Readonly<Record<string, (time: Date) => string>> = {
  "%": () => "%",
  a: time => DAYS[time.getDay()].slice(0, 3),
  A: time => DAYS[time.getDay()],
  b: time => MONTHS[time.getMonth()].slice(0, 3),
  B: time => MONTHS[time.getMonth()],
  d: time => two(time.getDate()),
  e: time => String(time.getDate()).padStart(2, " "),
  H: time => two(time.getHours()),
  I: time => two(time.getHours() % 12 || 12),
  j: time => String(dayOfYear(time)).padStart(3, "0"),
  m: time => two(time.getMonth() + 1),
  M: time => two(time.getMinutes()),
  p: time => (time.getHours() < 12 ? "AM" : "PM"),
  s: time => String(Math.floor(time.getTime() / 1000)),
  S: time => two(time.getSeconds()),
  y: time => two(time.getFullYear() % 100),
  Y: time => String(time.getFullYear()),
  z: time => zone(time),
};

const SHORTHANDS: Readonly<Record<string, string>> = { F: "%Y-%m-%d", T: "%H:%M:%S", R: "%H:%M", D: "%m/%d/%y" };

/** A letter that is not known stays as it is. */
export function formatTime(format: string, time: Date): string {
  const long = format.replace(/%([FTRD])/g, (_code, letter: string) => SHORTHANDS[letter]);
  return long.replace(/%(.)/g, (code, letter: string) => LETTERS[letter]?.(time) ?? code);
}

function dayOfYear(time: Date): number {
  const first = Date.UTC(time.getFullYear(), 0, 1);
  return Math.round((Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) - first) / 86_400_000) + 1;
}

function zone(time: Date): string {
  const minutes = -time.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
}
