/**
 * Opens things in a kernel's folder. Whatever runs in the kernel's container can put links, devices, FIFOs or huge files
 * there; the folder itself is ours, and its own path is not within their reach.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { connect } from 'node:net';
import type { OnReadOpts, Socket } from 'node:net';
import { join } from 'node:path';
import { untilAborted } from '../../lib/until-aborted.ts';

/** Names something without opening it. Node does not list this flag. */
const O_PATH = 0o10000000;
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** A regular file, or null where there is none or something else. */
export async function openRegularFile(directory: string, name: string): Promise<FileHandle | null> {
  // Without O_NONBLOCK, a FIFO would keep us waiting for a writer.
  const handle = await orNull(open(join(directory, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (handle && !(await handle.stat()).isFile()) {
    await handle.close();
    return null;
  }
  return handle;
}

/** A connection to the socket of this name; null where nobody answers, or where it is something else. */
export async function connectToSocket(directory: string, name: string, { onread, signal }: { onread: OnReadOpts; signal: AbortSignal }) {
  const handle = await orNull(open(join(directory, name), O_PATH | O_NOFOLLOW));
  if (!handle) return null;
  try {
    if (!(await handle.stat()).isSocket()) return null;
    // Through the descriptor it is this very socket, and the address is short whatever the folder is called.
    return await untilAborted(connected(connect({ path: `/proc/self/fd/${handle.fd}`, onread })), signal);
  } finally {
    await handle.close();
  }
}

function connected(socket: Socket): Promise<Socket | null> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket));
    // Refused: left behind by a supervisor that has gone.
    socket.once('error', () => resolve(null));
  });
}

async function orNull(opening: Promise<FileHandle>): Promise<FileHandle | null> {
  try {
    return await opening;
  } catch (error) {
    // ELOOP: a link. ENXIO: a socket or a FIFO. EACCES: somebody took our right away.
    if (['ENOENT', 'ELOOP', 'ENXIO', 'EACCES', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
