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

/** Go's `strconv.FormatFloat(value, 'g', -1, 32)`, with YAML's words for what is no number. */
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

/** The fewest digits that still name this 32-bit float, as `d.ddde±x`. */
function shortestFloat32(value: number): string {
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential(9);
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, '0');
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}
