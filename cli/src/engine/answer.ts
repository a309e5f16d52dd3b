/** Asks a container engine on a Unix socket, with nothing but HTTP. */
import { request } from 'node:http';
import { Problem } from '@bine/shared/problems';

export type Engine = { socket: string; name: string; version: string };

/** Why nothing came back: there is no socket, nobody listens, or this user may not. */
export type Silence = { reason: 'absent' | 'silent' | 'forbidden' };

/** @returns the parsed body. @throws Error with the code of the socket, or Problem with what the engine said */
export function askEngine<T>(
  socket: string,
  path: string,
  { signal, method = 'GET' }: { signal: AbortSignal; method?: string },
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const sent = request({ socketPath: socket, path, method, signal, headers: { host: 'engine' } }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (text += chunk));
    response.on('error', reject);
    response.on('end', () => {
      const body = parse(text);
      if ((response.statusCode ?? 500) < 400) resolve(body as T);
      else
        reject(
          new Problem(
            'engine-unavailable',
            (body as { message?: string }).message ?? `The container engine answered ${response.statusCode}.`,
          ),
        );
    });
  });
  sent.on('error', reject).end();
  return promise;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

type Version = { Version: string; Platform?: { Name?: string }; Components?: { Name: string }[] };

/** Who is there? An engine that is just starting keeps the question until it can answer. */
export async function greetEngine(socket: string, signal: AbortSignal, patience = 5000): Promise<Engine | Silence> {
  try {
    const version = await askEngine<Version>(socket, '/version', { signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]) });
    const podman = version.Components?.some(({ Name }) => Name.startsWith('Podman'));
    return { socket, name: podman ? 'Podman' : 'Docker Engine', version: version.Version };
  } catch (error) {
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return { reason: 'forbidden' };
    return { reason: code === 'ENOENT' ? 'absent' : 'silent' };
  }
}

export function isEngine(answer: Engine | Silence): answer is Engine {
  return 'version' in answer;
}
