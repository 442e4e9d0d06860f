import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { selfSigned } from '../../test/support/certificates.js';
import { freePort } from '../../test/support/free-port.js';
import { listen } from '../../test/support/listen.js';
import { maySpeakTls } from './may-speak-tls.js';

const serving = async (server: Server) => new URL(`https://127.0.0.1:${await listen(server)}`);

/** Answers whatever it hears with these bytes. */
const answering = (bytes: readonly number[]) =>
  createServer((socket) => socket.on('data', () => void socket.write(Uint8Array.from(bytes))));

test.each<[string, ServerOptions]>([
  ['any version', {}],
  ['1.3 alone', { minVersion: 'TLSv1.3' }],
  ['1.2 alone', { maxVersion: 'TLSv1.2' }],
  ['a cipher that was not offered', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-CHACHA20-POLY1305' }],
])('a server of TLS, %s, may speak it', async (_title, options) => {
  expect(await maySpeakTls(await serving(createHttpsServer({ ...selfSigned(), ...options })))).toBe(true);
});

test('a server of plain http does not', async () => {
  expect(await maySpeakTls(await serving(createHttpServer()))).toBe(false);
});

test('a server that reads lines answers at once', async () => {
  const lines = createServer((socket) =>
    socket.on('data', (heard) => heard.includes('\n') && socket.write('HTTP/1.0 400 Bad Request\r\n\r\n')),
  );
  expect(await maySpeakTls(await serving(lines), { timeoutMs: 20_000 })).toBe(false);
});

test.each([
  ['a handshake', 0x16, true],
  ['an alert', 0x15, true],
  ['application data', 0x17, false],
  ['a letter', 0x48, false],
])('a first byte of %s tells', async (_title, byte, may) => {
  expect(await maySpeakTls(await serving(answering([byte])))).toBe(may);
});

test('who says nothing, hangs up or is not there may speak it', async () => {
  const mute = await serving(createServer(() => undefined));
  expect(await maySpeakTls(mute, { timeoutMs: 30 })).toBe(true);
  const short = await serving(createServer((socket) => socket.end()));
  expect(await maySpeakTls(short)).toBe(true);
  expect(await maySpeakTls(new URL(`https://127.0.0.1:${await freePort()}`))).toBe(true);
});

test('an abort ends the wait', async () => {
  const mute = await serving(createServer(() => undefined));
  const controller = new AbortController();
  const asked = maySpeakTls(mute, { signal: controller.signal, timeoutMs: 20_000 });
  controller.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  await expect(maySpeakTls(mute, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
    'before',
  );
});
