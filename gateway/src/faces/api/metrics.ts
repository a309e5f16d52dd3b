/** Counters and times in the form that Prometheus reads. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** @param kernels how many there are now */
export function createMetrics(kernels: () => number) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const calls = new Histogram({
    name: 'bine_call_seconds',
    help: 'Calls of procedures, by outcome: ok or the code of the problem. Of a stream, until it begins.',
    labelNames: ['procedure', 'outcome'],
    buckets: [0.002, 0.01, 0.05, 0.25, 1, 5, 30],
    registers: [registry],
  });
  const requests = new Counter({
    name: 'bine_http_requests_total',
    help: 'HTTP requests, by method and status',
    labelNames: ['method', 'status'],
    registers: [registry],
  });
  const sockets = new Gauge({ name: 'bine_sockets', help: 'Open WebSockets', labelNames: ['protocol'], registers: [registry] });
  const kernelBytes = new Counter({
    name: 'bine_kernel_output_bytes_total',
    help: 'Bytes of kernel messages sent to clients',
    registers: [registry],
  });
  const running: Gauge = new Gauge({
    name: 'bine_kernels',
    help: 'Kernels that have a container, or are about to',
    registers: [registry],
    collect: () => running.set(kernels()),
  });

  return {
    startCall(procedure: string): (outcome: string) => void {
      const stop = calls.startTimer({ procedure });
      return (outcome) => void stop({ outcome });
    },
    countRequest: (method: string, status: number) => requests.inc({ method, status }),
    countKernelBytes: (bytes: number) => kernelBytes.inc(bytes),
    openSocket(protocol: string): () => void {
      sockets.inc({ protocol });
      return () => sockets.dec({ protocol });
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
