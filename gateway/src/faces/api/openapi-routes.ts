/** The routes that stream bytes: they are not procedures, so they are described by hand. */
import { executionResult, fileContent, gitContent, kernelChannels, snapshotBlob } from '@bine/shared';
import { kernelSocketProtocol } from '@bine/shared/kernel-wire';
import { projectName } from '@bine/shared/names';
import { pathPattern } from './openapi-rules.ts';

const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } as const;
const stat = { 'application/json': { schema: { $ref: '#/components/schemas/FileStat' } } } as const;

const namePatterns: Record<string, string> = { project: projectName.pattern.source, sha256: '^[0-9a-f]{64}$' };

function inPath(name: string) {
  const pattern = namePatterns[name];
  return { name, in: 'path', required: true, schema: { type: 'string', ...(pattern && { pattern }) } } as const;
}

type Query = {
  description: string;
  required?: boolean;
  type?: 'string' | 'integer';
  minimum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
};

function inQuery(name: string, { description, required = false, ...schema }: Query) {
  return { name, in: 'query', required, description, schema: { type: 'string', ...schema } } as const;
}

function header(name: string, description: string) {
  return { name, in: 'header', description, schema: { type: 'string' } } as const;
}

const aPath = { pattern: pathPattern, maxLength: 4096 };
const path = inQuery('path', { ...aPath, minLength: 1, required: true, description: 'Inside the project, `/` between names' });
const etag = { ETag: { description: 'Changes whenever the content may have changed', schema: { type: 'string' } } } as const;
const read = {
  tags: ['Files'],
  parameters: [
    inPath('project'),
    path,
    header('Range', 'One range of bytes'),
    header('If-Range', 'An ETag'),
    header('If-None-Match', 'ETags'),
  ],
  'x-access': fileContent.read,
};
const readResponses = {
  200: { description: 'The bytes', headers: etag, content: bytes },
  206: { description: 'The bytes of the range', headers: etag, content: bytes },
  304: { description: 'You have it already' },
  416: { $ref: '#/components/responses/Problem416' },
} as const;

export const streamingRoutes = {
  [fileContent.path]: {
    get: { ...read, operationId: 'files.read', summary: 'The bytes of a file', responses: readResponses },
    head: {
      ...read,
      operationId: 'files.head',
      summary: 'The size and ETag of a file',
      responses: { 200: { description: 'It is there', headers: etag }, 304: { description: 'You have it already' } },
    },
    put: {
      tags: ['Files'],
      operationId: 'files.write',
      summary: 'Write a file: all of it, or nothing',
      parameters: [
        inPath('project'),
        path,
        header('If-Match', 'Only if it is still this ETag'),
        header('If-None-Match', '`*`: only if it is new'),
      ],
      requestBody: { required: true, content: bytes },
      responses: { 200: { description: 'Written', headers: etag, content: stat }, 412: { $ref: '#/components/responses/Problem412' } },
      'x-access': fileContent.write,
    },
  },
  [snapshotBlob.path]: {
    put: {
      tags: ['Jobs'],
      operationId: 'snapshots.putBlob',
      summary: 'Send one content of a snapshot, under its SHA-256',
      parameters: [inPath('project'), inPath('sha256')],
      requestBody: { required: true, content: bytes },
      responses: { 200: { description: 'It was there already' }, 201: { description: 'Written' } },
      'x-access': snapshotBlob.write,
    },
  },
  [executionResult.path]: {
    get: {
      ...read,
      tags: ['Jobs'],
      operationId: 'executions.readResult',
      summary: 'The bytes of a file that an execution left',
      parameters: [inPath('project'), inPath('execution'), ...read.parameters.slice(1)],
      responses: readResponses,
      'x-access': executionResult.read,
    },
  },
  [gitContent.path]: {
    get: {
      ...read,
      tags: ['Git'],
      operationId: 'git.readContent',
      summary: 'The bytes of a file as Git has it',
      parameters: [
        inPath('project'),
        inQuery('repository', { ...aPath, description: "The repository's folder in the project; default: the project's folder" }),
        inQuery('path', { ...aPath, minLength: 1, required: true, description: 'In the repository, `/` between names' }),
        inQuery('ref', { maxLength: 250, description: 'A commit, branch or tag; default: HEAD. Empty: as it is staged' }),
        ...read.parameters.slice(2),
      ],
      responses: readResponses,
      'x-access': gitContent.read,
    },
  },
  [kernelChannels.path]: {
    get: {
      tags: ['Kernels'],
      operationId: 'kernels.channels',
      summary: "A kernel's messages, as a WebSocket",
      description: `Subprotocol \`${kernelSocketProtocol}\`: binary messages in Jupyter's v1.kernel.websocket layout; what the gateway sends has
16 bytes in front, the sequence number and the time in microseconds since 1970 (u64 little-endian both). The first message is \`attached\` on the
channel \`supervisor\`. Sending needs the scope \`${kernelChannels.write.scope}\` and the role \`${kernelChannels.write.role}\`. Close code 1012: come back
with \`since\`; 1000: the kernel is over and all of it was sent.`,
      parameters: [
        inPath('project'),
        inPath('kernel'),
        inQuery('since', {
          type: 'integer',
          minimum: 0,
          description: 'Replay what follows this sequence number; without it, only what is new',
        }),
      ],
      responses: { 101: { description: 'The WebSocket is open' } },
      'x-access': kernelChannels.read,
    },
  },
};
