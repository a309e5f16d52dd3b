/** Milliseconds that anything a test waits for may take on a machine that is busy with other work; less to see a failure soon. */
export const patience = Number(process.env['BINE_TEST_PATIENCE'] ?? 180_000);
