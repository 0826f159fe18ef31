/** Days as people read them, and reckoned with; a day is text like 2026-11-21 and has no time zone. */
import type { Day } from "../api";

const DAY_MS = 86_400_000;

const at = (day: Day) => Date.parse(`${day}T00:00:00Z`);
const form = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const LONG = form({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT = form({ weekday: "short", day: "numeric", month: "short" });

/** `Saturday 21 November 2026` */
export const longDay = (day: Day) => LONG.format(at(day)).replace(",", "");

/** `Sat 21 Nov` */
export const shortDay = (day: Day) => SHORT.format(at(day)).replace(",", "").replace("Sept", "Sep");

export const plusDays = (day: Day, days: number): Day => new Date(at(day) + days * DAY_MS).toISOString().slice(0, 10);

/** How many days lie between them; negative where `to` is earlier. */
export const daysBetween = (from: Day, to: Day) => Math.round((at(to) - at(from)) / DAY_MS);
