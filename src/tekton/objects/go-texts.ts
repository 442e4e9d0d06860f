/**
 * How Go's encoders write the values that Kubernetes keeps as text: not as they were written, but in one form each, by
 * `resource.Quantity`, `time.Duration` and `metav1.Time`.
 */
import { parseDuration, quantityForm } from './go-values.js';

/** `1h` is `1h0m0s`, `90s` is `1m30s`, `1500us` is `1.5ms`; undefined for a text that is not a duration. */
export function durationText(text: string): string | undefined {
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined) return undefined;
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n
    ? `${sign}${minutes}m${seconds}`
    : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** A number of 10^-places without zeros at its end. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`);
}

/** A time in UTC, to the second; undefined for a form that Go reads and this does not. */
export function timeText(text: string): string | undefined {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return undefined;
  return `${new Date(Math.floor(milliseconds / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

const decimalExponents: Readonly<Record<string, number>> = {
  ...{ n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 },
};
const binaryExponents: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimalSuffixes = new Map(Object.entries(decimalExponents).map(([suffix, power]) => [power, suffix]));
const binarySuffixes = new Map(Object.entries(binaryExponents).map(([suffix, power]) => [power, suffix]));
/** Larger exponents name no amount of anything, and Go's own arithmetic with them is not a guide. */
const largestExponent = 1_000;
const largest = (1n << 63n) - 1n;

type Format = 'decimal' | 'exponent' | 'binary';

/** A number of 10^scale. */
interface Amount {
  readonly value: bigint;
  readonly scale: number;
}

/**
 * `1024Mi` is `1Gi`, `0.5` is `500m`, `1.5Gi` is `1536Mi`; what Kubernetes takes for canonical stays as it is written.
 * Undefined for a text that is not a quantity, and for exponents beyond 1,000.
 */
export function quantityText(text: string): string | undefined {
  if (text === '0') return text;
  const [, sign, digits, fraction = '', letters = '', exponent = ''] = quantityForm.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const read = readSuffix(letters + exponent);
  if (read === undefined) return undefined;
  const whole = digits.replace(/^0+/, '') || '0';
  const { format, power } = read;
  const exact = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  const scale = (format === 'binary' ? 0 : power) - fraction.length;
  if (fitsInt64({ whole, fraction, format, power, scale })) {
    const shifted = whole + fraction;
    const value = format === 'binary' ? exact << BigInt(power) : exact;
    if (value >= -largest && value <= largest) {
      const isCanonical =
        format === 'binary'
          ? (BigInt(shifted) & 7n) !== 0n
          : scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
      return isCanonical ? text : writeAmount({ value, scale }, format);
    }
  }
  const value = format === 'binary' ? exact << BigInt(power) : exact;
  return writeAmount(...bounded({ value, scale }, format));
}

function readSuffix(suffix: string): { readonly format: Format; readonly power: number } | undefined {
  const decimalPower = decimalExponents[suffix];
  if (decimalPower !== undefined) return { format: 'decimal', power: decimalPower };
  const binaryPower = binaryExponents[suffix];
  if (binaryPower !== undefined) return { format: 'binary', power: binaryPower };
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) return undefined;
  const power = Number(suffix.slice(1));
  return Math.abs(power) > largestExponent ? undefined : { format: 'exponent', power };
}

interface Digits {
  readonly whole: string;
  readonly fraction: string;
  readonly format: Format;
  readonly power: number;
  readonly scale: number;
}

/** Whether Kubernetes computes with 64 bits; then a canonical text is kept, and nothing is rounded. */
function fitsInt64({ whole, fraction, format, power, scale }: Digits): boolean {
  if (scale < -9) return false;
  if (format !== 'binary') return 18 - whole.length - fraction.length >= 0;
  return fraction === '' && 15 - whole.length - Math.trunc((power * 3) / 10) - 1 >= 0;
}

/** Rounded away from zero to 10^-9, and at most what 64 bits hold of bytes. */
function bounded({ value, scale }: Amount, format: Format): [Amount, Format] {
  const isNegative = value < 0n;
  let size = isNegative ? -value : value;
  let at = scale;
  if (at < -9) {
    const unit = 10n ** BigInt(-9 - at);
    size = (size + unit - 1n) / unit;
    at = -9;
  }
  let shown = format;
  if (format === 'binary') {
    const unit = 10n ** BigInt(-at);
    if (size > largest * unit) [size, at] = [largest, 0];
    else if (size < unit && size > 0n) shown = 'decimal';
  }
  return [{ value: isNegative ? -size : size, scale: at }, shown];
}

function writeAmount({ value, scale }: Amount, format: Format): string {
  if (value === 0n) return '0';
  if (format === 'binary') {
    const unit = 10n ** BigInt(Math.max(0, -scale));
    const bytes = (value * 10n ** BigInt(Math.max(0, scale))) / unit;
    const isWhole = bytes * unit === value * 10n ** BigInt(Math.max(0, scale));
    const size = value < 0n ? -value : value;
    if (isWhole && size >= 1024n * unit) {
      const [amount, times] = withoutFactor(bytes, 1024n);
      return `${amount}${binarySuffixes.get(times * 10) ?? ''}`;
    }
  }
  const [amount, times] = withoutZeros(value);
  const power = scale + times;
  const rest = ((power % 3) + 3) % 3;
  const number = amount * 10n ** BigInt(rest);
  const exponent = power - rest;
  if (format === 'exponent') return exponent === 0 ? `${number}` : `${number}e${exponent}`;
  // Beyond the letters Kubernetes writes none.
  return `${number}${decimalSuffixes.get(exponent) ?? ''}`;
}

/** All zeros at once: a number may have as many digits as a source has characters. */
function withoutZeros(value: bigint): [value: bigint, times: number] {
  const digits = `${value}`;
  let end = digits.length;
  while (digits.charAt(end - 1) === '0') end--;
  return [BigInt(digits.slice(0, end)), digits.length - end];
}

function withoutFactor(value: bigint, factor: bigint): [value: bigint, times: number] {
  let rest = value;
  let times = 0;
  while (rest % factor === 0n) {
    rest /= factor;
    times++;
  }
  return [rest, times];
}
