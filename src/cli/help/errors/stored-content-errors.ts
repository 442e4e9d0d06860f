import type { ErrorFamily } from './error-family.js';

export const storedContentErrors = {
  page: 'stored-content',
  title: 'Stored content',
  intro: 'Something in a registry, a layout or an archive is missing, damaged or too large.',
  errors: {
    NOT_FOUND: {
      means:
        'Something that you named does not exist, such as a reference in `list`, an object in a bundle or the directory of `registry gc`.',
      example: 'Cannot find "v9.9.9" in the layout "hello"',
      remedy: 'Check the spelling. The hint of `list` names the objects that the bundle holds.',
    },
    DIGEST_MISMATCH: {
      means: 'Bytes that were received or stored do not have the requested digest. They were not used.',
      example:
        'Cannot accept the content sha256:2fda…: it has sha256:9c1e… as its digest, wanted sha256:2fda…',
      remedy:
        'Try again. If the error persists, the registry or the disk is damaged: push the bundle again, or remove the layout.',
    },
    TOO_LARGE: {
      means: 'An answer, a layer or its decompressed content exceeds its limit.',
      example: 'Cannot read the bundle sha256:2fda…: its layers have more than 4194304 bytes together',
      remedy: 'Check that the reference names a Tekton bundle.',
    },
    LAYOUT_INVALID: {
      means: 'A layout directory on this machine is damaged or belongs to another program.',
      example: 'Cannot read the layout file ".bundles/registry/acme/hello/index.json": it is not JSON',
      remedy: 'Remove the directory that the message names. `npx tekton-bundles ensure` writes it again.',
    },
    ARCHIVE_INVALID: {
      means:
        'An archive is not a tar file, is truncated, lacks a required entry, or holds an entry that is refused. Refused entries are devices, names that lead out of the archive, and links in place of files.',
      example: 'Cannot read the archive "hello.tar": Unexpected end of data',
      remedy:
        'Write the archive again, or name it with its own prefix: [locations](explanation/locations.md) describes the kinds.',
    },
  },
} as const satisfies ErrorFamily;
