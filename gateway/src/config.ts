/** What the gateway can be told, by flags or the environment; a flag wins. Everything has a default. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { UidRange } from './ports/accounts.ts';
import type { Limits } from '@bine/shared';
import type { LeastFree } from './adapters/disk/space.ts';
import { parseAllowance } from './adapters/egress/allowed.ts';
import type { Allowance } from './adapters/egress/allowed.ts';
import { readTransferSettings } from './adapters/git/transfer-settings.ts';
import type { CertificateFiles } from './adapters/tls/certificate-files.ts';
import type { TransferSettings } from './adapters/git/transfer-settings.ts';
import { readIndexSettings } from './adapters/package-index/settings.ts';
import type { IndexSettings } from './adapters/package-index/settings.ts';
import { readLimitSettings } from './limit-settings.ts';

export type Config = {
  /** Where everything is kept. */
  home: string;
  host: string;
  /** 0: any free one. */
  port: number;
  /** The certificate to show; null: plain HTTP. */
  tls: CertificateFiles | 'self-signed' | null;
  /** Whether other machines may come without TLS. */
  insecure: boolean;
  /** Names besides the loopback ones under which the gateway may be reached, `name` or `name:port`. */
  trustedHosts: string[];
  /** Image that environments are built on; null: one that Bine makes. */
  baseImage: string | null;
  /** Address of the container engine, as in DOCKER_HOST; null: the engine's default socket. */
  docker: string | null;
  /** Where packages come from, as uv and pip are told. */
  packageIndex: IndexSettings;
  /** How Git reaches servers: whom it trusts, and through which proxy. */
  git: TransferSettings;
  /** What containers and Git may reach although it is of this machine or of a private network. */
  allowEgress: Allowance[];
  /** Of the machine's cores and memory, what executions of jobs may take together, from 0 to 1. */
  jobShare: number;
  /** What a project may take unless an administrator says otherwise. */
  projectLimits: Limits;
  /** How often a MiB of the machine is promised to kernels, which rarely use all that they may. */
  kernelOvercommit: number;
  /** Seconds that must lie between two ticks of a schedule. */
  minScheduleInterval: number;
  /** Seconds between two measurements of what projects have on disk, and from the warning of a program to its end. */
  disk: { scanSeconds: number; graceSeconds: number };
  /** What must be free on the disk of `home` before anything new starts; null: the larger of 1 GiB and 2 %. */
  leastFree: LeastFree | null;
  /** How long entries of the audit log are kept. */
  auditDays: number;
  logLevel: string;
  /** Where the log is written, and rolled over; null: stdout. */
  logFile: string | null;
  /** Of these each project gets one, for its files and containers, where the gateway runs as root. */
  uidRange: UidRange;
  /** Who programs in images run as where no project says otherwise; where the gateway is not root, who owns all projects. */
  containerUser: { uid: number; gid: number };
};

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export const usage = `Usage: node gateway/src/main.ts [options]

  --home DIR          where everything is kept     (BINE_HOME, default $XDG_DATA_HOME/bine)
  --host ADDRESS      address to listen on         (BINE_HOST, default 127.0.0.1)
  --port N            port, 0 for any free one     (BINE_PORT, default 7878)
  --tls-cert FILE     certificate, as PEM          (BINE_TLS_CERT; renewed files are taken without a restart)
  --tls-key FILE      its key                      (BINE_TLS_KEY)
  --tls self-signed   make a certificate           (BINE_TLS)
  --insecure          let other machines come without TLS (BINE_INSECURE=1)
  --trusted-host H    a further name to answer to  (BINE_TRUSTED_HOSTS, separated by commas)
  --base-image NAME   image to build on            (BINE_BASE_IMAGE)
  --docker ADDRESS    the container engine         (DOCKER_HOST)
  --job-share PERCENT of cores and memory for jobs (BINE_JOB_SHARE, default 100)
  --allow-egress TO    a private or own address that containers and Git may reach: ADDRESS, NETWORK/BITS or NAME, :PORT
                                               (BINE_ALLOW_EGRESS, separated by commas)
  --uid-range A-B      user ids for projects        (BINE_UID_RANGE, default 2000000-2999999)
  --project-limits L  as cores=4,memory=16384,weight=2: defaults for projects, "none" for no limit
                                               (BINE_PROJECT_LIMITS, default queued=1000)
  --kernel-overcommit N  times that kernels' memory may exceed the machine's (BINE_KERNEL_OVERCOMMIT, default 2)
  --min-schedule-interval SECONDS              (BINE_MIN_SCHEDULE_INTERVAL, default 60)
  --disk-scan SECONDS between measurements     (BINE_DISK_SCAN, default 60)
  --disk-grace SECONDS for a program over quota (BINE_DISK_GRACE, default 300)
  --min-free SIZE     below that nothing new starts (BINE_MIN_FREE, as 5GiB, 500MiB or 3%; default the larger of 1GiB and 2%)
  --audit-days N      days to keep the audit log   (BINE_AUDIT_DAYS, default 365)
  --log-level LEVEL   ${logLevels.join(' ')}     (BINE_LOG_LEVEL, default info)
  --log-file FILE     where the log goes           (BINE_LOG_FILE, default stdout)`;

