/** What the gateway knows of a kernel's supervisor, running or gone. The process itself, its wire and its files: images/supervisor/README.md. */
import type { Execution } from '@bine/shared';

/** One record of a kernel's log. `seq` is 0 for what is state rather than history (`attached`, open widgets, a waiting `input_request`). */
export type LogRecord = {
  seq: number;
  /** Microseconds since 1970. */
  time: number;
  /** Channel, header, parent_header, metadata, content, then buffers. */
  frames: Uint8Array[];
};

export type SupervisorState = {
  state: 'starting' | 'idle' | 'busy' | 'restarting' | 'dead';
  /** Grows by one with each start of the kernel process. */
  epoch: number;
  /** Sequence number of the last record. */
  head: number;
  /** Sequence number of the first record that is still kept. */
  oldest: number;
  /** Milliseconds since 1970. */
  lastActivity: number;
  /** Bytes. */
  memoryUsed: number | null;
  /** Cores. */
  cpuUsed: number | null;
  /** Why the kernel died; null while it lives. */
  cause: string | null;
};

/** `since`: the seq of the last record that was seen. */
export type AttachOptions = { since?: number; signal: AbortSignal };

/** A connection to a running supervisor. All methods throw `Problem('conflict')` once it is closed. */
export type Supervisor = {
  /** As of the supervisor's last push. */
  state(): SupervisorState;
  onChange(listener: (state: SupervisorState) => void): Disposable;
  executions(): Promise<Execution[]>;
  /**
   * Sends a message to the kernel; resolves once it is journalled. A second one with the same `header.msg_id` changes nothing.
   * @throws Problem `invalid` if it is no Jupyter message, `conflict` if the kernel is dead.
   */
  request(frames: readonly Uint8Array[]): Promise<void>;
  interrupt(signal?: AbortSignal): Promise<void>;
  /** Resolves when the new kernel process answers. The log goes on. */
  restart(signal?: AbortSignal): Promise<void>;
  /** Ends the kernel, then the supervisor, and with it the container. */
  shutdown(signal?: AbortSignal): Promise<void>;
  /**
   * Replays what follows `since`, then goes on live; without `since`, only what is new. First comes a `supervisor`/`attached`
   * record. It reads only as fast as it is iterated, at no cost to the kernel.
   */
  attach(options: AttachOptions): AsyncIterable<LogRecord>;
  /** Resolves when the connection is lost: the supervisor or its container is gone. */
  closed: Promise<void>;
  /** Disconnects; the kernel goes on. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** The kernel's folder, absolute, on the host: it is the way to the supervisor. A reference that says nothing of a host is to take its place. */
export type KernelDirectory = { directory: string };

/** The supervisors of a gateway's kernels, running or gone. What they say is checked: programs in the container can speak in their place. */
export type Supervisors = {
  /** Waits for the supervisor to come up, as long as `signal` allows. @throws the reason of `signal` */
  connect(kernel: KernelDirectory & { signal: AbortSignal }): Promise<Supervisor>;
  /**
   * Of a kernel that is gone: the records after `since`, as {@link Supervisor.attach} gives them, to the end; without `since` none but the
   * first, `attached`. What is damaged or missing in between shows as a `gap`.
   */
  readLog(kernel: KernelDirectory & AttachOptions): AsyncIterable<LogRecord>;
  /**
   * Of a kernel that is gone, oldest first. What was running or queued when the supervisor went is `unknown` or `aborted`. Of a journal that a
   * program filled, the latest are read. @throws Problem `too-large` for one that no supervisor would write
   */
  readExecutions(kernel: KernelDirectory): Promise<Execution[]>;
};
