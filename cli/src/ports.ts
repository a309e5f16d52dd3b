/** Ports of this machine. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Why nothing can listen there; null: it is free. */
export async function portProblem(port: number, host = '127.0.0.1'): Promise<NodeJS.ErrnoException | null> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
    return null;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    server.close();
  }
}
