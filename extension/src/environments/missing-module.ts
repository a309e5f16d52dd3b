/** What would mend a failed import: which module was not found, and the distribution that brings it. */

/** Where a distribution is not called after what is imported. Lower-case keys; a dotted one is part of a namespace. */
const distributions: Record<string, string> = {
  attr: 'attrs',
  bio: 'biopython',
  bs4: 'beautifulsoup4',
  community: 'python-louvain',
  crypto: 'pycryptodome',
  cv2: 'opencv-python-headless',
  dateutil: 'python-dateutil',
  discord: 'discord.py',
  distutils: 'setuptools',
  docx: 'python-docx',
  dotenv: 'python-dotenv',
  faiss: 'faiss-cpu',
  fitz: 'PyMuPDF',
  git: 'GitPython',
  github: 'PyGithub',
  'google.cloud.aiplatform': 'google-cloud-aiplatform',
  'google.cloud.bigquery': 'google-cloud-bigquery',
  'google.cloud.storage': 'google-cloud-storage',
  'google.protobuf': 'protobuf',
  grpc: 'grpcio',
  hydra: 'hydra-core',
  igraph: 'python-igraph',
  imblearn: 'imbalanced-learn',
  jose: 'python-jose',
  jwt: 'PyJWT',
  kafka: 'kafka-python',
  ldap: 'python-ldap',
  levenshtein: 'python-Levenshtein',
  magic: 'python-magic',
  mpl_toolkits: 'matplotlib',
  mysqldb: 'mysqlclient',
  nacl: 'PyNaCl',
  openssl: 'pyOpenSSL',
  osgeo: 'GDAL',
  pil: 'pillow',
  pkg_resources: 'setuptools',
  pptx: 'python-pptx',
  psycopg2: 'psycopg2-binary',
  pylab: 'matplotlib',
  pythonjsonlogger: 'python-json-logger',
  pywt: 'PyWavelets',
  serial: 'pyserial',
  skimage: 'scikit-image',
  sklearn: 'scikit-learn',
  skopt: 'scikit-optimize',
  slugify: 'python-slugify',
  socks: 'PySocks',
  telegram: 'python-telegram-bot',
  umap: 'umap-learn',
  websocket: 'websocket-client',
  yaml: 'PyYAML',
  zmq: 'pyzmq',
};

/** Parts of Python that a build of it may lack; no distribution brings them. */
const builtIn = new Set(['curses', 'lzma', 'readline', 'sqlite3', 'tkinter', 'turtle']);

/** How a module that is not there is told: by Python, and by libraries that import others only when they need them. */
const complaints = [/^No module named '?([\w.]+)'?$/, /^Missing optional dependency '([\w.-]+)'/, /^`Import (\w+)` failed/i];

/**
 * The distribution whose installation may mend the error; null: none would. A module inside a package that is there is not
 * brought by installing the package again, unless it is known to come from elsewhere.
 */
export function missingDistribution({ name, value }: { name: string; value: string }): string | null {
  if (!/^(ModuleNotFoundError|ImportError)$/.test(name)) return null;
  const module = complaints.map((complaint) => complaint.exec(value.trim())?.[1]).find(Boolean);
  return module ? distributionOf(module) : null;
}

function distributionOf(module: string): string | null {
  const known = Object.entries(distributions).find(([key]) => isOrIsIn(module.toLowerCase(), key));
  if (known) return known[1];
  // `_ctypes` and its like are part of Python; and what has a dot lies in a package that was found.
  return module.startsWith('_') || module.includes('.') || builtIn.has(module) ? null : module;
}

const isOrIsIn = (module: string, key: string) => module === key || (key.includes('.') && module.startsWith(`${key}.`));
