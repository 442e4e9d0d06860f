import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from './html.js';

test('what is put into a template is text, in content and in attributes', () => {
  const hostile = `<script>"&'`;
  expect(html`<a title="${hostile}">${hostile}</a>`.markup).toBe(
    '<a title="&lt;script&gt;&quot;&amp;&#39;">&lt;script&gt;&quot;&amp;&#39;</a>',
  );
});

test('markup stays markup, lists are joined, and nothing is nothing', () => {
  expect(
    html`<ul>${['a', 'b'].map((item) => html`<li>${item}</li>`)}${undefined}${false}${null}${0}</ul>`.markup,
  ).toBe('<ul><li>a</li><li>b</li>0</ul>');
});

test('characters that hide or turn what follows are shown as such', () => {
  expect(html`${'a\u202eb\u0000c\u2066d\ne'}`.markup).toBe('a\ufffdb\ufffdc\ufffdd\ne');
});

test('no text whatever brings a mark of its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(html`${text}`.markup).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
    }),
  );
});
