/** `gateway.json`: what a running gateway says about itself in BINE_HOME. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ifThere } from '@bine/client/node/if-there';

export type GatewayFile = {
  url: string;
  /** Beside it: what to trust. */ certificate?: string | null;
  pid: number;
  version: string;
  gateway: string;
};

export const gatewayFileName = 'gateway.json';

/** null: none is running, or it has not finished writing. */
export async function readGatewayFile(home: string): Promise<GatewayFile | null> {
  const text = await ifThere(readFile(join(home, gatewayFileName), 'utf8'));
  if (text === null) return null;
  try {
    return JSON.parse(text) as GatewayFile;
  } catch {
    return null;
  }
}
