const words =
  'the task pipeline step image script param results workspace bundle kind apiVersion metadata name'.split(
    ' ',
  );
/** Lengths at which the encoder changes its way, and around them. */
const edges = [
  1, 15, 16, 17, 18, 126, 127, 128, 129, 143, 144, 256, 65534, 65535, 65536, 65550, 65552, 65663, 65664,
  131070, 131071,
];

/** Bytes for a number, always the same: mixes of noise, runs, words and copies; each 7th has a length of `edges`. */
export function gzipSample(seed: number): Uint8Array {
  let state = (seed * 2654435761) >>> 0;
  const draw = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
  const out: number[] = [];
  const wanted = seed % 7 === 0 ? edges[(seed / 7) % edges.length]! : draw([200, 1000, 6000][seed % 3]!);
  while (out.length < wanted) {
    const left = wanted - out.length;
    const size = 1 + draw(Math.min(left, [30, 300, 3000, 70000][draw(4)]!));
    const kind = draw(7);
    if (kind === 0) for (let i = 0, mod = 1 + draw(256); i < size; i++) out.push(draw(mod));
    else if (kind === 1) for (let i = 0, byte = draw(256); i < size; i++) out.push(byte);
    else if (kind === 2) for (let i = 0; i < size; i++) out.push((i * 7 + seed) & 255);
    else if (kind === 3) {
      const distance = 1 + draw(Math.min(out.length, 33000));
      for (let i = 0; i < size; i++) out.push(out[out.length - distance] ?? 0);
    } else if (kind === 4) {
      for (let i = 0; i < size; i++) out.push(Math.clz32(draw(4294967296)));
    } else {
      const text: number[] = [];
      while (text.length < size)
        text.push(...Buffer.from(`${words[draw(words.length)]}${draw(9) === 0 ? '\n' : ' '}`));
      for (let i = 0; i < size; i++) out.push(text[i]!);
    }
  }
  return Uint8Array.from(out);
}
