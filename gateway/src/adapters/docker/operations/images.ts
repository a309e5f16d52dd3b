/** Images: what is sent for each call and how its answer is read. */
import { fields, labelFilter, labels, list, number, text } from '../operation.ts';
import type { Image } from '../../../ports/images.ts';
import type { Operation, StreamOperation } from '../operation.ts';

/** null: there is no such image here. */
export function inspectImage(reference: string): Operation<Image | null> {
  return {
    what: `inspect the image ${reference}`,
    method: 'GET',
    path: `/images/${reference}/json`,
    otherwise: { 404: () => null },
    parse: (answer) => {
      const image = fields(answer);
      return {
        id: text(image.Id),
        tags: list(image.RepoTags).map(text),
        labels: labels(fields(image.Config).Labels),
        created: text(image.Created),
        size: number(image.Size),
      };
    },
  };
}

/** Images that carry all the labels, newest first. */
export function listImages(wanted: Record<string, string>): Operation<Image[]> {
  return {
    what: 'list the images',
    method: 'GET',
    path: '/images/json',
    ...(Object.keys(wanted).length > 0 && { query: { filters: labelFilter(wanted) } }),
    parse: (answer) =>
      list(answer)
        .map(fields)
        .sort((one, other) => number(other.Created) - number(one.Created))
        .map((image) => ({
          id: text(image.Id),
          tags: list(image.RepoTags).map(text),
          labels: labels(image.Labels),
          created: new Date(number(image.Created) * 1000).toISOString(),
          size: number(image.Size),
        })),
  };
}

/** Gives it one more name. */
export function tagImage(reference: string, { repository, tag }: { repository: string; tag: string }): Operation<void> {
  return {
    what: `name the image ${repository}:${tag}`,
    method: 'POST',
    path: `/images/${reference}/tag`,
    query: { repo: repository, tag },
    parse: () => undefined,
  };
}

/** false: something still uses it, or it is gone. */
export function removeImage(reference: string): Operation<boolean> {
  return {
    what: `remove the image ${reference}`,
    method: 'DELETE',
    path: `/images/${reference}`,
    deadline: 120_000,
    otherwise: { 404: () => false, 409: () => false },
    parse: () => true,
  };
}

/** Progress as JSON lines; a failure is one of them. */
export function pullImage(reference: string): StreamOperation {
  const at = reference.lastIndexOf(':');
  const tagged = at > reference.lastIndexOf('/') && !reference.includes('@');
  return {
    what: `pull the image ${reference}`,
    method: 'POST',
    path: '/images/create',
    query: tagged ? { fromImage: reference.slice(0, at), tag: reference.slice(at + 1) } : { fromImage: reference, tag: 'latest' },
  };
}

/** A file system, as a tar archive, becomes an image. Progress as JSON lines; a failure is one of them. */
export function importImage(repository: string, tag: string, archive: NodeJS.ReadableStream): StreamOperation {
  return {
    what: `import the image ${repository}:${tag}`,
    method: 'POST',
    path: '/images/create',
    query: { fromSrc: '-', repo: repository, tag },
    upload: archive,
  };
}
