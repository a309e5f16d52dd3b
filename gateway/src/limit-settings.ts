/** What the gateway is told of limits. */
import { Limits } from '@bine/shared';
import type { Config } from './config.ts';

export type LimitSettings = Pick<Config, 'projectLimits' | 'kernelOvercommit' | 'minScheduleInterval' | 'disk'>;

/** Sane rather than generous: a loop that submits by mistake is noticed before the machine is. */
export const defaultLimits: Limits = {
  cores: null,
  memory: null,
  gpus: null,
  running: null,
  queued: 1000,
  kernels: null,
  disk: null,
  weight: 1,
};

type Given = Record<string, string | undefined>;

/** @throws TypeError that says which setting is wrong */
export function readLimitSettings(flags: Given, env: Given): LimitSettings {
  const number = (flag: string, variable: string, range: Range) =>
    readNumber(flags[flag] ?? (env[variable] || `${range.fallback}`), `--${flag} or ${variable}`, range);
  return {
    projectLimits: readProjectLimits(flags['project-limits'] ?? env['BINE_PROJECT_LIMITS'] ?? ''),
    kernelOvercommit: number('kernel-overcommit', 'BINE_KERNEL_OVERCOMMIT', { least: 1, most: 100, fallback: 2 }),
    minScheduleInterval: number('min-schedule-interval', 'BINE_MIN_SCHEDULE_INTERVAL', { least: 1, most: 86_400, fallback: 60 }),
    disk: {
      scanSeconds: number('disk-scan', 'BINE_DISK_SCAN', { least: 1, most: 86_400, fallback: 60 }),
      graceSeconds: number('disk-grace', 'BINE_DISK_GRACE', { least: 0, most: 86_400, fallback: 300 }),
    },
  };
}

type Range = { least: number; most: number; fallback: number };

function readNumber(given: string, setting: string, { least, most }: Range): number {
  const value = Number(given);
  if (given.trim() !== '' && value >= least && value <= most) return value;
  throw new TypeError(`${setting} must be a number from ${least} to ${most}, not "${given}".`);
}

function readProjectLimits(given: string): Limits {
  const limits: Record<string, number | null> = { ...defaultLimits };
  for (const part of given.split(',').filter((text) => text.trim() !== '')) {
    const [, name = '', value = ''] = /^\s*([a-z]+)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    if (!(name in defaultLimits)) {
      const names = Object.keys(defaultLimits).join(', ');
      throw new TypeError(
        `"${part}" is no limit of projects; write NAME=NUMBER with one of ${names} (--project-limits or BINE_PROJECT_LIMITS).`,
      );
    }
    limits[name] = value === 'none' ? null : Number(value);
    const { error } = Limits.safeParse(limits);
    if (error)
      throw new TypeError(`The limit "${part}" cannot be used: ${error.issues[0]!.message} (--project-limits or BINE_PROJECT_LIMITS).`);
  }
  return limits as Limits;
}
