export const sbomFormats = ['spdx', 'cyclonedx'] as const;
export type SbomFormat = (typeof sbomFormats)[number];

/** The media type of a document, which is also the artifact type of the referrer that holds it. */
export const sbomTypes: Readonly<Record<SbomFormat, string>> = {
  spdx: 'application/spdx+json',
  cyclonedx: 'application/vnd.cyclonedx+json',
};

/** What a file with such a document is called, behind the name of its bundle. */
export const sbomEndings: Readonly<Record<SbomFormat, string>> = {
  spdx: '.spdx.json',
  cyclonedx: '.cdx.json',
};
