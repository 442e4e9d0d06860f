import { InvalidArgumentError } from 'commander';

const units: Readonly<Record<string, number>> = {
  '': 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** `1048576`, `100M`, `10GiB`: a number of bytes, in binary units. */
export function parseByteSize(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?)(?:([KMGT])(?:iB)?)?$/.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * (units[unit] ?? Number.NaN));
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidArgumentError('wanted a size such as 500M or 10GiB.');
}

/** `123.4 MiB`. */
export function formatByteSize(bytes: number): string {
  const names = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let step = 0;
  while (size >= 1024 && step < names.length - 1) {
    size /= 1024;
    step++;
  }
  return `${step === 0 ? size : size.toFixed(1)} ${names[step]}`;
}
