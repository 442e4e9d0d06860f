import { gzipSync } from 'node:zlib';
import { digestOf } from '../../../src/oci/digest.js';
import type { Content, Image } from '../../../src/oci/image.js';
import { mediaTypes } from '../../../src/oci/media-types.js';
import { objectAnnotations } from '../../../src/tekton/layers/annotations.js';
import { layerTar } from '../../../src/tekton/layers/layer-tar.js';
import { yamlShapes } from '../random/yaml-shapes.js';
import { contentOf } from './sample-image.js';

export interface HostileBundle {
  readonly title: string;
  /** Made when asked for: together they would fill the memory. */
  image(): Image;
}

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

const head = 'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: workflow}\n';
const pipelineOf = (spec: unknown) =>
  JSON.stringify({ apiVersion: 'tekton.dev/v1', kind: 'Pipeline', metadata: { name: 'workflow' }, spec });

/** 200 bundles that want memory or time of anyone who reads them, each in a way of its own. */
export function hostileBundles(): readonly HostileBundle[] {
  return [
    ...range(4, 15).flatMap((levels) =>
      [5, 9, 20].map((width) => bundleOf(`${levels} levels of ${width} aliases`, aliases(levels, width))),
    ),
    ...range(2, 12).map((levels) => bundleOf(`${levels} levels of nine merges`, merges(levels * 10, 9))),
    ...Object.entries(yamlShapes).flatMap(([title, shape]) =>
      [256 * kibibyte, 1.9 * mebibyte, 3 * mebibyte].map((size) =>
        bundleOf(
          `${title}, ${Math.round(size / kibibyte)} KiB`,
          () => `${head}spec: {}\nx:\n${indent(shape(size))}`,
        ),
      ),
    ),
    ...[100, 499, 501, 5_000, 100_000].flatMap((depth) => [
      bundleOf(`lists ${depth} deep`, () => `${head}spec: ${'['.repeat(depth)}${']'.repeat(depth)}\n`),
      bundleOf(`JSON ${depth} deep`, () =>
        pipelineOf(0).replace('"spec":0', `"spec":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
      ),
    ]),
    ...[1_000, 20_000].flatMap((count) =>
      Object.entries(graphs).map(([title, tasks]) =>
        bundleOf(`${count} tasks, ${title}`, () => pipelineOf({ tasks: tasks(count) })),
      ),
    ),
    ...Object.entries(texts).map(([title, text]) => bundleOf(title, text)),
    ...Object.entries(images).map(([title, image]) => ({ title, image })),
  ];
}

function aliases(levels: number, width: number): () => string {
  return () => {
    const lines = range(1, levels).map(
      (level) =>
        `l${level}: &l${level} [${Array.from({ length: width }, () => `*l${level - 1}`).join(', ')}]\n`,
    );
    return `${head}spec: {}\nl0: &l0 x\n${lines.join('')}`;
  };
}

function merges(levels: number, width: number): () => string {
  return () => {
    const lines = range(1, levels).map(
      (level) =>
        `l${level}: &l${level} {<<: [${Array.from({ length: width }, () => `*l${level - 1}`).join(', ')}], k${level}: v}\n`,
    );
    return `${head}l0: &l0 {x: 1}\n${lines.join('')}spec: {<<: *l${levels}, tasks: 5}\n`;
  };
}

/** Tasks of a Pipeline that wait for each other in many ways. */
const graphs: Readonly<Record<string, (count: number) => readonly object[]>> = {
  'each alone': (count) => range(1, count).map((index) => task(index)),
  'in a row': (count) => range(1, count).map((index) => ({ ...task(index), runAfter: [`t${index - 1}`] })),
  'in a circle': (count) =>
    range(1, count).map((index) => ({ ...task(index), runAfter: [`t${(index % count) + 1}`] })),
  'each after a hundred others': (count) =>
    range(1, count / 10).map((index) => ({
      ...task(index),
      runAfter: range(Math.max(1, index - 100), index - 1).map((before) => `t${before}`),
    })),
  'by results of the one before': (count) =>
    range(1, count).map((index) => ({
      ...task(index),
      params: [{ name: 'p', value: `$(tasks.t${index - 1}.results.r)` }],
    })),
  'of one name': (count) => range(1, count).map(() => task(1)),
  'with many results in one text': (count) => [
    { ...task(1), params: [{ name: 'p', value: '$(tasks.t1.results.r)'.repeat(count) }] },
  ],
};

function task(index: number): { readonly name: string; readonly taskRef: { readonly name: string } } {
  return { name: `t${index}`, taskRef: { name: 'x' } };
}

const texts: Readonly<Record<string, () => string>> = {
  'a name of a million characters': () => pipelineOf({}).replace('workflow', 'n'.repeat(mebibyte)),
  'a description of 1.9 MiB': () => pipelineOf({ description: 'd '.repeat(950 * kibibyte) }),
  'line breaks without end': () => pipelineOf({ description: `a${'\n'.repeat(1.9 * mebibyte)}b` }),
  'line breaks without end before two colons': () =>
    pipelineOf({ description: `a${'\n'.repeat(0.9 * mebibyte)} ::b` }),
  'quantities of a million digits': () =>
    JSON.stringify({
      apiVersion: 'tekton.dev/v1',
      kind: 'Task',
      metadata: { name: 'workflow' },
      spec: {
        steps: ['!', '.', '0', ''].map((end, index) => ({
          name: `s${index}`,
          image: 'a',
          computeResources: { limits: { cpu: `1${'0'.repeat(mebibyte / 4)}${end}` } },
        })),
      },
    }),
  '20,000 params': () =>
    pipelineOf({ params: range(1, 20_000).map((index) => ({ name: `p${index}`, default: 'x' })) }),
  '20,000 keys of one object': () =>
    pipelineOf(Object.fromEntries(range(1, 20_000).map((index) => [`k${index}`, index]))),
  'a number of a million digits': () => pipelineOf(0).replace('"spec":0', `"spec":${'9'.repeat(mebibyte)}`),
  'numbers that JavaScript rounds': () =>
    pipelineOf(0).replace('"spec":0', `"spec":[${'12345678901234567890,'.repeat(80_000)}1]`),
  'numbers beyond all': () => pipelineOf(0).replace('"spec":0', '"spec":{"description":1e999}'),
  'private characters in a row': () =>
    pipelineOf({ description: `\ue000${'\ue001'.repeat(500 * kibibyte)}1234567890123456` }),
  'a million documents': () => `${head}spec: {}\n${'---\n'.repeat(450 * kibibyte)}`,
  'documents of JSON': () => '{}'.repeat(900 * kibibyte),
  'a matrix of everything': () =>
    pipelineOf({
      tasks: [
        {
          ...task(1),
          matrix: {
            params: range(1, 100).map((index) => ({ name: `m${index}`, value: range(1, 200).map(String) })),
          },
        },
      ],
    }),
  'a Task of 20,000 steps': () =>
    JSON.stringify({
      apiVersion: 'tekton.dev/v1',
      kind: 'Task',
      metadata: { name: 'workflow' },
      spec: {
        steps: range(1, 20_000).map((index) => ({
          name: `s${index}`,
          image: `x:${index}`,
          script: '$(params.p)',
        })),
      },
    }),
  'a script of variables': () =>
    JSON.stringify({
      apiVersion: 'tekton.dev/v1',
      kind: 'Task',
      metadata: { name: 'workflow' },
      spec: { steps: [{ name: 's', image: 'x', script: '$(params.p) '.repeat(150_000) }] },
    }),
  'variables that nobody closes': () =>
    JSON.stringify({
      apiVersion: 'tekton.dev/v1',
      kind: 'Task',
      metadata: { name: 'workflow' },
      spec: { steps: [{ name: 's', image: 'x', script: '$('.repeat(900_000) }] },
    }),
  'Pipelines inside Pipelines': () => {
    let spec: object = { tasks: [task(1)] };
    for (let level = 0; level < 200; level++) spec = { tasks: [{ name: `t${level}`, pipelineSpec: spec }] };
    return pipelineOf(spec);
  },
  'no Tekton object': () => '{"a":1}',
  'no text at all': () => '\0\ufffe'.repeat(kibibyte),
};

const images: Readonly<Record<string, () => Image>> = {
  '20 layers of 32 MiB': () => {
    const packed = layerOf(gzipSync(Buffer.alloc(32 * mebibyte, ' ')), 'workflow');
    return imageOf(Array.from({ length: 20 }, () => packed));
  },
  '20 layers of 32 MiB, each another': () =>
    imageOf(
      range(1, 20).map((index) => {
        const bytes = Buffer.alloc(32 * mebibyte, ' ');
        bytes.write(pipelineOf({ description: `${index}` }));
        return layerOf(gzipSync(bytes), `w${index}`);
      }),
    ),
  '20 objects of 390 KiB': () =>
    imageOf(
      range(1, 20).map((index) =>
        packed(
          pipelineOf({ description: 'd '.repeat(195 * kibibyte) }).replace('workflow', `w${index}`),
          `w${index}`,
        ),
      ),
    ),
  '20 objects of 390 KiB of YAML': () =>
    imageOf(
      range(1, 20).map((index) =>
        packed(
          `${head.replace('workflow', `w${index}`)}spec: {}\nx: [${'a,'.repeat(195 * kibibyte)}]\n`,
          `w${index}`,
        ),
      ),
    ),
  'a hundred layers': () => imageOf(range(1, 100).map((index) => packed(pipelineOf({}), `w${index}`))),
  'a thousand layers': () => imageOf(range(1, 1_000).map((index) => packed(pipelineOf({}), `w${index}`))),
  'layers that are not gzip': () => imageOf([layerOf(Buffer.alloc(4 * mebibyte, 'x'), 'workflow')]),
  'layers that no compression shrinks': () =>
    imageOf(range(1, 12).map((index) => layerOf(noise(mebibyte, index), `w${index}`))),
  'a gzip bomb inside a gzip bomb': () =>
    imageOf([layerOf(gzipSync(gzipSync(Buffer.alloc((512 * mebibyte) / 8))), 'workflow')]),
  'an archive of headers': () => imageOf([layerOf(gzipSync(paxHeaders(2_000)), 'workflow')]),
  'an annotation of 1 MiB': () => imageOf([packed(pipelineOf({}), 'w'.repeat(mebibyte))]),
  '10,000 annotations': () =>
    imageOf([packed(pipelineOf({}), 'workflow')], {
      annotations: Object.fromEntries(range(1, 10_000).map((index) => [`a${index}`, 'x'.repeat(50)])),
    }),
  '125,000 annotations, and as many of a layer': () => {
    const many = Object.fromEntries(range(1, 125_000).map((index) => [`a${index}`, '']));
    const { descriptor, bytes } = packed(pipelineOf({}), 'workflow');
    const layer = {
      descriptor: { ...descriptor, annotations: { ...descriptor.annotations, ...many } },
      bytes,
    };
    return imageOf([layer], { annotations: many });
  },
  '200,000 labels': () =>
    imageOf([packed(pipelineOf({}), 'workflow')], {
      labels: Object.fromEntries(range(1, 200_000).map((index) => [`l${index}`, ''])),
    }),
  'labels of 3 MiB': () =>
    imageOf([packed(pipelineOf({}), 'workflow')], { labels: { big: 'x'.repeat(3 * mebibyte) } }),
  'a config 3,000 deep': () =>
    imageOf([packed(pipelineOf({}), 'workflow')], {
      config: `{"created":"1970-01-01T00:00:00Z","config":${'['.repeat(3_000)}${']'.repeat(3_000)}}`,
    }),
};

function bundleOf(title: string, text: () => string): HostileBundle {
  return { title, image: () => imageOf([packed(text(), 'workflow')]) };
}

function packed(text: string, name: string): Content {
  const short = name.slice(0, 60);
  return layerOf(gzipSync(layerTar(short, Buffer.from(text)), { level: 1 }), name);
}

function layerOf(bytes: Uint8Array, name: string): Content {
  const { descriptor } = contentOf(bytes, mediaTypes.dockerLayerGzip);
  const annotations = {
    [objectAnnotations.apiVersion]: 'v1',
    [objectAnnotations.kind]: 'pipeline',
    [objectAnnotations.name]: name,
  };
  return { descriptor: { ...descriptor, annotations }, bytes };
}

interface ImageOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Instead of one that fits. */
  readonly config?: string;
}

function imageOf(
  layers: readonly Content[],
  { annotations, labels, config: text }: ImageOptions = {},
): Image {
  const config = contentOf(
    text ??
      JSON.stringify({
        architecture: '',
        created: '1970-01-01T00:00:00Z',
        os: '',
        rootfs: { type: 'layers', diff_ids: layers.map(({ bytes }) => digestOf(bytes)) },
        config: labels ? { Labels: labels } : {},
      }),
    mediaTypes.dockerConfig,
  );
  const manifest = contentOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.dockerManifest,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
      annotations,
    }),
    mediaTypes.dockerManifest,
  );
  return { manifest, config, layers };
}

/** Extended headers that each only describe the next one. */
function paxHeaders(count: number): Buffer {
  const header = Buffer.from(layerTar('x'.repeat(200), Buffer.from('x'))).subarray(0, 1024);
  return Buffer.concat(Array.from({ length: count }, () => header));
}

/** Bytes that look like chance, and are the same each time. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 24;
  }
  bytes[0] = 0;
  return bytes;
}

function indent(text: string): string {
  return text.startsWith('k: ') || /\n/.test(text) ? text.replaceAll(/^(?=.)/gm, ' ') : ` ${text}`;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, Math.floor(to) - from + 1) }, (_, index) => from + index);
}
