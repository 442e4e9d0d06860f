import type { Resolved } from './resolve-scalar.js';

/** The JSON key that sigs.k8s.io/yaml makes of a key; undefined where it fails: null and beyond int64. */
export function keyText(key: Resolved): string | undefined {
  switch (key.type) {
    case 'null':
      return undefined;
    case 'int':
      return key.value > 9223372036854775807n ? undefined : String(key.value);
    case 'float':
      return formatFloat32(key.value);
    default:
      return String(key.value);
  }
}

/** Go's `strconv.FormatFloat(value, 'g', -1, 32)`, with YAML's words for what is not a number. */
export function formatFloat32(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return '.nan';
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf';
  const sign = single < 0 || Object.is(single, -0) ? '-' : '';
  const [mantissa = '', exponentText = ''] = shortestFloat32(Math.abs(single)).split('e');
  const exponent = Number(exponentText);
  const digits = mantissa.replace('.', '');
  // Go's threshold for the shortest form; encoding/json, which writes values, has another one.
  if (exponent < -4 || exponent >= 6) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits.charAt(0)}${tail}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  return sign + positional(digits, exponent);
}

/** The fewest digits that still name this 32-bit float, the nearest of those, as `d.ddde±x`. */
function shortestFloat32(value: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(60).split('e');
  const all = mantissa.replace('.', '');
  for (let count = 1; count < 9; count++) {
    const down = BigInt(all.slice(0, count));
    const rest = all.slice(count);
    const half = '5'.padEnd(rest.length, '0');
    // Go settles a tie to the even digit, but upwards for a power of two.
    const upIsNearer =
      rest > half || (rest === half && (down % 2n === 1n || Number.isInteger(Math.log2(value))));
    for (const digits of upIsNearer ? [down + 1n, down] : [down, down + 1n]) {
      const text = `${digits}e${Number(exponent) - count + 1}`;
      if (Math.fround(Number(text)) === value) return normalize(digits, Number(exponent) - count + 1);
    }
  }
  return value.toExponential(8);
}

/** `digits` times ten to the `power`, with one digit before the point and no zeros at the end. */
function normalize(digits: bigint, power: number): string {
  const text = String(digits);
  const tail = text.slice(1).replace(/0+$/, '');
  return `${text.charAt(0)}.${tail}e${power + text.length - 1}`;
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, '0');
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}
