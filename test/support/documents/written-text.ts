const literals =
  /(?<line>(?<!:)\/\/[^\n]*)|(?<block>\/\*[\s\S]*?\*\/)|'(?<single>(?:\\.|[^'\\\n])*)'|"(?<double>(?:\\.|[^"\\\n])*)"|`(?<template>(?:\\.|[^`\\])*)`/g;

/** A line of text that people read, with its place. */
export interface WrittenLine {
  readonly line: number;
  readonly text: string;
}

/** The prose of a file: of Markdown all but code, of program text its comments and its strings. */
export function writtenLines(file: string, content: string): readonly WrittenLine[] {
  const prose = file.endsWith('.md') ? proseOf(content) : stringsAndComments(content);
  return prose.flatMap(({ line, text }) =>
    text.split('\n').map((part, index) => ({ line: line + index, text: part })),
  );
}

/** Code is blanked, so that lines keep their number. */
function proseOf(content: string): readonly WrittenLine[] {
  const blank = (code: string) => code.replace(/[^\n]/g, ' ');
  const text = content.replace(/^ *```[\s\S]*?^ *```/gm, blank).replace(/`[^`\n]*`/g, blank);
  return [{ line: 1, text }];
}

function stringsAndComments(content: string): readonly WrittenLine[] {
  return [...content.matchAll(literals)].map((match) => {
    const { line, block, single, double, template } = match.groups ?? {};
    const text = line ?? block ?? single ?? double ?? template ?? '';
    return {
      line: content.slice(0, match.index).split('\n').length,
      text: text.replace(/\$\{[^}]*\}/g, '…'),
    };
  });
}
