-- One SQL for SQLite and PostgreSQL. Times are milliseconds since the Unix epoch. The names begin with moked_ because a
-- DATABASE_URL may be that of another program too.

-- One row a call, gathered from its entries so that lists need not read them.
CREATE TABLE moked_calls (
    call_sid TEXT NOT NULL PRIMARY KEY,
    started_at_ms BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    caller TEXT,
    language TEXT,
    ended_at_ms BIGINT,
    end_cause TEXT,
    seconds BIGINT
);
CREATE INDEX moked_calls_by_start ON moked_calls (started_at_ms, call_sid);
CREATE INDEX moked_calls_by_last ON moked_calls (last_at_ms);
CREATE INDEX moked_calls_by_caller ON moked_calls (caller);

-- What happened, fact by fact, as JSON.
CREATE TABLE moked_entries (
    call_sid TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    fact TEXT NOT NULL,
    PRIMARY KEY (call_sid, sequence)
);

-- Calls whose entries are refused: what still waits in a spool somewhere must not bring an erased call back.
CREATE TABLE moked_erased (
    call_sid TEXT NOT NULL PRIMARY KEY,
    erased_at_ms BIGINT NOT NULL
);