/** The flags, each as `parseArgs` reads it. */
export const flagTypes = {
  home: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  tls: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  insecure: { type: 'boolean' },
  'trusted-host': { type: 'string', multiple: true },
  'base-image': { type: 'string' },
  docker: { type: 'string' },
  'uid-range': { type: 'string' },
  'allow-egress': { type: 'string', multiple: true },
  'job-share': { type: 'string' },
  'project-limits': { type: 'string' },
  'kernel-overcommit': { type: 'string' },
  'min-schedule-interval': { type: 'string' },
  'disk-scan': { type: 'string' },
  'disk-grace': { type: 'string' },
  'min-free': { type: 'string' },
  'audit-days': { type: 'string' },
  'log-level': { type: 'string' },
  'log-file': { type: 'string' },
} as const;

/** @throws TypeError that says which setting is wrong */
export function readConfig(argv: string[], env: Record<string, string | undefined>): Config {
  const { values: flags } = parseArgs({ args: argv, options: flagTypes });
  return {
    home: readHome(flags.home ?? env.BINE_HOME, env.XDG_DATA_HOME),
    host: flags.host ?? (env.BINE_HOST || '127.0.0.1'),
    port: readPort(flags.port ?? (env.BINE_PORT || '7878')),
    tls: readTls({
      kind: flags.tls ?? (env.BINE_TLS || undefined),
      certificate: flags['tls-cert'] ?? (env.BINE_TLS_CERT || undefined),
      key: flags['tls-key'] ?? (env.BINE_TLS_KEY || undefined),
    }),
    insecure: flags.insecure ?? ['1', 'true', 'yes'].includes(env.BINE_INSECURE ?? ''),
    trustedHosts: flags['trusted-host'] ?? (env.BINE_TRUSTED_HOSTS ?? '').split(',').filter(Boolean),
    baseImage: flags['base-image'] ?? (env.BINE_BASE_IMAGE || null),
    docker: flags.docker ?? (env.DOCKER_HOST || null),
    packageIndex: readIndexSettings(env),
    git: readTransferSettings(env),
    jobShare: readShare(flags['job-share'] ?? (env.BINE_JOB_SHARE || '100')),
    ...readLimitSettings({ ...flags, 'trusted-host': undefined, 'allow-egress': undefined, insecure: undefined }, env),
    leastFree: readLeastFree(flags['min-free'] ?? (env.BINE_MIN_FREE || null)),
    auditDays: readDays(flags['audit-days'] ?? (env.BINE_AUDIT_DAYS || '365')),
    logLevel: readLogLevel(flags['log-level'] ?? (env.BINE_LOG_LEVEL || 'info')),
    logFile: flags['log-file'] ?? (env.BINE_LOG_FILE || null),
    allowEgress: (flags['allow-egress'] ?? (env.BINE_ALLOW_EGRESS ?? '').split(','))
      .map((one) => one.trim())
      .filter(Boolean)
      .map(parseAllowance),
    uidRange: readUidRange(flags['uid-range'] ?? (env.BINE_UID_RANGE || '2000000-2999999')),
    containerUser: readContainerUser(),
  };
}

