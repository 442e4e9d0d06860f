// Bytes described by short rules, so that no large input is committed. A rule is a list of steps whose bytes follow one another.
const words = 'kind task pipeline name step image script params value default metadata spec results \n- \n  $(params.x) "on"'.split(' ');

/** The bytes of a rule such as `[["text", "ab"], ["copy", 2, 300]]`. */
export function bytesByRule(rule) {
  const out = [];
  for (const [step, ...settings] of rule) steps[step](out, ...settings);
  return Uint8Array.from(out);
}

/** The bytes of an input: a text, its base64, or texts around the bytes of a rule. */
export function inputBytes(input) {
  if (typeof input === 'string') return new TextEncoder().encode(input);
  if ('base64' in input) return Uint8Array.from(atob(input.base64), (letter) => letter.charCodeAt(0));
  return bytesByRule([['text', input.before], ...input.bytes, ['text', input.after]]);
}

const steps = {
  text(out, text) {
    for (const byte of new TextEncoder().encode(text)) out.push(byte);
  },
  byte(out, byte, count) {
    for (let i = 0; i < count; i++) out.push(byte);
  },
  /** `count` random bytes of `span` values from `first` on. */
  noise(out, seed, count, span = 256, first = 0) {
    const next = random(seed);
    for (let i = 0; i < count; i++) out.push((first + Math.floor(next() * span)) & 255);
  },
  words(out, seed, count) {
    const next = random(seed);
    const end = out.length + count;
    while (out.length < end) steps.text(out, `${words[Math.floor(next() * words.length)]} `);
    out.length = end;
  },
  /** `count` bytes, each equal to the one `distance` before it. */
  copy(out, distance, count) {
    for (let i = 0; i < count; i++) out.push(out[out.length - distance]);
  },
  /** All four-byte counters from `first` on: nothing repeats, much looks alike. */
  count(out, first, count) {
    for (let i = 0; i < count; i++) for (const shift of [24, 16, 8, 0]) out.push(((first + i) >>> shift) & 255);
  },
  /** Byte i of `counts` occurs counts[i] times, in random order. */
  bag(out, seed, counts) {
    const bag = counts.flatMap((count, byte) => Array(count).fill(byte));
    const next = random(seed);
    for (let i = bag.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [bag[i], bag[j]] = [bag[j], bag[i]];
    }
    for (const byte of bag) out.push(byte);
  },
};

/** Numbers in [0, 1) by xorshift; a seed is any whole number above 0. */
function random(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
