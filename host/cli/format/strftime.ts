/**
 * strftime of ISO C and POSIX, with glibc's additions, in the locale "C" and in local time: what `@` of -F asks for.
 */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const DAY_MS = 86_400_000;

/** `date` as the conversion with this letter has it; an unknown one comes back as it was asked for, as glibc does. */
export function strftime(letter: string, date: Date): string {
  const two = (value: number, pad = "0") => String(value).padStart(2, pad);
  const year = date.getFullYear();
  const hour = date.getHours();
  const hour12 = hour % 12 === 0 ? 12 : hour % 12;
  const all = (letters: string) => letters.replace(/[a-zA-Z]/g, each => strftime(each, date));
  switch (letter) {
    case "a":
      return DAYS[date.getDay()].slice(0, 3);
    case "A":
      return DAYS[date.getDay()];
    case "b":
    case "h":
      return MONTHS[date.getMonth()].slice(0, 3);
    case "B":
      return MONTHS[date.getMonth()];
    case "c":
      return all("a b e T Y");
    case "C":
      return two(Math.floor(year / 100));
    case "d":
      return two(date.getDate());
    case "D":
    case "x":
      return all("m/d/y");
    case "e":
      return two(date.getDate(), " ");
    case "F":
      return all("Y-m-d");
    case "g":
      return two(isoWeek(date).year % 100);
    case "G":
      return String(isoWeek(date).year);
    case "H":
      return two(hour);
    case "I":
      return two(hour12);
    case "j":
      return String(dayOfYear(date) + 1).padStart(3, "0");
    case "k":
      return two(hour, " ");
    case "l":
      return two(hour12, " ");
    case "m":
      return two(date.getMonth() + 1);
    case "M":
      return two(date.getMinutes());
    case "n":
      return "\n";
    case "p":
      return hour < 12 ? "AM" : "PM";
    case "P":
      return hour < 12 ? "am" : "pm";
    case "r":
      return `${all("I:M:S")} ${strftime("p", date)}`;
    case "R":
      return all("H:M");
    case "s":
      return String(Math.floor(date.getTime() / 1000));
    case "S":
      return two(date.getSeconds());
    case "t":
      return "\t";
    case "T":
    case "X":
      return all("H:M:S");
    case "u":
      return String(date.getDay() === 0 ? 7 : date.getDay());
    case "U":
      return two(Math.floor((dayOfYear(date) + 7 - date.getDay()) / 7));
    case "V":
      return two(isoWeek(date).week);
    case "w":
      return String(date.getDay());
    case "W":
      return two(Math.floor((dayOfYear(date) + 7 - ((date.getDay() + 6) % 7)) / 7));
    case "y":
      return two(year % 100);
    case "Y":
      return String(year);
    case "z":
      return offset(date);
    case "Z":
      return zoneName(date);
    case "%":
      return "%";
    default:
      return `%${letter}`;
  }
}

/** Days since the first of January; by the calendar, for a day of the change of clocks has not 24 hours. */
function dayOfYear(date: Date): number {
  const dayMs = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((dayMs - Date.UTC(date.getFullYear(), 0, 1)) / DAY_MS);
}

/** The week of ISO 8601, and the year that it belongs to: that of its Thursday. */
function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7));
  const year = thursday.getUTCFullYear();
  return { year, week: 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) };
}

function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  const digits = String(Math.floor(size / 60) * 100 + (size % 60)).padStart(4, "0");
  return `${minutes < 0 ? "-" : "+"}${digits}`;
}

/** An abbreviation such as CET: each is known in the English of its own part of the world only. */
function zoneName(date: Date): string {
  for (const language of ["en-US", "en-GB", "en-AU", "en-IN", "en-ZA"]) {
    const parts = new Intl.DateTimeFormat(language, { timeZoneName: "short" }).formatToParts(date);
    const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    if (/^[A-Z]+$/.test(name)) return name;
  }
  return offset(date).replace(/00$/, "");
}
