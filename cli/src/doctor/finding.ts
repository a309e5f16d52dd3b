/** What the doctor says about one thing. */
import type { Engine } from '../engine/answer.ts';
import type { GatewayFile } from '../gateway/file.ts';
import type { Context } from '../verb.ts';

export type Finding = {
  name: string;
  state: 'ok' | 'warn' | 'fail';
  /** What is so, or what is wrong. */
  text: string;
  /** The command that mends it. */
  mend: string | null;
};

/** What several checks want to know, found out once. */
export type Patient = {
  context: Context;
  engine: Engine | null;
  gateway: GatewayFile | null;
};

export type Check = { name: string; look(patient: Patient): Promise<Omit<Finding, 'name'> | null> };

export const ok = (text: string) => ({ state: 'ok', text, mend: null }) as const;
export const warn = (text: string, mend: string | null = null) => ({ state: 'warn', text, mend }) as const;
export const fail = (text: string, mend: string | null = null) => ({ state: 'fail', text, mend }) as const;
