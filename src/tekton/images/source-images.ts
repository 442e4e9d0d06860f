import { valueAt } from '../objects/field-path.js';
import type { Source } from '../objects/object.js';
import { decodeSource } from '../sources/decode-source.js';
import { editReferences, type ReferenceEdit } from '../sources/edit-references.js';
import { placeDocuments } from '../sources/place-documents.js';
import { referencePaths } from './image-paths.js';

/** A field of a source file that names an image, or a bundle for the resolver `bundles`. */
export interface SourceImage {
  /** Its value. */
  readonly text: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

export interface ReplacedImages {
  readonly source: Source;
  /** Fields that could not be changed without touching something else, e.g. block text or a shared anchor. */
  readonly kept: readonly SourceImage[];
}

/** Every reference to an image or a bundle in a source file, in its order. @throws YAML_INVALID, SOURCE_TOO_LARGE */
export function findImages(source: Source): SourceImage[] {
  return findPlaces(source).map(({ image }) => image);
}

/**
 * The source with the texts of these fields replaced and not a byte changed elsewhere: comments, layout and quotes stay
 * (`editReferences`).
 *
 * @throws YAML_INVALID, SOURCE_TOO_LARGE
 */
export function replaceImages(source: Source, replace: (text: string) => string | undefined): ReplacedImages {
  const wanted = findPlaces(source).flatMap(({ image, ...place }) => {
    const text = replace(image.text);
    return text === undefined || text === image.text ? [] : [{ image, edit: { ...place, text } }];
  });
  if (wanted.length === 0) return { source, kept: [] };
  const { text, refused } = editReferences(
    decodeSource(source),
    wanted.map(({ edit }) => edit),
    { file: source.path },
  );
  const kept = wanted
    .filter(({ edit }) => refused.some((one) => one.edit === edit))
    .map(({ image }) => image);
  if (kept.length === wanted.length) return { source, kept };
  return { source: { ...source, bytes: Buffer.from(text, 'utf8') }, kept };
}

type FoundPlace = Omit<ReferenceEdit, 'text'> & { readonly image: SourceImage };

function findPlaces(source: Source): FoundPlace[] {
  const documents = placeDocuments(decodeSource(source), source.path);
  return documents.flatMap(({ value, placeOf }, index) =>
    referencePaths(value).map((path) => ({
      document: index + 1,
      path,
      image: { text: String(valueAt(value, path)), file: source.path, ...placeOf(path) },
    })),
  );
}
