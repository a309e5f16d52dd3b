/** The whole contract. The server's validation, OpenAPI, the typed clients and the contract tests are derived from it. */
import { access } from './access.ts';
import { audit } from './audit.ts';
import { environments } from './environments.ts';
import { events } from './events.ts';
import { executions } from './executions.ts';
import { files } from './files.ts';
import { git } from './git.ts';
import { jobs } from './jobs.ts';
import { kernels } from './kernels.ts';
import { projects } from './projects.ts';
import { schedules } from './schedules.ts';
import { secrets } from './secrets.ts';
import { snapshots } from './snapshots.ts';
import { system } from './system.ts';

export const contract = {
  system,
  access,
  projects,
  files,
  environments,
  kernels,
  jobs,
  executions,
  snapshots,
  schedules,
  secrets,
  git,
  events,
  audit,
};
export type Contract = typeof contract;

/** Where the contract is served. */
export const apiPrefix = '/api/v1';
/** The WebSocket that carries all procedures and streams of the contract for one client. */
export const socketPath = `${apiPrefix}/socket`;
/**
 * Where a WebSocket client cannot send an `Authorization` header, it offers the subprotocol `bine.v1` and a second one,
 * this prefix followed by the key. Keys never stand in a URL.
 */
export const socketProtocol = 'bine.v1';
export const keyProtocolPrefix = 'bine.key.';

export { NumberOrDigits, ProjectPath, Scope, Role, scopes, roles, type Access } from './base.ts';
export { User, Key, Me } from './access.ts';
export { AuditEntry } from './audit.ts';
export { Project, Member } from './projects.ts';
export { Limits, ProjectLimits, limitFields, limitNames, type Capacity, LimitChanges, type LimitName, type ProjectUse } from './limits.ts';
export { FileStat, FileList, FileChange, BinnedFile, fileContent } from './files.ts';
export {
  Environment,
  BuildLine,
  Change,
  ChangeState,
  EnvironmentUser,
  FoundPackage,
  Package,
  PackageChanges,
  Preview,
  Revision,
} from './environments.ts';
export { Kernel, KernelState, Execution, kernelChannels } from './kernels.ts';
export { Job } from './jobs.ts';
export {
  JobExecution,
  JobExecutionState,
  LogLine,
  Result,
  Results,
  Usage,
  executionResult,
  problemOfNumber,
  type Compute,
  type Program,
} from './executions.ts';
export { SnapshotEntry, SnapshotManifest, snapshotBlob, mostSnapshotEntries } from './snapshots.ts';
export {
  GitBranch,
  GitCommit,
  GitCredential,
  GitFile,
  GitIdentity,
  GitOperation,
  GitRemote,
  GitStash,
  GitStatus,
  Repository,
  gitContent,
} from './git.ts';
export { Schedule } from './schedules.ts';
export { Secret, SecretUse, largestSecret, type KeyRotation, type SecretUser } from './secrets.ts';
export { redact } from './sensitive.ts';
export { Event, eventScopes, type EventType } from './events.ts';
export { DiskSpace, Health, Status } from './system.ts';
