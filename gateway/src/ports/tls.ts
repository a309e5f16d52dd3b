/** PEM. */
export type Certificate = { certificate: string; key: string };

/** The certificate that a server shows, which may be renewed while it runs. */
export type TlsSource = {
  current(): Certificate;
  onChange(listener: () => void): Disposable;
  /** What it is valid for, as `name` or `address`. */
  names(): string[];
  [Symbol.dispose](): void;
};
