const pattern =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]{1,9})?(?:Z|[-+]([0-9]{2}):([0-9]{2}))| ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]{1,9})?)?$/;

/** Whether go-yaml takes this text for a time; it matters only for values with the tag !!timestamp. */
export function isTimestamp(text: string): boolean {
  const match = pattern.exec(text);
  if (match === null) return false;
  const field = (...groups: number[]): number =>
    Number(groups.map((group) => match[group]).find(Boolean) ?? 0);
  const [year, month, day] = [field(1), field(2), field(3)];
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return false;
  return field(4, 9) < 24 && field(5, 10) < 60 && field(6, 11) < 60 && field(7) < 24 && field(8) < 60;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
