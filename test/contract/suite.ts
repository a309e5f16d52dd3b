import { after } from 'node:test';
import { startGateway } from './gateway.ts';
import type { Client, TestGateway } from './gateway.ts';

/** One gateway for all tests of a suite, with its administrator. To be asked for at the suite's beginning; it ends with the suite. */
export async function gatewayOfSuite(): Promise<{ gateway: TestGateway; admin: Client }> {
  const gateway = await startGateway();
  after(() => gateway[Symbol.asyncDispose]());
  return { gateway, admin: await gateway.connect(gateway.key) };
}
