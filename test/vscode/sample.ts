/** Puts a folder of this machine into a project, as a client does: over the files' API. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { apiPrefix } from '@bine/shared';
import type { TestGateway } from './gateway.ts';

export const quickstart = resolve(import.meta.dirname, '../../samples/quickstart');

export async function writeFile(gateway: TestGateway, project: string, path: string, content: string | Readable): Promise<void> {
  const url = `${gateway.url}${apiPrefix}/projects/${project}/files/content?${new URLSearchParams({ path }).toString()}`;
  const body = typeof content === 'string' ? content : (Readable.toWeb(content) as ReadableStream);
  // `duplex` is what a streamed body needs; the DOM's types do not know it.
  const request = { method: 'PUT', headers: { authorization: `Bearer ${gateway.key}` }, body, duplex: 'half' };
  const response = await fetch(url, request);
  if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
}

export async function readFile(gateway: TestGateway, project: string, path: string): Promise<string> {
  const url = `${gateway.url}${apiPrefix}/projects/${project}/files/content?${new URLSearchParams({ path }).toString()}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${gateway.key}` } });
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return response.text();
}

/** Creates the project with everything in the folder. */
export async function createProject(gateway: TestGateway, name: string, folder: string): Promise<void> {
  await gateway.api.projects.create({ name });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const full = join(entry.parentPath, entry.name);
    const path = full.slice(folder.length + 1);
    if (entry.isDirectory()) await gateway.api.files.mkdir({ project: name, path });
    else await writeFile(gateway, name, path, createReadStream(full));
  }
}

/** A notebook with these code cells and no outputs. */
export function notebook(...sources: string[]): string {
  return JSON.stringify({
    cells: sources.map((source, index) => ({
      cell_type: 'code',
      id: `cell-${index + 1}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source,
    })),
    metadata: { language_info: { name: 'python' } },
    nbformat: 4,
    nbformat_minor: 5,
  });
}
