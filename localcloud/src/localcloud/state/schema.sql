-- Anything that an API creates, describes, lists and deletes.
CREATE TABLE IF NOT EXISTS resources (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    arn TEXT NOT NULL,
    status TEXT,
    body TEXT NOT NULL,
    created REAL NOT NULL,
    modified REAL NOT NULL,
    PRIMARY KEY (kind, name)
);
CREATE INDEX IF NOT EXISTS resources_by_arn ON resources (arn);
CREATE INDEX IF NOT EXISTS resources_by_time ON resources (kind, created DESC);

CREATE TABLE IF NOT EXISTS tags (
    arn TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
);

-- S3: what an object has beside its file. A row holds for the file whose size and time it states; a file that a job or
-- a person wrote has none, or an outdated one, and gets one when its ETag is first asked for.
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    etag TEXT NOT NULL,
    headers TEXT NOT NULL,
    tags TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    headers TEXT NOT NULL,
    tags TEXT NOT NULL,
    started REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key);

CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL REFERENCES uploads (id),
    number INTEGER NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified REAL NOT NULL,
    PRIMARY KEY (upload, number)
);

-- What an endpoint's containers were asked, a row a container and minute (seconds since 1970, the minute's beginning).
-- Written by localcloud.services.metrics.count_invocation, read by GetMetricData and the endpoint's own /metrics.
CREATE TABLE IF NOT EXISTS endpoint_metrics (
    endpoint TEXT NOT NULL,
    variant TEXT NOT NULL,
    container TEXT NOT NULL,
    minute INTEGER NOT NULL,
    invocations INTEGER NOT NULL,
    errors_4xx INTEGER NOT NULL,
    errors_5xx INTEGER NOT NULL,
    latency_sum_ms REAL NOT NULL,
    latency_min_ms REAL NOT NULL,
    latency_max_ms REAL NOT NULL,
    PRIMARY KEY (endpoint, variant, container, minute)
) WITHOUT ROWID;

-- Executions of pipelines. `body` is what a start asks for beside the definition; `asked` is 1 from the call that asks
-- for a run until the process that does it has begun; an execution whose first run has not begun is `Created`.
CREATE TABLE IF NOT EXISTS executions (
    id TEXT PRIMARY KEY,
    pipeline TEXT NOT NULL,
    arn TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    asked INTEGER NOT NULL,
    definition TEXT NOT NULL,
    body TEXT NOT NULL,
    reason TEXT,
    created REAL NOT NULL,
    modified REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS executions_by_pipeline ON executions (pipeline, created DESC);

-- One try at one step. `metadata` is the step's Metadata, `properties` what its resource's Describe answered in the end.
-- `source` is the execution whose result was taken, `reuse` why: `cache` or `selection`.
CREATE TABLE IF NOT EXISTS attempts (
    execution TEXT NOT NULL REFERENCES executions (id),
    step TEXT NOT NULL,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    reason TEXT,
    metadata TEXT,
    properties TEXT,
    cache_key TEXT,
    source TEXT,
    reuse TEXT,
    PRIMARY KEY (execution, step, number)
);
CREATE INDEX IF NOT EXISTS attempts_by_cache_key ON attempts (cache_key, ended DESC) WHERE cache_key IS NOT NULL;

-- Every transition of an execution (step is null) and of an attempt, written with it.
CREATE TABLE IF NOT EXISTS transitions (
    id INTEGER PRIMARY KEY,
    execution TEXT NOT NULL,
    step TEXT,
    attempt INTEGER,
    before TEXT,
    after TEXT NOT NULL,
    time REAL NOT NULL,
    reason TEXT
);
CREATE INDEX IF NOT EXISTS transitions_by_execution ON transitions (execution, id);

-- What a request token was answered with, and a digest of the request that it came with.
CREATE TABLE IF NOT EXISTS tokens (
    operation TEXT NOT NULL,
    token TEXT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (operation, token)
);
