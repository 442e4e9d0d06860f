import { BundlesError, isBundlesError } from '../../errors.js';
import { documentLimit, readDocumentText } from '../../schema/parse-document.js';
import { decodeUtf8 } from '../../yaml-file/decode-utf8.js';
import type { Context } from '../context.js';

/** The document that an argument names; `-` is standard input. @throws SOURCE_NOT_FOUND, SCHEMA_INVALID, NOT_READABLE */
export async function readDocumentArgument(
  context: Context,
  file: string,
): Promise<{ readonly text: string; readonly shown: string }> {
  if (file === '-') return { text: await readStandardInput(context), shown: '<stdin>' };
  try {
    return { text: await readDocumentText(file, { signal: context.signal }), shown: file };
  } catch (error) {
    if (!isBundlesError(error, 'NOT_FOUND')) throw error;
    throw new BundlesError('SOURCE_NOT_FOUND', error.message, {
      hint: 'Name a file with a WorkflowSchema, a RemediationWorkflow or an ActionType',
      details: error.details,
      cause: error,
    });
  }
}

async function readStandardInput({ stdin }: Context): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > documentLimit) {
      throw new BundlesError(
        'SCHEMA_INVALID',
        `Cannot read standard input: more than ${documentLimit} bytes`,
        {
          hint: 'A document about a workflow is small',
        },
      );
    }
    chunks.push(bytes);
  }
  return decodeUtf8(Buffer.concat(chunks), { what: 'document', file: '<stdin>', invalid: 'SCHEMA_INVALID' });
}