export function readHome(given: string | undefined, dataHome: string | undefined): string {
  if (given) return resolve(given);
  // The XDG specification says that a relative path is to be ignored.
  const base = dataHome && isAbsolute(dataHome) ? dataHome : join(homedir(), '.local', 'share');
  return join(base, 'bine');
}

type GivenTls = Record<'kind' | keyof CertificateFiles, string | undefined>;

function readTls({ kind, certificate, key }: GivenTls): Config['tls'] {
  if (kind !== undefined && kind !== 'self-signed') {
    throw new TypeError(
      `TLS can be "self-signed" only, not "${kind}" (--tls or BINE_TLS); a certificate of yours goes to --tls-cert and --tls-key.`,
    );
  }
  if (!certificate !== !key) throw new TypeError('A certificate and its key belong together: give both --tls-cert and --tls-key.');
  if (!certificate || !key) return kind ?? null;
  if (kind) throw new TypeError('Give either --tls self-signed, or a certificate with --tls-cert and --tls-key.');
  return { certificate: resolve(certificate), key: resolve(key) };
}

function readPort(given: string): number {
  const port = Number(given);
  if (/^\d{1,5}$/.test(given) && port <= 65_535) return port;
  throw new TypeError(`The port must be a number from 0 to 65535, not "${given}" (--port or BINE_PORT).`);
}

function readShare(given: string): number {
  const percent = Number(given);
  if (given.trim() !== '' && percent > 0 && percent <= 100) return percent / 100;
  throw new TypeError(`The jobs' share must be a percentage above 0 and up to 100, not "${given}" (--job-share or BINE_JOB_SHARE).`);
}

const units: Record<string, number> = { '': 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

function readLeastFree(given: string | null): LeastFree | null {
  if (given === null) return null;
  const [, number = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB|%)?\s*$/.exec(given) ?? [];
  if (number !== '' && unit !== '%') return { bytes: Math.round(Number(number) * units[unit]!) };
  if (number !== '' && Number(number) < 100) return { part: Number(number) / 100 };
  throw new TypeError(
    `The space to keep free must be a size as 5GiB or 500MiB, or a percentage below 100, not "${given}" (--min-free or BINE_MIN_FREE).`,
  );
}

function readDays(given: string): number {
  const days = Number(given);
  if (/^\d{1,5}$/.test(given) && days > 0) return days;
  throw new TypeError(`The audit log is kept for a whole number of days, not "${given}" (--audit-days or BINE_AUDIT_DAYS).`);
}

function readLogLevel(given: string): string {
  if (logLevels.includes(given)) return given;
  throw new TypeError(`The log level must be one of ${logLevels.join(', ')}, not "${given}" (--log-level or BINE_LOG_LEVEL).`);
}

/** Above those that a system gives to its users, below what Linux keeps for itself. */
const lowestUid = 65_536;
const highestUid = 2 ** 31 - 2;

function readUidRange(given: string): UidRange {
  const [, first, last] = (/^(\d{1,10})-(\d{1,10})$/.exec(given) ?? []).map(Number);
  if (first !== undefined && last !== undefined && first >= lowestUid && first <= last && last <= highestUid) return { first, last };
  const wanted = `two numbers from ${lowestUid} to ${highestUid}, the lower one first, as in 2000000-2999999`;
  throw new TypeError(`The projects' user ids must be ${wanted}, not "${given}" (--uid-range or BINE_UID_RANGE).`);
}

/** Programs of users never run as root. */
function readContainerUser(): Config['containerUser'] {
  const uid = process.getuid?.() ?? 1000;
  return uid === 0 ? { uid: 1000, gid: 1000 } : { uid, gid: process.getgid?.() ?? uid };
}
