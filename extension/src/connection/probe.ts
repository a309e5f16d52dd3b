/** Asks what is at an address whether it is a gateway. */
import { distrustOf } from '@bine/client/node/trust';
import { apiPrefix } from '@bine/shared';

const patienceMs = 10_000;

/** Why there is no gateway, as a sentence; null: there is one. */
export async function problemOfGateway(address: string, ask: typeof fetch): Promise<string | null> {
  try {
    const answer = await ask(`${address}${apiPrefix}/health`, { signal: AbortSignal.timeout(patienceMs) });
    if (answer.headers.get('content-type')?.includes('json')) return null;
    return `What answers at ${address} is no gateway. Check the address.`;
  } catch (error) {
    const distrust = distrustOf(error);
    if (distrust !== null)
      return `The certificate of ${address} is not trusted (${distrust}). Set bine.certificateFile to the file with it, or with the certificate of the authority that signed it.`;
    const { message, cause } = error as Error;
    const why = (cause as Error | undefined)?.message || message;
    return `No gateway answers at ${address} (${why}). Check the address, and that "bine up" runs there.`;
  }
}
