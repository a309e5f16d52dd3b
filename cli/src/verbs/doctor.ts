/** `bine doctor` */
import { engineChecks } from '../doctor/engine-checks.ts';
import type { Check, Finding, Patient } from '../doctor/finding.ts';
import { gatewayChecks } from '../doctor/gateway-checks.ts';
import { machineChecks } from '../doctor/machine-checks.ts';
import { findEngine } from '../engine/engine.ts';
import { findGateway } from '../gateway/process.ts';
import { defineVerb, type Context } from '../verb.ts';

const checks: readonly Check[] = [...machineChecks, ...engineChecks, ...gatewayChecks];

export const doctor = defineVerb<object>({
  summary: 'Find what is wrong, and the command that mends it; exits with 1 if something must be mended',
  examples: [
    ['', 'the first answer to "it does not work"'],
    ['--json', 'for a report'],
  ],
  json: true,
  async run(context) {
    const findings = await examine(context);
    if (context.json) context.terminal.printJson(findings);
    else for (const finding of findings) show(finding, context);
    return findings.some(({ state }) => state === 'fail') ? 1 : 0;
  },
});

async function examine(context: Context): Promise<Finding[]> {
  const { host, home, command, signal } = context;
  const found = await findEngine({ env: host.env, home, command }, signal);
  const patient: Patient = { context, engine: 'engine' in found ? found.engine : null, gateway: await findGateway(home) };
  const findings = await Promise.all(
    checks.map(async ({ name, look }): Promise<Finding[]> => {
      try {
        const finding = await look(patient);
        return finding ? [{ name, ...finding }] : [];
      } catch (error) {
        signal.throwIfAborted();
        // A check that cannot be made is a finding, too.
        return [{ name, state: 'fail', text: (error as Error).message, mend: null }];
      }
    }),
  );
  return findings.flat();
}

function show({ name, state, text, mend }: Finding, { terminal, command }: Context): void {
  const mark = { ok: terminal.style('green', 'ok  '), warn: terminal.style('yellow', 'warn'), fail: terminal.style('red', 'fail') }[state];
  const cure = mend ? `\n${' '.repeat(21)}→ ${terminal.style('bold', mend.replaceAll(/\bbine (?=[a-z])/g, `${command} `))}` : '';
  terminal.print(`${mark}  ${name.padEnd(13)}  ${text}${cure}`);
}
